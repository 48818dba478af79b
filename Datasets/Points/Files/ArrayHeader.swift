import Failures
import Files

/// The header of an NPY file: what its numbers are and how they are arranged.
///
/// The format is documented in `numpy.lib.format`: a magic word, a version, a length and a Python literal such as
/// `{'descr': '<f4', 'fortran_order': False, 'shape': (2048, 3), }`.
struct ArrayHeader {
  /// What an element is, as NumPy writes it: `f4`, `u1`, `b1`.
  let element: String
  /// Bytes of an element.
  let elementSize: Int
  /// Whether the highest byte of an element comes first.
  let isBig: Bool
  /// Lengths of the axes, none of them 0; no product of some of them overflows.
  let shape: [Int]
  /// Product of the lengths.
  let count: Int
  /// Where the elements begin.
  let start: Int

  /// Longer headers are not read.
  private static let longestHeader = 65_536

  /// Reads the header and compares what it announces with the bytes that are there.
  ///
  /// - Throws: `UserError` (bad data) that names the file.
  init(_ file: any ShapeBytes) throws {
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

    guard
      let type = Self.value(of: "descr", in: text)?.dropFirst().prefix(while: { $0 != "'" && $0 != "\"" }),
      type.utf8.count >= 3, let order = type.first, "<>|=".contains(order), let size = Int(type.dropFirst(2)),
      1...16 ~= size
    else { throw file.damaged("found no plain type of number in the NPY header, expected one such as '<f4'") }
    element = String(type.dropFirst())
    elementSize = size
    isBig = order == ">"

    guard let order = Self.value(of: "fortran_order", in: text), order.hasPrefix("False") else {
      throw file.damaged("found an array in Fortran order, expected C order")
    }
    guard let axes = Self.value(of: "shape", in: text), axes.first == "(", let end = axes.firstIndex(of: ")")
    else { throw file.damaged("found no shape in the NPY header, expected one such as (2048, 3)") }
    let lengths = axes[axes.index(after: axes.startIndex)..<end].split(separator: ",")
      .map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
    shape = lengths.compactMap { Int($0) }
    guard shape.count == lengths.count, shape.count <= 32, shape.allSatisfy({ $0 > 0 }) else {
      throw file.damaged(
        "found the shape (\(lengths.prefix(9).joined(separator: ", "))), expected whole numbers from 1")
    }
    guard let bytes = ArrayExtents.bytes(shape, elementSize: elementSize) else {
      throw file.damaged("found the shape \(shape), expected an array that fits in the file")
    }
    count = bytes / elementSize
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
