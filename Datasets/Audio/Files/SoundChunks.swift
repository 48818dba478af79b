/// Lengths that a writer did not know and could not go back to, as one that writes to a pipe: 0, the largest number there is, or one
/// near it. libsndfile takes a 0 for no sound.
enum UnknownLengths {
  /// Writers fill in the largest number, or less by the size of the header; those of AIFF even a round one.
  private static let wavUnknown = 0x7fff_0000
  private static let aiffUnknown = 0x7f00_0000
  /// What a length of 32 bits holds, with room for the header.
  private static let largest = 0xffff_0000

  /// Chunks that writers append to a sound, and how far from the end they are looked for.
  private static let appended = ["fact", "PEAK", "LIST", "id3 ", "ID3 ", "bext", "cue ", "smpl"].map {
    Array($0.utf8)
  }
  private static let searched = 1 << 13

  /// What has to be replaced in the header by what, so that the sound goes to the end of the file.
  static func mended(in source: SoundSource) -> [(range: Range<Int>, bytes: [UInt8])] {
    let head = source.bytes(at: 0, count: 12)
    guard head.count == 12 else { return [] }
    switch String(decoding: head[..<4], as: UTF8.self) {
    case "RIFF": return riff(source, isBig: false)
    case "RIFX": return riff(source, isBig: true)
    case "RF64": return rf64(source)
    case "FORM": return form(source)
    case "caff": return caf(source)
    case ".snd", "dns.":
      let isBig = head[0] == UInt8(ascii: ".")
      let (start, count) = (number(head[4..<8], isBig: isBig), number(head[8..<12], isBig: isBig))
      guard count == 0, start >= 24, start < source.size else { return [] }
      return [(8..<12, bytes(0xffff_ffff, count: 4, isBig: isBig))]
    default: return []
    }
  }

  private static func riff(_ source: SoundSource, isBig: Bool) -> [(range: Range<Int>, bytes: [UInt8])] {
    let total = number(source.bytes(at: 4, count: 4)[...], isBig: isBig)
    let isTotalUnknown = total == 0 || (total >= wavUnknown && total > source.size)
    guard let sound = Chunks(source, from: 12, number: 4, isBig: isBig).first("data") else { return [] }
    var present = source.size - sound.content
    let isUnknown =
      sound.count == 0
      ? present > 0 && !endsInChunks(source, from: sound.content, isBig: isBig)
      : sound.count == 0xffff_ffff || (sound.count >= wavUnknown && sound.count > present)
    guard isUnknown || isTotalUnknown else { return [] }
    if isUnknown { present = end(of: source, from: sound.content, isBig: isBig) - sound.content }
    guard present > largest, isUnknown else {
      let count = isUnknown ? present : sound.count
      return [
        (4..<8, bytes(source.size - 8, count: 4, isBig: isBig)),
        (sound.content - 4..<sound.content, bytes(count, count: 4, isBig: isBig)),
      ]
    }
    // Longer than 32 bits can say: what is little-endian becomes RF64, which has a chunk with longer numbers.
    guard !isBig else { return [] }
    let added = 36
    return [
      (
        0..<12,
        Array("RF64".utf8) + bytes(0xffff_ffff, count: 4, isBig: false) + Array("WAVEds64".utf8)
          + bytes(28, count: 4, isBig: false) + bytes(source.size + added - 8, count: 8, isBig: false)
          + bytes(present, count: 8, isBig: false) + bytes(0, count: 12, isBig: false)
      ),
      (sound.content - 4..<sound.content, bytes(0xffff_ffff, count: 4, isBig: false)),
    ]
  }

  /// The chunks that libsndfile passes over in front of the sound of an RF64 file; others make it give up.
  private static let knownInRF64: Set<String> = [
    "ds64", "fmt ", "bext", "LIST", "fact", "PEAK", "cart", "data",
  ]

  private static func rf64(_ source: SoundSource) -> [(range: Range<Int>, bytes: [UInt8])] {
    let chunks = Chunks(source, from: 12, number: 4, isBig: false)
    guard let long = chunks.first("ds64"), let sound = chunks.first("data") else { return [] }
    let others = chunks.prefix { $0.name != "data" }.filter { !knownInRF64.contains($0.name) }.map {
      (range: $0.content - 8..<$0.content + $0.count + $0.count % 2, bytes: [UInt8]())
    }
    return lengthOfRF64(source, long, sound) + others.filter { $0.range.lowerBound > long.content }
  }

  private static func lengthOfRF64(
    _ source: SoundSource, _ long: Chunks.Chunk, _ sound: Chunks.Chunk
  ) -> [(range: Range<Int>, bytes: [UInt8])] {
    guard sound.count >= wavUnknown else { return [] }
    let place = long.content + 8
    let count = number(source.bytes(at: place, count: 8)[...], isBig: false)
    let present = source.size - sound.content
    // The longest numbers there are, with and without a sign.
    guard count <= 0 || count >= Int.max >> 1, present > 0 else { return [] }
    return [
      (
        long.content..<place + 8,
        bytes(source.size - 8, count: 8, isBig: false) + bytes(present, count: 8, isBig: false)
      )
    ]
  }

  private static func form(_ source: SoundSource) -> [(range: Range<Int>, bytes: [UInt8])] {
    guard let sound = Chunks(source, from: 12, number: 4, isBig: true).first("SSND") else { return [] }
    // The chunk begins with two numbers, which its length counts.
    let present = source.size - sound.content
    guard sound.count <= 8 || sound.count >= aiffUnknown, sound.count != present,
      (9...largest).contains(present),
      sound.count > present || !endsInChunks(source, from: sound.content + 8, isBig: true)
    else { return [] }
    return [
      (4..<8, bytes(source.size - 8, count: 4, isBig: true)),
      (sound.content - 4..<sound.content, bytes(present, count: 4, isBig: true)),
    ]
  }

  private static func caf(_ source: SoundSource) -> [(range: Range<Int>, bytes: [UInt8])] {
    guard let sound = Chunks(source, from: 8, number: 8, isBig: true).first("data"), sound.count <= 0 else {
      return []
    }
    let present = source.size - sound.content
    guard present > 4 else { return [] }
    return [(sound.content - 8..<sound.content, bytes(present, count: 8, isBig: true))]
  }

  /// Where a sound ends that begins at a place: at the end of the file, or before notes that were appended to it.
  private static func end(of source: SoundSource, from start: Int, isBig: Bool) -> Int {
    let first = max(start, source.size - searched)
    let tail = source.bytes(at: first, count: searched)
    var end = source.size
    for name in appended {
      var rest = tail[...]
      while let found = rest.firstRange(of: name) {
        let place = first + found.lowerBound
        if place < end, endsInChunks(source, from: place, isBig: isBig) { end = place }
        rest = rest[found.upperBound...]
      }
    }
    return end
  }

  /// Whether whole chunks fill a file from a place to its end, as behind a sound that is really empty.
  private static func endsInChunks(_ source: SoundSource, from start: Int, isBig: Bool) -> Bool {
    var place = start
    for _ in 0..<Chunks.most where place < source.size {
      let head = source.bytes(at: place, count: 8)
      guard head.count == 8, head[..<4].allSatisfy({ (0x20...0x7e).contains($0) }) else { return false }
      let end = place + 8 + number(head[4...], isBig: isBig)
      place = end + end % 2
      if end == source.size { return true }
    }
    return place == source.size
  }

  private static func number(_ bytes: ArraySlice<UInt8>, isBig: Bool) -> Int {
    Chunks.number(bytes, isBig: isBig)
  }

  private static func bytes(_ number: Int, count: Int, isBig: Bool) -> [UInt8] {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 < 8 ? number >> (8 * $0) : 0) }
    return isBig ? bytes.reversed() : bytes
  }
}

/// The chunks of a file: each a name of four letters, a length and the content.
struct Chunks: Sequence, IteratorProtocol {
  /// A chunk: its name, the length that it announces, and where its content begins.
  typealias Chunk = (name: String, count: Int, content: Int)

  /// No sound file has more chunks before the sound; a damaged one may seem to.
  static let most = 4096

  private let source: SoundSource
  /// Bytes of a length.
  let bytesOfLength: Int
  /// Whether the first byte of a length is the highest.
  let isBig: Bool
  private var place: Int
  private var passed = 0

  /// Whether chunks begin at even places.
  var isPadded: Bool { bytesOfLength == 4 }

  /// Begins at a place.
  ///
  /// - Parameters:
  ///   - number: bytes of a length, 4 or 8; chunks with lengths of 4 bytes begin at even places.
  ///   - isBig: whether the first byte of a length is the highest.
  init(_ source: SoundSource, from start: Int, number: Int, isBig: Bool) {
    (self.source, place, bytesOfLength, self.isBig) = (source, start, number, isBig)
  }

  /// The next chunk, whose content may be longer than the file.
  mutating func next() -> Chunk? {
    let head = source.bytes(at: place, count: 4 + bytesOfLength)
    guard passed < Self.most, head.count == 4 + bytesOfLength else { return nil }
    passed += 1
    let chunk = (
      name: String(decoding: head[..<4], as: UTF8.self), count: Self.number(head[4...], isBig: isBig),
      content: place + 4 + bytesOfLength
    )
    let (end, overflow) = chunk.content.addingReportingOverflow(chunk.count)
    // Nothing lies behind a chunk whose length makes no sense.
    place = chunk.count < 0 || overflow ? source.size : end + (isPadded ? end % 2 : 0)
    return chunk
  }

  /// The same, from another place on.
  func beginning(at place: Int) -> Chunks { Chunks(source, from: place, number: bytesOfLength, isBig: isBig) }

  /// The first chunk of a name.
  func first(_ name: String) -> Chunk? { first { $0.name == name } }

  /// A whole number from its bytes; negative when eight bytes have their highest bit set.
  static func number(_ bytes: ArraySlice<UInt8>, isBig: Bool) -> Int {
    let word = (isBig ? Array(bytes) : bytes.reversed()).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int(truncatingIfNeeded: word)
  }
}

/// The samples of a Wave64 file (Sonic Foundry): chunks have names of 16 bytes, and lengths of eight that count their heads.
struct Wave64 {
  /// Where the samples begin.
  let content: Int
  /// How many bytes of them the header announces.
  let count: Int
  /// Where the chunks behind them begin.
  var end: Int { content + (count + 7) / 8 * 8 }

  /// Bytes of a chunk's head.
  static let head = 24

  /// nil for files of another kind, and where no chunk has samples.
  init?(_ source: SoundSource) {
    guard source.bytes(at: 0, count: 4) == Array("riff".utf8) else { return nil }
    var place = 40
    for _ in 0..<Chunks.most {
      guard let length = Self.length(of: source, at: place) else { return nil }
      if source.bytes(at: place, count: 4) == Array("data".utf8) {
        (content, count) = (place + Self.head, length - Self.head)
        return
      }
      guard length <= source.size - place else { return nil }
      place += (length + 7) / 8 * 8
    }
    return nil
  }

  /// The length of the chunk that begins at a place, its head included; nil where none does.
  private static func length(of source: SoundSource, at place: Int) -> Int? {
    let bytes = source.bytes(at: place, count: head)
    guard bytes.count == head else { return nil }
    let length = Chunks.number(bytes[16...], isBig: false)
    return length >= head && length < Int.max - 8 ? length : nil
  }

  /// Whether whole chunks fill a file from the end of the samples to its own.
  func endsInChunks(_ source: SoundSource) -> Bool {
    var place = end
    while place < source.size {
      guard let length = Self.length(of: source, at: place), length <= source.size - place else {
        return false
      }
      place += (length + 7) / 8 * 8
    }
    return true
  }
}
