import Foundation

/// Records of a file of TensorFlow's events: each a length, its checksum, the bytes, their checksum.
enum EventRecords {
  /// Bytes before and after a record's data.
  private static let header = 12
  private static let footer = 4

  /// Data as a record.
  static func record(_ data: [UInt8]) -> [UInt8] {
    let length = bytes(of: UInt64(data.count))
    return length + bytes(of: masked(length[...])) + data + bytes(of: masked(data[...]))
  }

  /// The whole records at the beginning of a file, each with its data; what follows the first that is cut short or damaged is
  /// left out.
  static func records(in file: [UInt8]) -> [(record: ArraySlice<UInt8>, data: ArraySlice<UInt8>)] {
    var found: [(ArraySlice<UInt8>, ArraySlice<UInt8>)] = []
    var start = 0
    while start + header <= file.count {
      let length = number(file[start..<start + 8])
      guard length <= UInt64(file.count),
        number(file[start + 8..<start + header]) == UInt64(masked(file[start..<start + 8]))
      else { break }
      let end = start + header + Int(length)
      guard end + footer <= file.count else { break }
      let data = file[start + header..<end]
      guard number(file[end..<end + footer]) == UInt64(masked(data)) else { break }
      found.append((file[start..<end + footer], data))
      start = end + footer
    }
    return found
  }

  /// The checksum as records have it, rotated and shifted, so that checksums of what holds checksums stay good ones.
  private static func masked(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    let sum = CyclicRedundancyCheck.castagnoli(bytes)
    return ((sum >> 15) | (sum << 17)) &+ 0xA282_EAD8
  }

  private static func bytes<T: FixedWidthInteger>(of number: T) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}

/// Checksums by polynomials over two elements.
enum CyclicRedundancyCheck {
  /// Castagnoli's of 32 bits (RFC 3720, appendix B.4), in reversed order of bits.
  private static let table: [UInt32] = (0..<256).map { start in
    (0..<8).reduce(UInt32(start)) { sum, _ in sum & 1 == 1 ? (sum >> 1) ^ 0x82F6_3B78 : sum >> 1 }
  }

  /// The checksum of bytes.
  static func castagnoli(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    ~table.withUnsafeBufferPointer { table in
      bytes.reduce(~UInt32(0)) { sum, byte in (sum >> 8) ^ table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] }
    }
  }
}

/// A message in the wire format of protocol buffers, written field by field.
struct WireMessage {
  /// What has been written.
  private(set) var bytes: [UInt8] = []

  /// Nothing yet.
  init() {}

  private mutating func tag(_ field: Int, _ wireType: Int) { append(UInt64(field << 3 | wireType)) }

  private mutating func append(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// A whole number of at least 0.
  mutating func set(_ field: Int, _ number: Int) {
    tag(field, 0)
    append(UInt64(number))
  }

  /// A number of 64 bits.
  mutating func set(_ field: Int, _ number: Double) {
    tag(field, 1)
    withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes += $0 }
  }

  /// A number of 32 bits.
  mutating func set(_ field: Int, _ number: Float) {
    tag(field, 5)
    withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes += $0 }
  }

  /// Bytes.
  mutating func set(_ field: Int, _ data: [UInt8]) {
    tag(field, 2)
    append(UInt64(data.count))
    bytes += data
  }

  /// Text.
  mutating func set(_ field: Int, _ text: String) { set(field, Array(text.utf8)) }

  /// A message within this one.
  mutating func set(_ field: Int, _ build: (inout WireMessage) -> Void) {
    var message = WireMessage()
    build(&message)
    set(field, message.bytes)
  }
}
