import Foundation

extension SoundSource {
  /// Where an ID3 tag ends that begins at a place; nil where none does.
  func endOfTag(at place: Int) -> Int? {
    let head = bytes(at: place, count: 10)
    guard head.count == 10, head.starts(with: Array("ID3".utf8)) else { return nil }
    // A tag may have a footer of ten bytes, which its length leaves out.
    return place + 10 + head[6...].reduce(0) { $0 << 7 | Int($1 & 0x7f) } + (head[5] & 0x10 == 0 ? 0 : 10)
  }

  /// Where the content begins: behind ID3 tags, which stand in front of sounds of any kind.
  var startBehindTags: Int {
    var place = 0
    while let end = endOfTag(at: place) { place = end }
    return place
  }

  /// Whether nothing but tags fills a range.
  func isTags(_ range: Range<Int>) -> Bool {
    let stretch = part(range)
    return stretch.startBehindTags >= stretch.endBeforeTags
  }

  /// Whether there are bytes of another value.
  func containsOthers(than byte: UInt8) -> Bool {
    let step = 1 << 16
    return stride(from: 0, to: size, by: step).contains { place in
      bytes(at: place, count: step).contains { $0 != byte }
    }
  }

  /// How far before the end an ID3 tag without a footer is looked for.
  private static let longestTag = 1 << 16

  /// How many tags may stand behind each other at the end.
  private static let mostTags = 16

  /// Where the content ends: before tags of ID3 and APE, which stand behind sounds of any kind.
  var endBeforeTags: Int {
    var end = size
    for _ in 0..<Self.mostTags {
      guard let start = startOfTag(endingAt: end) else { break }
      end = start
    }
    return end
  }

  /// Where a tag begins that ends at a place; nil where none does.
  private func startOfTag(endingAt end: Int) -> Int? {
    // ID3v1, with or without its extension.
    if end >= 128, bytes(at: end - 128, count: 3) == Array("TAG".utf8) {
      let isLong = end >= 355 && bytes(at: end - 355, count: 4) == Array("TAG+".utf8)
      return end - (isLong ? 355 : 128)
    }
    // APE: a footer of 32 bytes, whose length leaves out a header as long.
    if end >= 32, case let foot = bytes(at: end - 32, count: 32), foot.starts(with: Array("APETAGEX".utf8)) {
      let length = Chunks.number(foot[12..<16], isBig: false) + (foot[23] & 0x80 == 0 ? 0 : 32)
      return (32...end).contains(length) ? end - length : nil
    }
    // ID3v2: with a footer, or found by its length.
    let first = max(0, end - Self.longestTag)
    return places(of: Array("ID3".utf8), in: first..<end).first { endOfTag(at: $0) == end }
  }

  /// Where some bytes occur in a range, in order.
  ///
  /// - Parameter most: how many places are looked for.
  func places(of mark: [UInt8], in range: Range<Int>, most: Int = .max) -> [Int] {
    var places: [Int] = []
    let step = 1 << 20
    for first in stride(from: range.lowerBound, to: range.upperBound, by: step) {
      let end = min(first + step + mark.count - 1, range.upperBound)
      let block = bytes(at: first, count: end - first)
      block.withUnsafeBytes { block in
        var place = 0
        while places.count < most, place + mark.count <= block.count, let base = block.baseAddress,
          let found = memchr(base + place, Int32(mark[0]), block.count - mark.count + 1 - place)
        {
          place = base.distance(to: found)
          if block[place..<place + mark.count].elementsEqual(mark) { places.append(first + place) }
          place += 1
        }
      }
    }
    return places
  }
}
