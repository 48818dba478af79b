/// A small random number generator with the same numbers on every machine (Steele, Lea and Flood 2014).
///
/// For drawing built-in data sets. It needs no engine, unlike the random streams of training.
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Starts the sequence of a seed.
  public init(seed: UInt64) {
    state = seed
  }

  /// Starts the sequence of one item of a numbered set, unrelated to the sequences of its neighbours.
  public init(seed: UInt64, index: Int) {
    var starts = SplitMix64(seed: seed)
    var own = SplitMix64(seed: starts.next() ^ UInt64(bitPattern: Int64(index)))
    state = own.next()
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mixed(state)
  }

  /// The finaliser: a bijection after which numbers that differ in a bit have nothing in common, for hashes too.
  public static func mixed(_ number: UInt64) -> UInt64 {
    var bits = number
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }

  /// The next number, uniform in [0, 1): a multiple of 2^-53.
  public mutating func unit() -> Double {
    Double(next() >> 11) * 0x1p-53
  }
}
