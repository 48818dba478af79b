import Foundation

extension EvaluationTable: CustomStringConvertible {
  /// The table as aligned text with all columns side by side.
  public var description: String { text() }

  /// The table as aligned text, without a final newline.
  ///
  /// Three heading lines (names with an arrow towards the better side; units; the number of samples of metrics that
  /// use fewer than their row has), a line for each row, footnotes for errors that mean something else and for missing
  /// values, then the notes. A number whose error is not known says so, unless its column does.
  ///
  /// - Parameter width: columns that would pass it begin a new block below, which repeats the rows' names.
  public func text(width: Int = .max) -> String {
    var footnotes: [String] = []
    let names = aligned(["", "", ""] + rows.map(\.name), leading: true)
    var blocks = [[names]]
    func append(_ column: [String]) {
      let used = blocks[blocks.count - 1].reduce(0) { $0 + $1[0].count + 2 }
      if used + column[0].count > width, blocks[blocks.count - 1].count > 1 { blocks.append([names]) }
      blocks[blocks.count - 1].append(column)
    }
    append(aligned(["samples", "", ""] + rows.map { String($0.sampleCount) }))
    append(aligned(["seed", "", ""] + rows.map { $0.seed.map { String($0) } ?? "–" }))
    for column in columns {
      var heading = column.heading
      if let note = column.errorNote { heading[0] += " " + Self.mark(note, in: &footnotes) }
      append(aligned(heading + values(of: column, footnotes: &footnotes)))
    }

    let remarks = footnotes.enumerated().map { "[\($0.offset + 1)] \($0.element)" } + notes
    let paragraphs = blocks.map { lines(of: $0) } + (remarks.isEmpty ? [] : [remarks])
    return paragraphs.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
  }

  /// A column's values as text, lined up on their last digit whether or not an error follows.
  private func values(of column: Column, footnotes: inout [String]) -> [String] {
    let cells = rows.map { row -> (value: String, error: String) in
      switch row.values[column.key] {
      case .measured(let score):
        let unknown = column.errorNote == nil ? " ± ?" : ""
        return (
          column.format(score.value), score.standardError.map { " ± " + column.format($0) } ?? unknown
        )
      case .missing(let reason):
        return ("– " + Self.mark(reason, in: &footnotes), "")
      case nil:
        return ("–", "")
      }
    }
    let width = cells.map(\.error.count).max() ?? 0
    return cells.map { $0.value + $0.error + String(repeating: " ", count: width - $0.error.count) }
  }

  /// The number of a footnote; equal ones are one.
  private static func mark(_ footnote: String, in footnotes: inout [String]) -> String {
    if !footnotes.contains(footnote) { footnotes.append(footnote) }
    return "[\((footnotes.firstIndex(of: footnote) ?? 0) + 1)]"
  }

  /// Texts filled up with spaces to the width of the widest.
  private func aligned(_ texts: [String], leading: Bool = false) -> [String] {
    let width = texts.map(\.count).max() ?? 0
    return texts.map { text in
      let padding = String(repeating: " ", count: width - text.count)
      return leading ? text + padding : padding + text
    }
  }

  /// The lines of a block of columns, without spaces at their ends; heading lines that say nothing are left out.
  private func lines(of block: [[String]]) -> [String] {
    (0..<rows.count + 3).compactMap { index in
      let line = block.map { $0[index] }.joined(separator: "  ")
      let text = String(line.dropLast(line.reversed().prefix { $0 == " " }.count))
      return text.isEmpty && index < 3 ? nil : text
    }
  }
}

extension EvaluationTable.Column {
  /// The three lines above the values.
  fileprivate var heading: [String] {
    let arrow =
      switch direction {
      case .lower: " ↓"
      case .higher: " ↑"
      case .neutral: ""
      }
    return [name + arrow, unit, sampleCount.map { "n=\($0)" } ?? ""]
  }

  /// A number with the column's decimals; "inf" or "nan" where it is not finite.
  fileprivate func format(_ value: Double) -> String {
    value.isFinite ? String(format: "%.\(digits)f", value) : String(describing: value)
  }
}
