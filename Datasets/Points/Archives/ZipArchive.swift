import CZip
import Failures
import Files

/// A ZIP archive of the kind that NumPy writes, members stored or deflated, read by libzip.
///
/// What the list of members announces is checked before anything is unpacked, so that no memory is taken on its word.
final class ZipArchive {
  /// A file in the archive.
  struct Member {
    let name: String
    fileprivate let index: UInt64
    fileprivate let isDeflated: Bool
    fileprivate let packed: Int
    fileprivate let size: Int
  }

  let members: [Member]
  private let file: OpenFile
  private let archive: OpaquePointer

  /// The most bytes that a member may have, packed or unpacked: 1 GiB.
  private static let largestMember = 1 << 30
  /// What deflate can pack into one byte.
  private static let deflateRatio = 1032
  /// The most bytes that a member may have where the file has less than a tenth of them: 64 MiB, a grid of 400 cubes a side.
  private static let largestBeyondFile = 64 << 20

  /// Reads the list of members.
  ///
  /// - Throws: `UserError` (bad data) that names the file.
  init(_ file: OpenFile) throws {
    var code: Int32 = 0
    guard let archive = zip_open(file.name, ZIP_RDONLY, &code) else {
      throw code == ZIP_ER_NOZIP
        ? file.damaged("found no end of a ZIP archive, expected an NPZ file")
        : file.damaged("found a damaged list of the ZIP archive's members")
    }
    // Until all members are initialised the archive has no owner that closes it.
    do {
      let count = UInt64(zip_get_num_entries(archive, 0))
      members = try (0..<count).map { try Member(at: $0, of: archive, file) }
    } catch {
      zip_discard(archive)
      throw error
    }
    (self.file, self.archive) = (file, archive)
  }

  deinit { zip_discard(archive) }

  /// Unpacks a member and compares its checksum.
  ///
  /// - Throws: `UserError` (bad data) that names the file and the member; `.inputOutput` when the disk fails.
  func unpacked(_ member: Member) throws -> MemoryBytes {
    func damaged(_ message: String) -> UserError { file.damaged("\(member.name): \(message)") }
    guard member.packed <= file.size else {
      throw damaged("the list announces \(member.packed) bytes, the file has \(file.size)")
    }
    guard member.packed <= Self.largestMember else {
      throw damaged("the list announces \(member.packed) bytes, expected at most \(Self.largestMember)")
    }
    let most = min(
      member.isDeflated ? member.packed * Self.deflateRatio : member.packed, Self.largestMember,
      max(10 * file.size, Self.largestBeyondFile))
    guard member.size <= most else {
      throw damaged("the list announces \(member.size) unpacked bytes, expected at most \(most)")
    }
    let absent = "found no member of the ZIP archive where its list says"
    guard let stream = zip_fopen_index(archive, member.index, 0) else { throw damaged(absent) }
    defer { zip_fclose(stream) }
    var last: zip_int64_t = 0
    // One byte more than announced: the end, where libzip compares the checksum, shows only behind the last byte.
    let bytes = [UInt8](unsafeUninitializedCapacity: member.size + 1) { buffer, count in
      repeat {
        last = zip_fread(stream, buffer.baseAddress.map { $0 + count }, UInt64(buffer.count - count))
        count += Int(max(0, last))
      } while last > 0 && count < buffer.count
    }
    guard last >= 0 else {
      let error = zip_file_get_error(stream).pointee
      switch error.zip_err {
      case ZIP_ER_READ: throw UserError(.inputOutput, "\(file.name): cannot read: \(reason(error.sys_err))")
      // The member would begin behind the end of the file.
      case ZIP_ER_INVAL: throw damaged(absent)
      case ZIP_ER_CRC: throw damaged("found another checksum than the list's: the data is damaged")
      default: throw damaged("found damaged compressed data")
      }
    }
    guard bytes.count == member.size else { throw damaged("found damaged compressed data") }
    return MemoryBytes(name: "\(file.name): \(member.name)", bytes: bytes)
  }
}

extension ZipArchive.Member {
  /// Reads an entry of the list.
  fileprivate init(at index: UInt64, of archive: OpaquePointer, _ file: OpenFile) throws {
    var entry = zip_stat_t()
    guard zip_stat_index(archive, index, 0, &entry) == 0,
      let name = zip_get_name(archive, index, zip_flags_t(ZIP_FL_ENC_RAW))
    else { throw file.damaged("found no entry \(index) in the ZIP archive's list") }
    self.name = String(cString: name)
    self.index = index
    let method = Int32(entry.comp_method)
    guard method == ZIP_CM_STORE || method == ZIP_CM_DEFLATE, entry.encryption_method == ZIP_EM_NONE else {
      throw file.damaged(
        "\(self.name): found method \(method) or encryption, expected stored or deflated data")
    }
    isDeflated = method == ZIP_CM_DEFLATE
    packed = Int(clamping: entry.comp_size)
    size = Int(clamping: entry.size)
  }
}

/// Bytes in memory.
struct MemoryBytes: ShapeBytes {
  let name: String
  let bytes: [UInt8]

  var size: Int { bytes.count }

  func bytes(at place: Int, count: Int) -> [UInt8] {
    guard place >= 0, place < size, count > 0 else { return [] }
    return Array(bytes[place...].prefix(count))
  }
}
