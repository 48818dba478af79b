import Failures

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
