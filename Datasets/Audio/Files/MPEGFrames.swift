/// The frames of an MPEG sound, counted from their headers (ISO 11172-3, 13818-3).
///
/// libsndfile learns how many there are from a frame that some encoders put in front (Xing, Info), and otherwise guesses from the
/// first one's bit rate and the size of the file, which cuts a sound of variable rate, and so does a count of the first of
/// several files in one.
struct MPEGFrames {
  /// What a header says.
  private struct Header {
    /// The bits that all headers of a sound share: layer, version and rate.
    static let shared: UInt32 = 0xfffe_0c00
    /// Kilobits per second by their index, from 1 to 14: of layers I, II and III of MPEG-1, of layer I and the others of MPEG-2.
    private static let rates: [[Int]] = [
      [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
      [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
      [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
      [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
      [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ]

    let word: UInt32
    /// 1 to 3.
    let layer: Int
    /// Whether it is of MPEG-1; MPEG-2 and 2.5 have half the rates.
    let isFirstVersion: Bool
    private let sampleRate: Int

    /// nil for what is no header, and for one that does not say how long the frame is.
    init?(_ word: UInt32) {
      let (version, layer, rate) = (word >> 19 & 3, word >> 17 & 3, Int(word >> 10 & 3))
      guard word >> 21 == 0x7ff, version != 1, layer != 0, rate != 3, (1...14).contains(word >> 12 & 15)
      else {
        return nil
      }
      self.word = word
      self.layer = 4 - Int(layer)
      isFirstVersion = version == 3
      sampleRate = [44_100, 48_000, 32_000][rate] >> (version == 3 ? 0 : version == 2 ? 1 : 2)
    }

    /// Samples of each channel.
    var samples: Int { layer == 1 ? 384 : layer == 2 || isFirstVersion ? 1152 : 576 }

    /// Bytes of the frame, header included.
    var bytes: Int {
      let table = isFirstVersion ? layer - 1 : layer == 1 ? 3 : 4
      let bits = 1000 * Self.rates[table][Int(word >> 12 & 15) - 1]
      let padding = Int(word >> 9 & 1)
      return layer == 1 ? (12 * bits / sampleRate + padding) * 4 : samples / 8 * bits / sampleRate + padding
    }

    /// Bytes between the header and what an encoder says in a frame without sound.
    var sideBytes: Int {
      let isMono = word >> 6 & 3 == 3
      return isFirstVersion ? (isMono ? 17 : 32) : (isMono ? 9 : 17)
    }
  }

  /// A frame without sound in front, in which the encoder says how many follow.
  private struct Announcement {
    let frames: Int?
    let end: Int
  }

  /// How far the first frame is looked for.
  private static let searched = 1 << 16

  /// How many gaps are closed.
  private static let mostGaps = 256

  private let source: SoundSource
  /// Where the sound was said to begin, and where its first frame does.
  private let (found, start): (Int, Int)
  private let first: Header
  private let announcement: Announcement?
  /// Frames of sound.
  private(set) var count = 0
  /// What lies between frames: tags, or damage.
  private var gaps: [Range<Int>] = []

  /// What is not read: what is neither frames nor tags, and a last frame that is not whole.
  private(set) var remarks: Set<SoundRemark> = []

  /// Samples of each channel in all frames.
  var samples: Int { count * first.samples }

  /// Counts the frames of a sound; nil for files of another kind.
  ///
  /// - Parameters:
  ///   - source: the file.
  ///   - start: where its sound begins.
  ///   - isSought: whether the first frame may lie further on, behind what is none.
  init?(_ source: SoundSource, from start: Int, isSought: Bool) {
    self.source = source
    var bytes = ByteWindow(source)
    // One at the start need not be followed by another, for libsndfile goes by it alone.
    let others = start + 1..<(isSought ? start + Self.searched : start + 1)
    var place: Int? = start
    if bytes.word(at: start).flatMap({ Header($0) }) == nil {
      place = others.first { Self.isFrame(at: $0, in: &bytes, of: nil) }
    }
    guard let place, let word = bytes.word(at: place), let first = Header(word) else { return nil }
    (found, self.start, self.first) = (start, place, first)
    announcement = Self.announcement(at: place, first, in: source)
    var next = announcement?.end ?? place
    while let frame = Self.nextFrame(from: next, in: &bytes, of: first) {
      count += 1
      if frame.lowerBound > next {
        if gaps.count < Self.mostGaps { gaps.append(next..<frame.lowerBound) }
        if !remarks.contains(.otherBytes), !source.isTags(next..<frame.lowerBound) {
          remarks.insert(.otherBytes)
        }
      }
      next = frame.upperBound
    }
    // One that is alone may be anything.
    if count < 2 { return nil }
    // Between tags and sound there often are zeros.
    if place > start, source.part(start..<place).containsOthers(than: 0) { remarks.insert(.otherBytes) }
    if let announced = announcement?.frames, announced > count + 1 { remarks.insert(.missingEnd) }
    if let remark = remark(behind: next, in: &bytes) { remarks.insert(remark) }
  }

  /// What lies behind the last whole frame; nil for tags alone.
  private func remark(behind end: Int, in bytes: inout ByteWindow) -> SoundRemark? {
    let rest = source.part(end..<source.size)
    let start = rest.startBehindTags
    guard start < rest.endBeforeTags else { return nil }
    guard let word = bytes.word(at: end + start), Header(word) != nil else { return .otherBytes }
    return word & Header.shared == first.word & Header.shared ? .missingEnd : .otherSound
  }

  /// What has to be replaced by what for libsndfile to find the sound, to know how many frames it has, and not to give up where
  /// more than a kilobyte between frames is none. Layers I and II have no announcements.
  var mended: [(range: Range<Int>, bytes: [UInt8])] {
    // Some encoders count the frame of the announcement.
    let isAnnounced = announcement?.frames.map { abs($0 - count) <= 1 } ?? false
    let others = gaps.map { (range: $0, bytes: [UInt8]()) }
    guard !isAnnounced, first.layer == 3, let frame = announcingFrame else {
      return [(found..<start, [])] + others
    }
    return [(found..<(announcement?.end ?? start), frame)] + others
  }

  /// A frame without sound that says how many follow.
  private var announcingFrame: [UInt8]? {
    // Of the bit rates the first whose frame has room, without padding and checksum.
    let headers = (1...14).lazy.compactMap { Header(first.word & 0xffff_0dff | 1 << 16 | $0 << 12) }
    guard let header = headers.first(where: { $0.bytes >= 192 }) else { return nil }
    var frame = [UInt8](repeating: 0, count: header.bytes)
    func put(_ word: UInt32, at place: Int) {
      for index in 0..<4 { frame[place + index] = UInt8(truncatingIfNeeded: word >> UInt32(24 - 8 * index)) }
    }
    put(header.word, at: 0)
    put(0x5869_6e67, at: 4 + header.sideBytes)
    put(1, at: 8 + header.sideBytes)
    put(UInt32(clamping: count), at: 12 + header.sideBytes)
    return frame
  }

  private static func announcement(
    at place: Int, _ header: Header, in source: SoundSource
  ) -> Announcement? {
    guard header.layer == 3 else { return nil }
    let bytes = source.bytes(at: place, count: header.bytes)
    func number(at offset: Int) -> Int? {
      guard offset + 4 <= bytes.count else { return nil }
      return bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    let end = place + header.bytes
    let offset = 4 + header.sideBytes
    switch number(at: offset) {
    // Xing and Info.
    case 0x5869_6e67, 0x496e_666f:
      let hasCount = (number(at: offset + 4) ?? 0) & 1 == 1
      return Announcement(frames: hasCount ? number(at: offset + 8) : nil, end: end)
    default:
      // VBRI, whose count libsndfile does not read.
      return number(at: 36) == 0x5642_5249 ? Announcement(frames: nil, end: end) : nil
    }
  }

  /// Whether a frame begins at a place, and another one behind it, or the end of the file.
  private static func isFrame(at place: Int, in bytes: inout ByteWindow, of first: Header?) -> Bool {
    guard let word = bytes.word(at: place), let header = Header(word) else { return false }
    if let first, word & Header.shared != first.word & Header.shared { return false }
    let end = place + header.bytes
    guard let next = bytes.word(at: end) else { return end == bytes.size }
    return next & Header.shared == word & Header.shared && Header(next) != nil
  }

  /// The next whole frame, what is none passed over.
  private static func nextFrame(
    from place: Int, in bytes: inout ByteWindow, of first: Header
  ) -> Range<Int>? {
    var place = place
    while let word = bytes.word(at: place) {
      if let header = Header(word), word & Header.shared == first.word & Header.shared {
        return place + header.bytes <= bytes.size ? place..<place + header.bytes : nil
      }
      // Behind a frame another one follows, or tags; else two are needed to tell a frame from what looks like one.
      repeat {
        place = max(place + 1, bytes.endOfTag(at: place) ?? 0)
      } while place < bytes.size && !isFrame(at: place, in: &bytes, of: first)
    }
    return nil
  }
}

/// The bytes of a file, read a stretch at a time.
private struct ByteWindow {
  private static let length = 1 << 16
  /// Bytes that are kept before a place, so that the next one may be a frame before it. No frame has as many.
  private static let behind = 4096

  private let source: SoundSource
  private var start = 0
  private var bytes: [UInt8] = []

  init(_ source: SoundSource) { self.source = source }

  var size: Int { source.size }

  /// Four bytes; nil where the file ends before.
  mutating func word(at place: Int) -> UInt32? {
    if place < start || place + 4 > start + bytes.count {
      guard place >= 0, place + 4 <= size else { return nil }
      start = max(0, place - Self.behind)
      bytes = source.bytes(at: start, count: Self.length)
      guard place + 4 <= start + bytes.count else { return nil }
    }
    let offset = place - start
    return UInt32(bytes[offset]) << 24 | UInt32(bytes[offset + 1]) << 16 | UInt32(bytes[offset + 2]) << 8
      | UInt32(bytes[offset + 3])
  }

  /// Where an ID3 tag ends that begins at a place; nil where none does.
  mutating func endOfTag(at place: Int) -> Int? {
    guard let word = word(at: place), word >> 8 == 0x49_4433 else { return nil }
    return source.endOfTag(at: place)
  }
}
