import CSndfile
import Files
import Foundation

/// Facts about libsndfile, the system library that reads and writes sound files.
public enum SoundFileLibrary {
  /// A kind of sound file.
  public struct Format: Hashable, Sendable {
    /// The library's name for it, as in `WAV (Microsoft)`.
    public let name: String
    /// The usual file name extension, without the dot.
    public let fileExtension: String
  }

  /// The library's own words for its version, as in `libsndfile-1.2.0`.
  public static var version: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
      let length = sf_command(nil, Int32(SFC_GET_LIB_VERSION), buffer.baseAddress, Int32(buffer.count))
      return String(decoding: buffer.prefix(Int(max(length, 0))).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
  }

  /// The kinds of file that the installed library can write in mono, in its own order.
  ///
  /// FLAC, Ogg and MPEG depend on how the library was built, so doctors should ask and not assume.
  public static var writableFormats: [Format] {
    let subtypes = entries(SFC_GET_FORMAT_SUBTYPE_COUNT, SFC_GET_FORMAT_SUBTYPE).map(\.format)
    return entries(SFC_GET_FORMAT_MAJOR_COUNT, SFC_GET_FORMAT_MAJOR).compactMap { major in
      let isWritable = subtypes.contains { canWrite(major.format | $0) }
      guard isWritable, let name = major.name, let suffix = major.extension else { return nil }
      return Format(name: String(cString: name), fileExtension: String(cString: suffix))
    }
  }

  /// What an attempt to open a file gives.
  enum Opening {
    /// The library's object, to be closed by the caller.
    case opened(OpaquePointer)
    /// The library's reason to refuse.
    case refused(String)
  }

  /// Opens a file behind callbacks; `user` is their last argument and has to outlive what is opened.
  static func open(
    _ info: inout SF_INFO, mode: Int, callbacks: SF_VIRTUAL_IO, user: UnsafeMutableRawPointer
  ) -> Opening {
    var callbacks = callbacks
    // The library keeps the reason of a refusal in a global variable, so one file is opened at a time.
    lock.lock()
    defer { lock.unlock() }
    guard let handle = sf_open_virtual(&callbacks, Int32(mode), &info, user) else {
      return .refused(text(sf_strerror(nil)))
    }
    return .opened(handle)
  }

  private static let lock = NSLock()

  /// The library's words, without the "Error : " before and the full stop after some of them.
  static func text(_ words: UnsafePointer<CChar>?) -> String {
    let text = words.map { String(cString: $0) } ?? ""
    return String((text.hasSuffix(".") ? text.dropLast() : text[...]).trimmingPrefix("Error : "))
  }

  /// One of the library's tables: a command gives its length, another an entry by its index.
  private static func entries(_ countCommand: Int, _ entryCommand: Int) -> [SF_FORMAT_INFO] {
    var count: Int32 = 0
    sf_command(nil, Int32(countCommand), &count, Int32(MemoryLayout<Int32>.size))
    return (0..<count).compactMap { index in
      var entry = SF_FORMAT_INFO()
      entry.format = index
      let status = sf_command(nil, Int32(entryCommand), &entry, Int32(MemoryLayout<SF_FORMAT_INFO>.size))
      return status == 0 ? entry : nil
    }
  }

  /// Whether the library accepts a container and encoding for output, in mono at a telephone's rate, which
  /// every encoding allows.
  private static func canWrite(_ format: Int32) -> Bool {
    var info = SF_INFO()
    info.channels = 1
    info.samplerate = 8000
    info.format = format
    return sf_format_check(&info) != 0
  }
}

/// The bytes of a file, read at any place on libsndfile's demand.
///
/// Going through callbacks instead of a path has two reasons: libsndfile would guess the format of a headerless file
/// from its name, and an error of the disk would look like the end of the file.
final class SoundSource {
  private let file: OpenFile
  private var position = 0
  /// The system's error number, when a read failed.
  private(set) var failure: Int32 = 0

  /// The file, as messages name it.
  var name: String { file.name }
  /// How many bytes it has.
  var size: Int { file.size }

  /// Opens a file.
  ///
  /// - Throws: `UserError(.noInput)` when it cannot be opened or is no plain file.
  init(_ path: String) throws {
    file = try OpenFile(path)
  }

  /// Fills the buffer from an offset in the file; returns how many bytes were read.
  func read(into buffer: UnsafeMutableRawBufferPointer, at place: Int) -> Int {
    let (count, failure) = file.read(into: buffer, at: place)
    if failure != 0 { self.failure = failure }
    return count
  }

  /// Up to `count` bytes from a place in the file; fewer at its end.
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
