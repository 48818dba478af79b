import Failures
import Foundation

/// How the bytes of a text file are to be read.
public enum TextEncoding: String, Codable, CaseIterable, Sendable {
  /// UTF-16 where a byte order mark says so, otherwise UTF-8, valid or refused: nothing is guessed.
  case automatic = "auto"
  /// UTF-8, with or without a byte order mark.
  case utf8 = "utf-8"
  /// UTF-16: in the order of its byte order mark, or without one in the order that makes text of it.
  case utf16 = "utf-16"
  /// UTF-16, little-endian.
  case utf16LittleEndian = "utf-16le"
  /// UTF-16, big-endian.
  case utf16BigEndian = "utf-16be"
  /// ISO 8859-1: each byte is the scalar of its value.
  case latin1 = "latin-1"
  /// Microsoft's code page 1252: Latin-1 with quotation marks, dashes and letters in place of 27 control characters.
  case windows1252 = "windows-1252"

  /// What messages call text in this encoding.
  private var name: String {
    switch self {
    case .automatic, .utf8: "UTF-8"
    case .utf16, .utf16LittleEndian, .utf16BigEndian: "UTF-16"
    case .latin1: "Latin-1"
    case .windows1252: "Windows-1252"
    }
  }

  /// A file as UTF-8: itself where it is UTF-8 already, otherwise a copy in memory.
  ///
  /// UTF-8 is not checked here but by `SampleScanner`, which reads the file anyway.
  ///
  /// - Throws: `UserError` (bad data) that names the file, line and byte offset of what is no text in this encoding.
  func decoded(_ file: TextBytes) throws -> TextBytes {
    try file.withBytes { bytes in
      switch self {
      case .utf8: return file
      case .automatic:
        guard !bytes.hasUTF32Mark, let isBigEndian = bytes.utf16MarkIsBigEndian else { return file }
        return try decodedUTF16(bytes, isBigEndian: isBigEndian, of: file)
      case .utf16LittleEndian: return try decodedUTF16(bytes, isBigEndian: false, of: file)
      case .utf16BigEndian: return try decodedUTF16(bytes, isBigEndian: true, of: file)
      case .utf16:
        guard let isBigEndian = bytes.utf16MarkIsBigEndian ?? bytes.utf16OrderIsBigEndian else {
          throw UserError(
            .badData,
            "\(file.name): found neither a byte order mark nor line ends that tell the order; expected UTF-16 text, "
              + "or --encoding utf-16le or utf-16be")
        }
        return try decodedUTF16(bytes, isBigEndian: isBigEndian, of: file)
      case .latin1, .windows1252:
        // Most text is ASCII, which needs no copy.
        return bytes.classify() == .ascii ? file : try decodedBytewise(bytes, of: file)
      }
    }
  }

  private func decodedUTF16(_ bytes: UTF8Bytes, isBigEndian: Bool, of file: TextBytes) throws -> TextBytes {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count)
    var position = bytes.utf16MarkIsBigEndian == isBigEndian ? 2 : 0
    while position < bytes.count {
      guard position + 1 < bytes.count else {
        throw fault("half of a unit at the end of the file", at: position, after: text, in: file)
      }
      let unit = bytes.utf16Unit(at: position, isBigEndian: isBigEndian)
      var code = UInt32(unit)
      var length = 2
      if UTF16.isLeadSurrogate(unit), position + 3 < bytes.count {
        let trail = bytes.utf16Unit(at: position + 2, isBigEndian: isBigEndian)
        if UTF16.isTrailSurrogate(trail) {
          code = 0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(trail) - 0xDC00)
          length = 4
        }
      }
      guard let scalar = Unicode.Scalar(code) else {
        throw fault("half of a surrogate pair (0x\(Self.hex(unit)))", at: position, after: text, in: file)
      }
      guard code != 0 else { throw fault(Self.nul, at: position, after: text, in: file) }
      text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      position += length
    }
    return TextBytes(text, name: file.name)
  }

  private func decodedBytewise(_ bytes: UTF8Bytes, of file: TextBytes) throws -> TextBytes {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count + bytes.count / 8)
    for (position, byte) in bytes.enumerated() {
      var code = UInt32(byte)
      if self == .windows1252, (0x80...0x9F).contains(byte) {
        code = Self.windowsCodes[Int(byte) - 0x80]
        guard code != 0 else {
          throw fault(
            "the byte 0x\(Self.hex(byte)), which has no meaning there", at: position, after: text, in: file)
        }
      }
      guard code != 0 else { throw fault(Self.nul, at: position, after: text, in: file) }
      guard code >= 0x80, let scalar = Unicode.Scalar(code) else {
        text.append(byte)
        continue
      }
      text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
    return TextBytes(text, name: file.name)
  }

  private static let nul = "a NUL (a binary file?)"

  private static func hex(_ value: some BinaryInteger) -> String {
    String(value, radix: 16, uppercase: true)
  }

  private func fault(_ found: String, at offset: Int, after text: [UInt8], in file: TextBytes) -> UserError {
    let line = text.withUnsafeBufferPointer { LineEnds.count(in: $0) } + 1
    return UserError(
      .badData, "\(file.name) line \(line), byte offset \(offset): found \(found), expected \(name) text")
  }

  /// The scalars of the bytes 0x80 to 0x9F in code page 1252, 0 for the five that it leaves out (Microsoft, "cp1252
  /// to Unicode table").
  private static let windowsCodes: [UInt32] = [
    0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,
    0x017D, 0,
    0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,
    0x017E,
    0x0178,
  ]
}

extension UTF8Bytes {
  /// Whether the bytes begin with a byte order mark of UTF-32, whose little-endian one begins with that of UTF-16.
  var hasUTF32Mark: Bool { starts(with: [0xFF, 0xFE, 0, 0]) || starts(with: [0, 0, 0xFE, 0xFF]) }

  /// The order that a byte order mark of UTF-16 names; nil without one.
  fileprivate var utf16MarkIsBigEndian: Bool? {
    starts(with: [0xFE, 0xFF]) ? true : starts(with: [0xFF, 0xFE]) ? false : nil
  }

  /// The order in which more of the first 512 Ki units are line ends and spaces, of which every text has some. In the
  /// other order these are U+0A00, U+0D00 and U+2000, which hardly any text has. Nil where there are as many in both.
  fileprivate var utf16OrderIsBigEndian: Bool? {
    func spaces(isBigEndian: Bool) -> Int {
      stride(from: 0, to: Swift.min(count - 1, 1 << 20), by: 2).count { position in
        [0x0A, 0x0D, 0x20].contains(utf16Unit(at: position, isBigEndian: isBigEndian))
      }
    }
    let (big, little) = (spaces(isBigEndian: true), spaces(isBigEndian: false))
    return big == little ? nil : big > little
  }

  fileprivate func utf16Unit(at position: Int, isBigEndian: Bool) -> UInt16 {
    let (first, second) = (UInt16(self[position]), UInt16(self[position + 1]))
    return isBigEndian ? first << 8 | second : second << 8 | first
  }
}
