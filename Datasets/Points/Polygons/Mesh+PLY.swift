import Failures

extension Mesh {
  /// Reads a PLY file: the places of its vertices, and its faces where it has any. Everything else is left out.
  ///
  /// - Throws: `UserError` (bad data) that names the file, and line or row.
  init(ply file: any ShapeBytes) throws {
    let bytes = try file.all()
    let header = try PolygonHeader(file, bytes: bytes)
    switch header.encoding {
    case .text:
      let lines = WordScanner(file, bytes: bytes, from: header.start, line: header.lines, comment: nil)
      try self.init(header, PolygonText(lines), file)
    case .little, .big:
      let rows = PolygonBinary(file, bytes: bytes, from: header.start, isBig: header.encoding == .big)
      try self.init(header, rows, file)
    }
  }

  private init(_ header: PolygonHeader, _ rows: some PolygonRows, _ file: any ShapeBytes) throws {
    self.init()
    var rows = rows
    for element in header.elements where !element.properties.isEmpty {
      // A list has no single number that could be a coordinate.
      let axes = element.properties.map { $0.length == nil ? ["x", "y", "z"].firstIndex(of: $0.name) : nil }
      let isVertex = element.name == "vertex"
      if isVertex, Set(axes.compactMap(\.self)).count < 3 {
        throw file.damaged("found vertices without x, y and z in the header, expected all three")
      }
      if element.name == "tristrips", element.count > 0 {
        throw file.damaged("found strips of triangles, expected faces")
      }
      let isFace = element.name == "face"
      for row in 0..<element.count {
        guard try rows.beginRow() else {
          throw file.damaged(
            "the file ends after \(row) rows of '\(element.name)', \(element.count) are announced")
        }
        var place = SIMD3<Float>()
        for (property, axis) in zip(element.properties, axes) {
          guard let length = property.length else {
            let number = try rows.number(property.number)
            if let axis { place[axis] = Float(number) }
            continue
          }
          let isCorners = isFace && ["vertex_indices", "vertex_index"].contains(property.name)
          let count = try rows.number(length)
          guard count >= 0, let count = Int(exactly: count) else {
            throw file.damaged("found a list of \(count) items in '\(element.name)' row \(row)")
          }
          if isCorners {
            addFace(try corners(count, property.number, &rows, row: row, file))
          } else {
            for _ in 0..<count { _ = try rows.number(property.number) }
          }
        }
        if isVertex {
          guard place.x.isFinite && place.y.isFinite && place.z.isFinite else {
            throw file.damaged("found a coordinate of vertex \(row) that is not finite, expected numbers")
          }
          add(place)
        }
      }
    }
    if let corner = unknownCorner {
      throw file.damaged("found a face with the corner \(corner), expected 0 to \(vertices.count - 1)")
    }
  }

  private func corners(
    _ count: Int, _ type: PolygonHeader.Number, _ rows: inout some PolygonRows, row: Int,
    _ file: any ShapeBytes
  ) throws -> [Int32] {
    var corners: [Int32] = []
    for _ in 0..<count {
      let number = try rows.number(type)
      guard let corner = Int32(exactly: number) else {
        throw file.damaged("found the corner \(number) in face \(row), expected that of a vertex")
      }
      corners.append(corner)
    }
    return corners
  }
}
