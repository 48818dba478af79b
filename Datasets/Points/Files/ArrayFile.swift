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

/// The shapes of an NPY array: one of `[N, 3]`, several of `[S, N, 3]`, read one by one.
struct ArrayStack: ShapeStack {
  private let file: any ShapeBytes
  private let header: ArrayHeader
  private let rows: Int
  let count: Int

  /// Opens an array of points, or a grid of voxels: `[X, Y, Z]` of truth values or bytes, or of numbers with
  /// another length than 3 at the end. A voxel is full where its number is more than a half.
  ///
  /// - Throws: `UserError` (bad data) for damaged headers, other arrays and grids without a full voxel.
  static func open(_ file: any ShapeBytes, points: Int, seed: ShapeSeed) throws -> any ShapeStack {
    let header = try ArrayHeader(file)
    let isNumbers = ["f4", "f8"].contains(header.element)
    guard header.shape.count == 3, ["b1", "u1"].contains(header.element) || isNumbers && header.shape[2] != 3
    else { return try ArrayStack(file, header) }
    guard header.count * header.elementSize <= ShapeFile.largestSize else {
      throw file.damaged("found a grid of shape \(header.shape), expected at most 1 GiB")
    }
    let bytes = try file.bytes(at: header.start, count: header.count * header.elementSize)
    guard bytes.count == header.count * header.elementSize else {
      throw file.damaged("the file has changed since it was opened")
    }
    let isFull = isNumbers ? values(bytes, header).map { $0 > 0.5 } : bytes.map { $0 != 0 }
    let grid = VoxelGrid(shape: header.shape, isFull: isFull)
    guard let cloud = grid.sampled(points, seed: seed.number(ofContent: grid.contentSeed)) else {
      throw file.damaged("found a grid of shape \(header.shape) without a full voxel, expected a shape")
    }
    return SingleShape(cloud: cloud)
  }

  private init(_ file: any ShapeBytes, _ header: ArrayHeader) throws {
    self.file = file
    self.header = header
    let shape = header.shape
    guard ["f4", "f8"].contains(header.element), (2...3).contains(shape.count), shape.last == 3 else {
      throw file.damaged(
        "found an array of \(header.element) of shape \(shape), expected f4 or f8 of "
          + "shape [N, 3] or [S, N, 3], or a grid"
      )
    }
    count = shape.count == 3 ? shape[0] : 1
    rows = shape[shape.count - 2]
    // Holes in a file take no disk, so its size alone says nothing about what fits in memory.
    guard header.count / count * header.elementSize <= ShapeFile.largestSize else {
      throw file.damaged("found shapes of \(rows) points, expected at most 1 GiB each")
    }
  }

  func cloud(at index: Int) throws -> PointCloud {
    let size = rows * 3 * header.elementSize
    let bytes = try file.bytes(at: header.start + index * size, count: size)
    guard bytes.count == size else { throw file.damaged("the file has changed since it was opened") }
    let cloud = PointCloud(Self.values(bytes, header))
    if let point = cloud.firstNonFinite {
      let row = count > 1 ? "[\(index), \(point)]" : "[\(point)]"
      throw file.damaged("found a coordinate that is not finite in row \(row), expected finite numbers")
    }
    return cloud
  }

  private static func values(_ bytes: [UInt8], _ header: ArrayHeader) -> [Float] {
    header.element == "f4"
      ? numbers(bytes, header.isBig) { Float(bitPattern: $0) }
      : numbers(bytes, header.isBig) { Float(Double(bitPattern: $0)) }
  }

  private static func numbers<Word: FixedWidthInteger>(
    _ bytes: [UInt8], _ isBig: Bool, _ number: (Word) -> Float
  ) -> [Float] {
    bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / MemoryLayout<Word>.size).map { index in
        let word = bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Word>.size, as: Word.self)
        return number(isBig ? Word(bigEndian: word) : Word(littleEndian: word))
      }
    }
  }
}
