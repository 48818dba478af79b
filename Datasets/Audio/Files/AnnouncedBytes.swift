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
