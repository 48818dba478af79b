import CZlib

/// Files that hold damaged content in whole packing.
enum Packing {
  /// One gzip member.
  static func gzip(_ content: [UInt8]) -> [UInt8] {
    let length = UInt32(truncatingIfNeeded: content.count)
    return [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3] + deflated(content) + bytes(checksum(content)) + bytes(length)
  }

  /// A ZIP archive.
  static func zip(_ members: [(name: String, content: [UInt8])], isDeflated: Bool) -> [UInt8] {
    var (file, list): ([UInt8], [UInt8]) = ([], [])
    for (name, content) in members {
      let packed = isDeflated ? deflated(content) : content
      let common =
        bytes(UInt16(isDeflated ? 8 : 0)) + bytes(UInt32(0)) + bytes(checksum(content))
        + bytes(UInt32(packed.count))
        + bytes(UInt32(content.count)) + bytes(UInt16(name.utf8.count)) + bytes(UInt16(0))
      list +=
        [0x50, 0x4b, 1, 2, 20, 0, 20, 0, 0, 0] + common + [UInt8](repeating: 0, count: 10)
        + bytes(UInt32(file.count))
      list += Array(name.utf8)
      file += [0x50, 0x4b, 3, 4, 20, 0, 0, 0] + common + Array(name.utf8) + packed
    }
    let count = bytes(UInt16(members.count))
    return file + list + [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + count + count + bytes(UInt32(list.count))
      + bytes(UInt32(file.count)) + bytes(UInt16(0))
  }

  /// An Ogg file with the right checksum in each of its pages.
  static func ogg(_ damaged: [UInt8]) -> [UInt8] {
    var file = damaged
    var place = 0
    while place + 27 <= file.count {
      let table = place + 27..<place + 27 + Int(file[place + 26])
      guard file[place..<place + 4].elementsEqual("OggS".utf8), table.upperBound <= file.count else {
        place += 1
        continue
      }
      let end = file[table].reduce(table.upperBound) { $0 + Int($1) }
      guard end <= file.count else { break }
      file.replaceSubrange(place + 22..<place + 26, with: [0, 0, 0, 0])
      // Polynomial 0x04c11db7, the highest bit first, beginning with zero (RFC 3533).
      let sum = file[place..<end].reduce(UInt32(0)) { sum, byte in
        (0..<8).reduce(sum ^ UInt32(byte) << 24) { word, _ in word << 1 ^ (word >> 31 == 1 ? 0x04c1_1db7 : 0)
        }
      }
      file.replaceSubrange(place + 22..<place + 26, with: bytes(sum))
      place = end
    }
    return file
  }

  /// Little-endian bytes of a number.
  static func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  private static func checksum(_ content: [UInt8]) -> UInt32 {
    content.withUnsafeBufferPointer { UInt32(crc32(0, $0.baseAddress, UInt32($0.count))) }
  }

  /// Raw deflate data: zlib's own without its header of two bytes and its checksum of four.
  private static func deflated(_ content: [UInt8]) -> [UInt8] {
    var length = compressBound(UInt(content.count))
    var packed = [UInt8](repeating: 0, count: Int(length))
    compress2(&packed, &length, content, UInt(content.count), 6)
    return Array(packed[2..<Int(length) - 4])
  }
}
