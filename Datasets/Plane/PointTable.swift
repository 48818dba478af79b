import Failures
import Files
import Foundation

/// Two columns of a table, read as points, and a third one as labels.
struct PointTable: Sendable {
  /// The points, in the order of the rows.
  private(set) var points: [PlanePoint] = []
  /// The label of each point; nil without a column of labels.
  private(set) var labels: [String?] = []
  /// Rows left out because a number was missing or not finite.
  private(set) var skipped = 0
  /// What the two columns are called: `x` and `y`, or their numbers.
  private(set) var columnNames: [String] = []

  /// What stands for a missing number, in lower case.
  private static let missing: Set<String> = ["", "na", "n/a", "nan", "null", "none", "-"]

  /// Reads a file.
  ///
  /// - Throws: `UserError`: no input where it cannot be read; usage for columns that it does not have; bad data, with line
  ///   and column, for what is no finite number and rows that are too short.
  init(path: String, options: PlaneDataOptions) throws {
    let text = try InputFile.text(of: URL(fileURLWithPath: path))
    try self.init(FieldTable(text, name: path, separator: options.separator), options: options)
  }

  /// Reads a table.
  init(_ table: FieldTable, options: PlaneDataOptions) throws {
    var columns: Columns?
    try table.forEachRow { row in
      if let columns {
        try add(row, columns, options, table.name)
        return
      }
      let first = try Columns(first: row, options, table.name)
      columns = first
      points.reserveCapacity(table.mostRows)
      labels.reserveCapacity(table.mostRows)
      if first.header.isEmpty { try add(row, first, options, table.name) }
    }
    guard let columns else {
      throw UserError(.badData, "\(table.name): found no rows, expected two columns of numbers")
    }
    columnNames = columns.indices.map { columns.name(of: $0) ?? "column \($0 + 1)" }
  }

  /// Which columns are read.
  private struct Columns {
    /// The names of all columns; none without a header.
    let header: [String]
    let indices: [Int]
    let label: Int?
    /// The last column that a row must have.
    var last: Int { (indices + [label ?? 0]).max() ?? 0 }

    init(first: FieldTable.Row, _ options: PlaneDataOptions, _ table: String) throws {
      let hasHeader = options.hasHeader ?? !first.fields.contains { Double($0)?.isFinite == true }
      header = hasHeader ? first.fields : []
      let (header, width) = (header, first.fields.count)
      indices = try (options.columns ?? ["1", "2"]).map {
        try PointTable.index(of: $0, header, width, table, flag: "--columns")
      }
      label = try options.labelColumn.map {
        try PointTable.index(of: $0, header, width, table, flag: "--label-column")
      }
    }

    func name(of index: Int) -> String? { header.indices.contains(index) ? header[index] : nil }
  }

  /// Takes a row of numbers.
  private mutating func add(
    _ row: FieldTable.Row, _ columns: Columns, _ options: PlaneDataOptions, _ table: String
  ) throws {
    guard row.fields.count > columns.last else {
      throw UserError(
        .badData,
        "\(table), line \(row.line): found \(row.fields.count) columns, expected at least \(columns.last + 1)"
      )
    }
    let numbers = try columns.indices.map { try number(row, $0, table: table, name: columns.name(of: $0)) }
    if let x = numbers[0], let y = numbers[1] {
      points.append(PlanePoint(x, y))
      labels.append(columns.label.map { row.fields[$0] })
    } else if options.skipBad {
      skipped += 1
    } else {
      let index = columns.indices[numbers[0] == nil ? 0 : 1]
      let field = row.fields[index]
      throw UserError(
        .badData,
        Self.place(table, row.line, index, columns.name(of: index))
          + ": found \(field.isEmpty ? "nothing" : "'\(field)'"), expected a finite number; --skip-bad leaves such rows out"
      )
    }
  }

  /// A finite number, or nil where it is missing or not finite.
  private func number(_ row: FieldTable.Row, _ index: Int, table: String, name: String?) throws -> Double? {
    let field = row.fields[index]
    if Self.missing.contains(field.lowercased()) { return nil }
    guard let value = Double(field) else {
      throw UserError(
        .badData, Self.place(table, row.line, index, name) + ": found '\(field)', expected a number")
    }
    return value.isFinite ? value : nil
  }

  private static func place(_ table: String, _ line: Int, _ index: Int, _ name: String?) -> String {
    "\(table), line \(line), column \(index + 1)" + (name.map { " (\($0))" } ?? "")
  }

  /// The index of a column that was named, or numbered from 1; a name goes before a number.
  private static func index(
    of column: String, _ header: [String], _ width: Int, _ table: String, flag: String
  ) throws -> Int {
    if let index = header.firstIndex(of: column) { return index }
    if let number = Int(column), (1...width).contains(number) { return number - 1 }
    let known = header.isEmpty ? "a number from 1 to \(width)" : header.joined(separator: ", ")
    throw UserError(.usage, "\(flag) \(column): \(table) has no such column, expected \(known)")
  }
}
