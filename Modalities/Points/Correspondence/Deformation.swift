import PointDatasets
import Torch

/// Simple deformations of shapes: along each axis a shape is stretched, its middle is shifted while its ends stay, and both
/// its halves are squeezed towards the ends or towards the middle. A chair so gets other proportions, a higher seat, a lower
/// back, and stays a chair.
struct Deformation {
  /// Numbers that say how a shape is deformed: three for each axis.
  static let count = 9

  private let codec: ShapeCodec
  private let rule: PointNormalisation

  /// Prepares to deform the shapes of codes.
  ///
  /// - Parameters:
  ///   - codec: of the codes.
  ///   - rule: by which deformed shapes are brought back into their frame.
  init(codec: ShapeCodec, rule: PointNormalisation) { (self.codec, self.rule) = (codec, rule) }

  /// Codes `[B, K]` of the shapes of codes, deformed.
  ///
  /// - Parameters:
  ///   - codes: `[B, K]`.
  ///   - amounts: `[B, 9]`, 0 for none: logarithms of the factors along the axes, shifts of the middle, and squeezes.
  func callAsFunction(_ codes: Tensor, by amounts: Tensor) throws -> Tensor {
    try codec.encode(Self.deformed(codec.decode(codes).widened(), by: amounts.widened(), rule: rule))
  }

  /// Clouds `[B, N, 3]`, deformed and brought back into their frame.
  static func deformed(_ clouds: Tensor, by amounts: Tensor, rule: PointNormalisation) throws -> Tensor {
    func amount(_ number: Int) throws -> Tensor {
      try amounts.narrowed(along: 1, start: 3 * number, count: 3).expandingDimension(at: 1)
    }
    let low = try clouds.min(along: 1, keepingDimensions: true)
    let high = try clouds.max(along: 1, keepingDimensions: true)
    let middle = try (low + high) / 2
    let half = try ((high - low) / 2).clamped(from: 1e-6)
    // From -1 to 1, which the polynomial leaves in place.
    let place = try (clouds - middle) / half
    let moved = try place + (amount(1) + amount(2) * place) * (1 - place.squared())
    return try ((moved * half + middle) * amount(0).exp()).framed(rule)
  }
}

/// How much shapes are deformed: standard deviations of random amounts.
public struct DeformationRecipe: Codable, Equatable, Sendable {
  /// Of the logarithms of the factors along the axes.
  public var stretch = 0.1
  /// Of the shifts of the middle, in halves of a shape's side.
  public var shift = 0.25
  /// Of the squeezes, likewise.
  public var squeeze = 0.1

  /// The defaults, to be changed field by field.
  public init() {}

  /// The deviation of each amount, `[9]`.
  var deviations: Tensor {
    get throws {
      try Tensor([stretch, shift, squeeze].flatMap { Array(repeating: Float($0), count: 3) })
    }
  }

  /// Random amounts `[count, 9]`.
  func amounts(_ count: Int, using stream: inout RandomStream) throws -> Tensor {
    try stream.normal([count, Deformation.count]) * deviations
  }
}
