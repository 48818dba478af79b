/// Rows of cells as text, columns aligned at the left.
///
/// The last column is not padded, so lines have no trailing spaces.
func columnText(_ rows: [[String]]) -> String {
  let columns = rows.map(\.count).max() ?? 0
  let widths = (0..<columns).map { column in
    rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0
  }
  return rows.map { row in
    let cells = row.enumerated().map { column, cell in
      column == row.count - 1
        ? cell : cell + String(repeating: " ", count: widths[column] - cell.count + 2)
    }
    let line = cells.joined()
    return String(line.prefix(line.count - line.reversed().prefix { $0 == " " }.count))
  }.joined(separator: "\n")
}
