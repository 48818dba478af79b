import CSndfile
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
