/// How many bytes of sound a header announces, and how many the file has room for; read from the chunks of WAV,
/// RF64, AIFF, CAF and AU files.
struct AnnouncedBytes {
  /// What the header announces.
  let count: Int
  /// What is there, from the start of the sound to the end of the file.
  let present: Int

  /// Recorders that cannot go back write the largest number they have, or one near it, for a length they do not know.
  private static let unknown = 0x7fff_0000
  /// No sound file has more chunks before the sound; a damaged one may seem to.
  private static let maximumChunks = 4096

  /// nil when the format is another one, the header has no such number, or it says that the length is unknown.
  init?(_ source: SoundSource) {
    let head = source.bytes(at: 0, count: 12)
    guard head.count == 12 else { return nil }
    switch String(decoding: head[..<4], as: UTF8.self) {
    case "RIFF", "RIFX", "RF64":
      let isBig = head[3] == UInt8(ascii: "X")
      self.init(source, from: 12, data: "data", number: 4, isBig: isBig, padding: 2)
    case "FORM":
      self.init(source, from: 12, data: "SSND", number: 4, isBig: true, padding: 2)
    case "caff":
      self.init(source, from: 8, data: "data", number: 8, isBig: true, padding: 1)
    case ".snd":
      let numbers = source.bytes(at: 4, count: 8)
      let start = Self.number(numbers.prefix(4), isBig: true)
      let count = Self.number(numbers.suffix(4), isBig: true)
      guard start <= source.size, count < Self.unknown else { return nil }
      self.init(count: count, present: source.size - start)
    default: return nil
    }
  }

  private init(count: Int, present: Int) {
    self.count = count
    self.present = present
  }

  /// Walks over chunks, each a name of four letters, a length of `number` bytes and the content.
  private init?(
    _ source: SoundSource, from start: Int, data: String, number: Int, isBig: Bool, padding: Int
  ) {
    var place = start
    var longLength: Int?
    for _ in 0..<Self.maximumChunks {
      let head = source.bytes(at: place, count: 4 + number)
      guard head.count == 4 + number else { return nil }
      let name = String(decoding: head[..<4], as: UTF8.self)
      var count = Self.number(head[4...], isBig: isBig)
      let content = place + 4 + number
      if name == "ds64" {
        // RF64: the real length of the sound is the second of three 64-bit numbers.
        let numbers = source.bytes(at: content + 8, count: 8)
        longLength = numbers.count == 8 ? Self.number(numbers[...], isBig: false) : nil
      }
      if name == data {
        if count == 0xffff_ffff, let longLength { count = longLength }
        guard count >= 0, number == 8 || longLength != nil || count < Self.unknown else { return nil }
        self.init(count: count, present: source.size - content)
        return
      }
      let (next, overflow) = content.addingReportingOverflow(count)
      guard count >= 0, !overflow, next < source.size else { return nil }
      place = next + (padding == 2 ? next % 2 : 0)
    }
    return nil
  }

  /// A whole number from its bytes; negative when eight bytes have their highest bit set.
  private static func number(_ bytes: ArraySlice<UInt8>, isBig: Bool) -> Int {
    let word = (isBig ? Array(bytes) : bytes.reversed()).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int(truncatingIfNeeded: word)
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

extension SoundSource {
  /// Where the content begins: libsndfile passes over tags of MP3 files in front of any kind.
  var startBehindTags: Int {
    var place = 0
    while case let head = bytes(at: place, count: 10), head.count == 10, head.starts(with: Array("ID3".utf8))
    {
      place += 10 + head[6...].reduce(0) { $0 << 7 | Int($1 & 0x7f) }
    }
    return place
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
