import Failures

/// The shapes of an NPY array, read one by one: clouds, or voxel grids. A voxel is full where its number is more than a half.
struct ArrayStack: ShapeStack {
  private let file: any ShapeBytes
  private let header: ArrayHeader
  private let axes: ArrayAxes
  private let skipsBadRows: Bool
  private let notes: [String]
  /// Points drawn from a grid, and what determines them.
  private let drawn: (points: Int, seed: ShapeSeed)
  /// The lengths of a shape's own axes, and from each to the next element, in elements.
  private let lengths: [Int]
  private let strides: [Int]
  /// Where each shape begins, as the lengths and strides of the axes before.
  private let outer: [(length: Int, stride: Int)]
  /// The whole array, where shapes lie in pieces.
  private let whole: [UInt8]?
  let count: Int

  /// Opens an array.
  ///
  /// - Throws: `UserError` (bad data) for damaged headers, other arrays, and shapes that do not fit in memory.
  static func open(
    _ file: any ShapeBytes, points: Int, seed: ShapeSeed, rules: ShapeRules, notes: [String] = []
  ) throws -> any ShapeStack {
    let header = try ArrayHeader(file)
    let layout = try ArrayLayout(header, asked: rules.axes, file) { try Self.numbers(of: header, in: file) }
    return try ArrayStack(file, header, layout, (points, seed), rules, notes)
  }

  private init(
    _ file: any ShapeBytes, _ header: ArrayHeader, _ layout: ArrayLayout, _ drawn: (Int, ShapeSeed),
    _ rules: ShapeRules, _ notes: [String]
  ) throws {
    (self.file, self.header, axes, self.drawn) = (file, header, layout.axes, drawn)
    (skipsBadRows, self.notes) = (rules.skipsBadRows, notes + layout.notes)
    var strides = [Int](repeating: 1, count: header.shape.count)
    let order = Array(header.shape.indices)
    var stride = 1
    for axis in header.isFortran ? order : order.reversed() {
      strides[axis] = stride
      stride *= header.shape[axis]
    }
    let inner = axes == .grid ? 3 : 2
    lengths = header.shape.suffix(inner)
    self.strides = strides.suffix(inner)
    outer = Array(zip(header.shape, strides).dropLast(inner).map { ($0, $1) })
    count = outer.reduce(1) { $0 * $1.length }
    // Holes in a file take no disk, so its size alone says nothing about what fits in memory.
    let isWhole = header.isFortran && count > 1
    let bytes = (isWhole ? header.count : header.count / count) * header.element.size
    guard bytes <= ShapeFile.largestSize else {
      let shapes =
        axes == .grid ? "grids of \(lengths)" : "shapes of \(lengths[axes == .last ? 0 : 1]) points"
      throw file.damaged(
        "found \(isWhole ? "an array in Fortran order of " : "")\(shapes), expected at most 1 GiB"
          + (isWhole ? "" : " each"))
    }
    whole = isWhole ? try Self.bytes(of: file, at: header.start, count: bytes) : nil
  }

  func shape(at index: Int) throws -> SingleShape {
    let size = header.count / count
    if let whole { return try shape(at: index, in: whole, from: start(of: index)) }
    let bytes = try Self.bytes(
      of: file, at: header.start + index * size * header.element.size, count: size * header.element.size)
    return try shape(at: index, in: bytes, from: 0)
  }

  /// Where a shape's first element is in the whole array.
  private func start(of index: Int) -> Int {
    var (rest, start) = (index, 0)
    for axis in outer.reversed() {
      start += rest % axis.length * axis.stride
      rest /= axis.length
    }
    return start
  }

  private func shape(at index: Int, in bytes: [UInt8], from start: Int) throws -> SingleShape {
    var shape =
      axes == .grid ? try grid(in: bytes, from: start) : try cloud(at: index, in: bytes, from: start)
    shape.notes = notes
    return shape
  }

  private func grid(in bytes: [UInt8], from start: Int) throws -> SingleShape {
    let isFull = bytes.withUnsafeBytes { bytes in
      var isFull: [Bool] = []
      isFull.reserveCapacity(lengths[0] * lengths[1] * lengths[2])
      for x in 0..<lengths[0] {
        for y in 0..<lengths[1] {
          let row = start + x * strides[0] + y * strides[1]
          for z in 0..<lengths[2] {
            isFull.append(header.element.value(in: bytes, at: row + z * strides[2]) > 0.5)
          }
        }
      }
      return isFull
    }
    let grid = VoxelGrid(shape: lengths, isFull: isFull)
    guard let cloud = grid.sampled(drawn.points, seed: drawn.seed.number(ofContent: grid.contentSeed)) else {
      throw file.damaged("found a grid of shape \(lengths) without a full voxel, expected a shape")
    }
    return SingleShape(cloud: cloud)
  }

  private func cloud(at index: Int, in bytes: [UInt8], from start: Int) throws -> SingleShape {
    let (point, axis) = axes == .last ? (0, 1) : (1, 0)
    let rows = lengths[point]
    func forEachPlace(_ body: (_ row: Int, SIMD3<Double>) throws -> Void) rethrows {
      try bytes.withUnsafeBytes { bytes in
        for row in 0..<rows {
          let first = start + row * strides[point]
          func number(_ column: Int) -> Double {
            header.element.value(in: bytes, at: first + column * strides[axis])
          }
          try body(row, SIMD3(number(0), number(1), number(2)))
        }
      }
    }
    var bounds = CoordinateBounds()
    var skipped = 0
    try forEachPlace { row, place in
      bounds.add(place)
      guard !place.isFinite else { return }
      skipped += 1
      guard skipsBadRows else {
        let row = count > 1 ? "[\(index), \(row)]" : "[\(row)]"
        throw file.damaged("found a coordinate that is not finite in row \(row), expected finite numbers")
      }
    }
    guard skipped < rows else { throw file.damaged("found \(rows) rows, none of which is finite") }
    let origin = bounds.farCentre ?? SIMD3()
    var coordinates: [Float] = []
    coordinates.reserveCapacity(3 * (rows - skipped))
    forEachPlace { _, place in
      guard place.isFinite else { return }
      let offset = place - origin
      for axis in 0..<3 { coordinates.append(Float(offset[axis])) }
    }
    return SingleShape(cloud: PointCloud(coordinates, origin: origin), skippedRows: skipped)
  }

  private static func bytes(of file: any ShapeBytes, at place: Int, count: Int) throws -> [UInt8] {
    let bytes = try file.bytes(at: place, count: count)
    guard bytes.count == count else { throw file.damaged("the file has changed since it was opened") }
    return bytes
  }

  /// Looks at numbers until they are neither two nor shares of 1, piece by piece.
  private static func numbers(of header: ArrayHeader, in file: any ShapeBytes) throws -> ArrayLayout.Numbers {
    var found = ArrayLayout.Numbers()
    var known: [Double] = []
    let piece = 1 << 16
    for start in stride(from: 0, to: header.count, by: piece) {
      let size = min(piece, header.count - start)
      let bytes = try bytes(
        of: file, at: header.start + start * header.element.size, count: size * header.element.size)
      bytes.withUnsafeBytes { bytes in
        for index in 0..<size {
          let value = header.element.value(in: bytes, at: index)
          if !(0...1).contains(value) { found.areShares = false }
          if found.areTwo, !known.contains(value) {
            known.append(value)
            found.areTwo = known.count <= 2 && !value.isNaN
          }
        }
      }
      if !found.areTwo, !found.areShares { break }
    }
    return found
  }
}
