import CSndfile
import Failures
import Files
import Foundation

/// One sound file open for reading, all streams of a chain one after the other. Not to be shared between threads; each may have its own.
final class SoundDecoder {
  /// Rates that are taken; the upper end is twice that of the fastest converters sold.
  static let rates = 1...768_000
  /// Channel counts that are taken.
  static let channelCounts = 1...64
  /// No codec makes more frames from a byte: a FLAC frame of silence needs ten bytes for at most 65,535 frames.
  private static let framesPerByte = 8192
  /// Samples beyond this are no sound but damage: files scaled to 24-bit integers stay below.
  private static let loudest: Float = 16_777_216
  /// How many samples are decoded at a time.
  private static let blockSamples = 1 << 16
  /// `SF_FORMAT_MPEG`, which headers before libsndfile 1.1 do not have.
  private static let mpegFormat = 0x23_0000
  /// An MP3's frame refers to bits of frames before it, further back than libsndfile goes when it jumps: what it gave
  /// was silent or garbled, at worst until eight frames of 1,152 had passed. This is twice as much.
  private static let mpegLead = 16 * 1152
  /// How many frames of an MPEG sound may be the encoder's delay and filling.
  private static let mpegTolerance = 4 * 1152
  /// A Vorbis stream's last page ends where the sound does, not its last packet, and libsndfile counts the packets of a page back
  /// from its end: of jumps into it all were wrong, by hundreds of frames. No page has more: 255 packets of 4096.
  private static let vorbisTail = 255 * 4096
  /// What libsndfile says when it does not know how long a sound is.
  private static let unknownFrames = Int.max

  /// Frames per second.
  let sampleRate: Int
  /// Samples per frame.
  let channels: Int
  /// Frames that the header announces; nil when it does not know, as FLAC from a pipe.
  let announcedFrames: Int?
  private let format: Int
  /// The file, or the streams of a chain; one is open at a time.
  private let sources: [SoundSource]
  private let findRemarks: () -> Set<SoundRemark>
  /// The first frame of each, where their lengths are known.
  private let starts: [Int]
  private var current = 0
  private var handle: OpaquePointer
  private var source: SoundSource { sources[current] }

  /// Opens a file and checks what its header says.
  ///
  /// - Throws: `UserError`, `.noInput` or `.badData`.
  init(_ path: String) throws {
    let file = try OpenFile(path)
    guard file.size > 0 else { throw UserError(.badData, "\(path): the file is empty, expected a sound") }
    (sources, findRemarks) = try SoundSource.sounds(of: file)
    var info: SF_INFO
    (handle, info) = try Self.open(sources[0])
    sampleRate = Int(info.samplerate)
    channels = Int(info.channels)
    format = Int(info.format)
    var lengths = [Int(info.frames)]
    do {
      for source in sources.dropFirst() {
        let (other, information) = try Self.open(source)
        sf_close(other)
        info = information
        lengths.append(Int(info.frames))
        guard Int(info.samplerate) == sampleRate, Int(info.channels) == channels else {
          throw UserError(
            .badData,
            "\(path): found a chain of streams of \(sampleRate) Hz, \(channels) channels, and \(info.samplerate) Hz, "
              + "\(info.channels) channels, expected one form; ffmpeg makes one of them")
        }
      }
    } catch {
      // Until all are initialised the handle has no owner that closes it.
      sf_close(handle)
      throw error
    }
    let longest = Self.unknownFrames / sources.count
    let isKnown = lengths.allSatisfy { $0 >= 0 && $0 < longest }
    let total = isKnown ? lengths.reduce(0, +) : nil
    let counted = format & SF_FORMAT_TYPEMASK == Self.mpegFormat ? sources[0].countedFrames : nil
    // A length that is guessed from a rate may be too large.
    announcedFrames = total.map { min($0, counted ?? $0) }
    starts = isKnown ? lengths.dropLast().reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) } : [0]

    guard !Self.isDecodedWrong(format) else {
      throw damaged("found \(formatName), which libsndfile decodes wrong; sox makes a WAV file of it")
    }
    guard Self.rates.contains(sampleRate) else {
      throw damaged("found a sample rate of \(sampleRate) Hz, expected 1 to \(Self.rates.upperBound)")
    }
    guard Self.channelCounts.contains(channels) else {
      throw damaged("found \(channels) channels, expected 1 to \(Self.channelCounts.upperBound)")
    }
    for frames in lengths
    where frames != Self.unknownFrames && (frames < 0 || frames / Self.framesPerByte > file.size) {
      throw damaged("the header announces \(frames) frames, more than \(file.size) bytes can hold")
    }
    if let counted, let total, total + Self.mpegTolerance < counted {
      throw damaged(
        "found \(counted) frames of sound, of which libsndfile reads \(total); ffmpeg makes a WAV file of it"
      )
    }
  }

  deinit { sf_close(handle) }

  /// Opens what libsndfile is to see of a file.
  private static func open(_ source: SoundSource) throws -> (OpaquePointer, SF_INFO) {
    let path = source.name
    if let fault = VorbisSetup.fault(in: source) ?? HeaderBlocks.fault(in: source) {
      throw UserError(.badData, "\(path): \(fault)")
    }
    source.rewind()
    // Anything but zero in the format would make libsndfile take the file as headerless.
    var info = SF_INFO()
    let user = Unmanaged.passUnretained(source).toOpaque()
    switch SoundFileLibrary.open(&info, mode: SFM_READ, callbacks: SoundSource.callbacks, user: user) {
    case .opened(let opened): return (opened, info)
    case .refused where source.failure != 0:
      throw UserError(.inputOutput, "\(path): cannot read: \(reason(source.failure))")
    case .refused(let why) where why.hasSuffix("SF_INFO struct incomplete"):
      throw UserError(.badData, "\(path): the header names a rate or a number of channels that no sound has")
    case .refused(let why):
      if let advice = ForeignSound.advice(path, source) { throw UserError(.badData, "\(path): \(advice)") }
      // What it says when the MP3 decoder gives up.
      if why.hasPrefix("File does not exist") {
        throw UserError(.badData, "\(path): expected a sound file, found one whose sound cannot be decoded")
      }
      throw UserError(.badData, "\(path): expected a sound file, found none that libsndfile reads: \(why)")
    }
  }

  /// Opens another stream of a chain, at its start.
  ///
  /// - Throws: `UserError` where it cannot be opened any more.
  private func open(_ index: Int) throws {
    let (opened, _) = try Self.open(sources[index])
    sf_close(handle)
    (handle, current) = (opened, index)
  }

  /// Whether libsndfile (1.2.2) gives other samples than a file has: for the last packet of a sample dump of MIDI, and for several
  /// channels of 24 bits in a PARIS file.
  private static func isDecodedWrong(_ format: Int) -> Bool {
    let kind = format & SF_FORMAT_TYPEMASK
    return kind == SF_FORMAT_SDS || kind == SF_FORMAT_PAF && format & SF_FORMAT_SUBMASK == SF_FORMAT_PCM_24
  }

  /// Whether the number of frames in the header is exact: true for samples that are not compressed, and for FLAC.
  var hasExactLength: Bool {
    if format & SF_FORMAT_TYPEMASK == SF_FORMAT_FLAC { return true }
    let uncompressed = [
      SF_FORMAT_PCM_S8, SF_FORMAT_PCM_U8, SF_FORMAT_PCM_16, SF_FORMAT_PCM_24, SF_FORMAT_PCM_32,
      SF_FORMAT_FLOAT,
      SF_FORMAT_DOUBLE, SF_FORMAT_ULAW, SF_FORMAT_ALAW,
    ]
    return uncompressed.contains(format & SF_FORMAT_SUBMASK)
  }

  /// Compares the number of bytes that the header announces with the size of the file. libsndfile does not: it cuts
  /// the number of frames down to what is there.
  ///
  /// - Throws: `UserError(.badData)` when the file ends early.
  func checkLength() throws {
    guard let announced = AnnouncedBytes(sources[0]), announced.count > announced.present else { return }
    throw damaged(
      "the file is cut off: the header announces \(announced.count) bytes of sound, found \(announced.present)"
    )
  }

  /// Goes to a frame; false when the file ends before or there.
  ///
  /// - Throws: `UserError(.badData)` when the file is damaged on the way.
  func seek(to frame: Int) throws -> Bool {
    if frame == 0 { return true }
    if let frames = announcedFrames, frame >= frames { return false }
    let index = starts.lastIndex { $0 <= frame } ?? 0
    if index != current { try open(index) }
    let place = frame - starts[index]
    let start = jump(to: place, in: index)
    if announcedFrames != nil, sf_seek(handle, Int64(start), SEEK_SET) == Int64(start) {
      return try start == place || pass(frames: place - start) == place - start
    }
    // Where the library cannot jump, everything before is decoded.
    guard sf_seek(handle, 0, SEEK_SET) <= 0 else {
      throw damaged("cannot go to frame \(frame)")
    }
    return try pass(frames: place) == place
  }

  /// Where the library has to go so that it decodes a frame of a stream right; what lies between is decoded and thrown away.
  private func jump(to place: Int, in index: Int) -> Int {
    if format & SF_FORMAT_TYPEMASK == Self.mpegFormat { return max(place - Self.mpegLead, 0) }
    guard format & SF_FORMAT_SUBMASK == SF_FORMAT_VORBIS, let announcedFrames else { return place }
    let end = index + 1 < starts.count ? starts[index + 1] : announcedFrames
    return max(0, min(place, end - starts[index] - Self.vorbisTail))
  }

  /// Decodes what follows, up to a number of frames.
  ///
  /// - Throws: `UserError` when a sample is not finite or the disk fails.
  func decode(frames: Int) throws -> [Float] {
    var samples: [Float] = []
    try decodeBlocks(limit: self.samples(in: frames)) { samples.append(contentsOf: $0) }
    return samples
  }

  /// How many samples frames have; the largest whole number where there are more.
  private func samples(in frames: Int) -> Int {
    let (count, overflow) = frames.multipliedReportingOverflow(by: channels)
    return overflow ? Int.max : count
  }

  /// Decodes the rest and returns its number of frames.
  ///
  /// - Throws: `UserError` as `decode(frames:)`.
  func countFrames() throws -> Int {
    let count = try pass(frames: .max)
    if current > 0 { try open(0) }
    guard sf_seek(handle, 0, SEEK_SET) == 0 else { throw damaged("cannot go back to the start") }
    return count
  }

  private func pass(frames: Int) throws -> Int {
    var count = 0
    try decodeBlocks(limit: samples(in: frames)) { count += $0.count }
    return count / channels
  }

  /// Hands over what follows in blocks, until the file ends or `limit` samples are through.
  private func decodeBlocks(limit: Int, _ body: (UnsafeBufferPointer<Float>) -> Void) throws {
    let capacity = max(Self.blockSamples / channels, 1) * channels
    // A decoder that finds sound without end in a file of finite size is stopped.
    let size = sources.reduce(0) { $0 + $1.size }
    let most = size.multipliedReportingOverflow(by: Self.framesPerByte * channels)
    var passed = 0
    let block = UnsafeMutableBufferPointer<Float>.allocate(capacity: min(capacity, max(limit, channels)))
    defer { block.deallocate() }
    while passed < limit {
      let wanted = min(block.count, limit - passed) / channels
      let got = sf_readf_float(handle, block.baseAddress, Int64(wanted))
      if source.failure != 0 {
        throw UserError(.inputOutput, "\(source.name): cannot read: \(reason(source.failure))")
      }
      guard got > 0 else {
        try checkDecoding()
        guard current + 1 < sources.count else { return }
        try open(current + 1)
        continue
      }
      let samples = UnsafeBufferPointer(rebasing: block.prefix(Int(got) * channels))
      if let bad = samples.firstIndex(where: { !(abs($0) <= Self.loudest) }) {
        let value = samples[bad].isNaN ? "NaN" : samples[bad].description
        throw damaged("found the sample \(value) in frame \((passed + bad) / channels), expected -1 to 1")
      }
      body(samples)
      passed += samples.count
      guard most.overflow || passed <= most.partialValue else {
        throw damaged("found more frames than \(size) bytes can hold")
      }
    }
    try checkDecoding()
  }

  /// Throws where the library has met something that it cannot decode.
  private func checkDecoding() throws {
    let code = sf_error(handle)
    guard code == SF_ERR_NO_ERROR else {
      throw damaged("cannot decode the sound: \(SoundFileLibrary.text(sf_strerror(handle)))")
    }
  }

  /// What of the file is not among its samples.
  var remarks: [SoundRemark] {
    let found = findRemarks()
    return SoundRemark.allCases.filter(found.contains)
  }

  /// A failure of this file.
  func damaged(_ what: String) -> UserError {
    UserError(.badData, "\(source.name): \(what)")
  }

  /// Title, software and comment.
  var tags: AudioTags {
    func text(_ kind: Int) -> String? {
      sf_get_string(handle, Int32(kind)).map { String(cString: $0) }
    }
    return AudioTags(
      title: text(SF_STR_TITLE), software: text(SF_STR_SOFTWARE), comment: text(SF_STR_COMMENT))
  }

  /// Container and encoding in libsndfile's words.
  var formatName: String {
    [SF_FORMAT_TYPEMASK, SF_FORMAT_SUBMASK].compactMap { mask in
      var entry = SF_FORMAT_INFO()
      entry.format = Int32(format & mask)
      let size = Int32(MemoryLayout<SF_FORMAT_INFO>.size)
      guard sf_command(nil, Int32(SFC_GET_FORMAT_INFO), &entry, size) == 0 else { return nil }
      return entry.name.map { String(cString: $0) }
    }.joined(separator: ", ")
  }
}
