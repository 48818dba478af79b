/// How the axes of an array lie.
public enum ArrayAxes: String, CaseIterable, Codable, Sendable {
  /// Points `[.., N, 3]`: coordinates on the last axis.
  case last
  /// Points `[.., 3, N]`, PyTorch's order: coordinates on the axis before the last one.
  case first
  /// Voxel grids `[.., X, Y, Z]`.
  case grid
}

/// What an array is taken for: clouds, or voxel grids.
///
/// An axis of 3 holds coordinates; without one, an axis of up to 16 columns beside a longer one does, whose first three are
/// coordinates. A voxel grid must be certain: truth values, or two different numbers, or a cube of numbers from 0 to 1, or
/// whole numbers that are no points.
struct ArrayLayout {
  /// How the axes lie.
  let axes: ArrayAxes
  /// What was assumed, in words.
  private(set) var notes: [String] = []

  /// The most columns that a point has beside a longer axis.
  private static let mostColumns = 16

  /// What the numbers of an array are.
  struct Numbers {
    /// Whether there are two different numbers at most.
    var areTwo = true
    /// Whether all lie between 0 and 1.
    var areShares = true
  }

  /// Chooses.
  ///
  /// - Parameters:
  ///   - header: of the array.
  ///   - asked: what the user says.
  ///   - numbers: looks at the numbers, as far as the shape and the type leave a choice.
  /// - Throws: `UserError` (bad data) where several readings are possible, or none.
  init(_ header: ArrayHeader, asked: ArrayAxes?, _ file: any ShapeBytes, numbers: () throws -> Numbers) throws
  {
    let shape = header.shape
    let isTruth = header.element.kind == .truth
    guard shape.count >= (asked == .grid || isTruth ? 3 : 2) else {
      throw file.damaged(Self.refusal(header, ""))
    }
    if let asked {
      axes = asked
      if asked != .grid, isTruth || shape[shape.count - (asked == .last ? 1 : 2)] < 3 {
        throw file.damaged(Self.refusal(header, "--axes \(asked.rawValue): "))
      }
    } else if isTruth {
      axes = .grid
    } else {
      let found = try Self.found(header, numbers: numbers)
      guard found.count == 1 else {
        let hint =
          !found.isEmpty
          ? "; say which with --axes \(Self.list(found))"
          : shape.count > 2 ? "; --axes grid takes it for one" : ""
        throw file.damaged(Self.refusal(header, "") + hint)
      }
      axes = found[0]
      note(header)
    }
    guard axes != .grid else { return }
    let columns = shape[shape.count - (axes == .last ? 1 : 2)]
    if columns > 3 {
      notes.append("\(columns == 4 ? "a column" : "\(columns - 3) columns") behind x, y and z left out")
    }
  }

  private mutating func note(_ header: ArrayHeader) {
    switch axes {
    case .first: notes.append("arrays taken as [\(header.shape.count > 2 ? "S, " : "")3, N] (--axes first)")
    case .grid: notes.append("arrays of numbers taken for voxel grids (--axes grid)")
    case .last: break
    }
  }

  /// The readings that are possible.
  private static func found(_ header: ArrayHeader, numbers: () throws -> Numbers) throws -> [ArrayAxes] {
    let shape = header.shape
    let points = points(shape[shape.count - 2], shape[shape.count - 1])
    // Coordinates on the last axis are the rule, so numbers need no look.
    guard shape.count > 2, header.element.kind != .float || shape.last != 3 else { return points }
    let found = try numbers()
    if found.areTwo { return [.grid] }
    let isCube = Set(shape.suffix(3)).count == 1
    let isWhole = header.element.kind != .float
    if isCube, shape.last != 3, isWhole || found.areShares {
      return isWhole || points.isEmpty ? [.grid] : points + [.grid]
    }
    return points.isEmpty && isWhole ? [.grid] : points
  }

  /// How points may lie on the last two axes.
  private static func points(_ rows: Int, _ columns: Int) -> [ArrayAxes] {
    switch (rows, columns) {
    case (_, 3): [.last]
    // Three points of several columns, or several points.
    case (3, 4...9): [.last, .first]
    case (3, 1...): [.first]
    default:
      (4...mostColumns ~= columns ? [.last] : []) + (4...mostColumns ~= rows && columns > 3 ? [.first] : [])
    }
  }

  private static func list(_ axes: [ArrayAxes]) -> String {
    axes.map(\.rawValue).joined(separator: " or ")
  }

  private static func refusal(_ header: ArrayHeader, _ start: String) -> String {
    "\(start)found an array of \(header.element.name) of shape \(header.shape), expected points [N, 3], [S, N, 3] or "
      + "[S, 3, N], or a voxel grid [X, Y, Z]"
  }
}
