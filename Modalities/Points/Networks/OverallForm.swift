import Adversarial
import Torch

/// Numbers that say what the overall form of a shape is: what a deformation changes, and a critic of deformations looks at.
///
/// Centre, covariances, extents and deviations of some of the points, the same of each shape, and their coordinates along the strongest
/// directions of the codec. Each is counted from its mean over the training shapes of the label, in deviations of these.
final class OverallForm: Module {
  /// Points of a shape that are looked at, at most: enough for what they say together.
  private static let looked = 256
  /// Directions of the codec that are looked along, at most, where each shape is made of one that is real.
  static let directions = 16
  /// Numbers of the points' centre, covariances, extents and deviations.
  private static let moments = 15
  /// Standardised numbers are cut off there: a single wild one is not to decide.
  private static let bound = 6.0
  /// Shapes that are worked on at a time.
  private static let chunk = 256

  private let means: Buffer
  private let deviations: Buffer
  private let along: Int

  /// Means and deviations, a row for each label.
  var members: Members { ["means": means, "deviations": deviations] }

  /// How many numbers there are.
  var count: Int { Self.moments + along }

  /// Numbers of a form over codes of so many numbers.
  static func count(codeNumbers: Int, directions: Int = directions) -> Int {
    moments + min(directions, codeNumbers)
  }

  /// A form whose means are 0 and whose deviations are 1, until `take` or loaded weights set them.
  ///
  /// - Parameters:
  ///   - codeNumbers: numbers of a code.
  ///   - directions: of the codec that are looked along, at most.
  ///   - labels: how many there are; 0 without conditions.
  init(codeNumbers: Int, directions: Int = directions, labels: Int) throws {
    along = min(directions, codeNumbers)
    let shape = [max(labels, 1), Self.moments + along]
    means = Buffer(try Tensor.zeros(shape))
    deviations = Buffer(try Tensor.ones(shape))
  }

  /// The points that are looked at, `[B, S, 3]`, of clouds `[B, P, 3]` in the order of the mean shape's points, which is random.
  func places(of clouds: Tensor) throws -> Tensor { try PlainCloudFeatures.thinned(clouds, to: Self.looked) }

  /// Takes means and deviations from the training shapes.
  ///
  /// - Parameters:
  ///   - places: `[M, S, 3]`, those that are looked at.
  ///   - labels: `[M]`; nil without labels.
  func take(_ places: Tensor, labels: Tensor?, codec: ShapeCodec) throws {
    let raw = try Tensor.concatenated(places.split(size: Self.chunk).map { try numbers(of: $0, codec) })
    let rows: [[Int]] =
      if let labels {
        try Dictionary(grouping: labels.array(of: Int.self).enumerated(), by: \.element)
          .reduce(into: Array(repeating: [], count: means.value.shape[0])) {
            $0[$1.key] = $1.value.map(\.offset)
          }
      } else {
        [Array(0..<raw.shape[0])]
      }
    // A label without shapes, and a number that does not vary, are measured by all shapes.
    let whole = try raw.variance(along: 0, correction: 0).squareRoot().clamped(from: 1e-6)
    let device = means.value.device
    let groups = try rows.map { try $0.isEmpty ? raw : raw.gathered(at: Tensor($0).moved(to: device)) }
    means.value = try Tensor.stacked(groups.map { try $0.mean(along: 0) }).moved(to: device)
    deviations.value = try Tensor.stacked(
      groups.map { try $0.variance(along: 0, correction: 0).squareRoot().maximum(whole * 1e-2) }
    ).moved(to: device)
  }

  /// The standardised numbers `[B, count]` of the places that are looked at, `[B, S, 3]`.
  ///
  /// - Parameter labels: `[B]`; nil without labels.
  func callAsFunction(_ places: Tensor, labels: Tensor?, codec: ShapeCodec) throws -> Tensor {
    let raw = try numbers(of: places, codec)
    let mean = try labels.map { try means.value.gathered(at: $0) } ?? means.value
    let deviation = try labels.map { try deviations.value.gathered(at: $0) } ?? deviations.value
    return try ((raw - mean) / deviation).clamped(from: -Self.bound, to: Self.bound)
  }

  private func numbers(of places: Tensor, _ codec: ShapeCodec) throws -> Tensor {
    let centre = try places.mean(along: 1, keepingDimensions: true)
    let centred = try places - centre
    let covariance = try centred.transposed().matmul(centred) / Double(places.shape[1])
    // The upper triangle, row by row.
    let triangle = try covariance.reshaped([-1, 9]).gathered(
      at: Tensor([0, 1, 2, 4, 5, 8]).moved(to: places.device), along: 1)
    return try Tensor.concatenated(
      [
        centre.squeezingDimension(at: 1), triangle, places.max(along: 1) - places.min(along: 1),
        places.variance(along: 1, correction: 0).squareRoot(),
        codec.coordinates(of: places, by: self.places, along: along),
      ], along: 1)
  }
}
