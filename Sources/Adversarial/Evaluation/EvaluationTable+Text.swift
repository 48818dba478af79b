import Foundation

extension EvaluationTable: CustomStringConvertible {
  /// The table as aligned text, without a final newline.
  ///
  /// Two heading lines (names with an arrow towards the better side; units and, where a metric used fewer samples
  /// than its row has, their number), a line for each row, footnotes for missing values, then the notes.
  public var description: String {
    var footnotes: [String] = []
    var lines = [[String]](repeating: [], count: rows.count + 2)
    func append(_ column: [String], leading: Bool = false) {
      let width = column.map(\.count).max() ?? 0
      for (line, text) in column.enumerated() {
        let padding = String(repeating: " ", count: width - text.count)
        lines[line].append(leading ? text + padding : padding + text)
      }
    }

    append(["", ""] + rows.map(\.name), leading: true)
    append(["samples", ""] + rows.map { String($0.sampleCount) })
    append(["seed", ""] + rows.map { $0.seed.map { String($0) } ?? "–" })
    for column in columns {
      let cells = rows.map { row -> (value: String, error: String) in
        switch row.values[column.key] {
        case .measured(let measurement):
          (
            column.format(measurement.value),
            measurement.standardError.map { " ± " + column.format($0) } ?? ""
          )
        case .missing(let reason):
          ("– [\(number(of: reason, in: &footnotes))]", "")
        case nil:
          ("–", "")
        }
      }
      // Values line up on their last digit whether or not an error follows.
      let width = cells.map(\.error.count).max() ?? 0
      append(
        column.heading
          + cells.map { $0.value + $0.error + String(repeating: " ", count: width - $0.error.count) })
    }

    let table = lines.map { line in
      let text = line.joined(separator: "  ")
      return String(text.prefix(text.count - text.reversed().prefix { $0 == " " }.count))
    }
    let remarks = footnotes.enumerated().map { "[\($0.offset + 1)] \($0.element)" } + notes
    return (table + (remarks.isEmpty ? [] : [""]) + remarks).joined(separator: "\n")
  }

  /// The number of a footnote, counted from 1; equal reasons share one.
  private func number(of reason: String, in footnotes: inout [String]) -> Int {
    if let known = footnotes.firstIndex(of: reason) { return known + 1 }
    footnotes.append(reason)
    return footnotes.count
  }
}

extension EvaluationTable.Column {
  /// The two lines above the values: name with arrow, unit with sample count.
  fileprivate var heading: [String] {
    let arrow =
      switch direction {
      case .lower: " ↓"
      case .higher: " ↑"
      case .neutral: ""
      }
    let details = [unit, sampleCount.map { "n=\($0)" } ?? ""]
    return [name + arrow, details.filter { !$0.isEmpty }.joined(separator: ", ")]
  }

  /// A number with the column's decimals; "inf" or "nan" where it is not finite.
  fileprivate func format(_ value: Double) -> String {
    value.isFinite ? String(format: "%.\(digits)f", value) : String(describing: value)
  }
}
