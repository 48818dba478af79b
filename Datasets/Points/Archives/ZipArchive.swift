import CZlib
import Failures

/// A ZIP archive of the kind that NumPy writes: members stored or deflated, with 64-bit sizes or without (PKWARE,
/// "APPNOTE.TXT").
struct ZipArchive {
  /// A file in the archive.
  struct Member {
    let name: String
    fileprivate let method: Int
    fileprivate let checksum: Int
    fileprivate let packed: Int
    fileprivate let size: Int
    fileprivate let header: Int
  }

  let members: [Member]
  private let file: any ShapeBytes

  /// The most bytes that a member may have, packed or unpacked: 1 GiB.
  private static let largestMember = 1 << 30
  /// What deflate can pack into one byte.
  private static let deflateRatio = 1032

  /// Reads the list of members.
  ///
  /// - Throws: `UserError` (bad data) that names the file.
  init(_ file: any ShapeBytes) throws {
    self.file = file
    // The end record is followed by a comment of at most 65,535 bytes.
    let tailStart = max(0, file.size - 65_557)
    let tail = try file.bytes(at: tailStart, count: file.size - tailStart)
    guard
      let end = stride(from: tail.count - 22, through: 0, by: -1).first(where: {
        tail[$0...].starts(with: [0x50, 0x4b, 5, 6])
      })
    else { throw file.damaged("found no end of a ZIP archive, expected an NPZ file") }
    var (count, place) = (tail.number(end + 10, 2), tail.number(end + 16, 4))
    if count == 0xffff || place == 0xffff_ffff {
      let locator = end - 20
      guard locator >= 0, tail[locator...].starts(with: [0x50, 0x4b, 6, 7]) else {
        throw file.damaged("found no 64-bit end of the ZIP archive, expected one")
      }
      let record = try file.bytes(at: tail.number(locator + 8, 8), count: 56)
      guard record.count == 56, record.starts(with: [0x50, 0x4b, 6, 6]) else {
        throw file.damaged("found no 64-bit end of the ZIP archive, expected one")
      }
      (count, place) = (record.number(32, 8), record.number(48, 8))
    }
    var members: [Member] = []
    for index in 0..<max(0, count) {
      let head = try file.bytes(at: place, count: 46)
      guard head.count == 46, head.starts(with: [0x50, 0x4b, 1, 2]) else {
        throw file.damaged("found no entry \(index) of \(count) in the ZIP archive's list")
      }
      let (nameLength, extraLength) = (head.number(28, 2), head.number(30, 2))
      let names = try file.bytes(at: place + 46, count: nameLength + extraLength)
      guard names.count == nameLength + extraLength else {
        throw file.damaged("found no name of entry \(index) in the ZIP archive's list")
      }
      members.append(try Member(head, names: names, nameLength: nameLength, file))
      place += 46 + nameLength + extraLength + head.number(32, 2)
    }
    self.members = members
  }

  /// Unpacks a member and compares its checksum.
  ///
  /// - Throws: `UserError` (bad data) that names the file and the member.
  func unpacked(_ member: Member) throws -> MemoryBytes {
    func damaged(_ message: String) -> UserError { file.damaged("\(member.name): \(message)") }
    let head = try file.bytes(at: member.header, count: 30)
    guard head.count == 30, head.starts(with: [0x50, 0x4b, 3, 4]) else {
      throw damaged("found no member of the ZIP archive where its list says")
    }
    let start = member.header + 30 + head.number(26, 2) + head.number(28, 2)
    guard member.packed >= 0, member.packed <= file.size - start else {
      throw damaged("the list announces \(member.packed) bytes, the file has \(max(0, file.size - start))")
    }
    guard member.packed <= Self.largestMember else {
      throw damaged("the list announces \(member.packed) bytes, expected at most \(Self.largestMember)")
    }
    let isDeflated = member.method == 8
    let most = isDeflated ? member.packed * Self.deflateRatio : member.packed
    guard member.size >= 0, member.size <= min(most, Self.largestMember) else {
      throw damaged(
        "the list announces \(member.size) unpacked bytes, expected at most \(min(most, Self.largestMember))")
    }
    let packed = try file.bytes(at: start, count: member.packed)
    let bytes = isDeflated ? inflated(packed, size: member.size) : packed
    guard let bytes, bytes.count == member.size else { throw damaged("found damaged compressed data") }
    let checksum = bytes.withUnsafeBytes { bytes in
      crc32_z(0, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
    }
    guard Int(checksum) == member.checksum else {
      throw damaged("found another checksum than the list's: the data is damaged")
    }
    return MemoryBytes(name: "\(file.name): \(member.name)", bytes: bytes)
  }
}

extension ZipArchive.Member {
  /// Reads an entry of the list; sizes and places of 64 bits follow its name.
  fileprivate init(_ head: [UInt8], names: [UInt8], nameLength: Int, _ file: any ShapeBytes) throws {
    let name = String(decoding: names.prefix(nameLength), as: UTF8.self)
    let method = head.number(10, 2)
    guard method == 0 || method == 8, head.number(8, 2) & 1 == 0 else {
      throw file.damaged("\(name): found method \(method) or encryption, expected stored or deflated data")
    }
    var wide: ArraySlice<UInt8> = []
    var place = nameLength
    while place + 4 <= names.count {
      let length = names.number(place + 2, 2)
      if names.number(place, 2) == 1 { wide = names[min(names.count, place + 4)...].prefix(length) }
      place += 4 + length
    }
    func number(at place: Int) -> Int {
      let narrow = head.number(place, 4)
      guard narrow == 0xffff_ffff, wide.count >= 8 else { return narrow }
      defer { wide = wide.dropFirst(8) }
      return Array(wide.prefix(8)).number(0, 8)
    }
    let size = number(at: 24)
    let packed = number(at: 20)
    self.init(
      name: name, method: method, checksum: head.number(16, 4), packed: packed, size: size,
      header: number(at: 42))
  }
}

extension [UInt8] {
  /// A little-endian number of up to eight bytes; -1 where it would be negative.
  fileprivate func number(_ place: Int, _ size: Int) -> Int {
    let word = self[place..<place + size].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    // A place or size beyond 2^62 is in no file, and sums with it must not overflow.
    return word >> 62 == 0 ? Int(word) : -1
  }
}

/// What a deflated stream holds, in at most `size` bytes; nil where it is damaged or longer.
private func inflated(_ packed: [UInt8], size: Int) -> [UInt8]? {
  var stream = z_stream()
  // Minus: without the header and the checksum of zlib's own format.
  guard
    inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
  else { return nil }
  defer { inflateEnd(&stream) }
  var packed = packed
  var unpacked: [UInt8] = []
  var piece = [UInt8](repeating: 0, count: 1 << 16)
  var used = 0
  var status = Z_OK
  packed.withUnsafeMutableBufferPointer { input in
    while status == Z_OK, unpacked.count <= size {
      let given = min(input.count - used, 1 << 30)
      stream.next_in = input.baseAddress.map { $0 + used }
      stream.avail_in = UInt32(given)
      let count = piece.withUnsafeMutableBufferPointer { output in
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        status = inflate(&stream, Z_NO_FLUSH)
        return output.count - Int(stream.avail_out)
      }
      used += given - Int(stream.avail_in)
      unpacked += piece.prefix(count)
    }
  }
  return status == Z_STREAM_END && unpacked.count <= size ? unpacked : nil
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
