import Adversarial
import Torch

/// A linear codec (principal component analysis) of clouds whose points are matched to a mean shape.
///
/// A code holds a cloud's coordinates along the principal directions of the shapes that the codec was fitted to, each divided
/// by a power of how much shapes vary along it, so that networks see details beside the overall form. Encoding and decoding
/// are matrix products; the matrices are buffers, so that a checkpoint holds them.
final class ShapeCodec: Module {
  /// The power of a direction's standard deviation that its coordinates are divided by: 0 would leave details too small for
  /// networks to learn, 1 would make them as large as the overall form.
  private static let whitening = 0.5

  private let mean: Buffer
  private let directions: Buffer
  private let scales: Buffer

  /// The mean shape's points `[N, 3]`, the directions `[K, 3 N]`, and the size of a code's numbers `[K]`.
  var members: Members { ["mean": mean, "directions": directions, "scales": scales] }

  /// A codec with zero buffers, to be loaded with weights or with those of a fitted codec.
  ///
  /// - Parameters:
  ///   - points: of a cloud.
  ///   - numbers: of a code.
  init(points: Int, numbers: Int) throws {
    mean = Buffer(try Tensor.zeros([points, 3]))
    directions = Buffer(try Tensor.zeros([numbers, 3 * points]))
    scales = Buffer(try Tensor.ones([numbers]))
  }

  /// Fits a codec to clouds.
  ///
  /// - Parameters:
  ///   - matched: `[M, N, 3]`, in the order of the mean's points.
  ///   - mean: what they are matched to.
  ///   - numbers: of a code; directions that the clouds do not vary along are 0.
  init(_ matched: Tensor, mean: MeanShape, numbers: Int) throws {
    let count = matched.shape[0]
    let rows = try (matched - mean.points).reshaped([count, -1])
    let found = try PrincipalDirections.strongest(numbers, of: rows)
    let missing = numbers - found.shape[0]
    let deviations = try rows.matmul(found.transposed()).squared().mean(along: 0).squareRoot()
    // Directions of no strength, by that of the strongest; where the clouds do not vary at all, any number will do.
    let strongest = try deviations.max().item()
    let least = strongest > 0 ? 1e-12 * strongest : 1
    let shares = try deviations.clamped(from: least).power(Self.whitening)
    // A code's numbers have a mean square of 1, all together.
    let square = try (deviations / shares).squared().sum().item() / Double(numbers)
    let size = square > 0 ? square.squareRoot() : 1
    self.mean = Buffer(try mean.points.converted(to: .float32))
    directions = Buffer(try found.padded(0, 0, 0, missing).converted(to: .float32))
    scales = Buffer(
      try (shares * size).padded(0, missing, value: 1).converted(to: .float32))
  }

  /// The mean shape.
  var shape: MeanShape { get throws { MeanShape(points: try mean.value.converted(to: .float64)) } }

  /// The lowest and the highest coordinates of the mean shape, `[3]` each.
  var bounds: (low: Tensor, high: Tensor) {
    get throws { (try mean.value.min(along: 0), try mean.value.max(along: 0)) }
  }

  /// Codes `[B, K]` as coordinates along the directions, which are orthonormal: rows as far from each other as their clouds.
  func coordinates(of codes: Tensor) throws -> Tensor { try codes * scales.value }

  /// Codes `[B, K]` of clouds `[B, N, 3]` in the order of the mean shape's points.
  func encode(_ matched: Tensor) throws -> Tensor {
    try (matched - mean.value).reshaped([matched.shape[0], -1])
      .matmul(directions.value.transposed()) / scales.value
  }

  /// Clouds `[B, N, 3]` that are matched to the mean shape, matched anew to what their codes make of them, twice.
  func rematched(_ clouds: Tensor) throws -> Tensor {
    var matched = clouds
    for _ in 0..<2 { matched = try MeanShape.matched(matched, to: decode(encode(matched))) }
    return matched
  }

  /// How far some places of shapes `[B, S, 3]` lie along the strongest directions, `[B, count]`.
  ///
  /// - Parameter chosen: takes these places of clouds `[B, N, 3]`.
  func coordinates(of places: Tensor, by chosen: (Tensor) throws -> Tensor, along count: Int) throws -> Tensor
  {
    let middle = try chosen(mean.value.expandingDimension(at: 0))
    let strongest = try chosen(
      directions.value.narrowed(along: 0, start: 0, count: count).reshaped([count] + mean.value.shape))
    return try (places - middle).reshaped([places.shape[0], -1])
      .matmul(strongest.reshaped([count, -1]).transposed())
  }

  /// Clouds `[B, N, 3]` of codes `[B, K]`.
  func decode(_ codes: Tensor) throws -> Tensor {
    try coordinates(of: codes).matmul(directions.value).reshaped([codes.shape[0]] + mean.value.shape)
      + mean.value
  }
}

/// The mean of a set of clouds whose points are in correspondence: point n of the mean matches one point of each cloud.
///
/// Points are put into correspondence by matching each cloud to the mean shape at the least total distance, nearly the least
/// for clouds of many points; the mean is then taken of the clouds so ordered, and again.
struct MeanShape {
  /// The positions of its points `[N, 3]`, in double precision.
  let points: Tensor

  /// Takes a shape as it is.
  init(points: Tensor) { self.points = points }

  /// Computes the mean of clouds, and the clouds with their points in its order.
  ///
  /// - Parameters:
  ///   - clouds: `[M, N, 3]` of finite coordinates, in double precision.
  ///   - passes: how often clouds are matched to the mean, the first time while it is being formed; at least two.
  ///   - generator: source of the order in which they form it.
  static func found(
    in clouds: Tensor, passes: Int, using generator: inout some RandomNumberGenerator
  ) throws -> (mean: MeanShape, matched: Tensor) {
    let count = clouds.shape[0]
    var mean = MeanShape(points: try running(over: clouds, in: generator.indices(count, outOf: count)))
    var matched = clouds
    for _ in 1..<max(passes, 2) {
      matched = try mean.matched(clouds)
      mean = MeanShape(points: try matched.mean(along: 0))
    }
    return (mean, matched)
  }

  /// Clouds `[M, N, 3]` with their points in the order of the mean's.
  func matched(_ clouds: Tensor) throws -> Tensor {
    try Self.matched(clouds, to: points.expanded(to: clouds.shape))
  }

  /// Clouds `[M, N, 3]`, each with its points in the order of its own target's.
  static func matched(_ clouds: Tensor, to targets: Tensor) throws -> Tensor {
    let matches =
      try clouds.shape[1] > PairedDistances.exactPoints
      ? PairedDistances.approximatelyMatched(targets, clouds).matches
      : PairedDistances.matched(targets, clouds).matches
    return try clouds.gatheredElements(
      at: matches.expandingDimension(at: 2).expanded(to: clouds.shape), along: 1)
  }

  /// Matched clouds `[M, N, 3]`, in double precision, matched anew, each to what its strongest coordinates make of it, so that fewer describe
  /// it better; and their mean. The shorter description is the better correspondence (Davies et al., 2002, "A minimum description length
  /// approach to statistical shape modeling").
  static func settled(_ matched: Tensor, numbers: Int) throws -> (mean: MeanShape, matched: Tensor) {
    let mean = try matched.mean(along: 0)
    let rows = try (matched - mean).reshaped([matched.shape[0], -1])
    let directions = try PrincipalDirections.strongest(numbers, of: rows)
    let targets = try rows.matmul(directions.transposed()).matmul(directions).reshaped(matched.shape) + mean
    let better = try self.matched(matched, to: targets)
    return (MeanShape(points: try better.mean(along: 0)), better)
  }

  /// The mean of clouds each of which is matched to the mean of those before.
  private static func running(over clouds: Tensor, in order: [Int]) throws -> Tensor {
    var mean = try clouds.selected(order[0])
    for (number, place) in order.enumerated().dropFirst() {
      let cloud = try MeanShape(points: mean).matched(clouds.narrowed(along: 0, start: place, count: 1))
        .selected(0)
      mean = try mean + (cloud - mean) / Double(number + 1)
    }
    return mean
  }
}

/// Principal component analysis of rows.
enum PrincipalDirections {
  /// The strongest principal directions of centred rows `[M, D]`, orthonormal, `[count, D]`, the strongest first; fewer
  /// where the rows vary along fewer.
  static func strongest(_ count: Int, of rows: Tensor) throws -> Tensor {
    let isTall = rows.shape[1] <= rows.shape[0]
    // The smaller of the two Gram matrices determines the directions.
    let products = try isTall ? rows.transposed().matmul(rows) : rows.matmul(rows.transposed())
    let (values, vectors) = try products.symmetricEigen()
    let strengths = try values.array(of: Double.self)
    let least = 1e-10 * (strengths.last ?? 0)
    let kept = max(1, min(count, strengths.count { $0 > least }))
    let strongest = try vectors.narrowed(along: 1, start: strengths.count - kept, count: kept)
      .flipped(along: 1).transposed()
    if isTall { return strongest }
    // Only a direction of no strength at all, the first of rows that do not vary, meets the limit.
    let lengths = try values.narrowed(along: 0, start: strengths.count - kept, count: kept)
      .flipped(along: 0).clamped(from: Double.leastNormalMagnitude).squareRoot()
    return try strongest.matmul(rows) / lengths.expandingDimension(at: 1)
  }
}
