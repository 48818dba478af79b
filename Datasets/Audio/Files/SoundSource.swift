import CSndfile
import Files
import Foundation

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

  /// Fills the buffer from a place in the file; answers how many bytes there were.
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
