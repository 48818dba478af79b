import CSndfile
import Failures
import Files
import Foundation

/// The bytes of a sound file as libsndfile is to see them, read at any place on its demand: those of the file, or pieces of
/// them and others, where it would misread the file.
///
/// Going through callbacks instead of a path has two more reasons: libsndfile would guess the format of a headerless file
/// from its name, and an error of the disk would look like the end of the file.
final class SoundSource {
  /// A stretch of what libsndfile sees.
  enum Piece {
    /// Bytes of the file.
    case file(Range<Int>)
    /// Others.
    case bytes([UInt8])

    fileprivate var count: Int {
      switch self {
      case .file(let range): range.count
      case .bytes(let bytes): bytes.count
      }
    }
  }

  private let file: OpenFile
  private let pieces: [(start: Int, piece: Piece)]
  private var position = 0
  /// The system's error number, when a read failed.
  private(set) var failure: Int32 = 0
  /// Samples of each channel that were counted in the file; nil where nothing was counted.
  let countedFrames: Int?

  /// The file, as messages name it.
  var name: String { file.name }
  /// How many bytes there are.
  let size: Int

  /// Presents a file.
  ///
  /// - Parameters:
  ///   - pieces: what is seen of it; nil for the file as it is.
  ///   - countedFrames: samples of each channel, where they were counted.
  init(_ file: OpenFile, pieces: [Piece]? = nil, countedFrames: Int? = nil) {
    var (size, starts) = (0, [(start: Int, piece: Piece)]())
    for piece in pieces ?? [.file(0..<file.size)] where piece.count > 0 {
      starts.append((size, piece))
      size += piece.count
    }
    (self.file, self.pieces, self.size, self.countedFrames) = (file, starts, size, countedFrames)
  }

  /// Goes to the start, where libsndfile begins to read.
  func rewind() { position = 0 }

  /// Presents a part of the same.
  func part(_ range: Range<Int>) -> SoundSource {
    replacing([(0..<range.lowerBound, []), (range.upperBound..<size, [])])
  }

  /// Presents the same with other bytes in some places.
  ///
  /// - Parameter changes: what is replaced by what, in order and apart from each other.
  func replacing(_ changes: [(range: Range<Int>, bytes: [UInt8])], countedFrames: Int? = nil) -> SoundSource {
    var result: [Piece] = []
    var place = 0
    for (range, bytes) in changes {
      result += stretch(place..<range.lowerBound) + [.bytes(bytes)]
      place = range.upperBound
    }
    return SoundSource(file, pieces: result + stretch(place..<size), countedFrames: countedFrames)
  }

  /// The pieces of a range.
  private func stretch(_ range: Range<Int>) -> [Piece] {
    pieces.compactMap { start, piece in
      let part = range.clamped(to: start..<start + piece.count)
      guard !part.isEmpty else { return nil }
      switch piece {
      case .file(let bytes):
        let first = bytes.lowerBound + part.lowerBound - start
        return .file(first..<first + part.count)
      case .bytes(let bytes): return .bytes(Array(bytes[part.lowerBound - start..<part.upperBound - start]))
      }
    }
  }

  /// Fills the buffer from a place; returns how many bytes were read.
  func read(into buffer: UnsafeMutableRawBufferPointer, at place: Int) -> Int {
    var filled = 0
    for (start, piece) in pieces where start + piece.count > place + filled && filled < buffer.count {
      guard start <= place + filled else { break }
      let offset = place + filled - start
      let rest = UnsafeMutableRawBufferPointer(
        rebasing: buffer[filled..<min(buffer.count, filled + piece.count - offset)])
      switch piece {
      case .file(let range):
        let (count, failure) = file.read(into: rest, at: range.lowerBound + offset)
        if failure != 0 { self.failure = failure }
        filled += count
        if count < rest.count { return filled }
      case .bytes(let bytes):
        rest.copyBytes(from: bytes[offset..<offset + rest.count])
        filled += rest.count
      }
    }
    return filled
  }

  /// Up to `count` bytes from a place; fewer at the end.
  func bytes(at place: Int, count: Int) -> [UInt8] {
    guard place >= 0, place < size else { return [] }
    return [UInt8](unsafeUninitializedCapacity: min(count, size - place)) { buffer, filled in
      filled = read(into: UnsafeMutableRawBufferPointer(buffer), at: place)
    }
  }

  /// The five callbacks; their last argument is this object.
  static var callbacks: SF_VIRTUAL_IO {
    SF_VIRTUAL_IO(
      get_filelen: { SoundSource.from($0).map { Int64($0.size) } ?? -1 },
      seek: { offset, whence, user in
        guard let source = SoundSource.from(user) else { return -1 }
        let base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? source.position : source.size
        let (place, overflow) = base.addingReportingOverflow(Int(offset))
        guard !overflow, place >= 0 else { return -1 }
        source.position = place
        return Int64(place)
      },
      read: { buffer, count, user in
        guard let source = SoundSource.from(user), let buffer, count > 0 else { return 0 }
        let got = source.read(
          into: UnsafeMutableRawBufferPointer(start: buffer, count: Int(count)), at: source.position)
        source.position += got
        return Int64(got)
      },
      write: { _, _, _ in 0 },
      tell: { SoundSource.from($0).map { Int64($0.position) } ?? -1 })
  }

  private static func from(_ user: UnsafeMutableRawPointer?) -> SoundSource? {
    user.map { Unmanaged<SoundSource>.fromOpaque($0).takeUnretainedValue() }
  }
}

extension SoundSource {
  /// The sounds of a file as libsndfile reads them right: one, or the streams of a chain, one behind the other; and what looks for
  /// what is not read of the file.
  ///
  /// Tags around anything but MPEG are left out; lengths that a writer did not know are filled in; and an MPEG sound is given
  /// the number of its frames.
  ///
  /// - Throws: `UserError` (bad data) for a chain of more than a thousand streams.
  static func sounds(
    of file: OpenFile
  ) throws -> (sources: [SoundSource], remarks: () -> Set<SoundRemark>) {
    let whole = SoundSource(file)
    let start = whole.startBehindTags
    var content: SoundSource { whole.part(start..<max(start, whole.endBeforeTags)) }
    func chain(_ source: SoundSource, _ links: [Range<Int>]) throws -> [SoundSource] {
      guard links.count <= mostLinks else {
        throw UserError(
          .badData, "\(file.name): found a chain of more than \(mostLinks) streams, expected fewer")
      }
      return links.isEmpty ? [source] : links.map { source.part($0) }
    }
    switch String(decoding: whole.bytes(at: start, count: 4), as: UTF8.self) {
    case "RIFF", "RIFX", "RF64", "FORM", ".snd", "dns.", "caff":
      let source = content
      let mended = source.replacing(UnknownLengths.mended(in: source))
      return ([mended.withFirstSoundAlone], { mended.remarksOfChunks })
    case "riff":
      let source = content
      guard let sound = Wave64(source), sound.count <= source.size - sound.content else {
        return ([source], { [] })
      }
      // libsndfile reads beyond the sound, to the end of the file.
      return (
        [source.part(0..<sound.content + sound.count)], { sound.endsInChunks(source) ? [] : [.otherBytes] }
      )
    case "OggS":
      let source = whole.part(start..<whole.size)
      return (
        try chain(source, OggStream.links(of: source)), { OggStream.remarks(of: source) }
      )
    case "fLaC":
      let source = content
      let streams = try chain(source, FLACStream.links(of: source))
      return (streams, { streams.reduce(into: []) { $0.formUnion(FLACStream.remarks(of: $1)) } })
    default:
      let isNamedSo = ["mp1", "mp2", "mp3", "mpga"].contains(ForeignSound.ending(of: file.name) ?? "")
      guard start < whole.size,
        let frames = MPEGFrames(whole, from: start, isSought: start > 0 || isNamedSo)
      else { return ([whole], { [] }) }
      return ([whole.replacing(frames.mended, countedFrames: frames.samples)], { frames.remarks })
    }
  }

  /// The most streams that a chain may have.
  static let mostLinks = 1000
}
