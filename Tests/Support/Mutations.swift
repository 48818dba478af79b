import RandomNumbers

/// Damaged copies of files, most of them wrong in a way that a reader gets far with.
///
/// A copy is a pure function of a seed and its number, so that a case that went wrong is found again by these two alone.
public struct Mutations: Sendable {
  /// Whole files that copies are made of.
  private let samples: [[UInt8]]
  /// Large whole files, of which few copies are made.
  private let bulk: [[UInt8]]
  /// Words of the format, to be put anywhere.
  private let words: [[UInt8]]

  /// No copy is larger.
  public static let largest = 1 << 20
  /// One of so many copies is made of a large file, or grows to be one.
  private static let bulkEvery = 256

  /// Describes what is damaged.
  ///
  /// - Parameters:
  ///   - samples: small whole files, at least one.
  ///   - bulk: large whole files, with as much content in as few bytes as the format can have; none where time is short.
  ///   - words: words and numbers that mean something in the format.
  public init(of samples: [[UInt8]], bulk: [[UInt8]] = [], words: [[UInt8]] = []) {
    (self.samples, self.bulk, self.words) = (samples, bulk, words)
  }

  /// The copy of a number.
  public func bytes(seed: UInt64, number: Int) -> [UInt8] {
    var damage = Damage(random: SplitMix64(seed: seed, index: number), samples: samples, words: words)
    let isLarge = !bulk.isEmpty && damage.isOne(of: Self.bulkEvery)
    damage.bytes = damage.choice(isLarge ? bulk : samples)
    // A whole file now and then, a slightly damaged one mostly.
    var times = damage.below(8)
    if times == 7 { times = 8 + damage.below(24) }
    for _ in 0..<times { damage.apply() }
    if isLarge, damage.isOne(of: 2) { damage.grow(to: 1 + damage.below(Self.largest)) }
    return Array(damage.bytes.prefix(Self.largest))
  }
}

/// A copy while it is being damaged.
private struct Damage {
  var random: SplitMix64
  let samples: [[UInt8]]
  let words: [[UInt8]]
  var bytes: [UInt8] = []

  /// A number from 0 to less than a bound of at least 1.
  mutating func below(_ bound: Int) -> Int {
    Int(random.next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  mutating func isOne(of count: Int) -> Bool { below(count) == 0 }

  mutating func choice<Item>(_ items: [Item]) -> Item { items[below(items.count)] }

  /// A place, near the beginning as often as anywhere: headers are there.
  private mutating func place() -> Int {
    let count = bytes.count + 1
    return below(isOne(of: 2) ? min(count, 64) : count)
  }

  /// Some bytes in a row, few of them mostly.
  private mutating func run() -> Range<Int> {
    let start = place()
    let longest = [1, 4, 16, 256, bytes.count + 1][below(5)]
    return start..<min(bytes.count, start + below(longest) + 1)
  }

  /// What numbers of texts are replaced by.
  private static let numbers = [
    "0", "-0", "-1", "1", "2", "+1", "00", "127", "128", "255", "256", "32767", "65535", "65536",
    "2147483647", "2147483648",
    "-2147483648", "4294967295", "4294967296", "4611686018427387904", "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808", "18446744073709551615", "99999999999999999999999999", "1e308", "-1e308", "1e400",
    "1e-400",
    "3.5e38", "1e10", "0.5", "1.", ".5", "nan", "NaN", "-nan", "inf", "Infinity", "0x10", "1e", "1,000", "",
  ].map { Array($0.utf8) }

  /// What numbers of one to eight bytes are replaced by.
  private static let patterns: [UInt64] = [
    0, 1, 2, 3, 4, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x7fff_fffe, 0x7fff_ffff,
    0x8000_0000,
    0xffff_fffe, 0xffff_ffff, 0x1_0000_0000, 0x7f80_0000, 0xff80_0000, 0x7fc0_0000, 0x3fff_ffff_ffff_ffff,
    0x4000_0000_0000_0000, 0x7fff_ffff_ffff_fffe, 0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000,
    0xffff_ffff_ffff_fffe,
    0xffff_ffff_ffff_ffff, 0x7ff0_0000_0000_0000, 0x7ff8_0000_0000_0000,
  ]

  /// Damages the copy once.
  mutating func apply() {
    switch below(14) {
    case 0, 1:
      for _ in 0...below(4) where !bytes.isEmpty {
        bytes[min(place(), bytes.count - 1)] ^= 1 << UInt8(below(8))
      }
    case 2:
      for _ in 0...below(4) where !bytes.isEmpty { bytes[min(place(), bytes.count - 1)] = UInt8(below(256)) }
    case 3: bytes.removeSubrange(run())
    case 4: bytes.insert(contentsOf: bytes[run()], at: place())
    case 5: bytes.insert(contentsOf: (0...below(8)).map { _ in UInt8(below(256)) }, at: place())
    case 6:
      if isOne(of: 4) {
        bytes.removeLast(bytes.count - place())
      } else {
        bytes.removeLast(min(bytes.count, below(9)))
      }
    case 7, 8: replaceDigits()
    case 9, 10: replaceNumber()
    case 11: splice()
    case 12: insertWord()
    default: grow(to: min(1 << 14, bytes.count * (2 + below(8))))
    }
    if bytes.count > Mutations.largest { bytes.removeLast(bytes.count - Mutations.largest) }
  }

  /// Puts an extreme number in the place of one of a text.
  private mutating func replaceDigits() {
    let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
    guard let start = bytes[min(place(), bytes.count)...].firstIndex(where: isDigit) else {
      return insertWord()
    }
    let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
    bytes.replaceSubrange(start..<end, with: choice(Self.numbers))
  }

  /// Puts an extreme number in the place of some bytes, in either order; or the size of the file, or nearly.
  private mutating func replaceNumber() {
    let size = [1, 2, 4, 8][below(4)]
    guard bytes.count >= size else { return }
    let start = min(place(), bytes.count - size)
    let number = isOne(of: 8) ? UInt64(bytes.count + below(17)) &- 8 : choice(Self.patterns)
    let isBig = isOne(of: 2)
    for index in 0..<size {
      bytes[start + (isBig ? size - 1 - index : index)] = UInt8(
        truncatingIfNeeded: number >> UInt64(8 * index))
    }
  }

  /// Goes on as another file, or has a part of one within.
  private mutating func splice() {
    let other = choice(samples)
    let start = below(other.count + 1)
    if isOne(of: 2) {
      bytes.replaceSubrange(place()..., with: other[start...])
    } else {
      bytes.insert(contentsOf: other[start...].prefix(1 + below(64)), at: place())
    }
  }

  /// Puts a word of the format somewhere, or in the place of something.
  private mutating func insertWord() {
    let word = words.isEmpty ? choice(Self.numbers) : choice(words)
    let start = place()
    bytes.replaceSubrange(start..<(isOne(of: 2) ? start : min(bytes.count, start + word.count)), with: word)
  }

  /// Repeats some bytes in a row, a whole line mostly, until the copy has a size.
  mutating func grow(to size: Int) {
    guard !bytes.isEmpty, size > bytes.count else { return }
    var range = run()
    if !isOne(of: 4) {
      let start = bytes[..<range.lowerBound].lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
      let end = bytes[range.lowerBound...].firstIndex(of: 0x0a).map { $0 + 1 } ?? bytes.count
      if start < end, end - start <= 4096 { range = start..<end }
    }
    guard !range.isEmpty else { return }
    let part = Array(bytes[range])
    let copies = min(size, Mutations.largest) - bytes.count
    guard copies > 0 else { return }
    var more: [UInt8] = []
    more.reserveCapacity(copies + part.count)
    while more.count < copies { more += part }
    bytes.insert(contentsOf: more, at: range.upperBound)
  }
}
