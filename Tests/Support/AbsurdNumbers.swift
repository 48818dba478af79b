import RandomNumbers

/// Numbers for the headers of files, several of which are wrong at once: each is the right one half of the time, and else
/// one of those that sums, products and conversions stumble over. The same seed gives the same numbers.
public struct AbsurdNumbers {
  private var random: SplitMix64?

  /// Numbers of a seed; without one, all are right.
  public init(seed: UInt64?) { random = seed.map { SplitMix64(seed: $0) } }

  /// Small, near the limits of 16, 32 and 64 bits, and negative.
  private static let numbers: [Int] = [
    0, 0, 0, 1, 2, 3, -1, -2, 255, 65_535, 65_536, 1 << 30, 0x7fff_ffff, 1 << 31, 0xffff_ffff, 1 << 32,
    1 << 33,
    1 << 40, -1 << 31, (1 << 61) - 1, 1 << 61, 1 << 62, .max / 3, .max - 100, .max - 1, .max, .min, .min + 1,
  ]
  /// What no whole number of 64 bits is.
  private static let words = [
    "9223372036854775808", "-9223372036854775809", "18446744073709551616", "99999999999999999999999999",
    "1e30", "1e400",
    "nan", "inf", "-0", "+1", "0x10", "1.5", "",
  ]

  /// One of so many choices, from 0; without a seed the first.
  public mutating func choice(of count: Int) -> Int {
    let bits = random?.next() ?? 0
    return Int(bits.multipliedFullWidth(by: UInt64(count)).high)
  }

  /// A number in the place of the right one.
  public mutating func number(_ right: Int) -> Int {
    choice(of: 2) == 0 ? right : Self.numbers[choice(of: Self.numbers.count)]
  }

  /// A number of a text in the place of the right one.
  public mutating func word(_ right: Int) -> String {
    choice(of: 8) == 7 ? Self.words[choice(of: Self.words.count)] : String(number(right))
  }

  /// The lowest bytes of a number in the place of the right one.
  ///
  /// - Parameters:
  ///   - right: the right one.
  ///   - size: how many bytes.
  ///   - isBig: whether the highest comes first.
  public mutating func bytes(_ right: Int, _ size: Int, isBig: Bool = false) -> [UInt8] {
    let number = number(right)
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    return isBig ? bytes.reversed() : bytes
  }
}
