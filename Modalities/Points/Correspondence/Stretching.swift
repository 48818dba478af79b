import PointDatasets
import Torch

/// Stretches the shapes of codes along the axes, by factors drawn for each: makes some hundred shapes a continuum.
struct Stretching {
  private let codec: ShapeCodec
  private let deviation: Double
  private let rule: PointNormalisation

  /// Prepares to stretch.
  ///
  /// - Parameters:
  ///   - codec: of the codes.
  ///   - deviation: the standard deviation of the factors' logarithms; 0 leaves shapes alone.
  ///   - rule: by which stretched shapes are brought back into their frame.
  init(codec: ShapeCodec, deviation: Double, rule: PointNormalisation) {
    (self.codec, self.deviation, self.rule) = (codec, deviation, rule)
  }

  /// Codes `[B, K]` of the shapes of codes, stretched.
  func callAsFunction(_ codes: Tensor, using stream: inout RandomStream) throws -> Tensor {
    guard deviation > 0 else { return codes }
    return try withoutGradients {
      try codec.encode(
        Self.stretched(codec.decode(codes), deviation: deviation, rule: rule, using: &stream))
    }
  }

  /// Clouds `[B, N, 3]`, stretched and brought back into their frame.
  static func stretched(
    _ clouds: Tensor, deviation: Double, rule: PointNormalisation, using stream: inout RandomStream
  ) throws -> Tensor {
    let factors = try (stream.normal([clouds.shape[0], 1, 3]) * deviation).exp()
    return try (clouds * factors.converted(to: clouds.dtype).moved(to: clouds.device)).framed(rule)
  }
}
