import Foundation

/// The ends of lines in a run of bytes: a line feed, a carriage return, or the two in reverse order.
struct LineEnds {
  private let bytes: UTF8Bytes
  /// The first line feed behind what was read, or the end of the bytes. Kept, so that a file with carriage returns
  /// alone is not searched for line feeds again and again.
  private var feed = -1

  init(in bytes: UTF8Bytes) { self.bytes = bytes }

  /// A line without its end, and where the next one begins.
  struct Line {
    var range: Range<Int>
    var next: Int
    /// Whether a carriage return is in its end.
    var hasReturn: Bool
    /// Whether a line feed is in its end.
    var hasFeed: Bool { next - range.upperBound > (hasReturn ? 1 : 0) }
    /// Whether it has an end, as all but the last one do.
    var hasEnd: Bool { next > range.upperBound }
  }

  /// The line that begins at a position, which is before the end of the bytes and not before that of the last call.
  mutating func line(from position: Int) -> Line {
    if feed < position { feed = index(of: 0x0A, in: position..<bytes.count) ?? bytes.count }
    guard let end = index(of: 0x0D, in: position..<feed) else {
      return Line(range: position..<feed, next: min(feed + 1, bytes.count), hasReturn: false)
    }
    let next = end + 1 == feed && feed < bytes.count ? feed + 1 : end + 1
    return Line(range: position..<end, next: next, hasReturn: true)
  }

  /// How many line ends there are.
  static func count(in bytes: UTF8Bytes) -> Int {
    var ends = LineEnds(in: bytes)
    var (position, count) = (0, 0)
    while position < bytes.count {
      let line = ends.line(from: position)
      position = line.next
      count += line.hasEnd ? 1 : 0
    }
    return count
  }

  /// Bytes with one line feed for each line end.
  static func folded(_ bytes: UTF8Bytes) -> [UInt8] {
    var folded: [UInt8] = []
    folded.reserveCapacity(bytes.count)
    var ends = LineEnds(in: bytes)
    var position = 0
    while position < bytes.count {
      let line = ends.line(from: position)
      folded.append(contentsOf: bytes[line.range])
      if line.hasEnd { folded.append(0x0A) }
      position = line.next
    }
    return folded
  }

  private func index(of byte: UInt8, in range: Range<Int>) -> Int? {
    guard let base = bytes.baseAddress, !range.isEmpty else { return nil }
    guard let found = memchr(base + range.lowerBound, Int32(byte), range.count) else { return nil }
    return UnsafeRawPointer(base).distance(to: UnsafeRawPointer(found))
  }
}
