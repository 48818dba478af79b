import Corpora

/// What of a sound file's content is not among the samples that are read of it, or seems to be missing in the file. Tags, and
/// chunks that hold notes, are no content.
public enum SoundRemark: Hashable, CaseIterable, Sendable {
  /// Bytes behind the sound, or between its parts, that are neither sound nor a tag.
  case otherBytes
  /// A further sound: a second chunk of samples, a stream beside the first, an MPEG sound of another form behind it.
  case otherSound
  /// Fewer bytes at the end than a frame has.
  case partOfFrame
  /// Samples behind the length that the header states.
  case beyondLength
  /// No end, where a format marks one: the file may have been cut off.
  case missingEnd
  /// Gaps in the numbers of an Ogg stream's pages.
  case missingPages

  /// What is said of a single file.
  public var words: String {
    switch self {
    case .otherBytes: "bytes that are neither sound nor tags left out"
    case .otherSound: "a further sound left out"
    case .partOfFrame: "a part of a frame at the end left out"
    case .beyondLength: "sound behind the length that the header states left out"
    case .missingEnd: "without its end, as if it were cut off"
    case .missingPages: "some of its pages are missing"
    }
  }

  /// What is counted in a report.
  var omission: Omission { Omission("file, \(words)", many: "files, \(words)") }
}

extension SoundFile {
  /// What is not among the samples that are read of a file, by the structure of its container; in the order of `SoundRemark`.
  ///
  /// - Throws: `UserError` as `read(_:maximumFrames:)`, for what the header can show.
  static func remarks(_ path: String) throws -> [SoundRemark] { try SoundDecoder(path).remarks }
}

extension SoundSource {
  /// The chunks of a file that has its samples in one, and what that one is called; nil for files of other kinds.
  private var soundChunks: (name: String, all: Chunks)? {
    switch String(decoding: bytes(at: 0, count: 4), as: UTF8.self) {
    case "RIFF", "RF64": ("data", Chunks(self, from: 12, number: 4, isBig: false))
    case "RIFX": ("data", Chunks(self, from: 12, number: 4, isBig: true))
    case "FORM": ("SSND", Chunks(self, from: 12, number: 4, isBig: true))
    case "caff": ("data", Chunks(self, from: 8, number: 8, isBig: true))
    default: nil
    }
  }

  /// The same with other names for all chunks of samples but the first, of which libsndfile would read another one.
  var withFirstSoundAlone: SoundSource {
    guard let (name, chunks) = soundChunks else { return self }
    let others = chunks.filter { $0.name == name }.dropFirst()
    return others.isEmpty
      ? self
      : replacing(
        others.map {
          let head = $0.content - 4 - chunks.bytesOfLength
          return (head..<head + 4, Array("junk".utf8))
        })
  }

  /// What is not read of a sound in chunks, or with a header that states its length.
  var remarksOfChunks: Set<SoundRemark> {
    if let (name, chunks) = soundChunks { return remarks(behind: name, in: chunks) }
    guard let announced = AnnouncedBytes(self) else { return [] }
    return announced.present > announced.count ? [.otherBytes] : []
  }

  /// Looks at what lies behind the first chunk of a name, which has the samples.
  private func remarks(behind name: String, in chunks: Chunks) -> Set<SoundRemark> {
    guard let sound = chunks.first(name), let announced = AnnouncedBytes(self),
      announced.count <= announced.present
    else { return [] }
    var found: Set<SoundRemark> = []
    if let frame = bytesOfFrame(in: chunks), announced.count % frame != 0 { found.insert(.partOfFrame) }
    let end = sound.content + announced.count
    // Some writers leave out the byte that makes a length even.
    let places = chunks.isPadded && end % 2 == 1 ? [end + 1, end] : [end]
    let rests = places.map { names(of: chunks, from: $0) }
    if end < size, rests.allSatisfy({ $0 == nil }) { found.insert(.otherBytes) }
    if rests.contains(where: { $0?.contains(name) ?? false }) { found.insert(.otherSound) }
    return found
  }

  /// The names of the chunks that fill the file from a place to its end; nil where others than whole chunks do.
  private func names(of chunks: Chunks, from start: Int) -> Set<String>? {
    var (names, place) = (Set<String>(), start)
    for chunk in chunks.beginning(at: start) {
      guard chunk.name.utf8.allSatisfy({ (0x20...0x7e).contains($0) }), chunk.count >= 0,
        chunk.content <= size, chunk.count <= size - chunk.content
      else { return nil }
      names.insert(chunk.name)
      place = chunk.content + chunk.count
    }
    // A byte may follow, or be missing, that makes the length even.
    return place >= size || (place == size - 1 && (!chunks.isPadded || place % 2 == 1)) ? names : nil
  }

  /// Bytes of a frame in a WAV file of uncompressed samples; nil for others.
  private func bytesOfFrame(in chunks: Chunks) -> Int? {
    guard let form = chunks.first("fmt ") else { return nil }
    let fields = bytes(at: form.content, count: 16)
    guard fields.count == 16 else { return nil }
    func field(_ place: Int) -> Int { Chunks.number(fields[place..<place + 2], isBig: chunks.isBig) }
    // PCM, floating point, A-law, μ-law, and the extended form, which is one of these.
    guard [1, 3, 6, 7, 0xfffe].contains(field(0)), field(12) > 0, field(12) * 8 == field(2) * field(14) else {
      return nil
    }
    return field(12)
  }
}
