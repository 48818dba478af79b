/// The pages of an Ogg file (RFC 3533).
enum OggStream {
  /// Replaces the random serial number that libsndfile gives a stream by a checksum of its content, so that equal
  /// sounds give equal bytes, and different ones can still be joined in one file.
  ///
  /// The file must hold one stream, as those that libsndfile writes do.
  static func fixSerialNumber(in bytes: inout [UInt8]) {
    let pages = pages(of: bytes)
    for page in pages {
      put(0, into: &bytes, at: page.lowerBound + 14)
      put(0, into: &bytes, at: page.lowerBound + 22)
    }
    let serial = checksum(of: bytes[...])
    for page in pages {
      put(serial, into: &bytes, at: page.lowerBound + 14)
      let sum = checksum(of: bytes[page])
      put(sum, into: &bytes, at: page.lowerBound + 22)
    }
  }

  /// The streams of a chain, which stand one behind the other, each with its headers in front; libraries read the first alone.
  /// Streams that begin together, as sound beside a picture, are one.
  static func links(of source: SoundSource) -> [Range<Int>] {
    var links: [Range<Int>] = []
    var isBehindFirstPages = true
    for page in OggPages(source) {
      // What lies behind the last page of a stream is none of it.
      if let start = links.last?.lowerBound, !page.isFirst || !isBehindFirstPages {
        links[links.count - 1] = start..<min(page.range.upperBound, source.size)
      } else {
        links.append(page.range.lowerBound..<min(page.range.upperBound, source.size))
      }
      isBehindFirstPages = !page.isFirst
      if links.count > SoundSource.mostLinks { break }
    }
    return links
  }

  /// What of a file is in none of the streams that are read, or missing in these.
  static func remarks(of source: SoundSource) -> Set<SoundRemark> {
    /// A stream of the link that is being read.
    struct Stream {
      var next: UInt32
      var isEnded: Bool
    }
    var found: Set<SoundRemark> = []
    var streams: [UInt32: Stream] = [:]
    var (place, isBehindFirstPages) = (0, false)
    func endLink() {
      if streams.count > 1 { found.insert(.otherSound) }
      if !streams.values.allSatisfy(\.isEnded) { found.insert(.missingEnd) }
      streams = [:]
    }
    for page in OggPages(source) {
      if page.range.lowerBound > place, !found.contains(.otherBytes),
        !source.isTags(place..<page.range.lowerBound)
      {
        found.insert(.otherBytes)
      }
      if page.range.upperBound > source.size { found.insert(.missingEnd) }
      place = page.range.upperBound
      if page.isFirst, isBehindFirstPages { endLink() }
      isBehindFirstPages = !page.isFirst
      if page.isFirst, isSound(source, page) {
        streams[page.serial] = Stream(next: page.number, isEnded: false)
      }
      guard let stream = streams[page.serial] else { continue }
      if page.number != stream.next { found.insert(.missingPages) }
      streams[page.serial] = Stream(next: page.number &+ 1, isEnded: stream.isEnded || page.isLast)
    }
    endLink()
    if place < source.endBeforeTags { found.insert(.otherBytes) }
    return found
  }

  /// Whether a stream's first page is that of a sound: others are of pictures and words.
  private static func isSound(_ source: SoundSource, _ page: OggPages.Page) -> Bool {
    let head = source.bytes(at: page.content, count: 8)
    return ["\u{1}vorbis", "OpusHead", "Speex   ", "fLaC", "\u{7f}FLAC"].contains {
      head.starts(with: Array($0.utf8))
    }
  }

  /// A page is a header of 27 bytes, the sizes of its segments, and the segments.
  private static func pages(of bytes: [UInt8]) -> [Range<Int>] {
    var pages: [Range<Int>] = []
    var place = 0
    while place + 27 <= bytes.count, bytes[place..<place + 4].elementsEqual("OggS".utf8) {
      let segments = place + 27..<place + 27 + Int(bytes[place + 26])
      guard segments.upperBound <= bytes.count else { break }
      let end = bytes[segments].reduce(segments.upperBound) { $0 + Int($1) }
      guard end <= bytes.count else { break }
      pages.append(place..<end)
      place = end
    }
    return pages
  }

  private static func put(_ word: UInt32, into bytes: inout [UInt8], at place: Int) {
    for index in 0..<4 { bytes[place + index] = UInt8(truncatingIfNeeded: word >> UInt32(8 * index)) }
  }

  /// The CRC of Ogg: polynomial 0x04c11db7, most significant bit first, starting at zero.
  static func checksum(of bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reduce(UInt32(0)) { $0 << 8 ^ table[Int($0 >> 24 ^ UInt32($1))] }
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index) << 24) { word, _ in word << 1 ^ (word >> 31 == 1 ? 0x04c1_1db7 : 0) }
  }
}

/// The pages of a file, in order; what is none is passed over.
struct OggPages: Sequence, IteratorProtocol {
  /// A page by its header.
  struct Page {
    /// Its bytes, which may be more than there are.
    let range: Range<Int>
    /// Where its segments begin.
    let content: Int
    /// Whether a stream begins with it.
    let isFirst: Bool
    /// Whether a stream ends with it.
    let isLast: Bool
    /// The stream's number.
    let serial: UInt32
    /// The page's number in it.
    let number: UInt32
  }

  private let source: SoundSource
  private var place = 0

  init(_ source: SoundSource) { self.source = source }

  mutating func next() -> Page? {
    while place < source.size {
      let head = source.bytes(at: place, count: 27 + 255)
      guard head.starts(with: Array("OggS".utf8)), head.count >= 27, head.count >= 27 + Int(head[26]) else {
        // Something else lies between the pages.
        let block = source.bytes(at: place + 1, count: 1 << 16)
        let next = block.firstRange(of: Array("OggS".utf8))?.lowerBound ?? Swift.max(0, block.count - 3)
        place += 1 + next
        continue
      }
      func number(_ start: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: Chunks.number(head[start..<start + 4], isBig: false))
      }
      let content = place + 27 + Int(head[26])
      let end = head[27..<27 + Int(head[26])].reduce(content) { $0 + Int($1) }
      defer { place = end }
      return Page(
        range: place..<end, content: content, isFirst: head[5] & 2 != 0, isLast: head[5] & 4 != 0,
        serial: number(14), number: number(18))
    }
    return nil
  }
}
