import RandomNumbers

/// A run of symbols packed into 128 bits, to be counted and ordered quickly.
///
/// Each of the n symbols takes 128 / n bits, at most 32: exact for every vocabulary up to n = 4, for all of Unicode at
/// n = 6, and for 65,536 symbols at n = 8. A run with a larger symbol is represented by a 128-bit hash
/// instead; two runs then share a key with probability 2^-128.
struct NGramKey: Hashable, Comparable, Sendable {
  // Two words and not UInt128, which needs macOS 15.
  private var high: UInt64 = 0
  private var low: UInt64 = 0

  /// Packs symbols; none are negative.
  init(_ symbols: ArraySlice<Int32>) {
    let bits = min(32, 128 / max(1, symbols.count))
    guard bits > 0, symbols.allSatisfy({ UInt64(UInt32(bitPattern: $0)) >> UInt64(bits) == 0 }) else {
      self = Self(hashing: symbols)
      return
    }
    for symbol in symbols {
      high = high << UInt64(bits) | low >> UInt64(64 - bits)
      low = low << UInt64(bits) | UInt64(UInt32(bitPattern: symbol))
    }
  }

  /// Two chains of the finaliser of SplitMix64 (Steele, Lea, Flood 2014), kept apart by their increments.
  private init(hashing symbols: ArraySlice<Int32>) {
    for symbol in symbols {
      let word = UInt64(UInt32(bitPattern: symbol))
      high = SplitMix64.mixed(high &+ 0x9e37_79b9_7f4a_7c15 ^ word)
      low = SplitMix64.mixed(low &+ 0xd1b5_4a32_d192_ed03 ^ word)
    }
  }

  static func < (left: Self, right: Self) -> Bool {
    left.high == right.high ? left.low < right.low : left.high < right.high
  }
}
