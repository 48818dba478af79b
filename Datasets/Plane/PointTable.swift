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
  let columnNames: [String]

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
    guard let first = table.rows.first else {
      throw UserError(.badData, "\(table.name): found no rows, expected two columns of numbers")
    }
    let hasHeader = options.hasHeader ?? !first.fields.contains { Double($0)?.isFinite == true }
    let header = hasHeader ? first.fields : []
    let wanted = options.columns ?? ["1", "2"]
    let width = first.fields.count
    let indices = try wanted.map { try Self.index(of: $0, header, width, table.name, flag: "--columns") }
    let labelIndex = try options.labelColumn.map {
      try Self.index(of: $0, header, width, table.name, flag: "--label-column")
    }
    columnNames = indices.map { header.indices.contains($0) ? header[$0] : "column \($0 + 1)" }
    let last = (indices + [labelIndex ?? 0]).max() ?? 0
    for row in table.rows.dropFirst(hasHeader ? 1 : 0) {
      guard row.fields.count > last else {
        throw UserError(
          .badData,
          "\(table.name), line \(row.line): found \(row.fields.count) columns, expected at least \(last + 1)")
      }
      let numbers = try indices.map { index in
        try number(row, index, table: table.name, name: header.indices.contains(index) ? header[index] : nil)
      }
      if let x = numbers[0], let y = numbers[1] {
        points.append(PlanePoint(x, y))
        labels.append(labelIndex.map { row.fields[$0] })
      } else if options.skipBad {
        skipped += 1
      } else {
        let index = indices[numbers[0] == nil ? 0 : 1]
        let field = row.fields[index]
        throw UserError(
          .badData,
          Self.place(table.name, row.line, index, header.indices.contains(index) ? header[index] : nil)
            + ": found \(field.isEmpty ? "nothing" : "'\(field)'"), expected a finite number; --skip-bad leaves such rows out"
        )
      }
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
