import Failures

/// The shapes of an NPY array: one of `[N, 3]`, several of `[S, N, 3]`, read one by one.
struct ArrayStack: ShapeStack {
  private let file: any ShapeBytes
  private let header: ArrayHeader
  private let rows: Int
  let count: Int

  /// Reads the header.
  ///
  /// - Throws: `UserError` (bad data) for damaged headers and arrays that hold no points.
  init(_ file: any ShapeBytes, points: Int, seed: ShapeSeed) throws {
    self.file = file
    header = try ArrayHeader(file)
    let shape = header.shape
    guard ["f4", "f8"].contains(header.element), (2...3).contains(shape.count), shape.last == 3 else {
      throw file.damaged(
        "found an array of \(header.element) of shape \(shape), expected f4 or f8 of shape [N, 3] or [S, N, 3]"
      )
    }
    guard header.count > 0 else { throw file.damaged("found an array without points of shape \(shape)") }
    count = shape.count == 3 ? shape[0] : 1
    rows = shape[shape.count - 2]
  }

  func cloud(at index: Int) throws -> PointCloud {
    let size = rows * 3 * header.elementSize
    let bytes = try file.bytes(at: header.start + index * size, count: size)
    guard bytes.count == size else { throw file.damaged("the file has changed since it was opened") }
    let cloud = PointCloud(
      header.element == "f4"
        ? numbers(bytes) { Float(bitPattern: $0) }
        : numbers(bytes) { Float(Double(bitPattern: $0)) })
    if let point = cloud.firstNonFinite {
      let row = count > 1 ? "[\(index), \(point)]" : "[\(point)]"
      throw file.damaged("found a coordinate that is not finite in row \(row), expected finite numbers")
    }
    return cloud
  }

  private func numbers<Word: FixedWidthInteger>(_ bytes: [UInt8], _ number: (Word) -> Float) -> [Float] {
    bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / MemoryLayout<Word>.size).map { index in
        let word = bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Word>.size, as: Word.self)
        return number(header.isBig ? Word(bigEndian: word) : Word(littleEndian: word))
      }
    }
  }
}
