import Failures

/// The rows of a PLY file, number after number.
protocol PolygonRows {
  /// Goes to a row; false where the file is over.
  mutating func beginRow() throws -> Bool
  /// The next number of the row.
  mutating func number(_ type: PolygonHeader.Number) throws -> Double
}

/// Rows of text, each a line.
struct PolygonText: PolygonRows {
  private var lines: WordScanner
  private var word = 0

  init(_ lines: WordScanner) { self.lines = lines }

  mutating func beginRow() throws -> Bool {
    word = 0
    return try lines.next()
  }

  mutating func number(_ type: PolygonHeader.Number) throws -> Double {
    word += 1
    return try lines.double(word - 1)
  }
}

/// Rows of bytes.
struct PolygonBinary: PolygonRows {
  private let file: any ShapeBytes
  private let bytes: [UInt8]
  private var position: Int
  private let isBig: Bool

  init(_ file: any ShapeBytes, bytes: [UInt8], from start: Int, isBig: Bool) {
    (self.file, self.bytes, position, self.isBig) = (file, bytes, start, isBig)
  }

  mutating func beginRow() -> Bool { position < bytes.count }

  mutating func number(_ type: PolygonHeader.Number) throws -> Double {
    switch type {
    case .int8: Double(Int8(bitPattern: try word()))
    case .uint8: Double(try word() as UInt8)
    case .int16: Double(Int16(bitPattern: try word()))
    case .uint16: Double(try word() as UInt16)
    case .int32: Double(Int32(bitPattern: try word()))
    case .uint32: Double(try word() as UInt32)
    case .float: Double(Float(bitPattern: try word()))
    case .double: Double(bitPattern: try word())
    }
  }

  private mutating func word<Word: FixedWidthInteger>() throws -> Word {
    let size = MemoryLayout<Word>.size
    guard bytes.count - position >= size else {
      throw file.damaged("the file ends at byte \(bytes.count), in the middle of a row")
    }
    let word = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position, as: Word.self) }
    position += size
    return isBig ? Word(bigEndian: word) : Word(littleEndian: word)
  }
}
