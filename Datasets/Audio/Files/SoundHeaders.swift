/// How many bytes of sound a header announces, and how many the file has room for; read from the chunks of WAV,
/// RF64, AIFF, CAF and AU files.
struct AnnouncedBytes {
  /// What the header announces.
  let count: Int
  /// What is there, from the start of the sound to the end of the file.
  let present: Int

  /// nil when the format is another one, or the header has no such number.
  init?(_ source: SoundSource) {
    let head = source.bytes(at: 0, count: 12)
    guard head.count == 12 else { return nil }
    switch String(decoding: head[..<4], as: UTF8.self) {
    case "RIFF", "RIFX", "RF64":
      self.init(source, Chunks(source, from: 12, number: 4, isBig: head[3] == UInt8(ascii: "X")), "data")
    case "FORM":
      self.init(source, Chunks(source, from: 12, number: 4, isBig: true), "SSND")
    case "caff":
      self.init(source, Chunks(source, from: 8, number: 8, isBig: true), "data")
    case ".snd":
      let start = Chunks.number(head[4..<8], isBig: true)
      let count = Chunks.number(head[8...], isBig: true)
      guard start <= source.size, count < 0xffff_ffff else { return nil }
      self.init(count: count, present: source.size - start)
    default: return nil
    }
  }

  private init(count: Int, present: Int) { (self.count, self.present) = (count, present) }

  private init?(_ source: SoundSource, _ chunks: Chunks, _ name: String) {
    var longLength: Int?
    for chunk in chunks {
      if chunk.name == "ds64" {
        // RF64: the real length of the sound is the second of three 64-bit numbers.
        let numbers = source.bytes(at: chunk.content + 8, count: 8)
        longLength = numbers.count == 8 ? Chunks.number(numbers[...], isBig: false) : nil
      }
      guard chunk.name == name else { continue }
      let count = chunk.count == 0xffff_ffff ? longLength ?? chunk.count : chunk.count
      guard count >= 0 else { return nil }
      self.init(count: count, present: source.size - chunk.content)
      return
    }
    return nil
  }
}

/// The blocks of a FLAC file that stand in front of the sound (RFC 9639), and the chunks of a CAF file.
enum HeaderBlocks {
  /// What is wrong with their lengths; nil where nothing is, and for files of another kind.
  ///
  /// The libraries take a block's memory before they read it, whatever the size of the file: libFLAC up to 16 MiB each,
  /// libsndfile up to 256 MiB for the sizes of a CAF file's packets.
  static func fault(in source: SoundSource) -> String? {
    let place = source.startBehindTags
    switch String(decoding: source.bytes(at: place, count: 4), as: UTF8.self) {
    case "fLaC": return faultOfFLAC(source, from: place + 4)
    case "caff": return faultOfCAF(source, from: place + 8)
    default: return nil
    }
  }

  private static func faultOfCAF(_ source: SoundSource, from start: Int) -> String? {
    var place = start
    while case let head = source.bytes(at: place, count: 12), head.count == 12 {
      let length = head[4...].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      let rest = source.size - place - 12
      // The sound itself may be cut off, which is said elsewhere, or of unknown length.
      if head.starts(with: Array("data".utf8)), length > UInt64(rest) { return nil }
      guard length <= UInt64(rest) else {
        return "the header announces a chunk of \(length) bytes, found \(rest)"
      }
      place += 12 + Int(length)
    }
    return nil
  }

  private static func faultOfFLAC(_ source: SoundSource, from start: Int) -> String? {
    var place = start
    while true {
      let head = source.bytes(at: place, count: 4)
      // Where the sound is missing, the library says so.
      guard head.count == 4 else { return nil }
      let length = head[1...].reduce(0) { $0 << 8 | Int($1) }
      place += 4 + length
      guard place <= source.size else {
        return
          "the file is cut off: the header announces a block of \(length) bytes up to byte \(place), found \(source.size)"
      }
      if head[0] & 0x80 != 0 { return nil }
    }
  }
}

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

  /// The most streams that a chain may have.
  static let mostLinks = 1000

  /// The streams of a chain, which stand one behind the other, each with its headers in front; libraries read the first alone.
  /// Streams that begin together, as sound beside a picture, are one.
  static func links(of source: SoundSource) -> [Range<Int>] {
    var links: [Range<Int>] = []
    var place = 0
    var isBehindFirstPages = true
    while links.count <= mostLinks, place < source.size {
      let head = source.bytes(at: place, count: 27 + 255)
      guard head.starts(with: Array("OggS".utf8)), head.count >= 27, head.count >= 27 + Int(head[26]) else {
        // Something else lies between the pages.
        let block = source.bytes(at: place + 1, count: 1 << 16)
        let next = block.firstRange(of: Array("OggS".utf8))?.lowerBound ?? max(0, block.count - 3)
        place += 1 + next
        continue
      }
      let end = head[27..<27 + Int(head[26])].reduce(place + 27 + Int(head[26])) { $0 + Int($1) }
      let isFirst = head[5] & 2 != 0
      let start = links.last?.lowerBound
      // What lies behind the last page of a stream is none of it.
      if let start, !isFirst || !isBehindFirstPages {
        links[links.count - 1] = start..<min(end, source.size)
      } else {
        links.append(place..<min(end, source.size))
      }
      isBehindFirstPages = !isFirst
      place = end
    }
    return links
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
