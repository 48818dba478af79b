/// The box around some places, in double precision, and whether it lies too far out for single precision.
///
/// Single precision has 24 bits: of a scan at 5,000,000 m, as national grids and earth-centred coordinates have it, it
/// keeps half a metre. Such coordinates are kept relative to the middle of their box.
struct CoordinateBounds {
  /// The least and the greatest coordinates; infinite before there is a place.
  private(set) var low = SIMD3<Double>(repeating: .infinity)
  private(set) var high = SIMD3<Double>(repeating: -.infinity)

  /// How many times its longest side a box may lie away from the origin: rounding then stays below a 2^21st of the side.
  private static let farthest = 16.0

  /// Takes a place; one that is not finite changes nothing.
  @inline(__always)
  mutating func add(_ place: SIMD3<Double>) {
    guard place.isFinite else { return }
    low = pointwiseMin(low, place)
    high = pointwiseMax(high, place)
  }

  /// The middle of a box that lies too far out; nil for one that does not, and for all places at one.
  var farCentre: SIMD3<Double>? {
    let side = (high - low).max()
    guard side > 0, side.isFinite else { return nil }
    let reach = pointwiseMax(high, -low).max()
    return reach > Self.farthest * side ? (low + high) / 2 : nil
  }
}

extension SIMD3<Double> {
  /// Whether all three are finite in single precision, in which clouds are kept.
  @inline(__always)
  var isFinite: Bool { Float(x).isFinite && Float(y).isFinite && Float(z).isFinite }
}
