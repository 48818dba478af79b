import Corpora
import Failures
import Files

/// The arrays of an NPZ file by their names, and which of them hold shapes, labels, and parts of the data.
///
/// `X_train` and `X_test`, or `train_points` and `test_points`, are the parts of one split; `y_train`, `train_labels` and the
/// like are the labels beside them.
struct ArrayArchive {
  /// An array's name, apart from the part of the data in it.
  private struct Name {
    let whole: String
    let base: String
    let part: CorpusPart?

    init(_ whole: String) {
      let words = whole.split { "_-. ".contains($0) }.map { $0.lowercased() }
      let index = words.firstIndex { Name.parts[$0] != nil }
      self.whole = whole
      part = index.flatMap { Name.parts[words[$0]] }
      base = words.indices.filter { $0 != index }.map { words[$0] }.joined(separator: "_")
    }

    private static let parts: [String: CorpusPart] = [
      "train": .training, "training": .training, "val": .validation, "valid": .validation,
      "validation": .validation, "test": .heldOut,
    ]
  }

  /// Names that arrays of points usually have, the likeliest first, in lower case.
  private static let pointNames = [
    "points", "pointcloud", "point_cloud", "pointclouds", "point_clouds", "pc", "pcs", "xyz", "coords",
    "coordinates",
    "pos", "voxels", "vertices", "arr_0", "x", "data",
  ]
  /// Names that arrays of labels usually have, in lower case.
  private static let labelNames: Set<String> = [
    "y", "label", "labels", "target", "targets", "class", "classes", "category", "categories",
  ]

  private let file: OpenFile
  private let archive: ZipArchive
  private let members: [(name: Name, member: ZipArchive.Member)]

  /// Reads the list of arrays.
  ///
  /// - Throws: `UserError` (bad data) that names the file.
  init(_ file: OpenFile) throws {
    self.file = file
    archive = try ZipArchive(file)
    members = archive.members.filter { $0.name.hasSuffix(".npy") }.map {
      (Name(String($0.name.dropLast(4))), $0)
    }
  }

  /// Opens the arrays that hold shapes: the one that is asked for, the only one, or those of a usual name.
  ///
  /// - Throws: `UserError` (bad data) where there is none, or several that may be meant; for arrays without labels where
  ///   labels are asked for.
  func open(points: Int, seed: ShapeSeed, rules: ShapeRules) throws -> any ShapeStack {
    let (chosen, notes) = try chosen(rules.array)
    let pieces = try chosen.map { index in
      let stack = try ArrayStack.open(
        archive.unpacked(members[index].member), points: points, seed: seed, rules: rules, notes: notes)
      return ArchiveStack.Piece(
        stack: stack, part: chosen.count > 1 ? members[index].name.part : nil,
        labels: rules.takesLabels ? try labels(beside: members[index].name, count: stack.count) : nil)
    }
    return ArchiveStack(pieces: pieces)
  }

  private func chosen(_ asked: String?) throws -> (indices: [Int], notes: [String]) {
    func indices(_ isMeant: (Name) -> Bool) -> [Int] { members.indices.filter { isMeant(members[$0].name) } }
    if let asked {
      let found = indices { $0.whole == asked }
      let parts = indices { $0.part != nil && $0.base == asked.lowercased() }
      guard !found.isEmpty || !parts.isEmpty else {
        throw file.damaged("--array \(asked): found no such array, expected one of \(list)")
      }
      return (found.isEmpty ? parts : [found[0]], [])
    }
    if members.count == 1 { return ([0], []) }
    for name in Self.pointNames {
      let found = indices { $0.part == nil && $0.base == name }
      let parts = indices { $0.part != nil && $0.base == name }
      guard found.count == 1 || found.isEmpty && !parts.isEmpty else { continue }
      let chosen = found.isEmpty ? parts : found
      let names = chosen.map { members[$0].name.whole }.joined(separator: ", ")
      return (chosen, ["of several arrays \(names) taken (--array)"])
    }
    throw file.damaged(
      "found \(members.count) arrays (\(list)), expected one, or one called points; say which with --array")
  }

  private var list: String {
    members.prefix(9).map { String($0.name.whole.prefix(40)) }.joined(separator: ", ")
  }

  /// The labels of the shapes of an array.
  private func labels(beside name: Name, count: Int) throws -> [String] {
    let found = members.filter { Self.labelNames.contains($0.name.base) && $0.name.part == name.part }
    guard found.count == 1 else {
      throw file.damaged(
        "--labels array: found \(found.count) arrays of labels beside \(name.whole) among \(list), expected one, "
          + "called y or labels")
    }
    let array = try archive.unpacked(found[0].member)
    let labels = try ArrayHeader.labels(of: array)
    guard labels.count == count else {
      throw array.damaged(
        "found \(labels.count) labels, expected \(count), one for each shape of \(name.whole)")
    }
    return labels
  }
}

/// The shapes of several arrays, one after the other.
private struct ArchiveStack: ShapeStack {
  /// An array, the part of the data that it is, and the labels of its shapes.
  struct Piece {
    let stack: any ShapeStack
    let part: CorpusPart?
    let labels: [String]?
  }

  let pieces: [Piece]

  var count: Int { pieces.reduce(0) { $0 + $1.stack.count } }

  func shape(at index: Int) throws -> SingleShape {
    var index = index
    for piece in pieces {
      guard index >= piece.stack.count else {
        var shape = try piece.stack.shape(at: index)
        (shape.part, shape.label) = (piece.part, piece.labels?[index])
        return shape
      }
      index -= piece.stack.count
    }
    preconditionFailure("a shape of the stack")
  }
}

extension ArrayHeader {
  /// The labels in an array: whole numbers or text, one for each shape.
  ///
  /// - Throws: `UserError` (bad data) for other arrays.
  fileprivate static func labels(of file: MemoryBytes) throws -> [String] {
    let header = try ArrayHeader(file, takesText: true)
    guard header.shape.count <= 1 || header.count == header.shape[0] else {
      throw file.damaged("found labels of shape \(header.shape), expected one number for each shape")
    }
    let bytes = file.bytes(at: header.start, count: header.count * header.element.size)
    return try bytes.withUnsafeBytes { bytes in
      try (0..<header.count).map { index in
        if let text = header.element.text(in: bytes, at: index) { return text }
        guard let number = Int(exactly: header.element.value(in: bytes, at: index)) else {
          throw file.damaged(
            "found a label that is no whole number in row [\(index)], expected whole numbers or text")
        }
        return "\(number)"
      }
    }
  }
}
