import Failures
import Foundation

/// The scores of a model beside those of real data and of baselines: one row for each source of samples, one
/// column for each metric.
///
/// Rows are kept in the order real, model, baseline, and within a kind in the order they were added. No value is
/// marked as the best: whether a difference means anything is for the standard errors to say.
public struct EvaluationTable: Hashable, Sendable {
  /// Which way a metric is better.
  public enum Direction: String, Codable, Hashable, Sendable, CaseIterable {
    /// Smaller is better, as for a divergence.
    case lower
    /// Larger is better, as for a coverage.
    case higher
    /// Neither: the number is to be read beside the real row.
    case neutral

    /// An arrow towards the better side; nil where there is none.
    public var arrow: String? {
      switch self {
      case .lower: "↓"
      case .higher: "↑"
      case .neutral: nil
      }
    }
  }

  /// A metric.
  public struct Column: Codable, Hashable, Sendable {
    /// Its stable name in JSON, such as "jsd4".
    public let key: String
    /// Its name in the heading, such as "JSD-4".
    public let name: String
    /// The unit of its values, such as "bits" or "%"; empty for a pure number.
    public let unit: String
    /// Which way it is better.
    public let direction: Direction
    /// Decimals shown in the text table; JSON has them all.
    public let digits: Int
    /// How many of a row's samples it used, where that is not all of them.
    public let sampleCount: Int?
    /// What its standard errors mean where that is not what a `Score`'s mean, or why there are none; nil for a column of
    /// plain errors.
    public let errorNote: String?

    /// Makes a column.
    public init(
      key: String, name: String, unit: String = "", direction: Direction, digits: Int = 3,
      sampleCount: Int? = nil, errorNote: String? = nil
    ) {
      precondition(digits >= 0, "decimals cannot be negative")
      self.key = key
      self.name = name
      self.unit = unit
      self.direction = direction
      self.digits = digits
      self.sampleCount = sampleCount
      self.errorNote = errorNote
    }
  }

  /// What a row's samples come from.
  public enum Source: String, Codable, Hashable, Sendable, CaseIterable {
    /// Held-out real data: what the metric gives for perfect samples.
    case real
    /// A trained generator, or its state at another step.
    case model
    /// A classical method: what a model has to beat.
    case baseline
  }

  /// What stands at the crossing of a row and a column.
  public enum Cell: Hashable, Sendable {
    /// A measured number.
    case measured(Score)
    /// No number, for this reason.
    case missing(reason: String)
  }

  /// The scores of one source of samples.
  public struct Row: Codable, Hashable, Sendable {
    /// What the samples come from, in words, such as "Markov order 3".
    public let name: String
    /// What the samples come from, in kind.
    public let source: Source
    /// How many samples were drawn.
    public let sampleCount: Int
    /// The seed they were drawn with; nil where nothing was drawn.
    public let seed: UInt64?
    /// The scores by column key.
    public let values: [String: Cell]

    /// Makes a row.
    public init(
      name: String, source: Source, sampleCount: Int, seed: UInt64?, values: [String: Cell]
    ) {
      self.name = name
      self.source = source
      self.sampleCount = sampleCount
      self.seed = seed
      self.values = values
    }
  }

  /// A table of a part of the samples.
  public struct Part: Codable, Hashable, Sendable {
    /// What the samples have in common, in words.
    public let title: String
    /// Their scores; all parts have the same columns, and no parts of their own.
    public let table: EvaluationTable

    /// Makes a part.
    public init(title: String, table: EvaluationTable) { (self.title, self.table) = (title, table) }
  }

  /// What the standard errors of all columns mean whose `errorNote` does not say otherwise, in a sentence for the notes.
  public static let errorMeaning =
    "±: one standard deviation over other draws of as many samples of the row, the data that they are compared with as given."

  /// The metrics, in reading order.
  public let columns: [Column]
  /// The sources: real first, then models, then baselines.
  public private(set) var rows: [Row] = []
  /// Remarks printed below the table, one sentence each.
  public var notes: [String]
  /// Tables of parts of the same samples, such as those of one label, shown as one below the rows.
  public var parts: [Part] = []

  /// Makes a table without rows.
  ///
  /// - Parameters:
  ///   - columns: the metrics; their keys must differ.
  ///   - notes: remarks for below the table.
  public init(columns: [Column], notes: [String] = []) {
    precondition(Set(columns.map(\.key)).count == columns.count, "two columns have the same key")
    self.columns = columns
    self.notes = notes
  }

  /// Adds a row after those of its kind.
  ///
  /// - Parameter row: has a value, or a reason for its absence, for every column, and nothing else.
  public mutating func add(_ row: Row) {
    precondition(
      Set(row.values.keys) == Set(columns.map(\.key)), "row \(row.name) does not fit the columns")
    let order = Source.allCases
    let rank = order.firstIndex(of: row.source) ?? 0
    let position = rows.firstIndex { (order.firstIndex(of: $0.source) ?? 0) > rank }
    rows.insert(row, at: position ?? rows.endIndex)
  }
}

extension EvaluationTable.Cell: Codable {
  private enum CodingKeys: String, CodingKey {
    case missing
  }

  /// Reads a measurement, or the reason for its absence.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if let reason = try container.decodeIfPresent(String.self, forKey: .missing) {
      self = .missing(reason: reason)
    } else {
      self = .measured(try Score(from: decoder))
    }
  }

  /// Writes `{"value": 0.164, "standardError": 0.002}` or `{"missing": "why"}`.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .measured(let measurement):
      try measurement.encode(to: encoder)
    case .missing(let reason):
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(reason, forKey: .missing)
    }
  }
}

extension EvaluationTable: CustomStringConvertible {
  /// The table as aligned text with all columns side by side.
  public var description: String { text() }

  /// The table as aligned text, without a final newline.
  ///
  /// Three heading lines (names with an arrow towards the better side; units; the number of samples of metrics that
  /// use fewer than their row has) and a line for each row; the same for the rows of all parts; footnotes for errors that mean
  /// something else and for missing values, then the notes. A number whose error is not known says so, unless its column does.
  ///
  /// - Parameter width: columns that would pass it begin a new block below, which repeats the rows' names.
  public func text(width: Int = .max) -> String {
    var footnotes: [String] = []
    var blocks = blocks(width: width, footnotes: &footnotes)
    if !parts.isEmpty { blocks += gathered.blocks(width: width, footnotes: &footnotes) }
    let remarks = footnotes.enumerated().map { "[\($0.offset + 1)] \($0.element)" } + notes
    return (blocks + (remarks.isEmpty ? [] : [remarks])).map { $0.joined(separator: "\n") }
      .joined(separator: "\n\n")
  }

  /// The rows of all parts, part after part, each with its part's title before its name.
  private var gathered: Self {
    var all = Self(columns: parts.first?.table.columns ?? [])
    all.rows = parts.flatMap { part in
      part.table.rows.map {
        Row(
          name: "\(part.title): \($0.name)", source: $0.source, sampleCount: $0.sampleCount, seed: $0.seed,
          values: $0.values)
      }
    }
    return all
  }

  /// The lines of each block of columns.
  private func blocks(width: Int, footnotes: inout [String]) -> [[String]] {
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
    return blocks.map { lines(of: $0) }
  }

  /// A column's values as text, lined up on their last digit whether or not an error follows.
  private func values(of column: Column, footnotes: inout [String]) -> [String] {
    let cells = rows.map { row -> (value: String, error: String) in
      switch row.values[column.key] {
      case .measured(let score):
        let unknown = column.errorNote == nil ? " ± ?" : ""
        return (
          column.spelled(score.value), score.standardError.map { " ± " + column.spelled($0) } ?? unknown
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
    [title, unit, sampleCount.map { "n=\($0)" } ?? ""]
  }

  /// Its name with the arrow towards the better side.
  public var title: String { name + (direction.arrow.map { " " + $0 } ?? "") }

  /// A number with the column's decimals; "inf" or "nan" where it is not finite.
  public func spelled(_ value: Double) -> String {
    value.isFinite ? String(format: "%.\(digits)f", value) : String(describing: value)
  }
}

extension EvaluationTable: Codable {
  /// The format of the JSON; a change of meaning or the loss of a key raises it, a new key does not.
  public static let schemaVersion = 1

  /// Decimals of a column that is read: a double has no more.
  private static let mostDigits = 20

  private enum CodingKeys: String, CodingKey {
    case schemaVersion
    case columns
    case rows
    case notes
    case parts
  }

  /// Reads a table.
  ///
  /// - Throws: `DecodingError` for another shape, another schema version, or rows that do not fit the columns.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func damaged(_ key: CodingKeys, _ message: String) -> DecodingError {
      DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: message)
    }
    let version = try container.decode(Int.self, forKey: .schemaVersion)
    guard version == Self.schemaVersion else {
      throw damaged(
        .schemaVersion, "found schema version \(version), this build reads \(Self.schemaVersion)")
    }
    let columns = try container.decode([Column].self, forKey: .columns)
    let keys = Set(columns.map(\.key))
    guard keys.count == columns.count else {
      throw damaged(.columns, "found two columns with the same key")
    }
    guard columns.allSatisfy({ (0...Self.mostDigits).contains($0.digits) }) else {
      throw damaged(.columns, "found a number of digits that is not 0 to \(Self.mostDigits)")
    }
    self.init(columns: columns, notes: try container.decode([String].self, forKey: .notes))
    for row in try container.decode([Row].self, forKey: .rows) {
      guard Set(row.values.keys) == keys else {
        throw damaged(.rows, "row \"\(row.name)\" does not have the columns' keys")
      }
      add(row)
    }
    parts = try container.decodeIfPresent([Part].self, forKey: .parts) ?? []
    guard parts.allSatisfy({ $0.table.columns == parts[0].table.columns && $0.table.parts.isEmpty }) else {
      throw damaged(.parts, "found parts with other columns, or with parts of their own")
    }
  }

  /// Writes the schema version, columns, rows, notes and, where there are any, parts.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Self.schemaVersion, forKey: .schemaVersion)
    try container.encode(columns, forKey: .columns)
    try container.encode(rows, forKey: .rows)
    try container.encode(notes, forKey: .notes)
    if !parts.isEmpty { try container.encode(parts, forKey: .parts) }
  }

  /// The table as JSON, equal bytes for equal tables: sorted keys, two-space indentation, a final newline.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }

  /// Reads what `json()` wrote.
  ///
  /// - Parameters:
  ///   - json: the bytes.
  ///   - origin: the file they came from, for the message.
  /// - Throws: `UserError` of category `badData` naming the origin and what is wrong.
  public init(json: Data, origin: String) throws {
    do {
      self = try JSONDecoder().decode(Self.self, from: json)
    } catch {
      let finding =
        switch error {
        case DecodingError.dataCorrupted(let context): context.debugDescription
        case DecodingError.keyNotFound(let key, _): "found no key \"\(key.stringValue)\""
        default: "\(error)"
        }
      throw UserError(.badData, "\(origin): expected an evaluation table: \(finding)")
    }
  }
}

extension [EvaluationTable.Column] {
  /// Cells without a number for all of these columns, for one reason.
  public func missing(reason: String) -> [String: EvaluationTable.Cell] {
    Dictionary(uniqueKeysWithValues: map { ($0.key, .missing(reason: reason)) })
  }
}
