import Failures
import Foundation

extension EvaluationTable: Codable {
  /// The format of the JSON; a change of meaning or the loss of a key raises it, a new key does not.
  public static let schemaVersion = 1

  private enum CodingKeys: String, CodingKey {
    case schemaVersion
    case columns
    case rows
    case notes
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
    guard columns.allSatisfy({ $0.digits >= 0 }) else {
      throw damaged(.columns, "found a negative number of digits")
    }
    self.init(columns: columns, notes: try container.decode([String].self, forKey: .notes))
    for row in try container.decode([Row].self, forKey: .rows) {
      guard Set(row.values.keys) == keys else {
        throw damaged(.rows, "row \"\(row.name)\" does not have the columns' keys")
      }
      add(row)
    }
  }

  /// Writes the schema version, columns, rows and notes.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Self.schemaVersion, forKey: .schemaVersion)
    try container.encode(columns, forKey: .columns)
    try container.encode(rows, forKey: .rows)
    try container.encode(notes, forKey: .notes)
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
