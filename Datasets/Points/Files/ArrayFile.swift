import Failures
import Files

/// The header of an NPY file: what its numbers are and how they are arranged.
///
/// The format is documented in `numpy.lib.format`: a magic word, a version, a length and a Python literal such as
/// `{'descr': '<f4', 'fortran_order': False, 'shape': (2048, 3), }`.
struct ArrayHeader {
  /// What an element is.
  let element: ArrayElement
  /// Lengths of the axes, none of them 0; no product of some of them overflows.
  let shape: [Int]
  /// Whether the first index changes fastest from element to element, and not the last one.
  let isFortran: Bool
  /// Product of the lengths.
  let count: Int
  /// Where the elements begin.
  let start: Int

  /// Longer headers are not read.
  private static let longestHeader = 65_536

  /// Reads the header and compares what it announces with the bytes that are there.
  ///
  /// - Parameter takesText: whether elements may be text, as labels are.
  /// - Throws: `UserError` (bad data) that names the file.
  init(_ file: any ShapeBytes, takesText: Bool = false) throws {
    let head = try file.bytes(at: 0, count: 12)
    guard head.count == 12, head.prefix(6).elementsEqual([0x93] + Array("NUMPY".utf8)) else {
      throw file.damaged("found no NPY header, expected one")
    }
    let isLong = head[6] >= 2
    let lengthSize = isLong ? 4 : 2
    let length = head[8..<8 + lengthSize].reversed().reduce(0) { $0 << 8 | Int($1) }
    start = 8 + lengthSize + length
    guard (1...3).contains(head[6]), length <= Self.longestHeader, start <= file.size else {
      throw file.damaged(
        "found a header of version \(head[6]) and \(length) bytes, expected version 1 to 3 within the file")
    }
    let text = String(decoding: try file.bytes(at: 8 + lengthSize, count: length), as: UTF8.self)

    element = try ArrayElement(Self.value(of: "descr", in: text), takesText: takesText, file)
    guard let order = Self.value(of: "fortran_order", in: text),
      order.hasPrefix("False") || order.hasPrefix("True")
    else { throw file.damaged("found no order in the NPY header, expected 'fortran_order': False or True") }
    isFortran = order.hasPrefix("True")
    guard let axes = Self.value(of: "shape", in: text), axes.first == "(", let end = axes.firstIndex(of: ")")
    else { throw file.damaged("found no shape in the NPY header, expected one such as (2048, 3)") }
    let lengths = axes[axes.index(after: axes.startIndex)..<end].split(separator: ",")
      .map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
    shape = lengths.compactMap { Int($0) }
    guard shape.count == lengths.count, shape.count <= 32, shape.allSatisfy({ $0 > 0 }) else {
      throw file.damaged(
        "found the shape (\(lengths.prefix(9).joined(separator: ", "))), expected whole numbers from 1")
    }
    guard let bytes = ArrayExtents.bytes(shape, elementSize: element.size) else {
      throw file.damaged("found the shape \(shape), expected an array that fits in the file")
    }
    count = bytes / element.size
    guard bytes == file.size - start else {
      throw file.damaged(
        "the header announces \(bytes) bytes of shape \(shape), found \(file.size - start)")
    }
  }

  /// What follows a key of the literal.
  private static func value(of key: String, in text: String) -> Substring? {
    for quote in ["'", "\""] {
      guard let place = text.firstRange(of: quote + key + quote) else { continue }
      let rest = text[place.upperBound...].drop { $0 == " " }
      guard rest.first == ":" else { return nil }
      return rest.dropFirst().drop { $0 == " " }
    }
    return nil
  }
}

/// A type of number in an NPY file.
struct ArrayElement {
  /// Kinds of numbers, by NumPy's letters.
  enum Kind: Character {
    case truth = "b"
    case signed = "i"
    case unsigned = "u"
    case float = "f"
    /// Text of four bytes a character, filled up with zeros.
    case unicode = "U"
    /// Text of one byte a character, filled up with zeros.
    case octets = "S"
  }

  /// The most bytes of a number, or characters of a text.
  private static let longest = 1024

  /// What kind of number it is.
  let kind: Kind
  /// Bytes of a number.
  let size: Int
  /// Whether the highest byte comes first.
  let isBig: Bool

  /// As NumPy writes it without the order of bytes: `f4`, `u1`, `b1`.
  var name: String { "\(kind.rawValue)\(size)" }

  /// Reads what follows `descr` in a header, as `'<f4'`.
  ///
  /// - Throws: `UserError` (bad data) for everything that is not an integer, a truth value or a number of half, single or
  ///   double precision.
  init(_ description: Substring?, takesText: Bool, _ file: any ShapeBytes) throws {
    let text = description ?? ""
    let quoted = text.dropFirst().prefix { $0 != "'" && $0 != "\"" }
    guard text.first != "[" else {
      throw file.damaged(
        "found an array of records, expected one of plain numbers such as '<f4' (save the columns x, y and z)"
      )
    }
    guard !quoted.hasSuffix("O") else {
      throw file.damaged(
        "found an array of Python objects (a pickle), which is never opened, expected numbers such as '<f4'")
    }
    guard quoted.utf8.count >= 3, let order = quoted.first, "<>|=".contains(order),
      let letter = quoted.dropFirst().first, let size = Int(quoted.dropFirst(2)), 1...Self.longest ~= size
    else {
      throw file.damaged("found no plain type of number in the NPY header, expected one such as '<f4'")
    }
    let sizes: [Kind: [Int]] = [
      .truth: [1], .signed: [1, 2, 4, 8], .unsigned: [1, 2, 4, 8], .float: [2, 4, 8],
    ]
    let kind = Kind(rawValue: letter)
    if takesText, let kind, sizes[kind] == nil {
      (self.kind, self.size, isBig) = (kind, kind == .unicode ? 4 * size : size, order == ">")
      return
    }
    guard let kind, sizes[kind]?.contains(size) == true else {
      throw file.damaged(
        "found an array of \(quoted.dropFirst()), expected whole numbers, or floating-point ones of 2, 4 or 8 bytes"
      )
    }
    (self.kind, self.size, isBig) = (kind, size, order == ">")
  }

  /// The number at a place of some bytes.
  @inline(__always)
  func value(in bytes: UnsafeRawBufferPointer, at index: Int) -> Double {
    func word<Word: FixedWidthInteger>(_ type: Word.Type) -> Word {
      let word = bytes.loadUnaligned(fromByteOffset: index * size, as: Word.self)
      return isBig ? Word(bigEndian: word) : Word(littleEndian: word)
    }
    return switch (kind, size) {
    case (.truth, _): bytes[index] == 0 ? 0 : 1
    case (.signed, 1): Double(word(Int8.self))
    case (.signed, 2): Double(word(Int16.self))
    case (.signed, 4): Double(word(Int32.self))
    case (.signed, _): Double(word(Int64.self))
    case (.unsigned, 1): Double(word(UInt8.self))
    case (.unsigned, 2): Double(word(UInt16.self))
    case (.unsigned, 4): Double(word(UInt32.self))
    case (.unsigned, _): Double(word(UInt64.self))
    case (.float, 2): Self.half(word(UInt16.self))
    case (.float, 4): Double(Float(bitPattern: word(UInt32.self)))
    case (.float, _): Double(bitPattern: word(UInt64.self))
    case (.unicode, _), (.octets, _): .nan
    }
  }

  /// The text at a place of some bytes; nil for numbers.
  func text(in bytes: UnsafeRawBufferPointer, at index: Int) -> String? {
    let own = bytes[index * size..<(index + 1) * size]
    switch kind {
    case .octets: return String(decoding: own.prefix { $0 != 0 }, as: UTF8.self)
    case .unicode:
      let units = stride(from: own.startIndex, to: own.endIndex, by: 4).map { place in
        let unit = bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)
        return isBig ? UInt32(bigEndian: unit) : UInt32(littleEndian: unit)
      }
      return String(decoding: units.prefix { $0 != 0 }, as: UTF32.self)
    default: return nil
    }
  }

  /// A number of half precision (IEEE 754): a sign, 5 bits of exponent, 10 of fraction. Swift has the type not everywhere.
  private static func half(_ bits: UInt16) -> Double {
    let (exponent, fraction) = (Int(bits >> 10 & 31), Double(bits & 1023) / 1024)
    let size: Double =
      switch exponent {
      case 0: fraction * 0x1p-14
      case 31: fraction == 0 ? .infinity : .nan
      default: Double(sign: .plus, exponent: exponent - 15, significand: 1 + fraction)
      }
    return bits >> 15 == 0 ? size : -size
  }
}
