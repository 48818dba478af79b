/// How many bytes of sound a header announces, and how many the file has room for; read from the headers of WAV, RF64,
/// W64, AIFF, CAF and AU files, and rarer ones.
struct AnnouncedBytes {
  /// What the header announces.
  let count: Int
  /// What is there, from the start of the sound to the end of the file.
  let present: Int

  /// nil when the format is another one, or the header has no such number.
  init?(_ source: SoundSource) {
    let head = source.bytes(at: 0, count: 12)
    guard head.count == 12 else { return nil }
    let form = String(decoding: head[8...], as: UTF8.self)
    switch String(decoding: head[..<4], as: UTF8.self) {
    case "FORM" where form == "8SVX" || form == "16SV":
      self.init(source, Chunks(source, from: 12, number: 4, isBig: true), "BODY")
    case "RIFF", "RIFX", "RF64":
      self.init(source, Chunks(source, from: 12, number: 4, isBig: head[3] == UInt8(ascii: "X")), "data")
    case "FORM":
      self.init(source, Chunks(source, from: 12, number: 4, isBig: true), "SSND")
    case "caff":
      self.init(source, Chunks(source, from: 8, number: 8, isBig: true), "data")
    case "riff":
      guard let sound = Wave64(source), sound.content <= source.size else { return nil }
      self.init(count: sound.count, present: source.size - sound.content)
    case ".snd", "dns.":
      let isBig = head[0] == UInt8(ascii: ".")
      let start = Chunks.number(head[4..<8], isBig: isBig)
      let count = Chunks.number(head[8...], isBig: isBig)
      guard start <= source.size, count < 0xffff_ffff else { return nil }
      self.init(count: count, present: source.size - start)
    default:
      guard let rare = Self.rare(source) else { return nil }
      self = rare
    }
  }

  /// States what was found.
  init(count: Int, present: Int) { (self.count, self.present) = (count, present) }

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
