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

  /// What the standard errors of all columns mean whose `errorNote` does not say otherwise, in a sentence for the notes.
  public static let errorMeaning =
    "±: one standard deviation over other draws of as many samples of the row, the data that they are compared with as given."

  /// The metrics, in reading order.
  public let columns: [Column]
  /// The sources: real first, then models, then baselines.
  public private(set) var rows: [Row] = []
  /// Remarks printed below the table, one sentence each.
  public var notes: [String]

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
