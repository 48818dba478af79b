import Adversarial
import Failures
import Files
import Foundation

/// What `run.json` says: all that is needed to repeat the run.
public struct RunDescription: Codable, Hashable, Sendable {
  /// Version of this file's form, and of the checkpoints beside it.
  public static let currentFormat = Checkpoint.format
  /// The origin of a preset's values that were fitted to the data, such as the batch to the length of samples.
  static let fittedOrigin = "fitted to the data"
  /// The same of a value that suits the processor.
  static let processorOrigin = "fitted to the processor"
  /// The value that does.
  static let precisionKey = "training.precision"
  /// The origin of values that the data decided, such as a vocabulary; they are not taken over to another run.
  public static let dataOrigin = "data"

  /// The form it was written in.
  public private(set) var format = currentFormat
  /// Name of the modality: "text".
  public var modality: String
  /// Version of Duel that began the run.
  public var softwareVersion: String
  /// When the run began, in ISO 8601.
  public var created: String
  /// Seed of every random draw of the run.
  public var seed: UInt64
  /// The resolved recipe.
  public var recipe: JSONValue
  /// Where each value of the recipe comes from, by dotted key.
  public var origins: [String: String]
  /// The steps, fixed before the first one.
  public var plan: Plan
  /// What the modality notes about its data: source, sizes, split, digest.
  public var data: JSONValue
  /// The arguments of the command line, for the reader.
  public var arguments: [String]
  /// The run whose networks it began with; nil for one that began with fresh ones.
  public var from: RunOrigin?
  /// Segments that were added when the plan was done, in order; nil where there are none.
  public var addedSegments: [RunSegment]?

  /// Steps of the whole run, as they were planned.
  public var totalSteps: Int { (addedSegments?.last?.plan ?? plan).totalSteps }

  /// Describes a run that is about to begin.
  public init(
    modality: String, softwareVersion: String, created: String, seed: UInt64, recipe: JSONValue,
    origins: [String: String], plan: Plan, data: JSONValue, arguments: [String]
  ) {
    self.modality = modality
    self.softwareVersion = softwareVersion
    self.created = created
    self.seed = seed
    self.recipe = recipe
    self.origins = origins
    self.plan = plan
    self.data = data
    self.arguments = arguments
  }

  /// Writes the file atomically.
  ///
  /// - Throws: `UserError` as `AtomicFile`.
  public func write(to url: URL) throws {
    try AtomicFile.write(JSONValue(encoding: self).prettyText, to: url)
  }

  /// Reads a file.
  ///
  /// - Throws: `UserError(.noInput)` when absent, `.badData` when damaged, from a newer Duel, or from one too old.
  public init(contentsOf url: URL) throws {
    let document = try Self.document(at: url)
    let name = url.relativePath
    if let format = document[dotted: "format"]?.number {
      let found = "\(name): found format \(Int(exactly: format) ?? Int.max)"
      guard format >= Double(Checkpoint.oldestFormat) else {
        throw UserError(
          .badData, "\(found), expected at least \(Checkpoint.oldestFormat): an older Duel wrote it")
      }
      guard format <= Double(Self.currentFormat) else {
        throw UserError(
          .badData, "\(found), expected at most \(Self.currentFormat): a newer Duel wrote it")
      }
    }
    do {
      self = try document.decoded()
    } catch let error as JSONMismatch {
      throw UserError(.badData, "\(name): \(error)")
    }
    for (index, segment) in (addedSegments ?? []).enumerated() {
      try segment.check("addedSegments.\(index)", in: url)
      guard segment.plan.segment == index + 1 else {
        throw UserError(
          .badData,
          "\(name): addedSegments.\(index): found the plan of segment \(segment.plan.segment + 1), expected \(index + 2)"
        )
      }
    }
  }

  /// The recipe in a file that `--config` names: a run.json without what its data decided, or a record of recipe keys
  /// alone.
  ///
  /// - Throws: `UserError(.noInput)` when absent, `.badData` when it is no JSON, or a run of another
  ///   modality.
  public static func recipe(in url: URL, modality: String) throws -> JSONValue {
    let document = try document(at: url)
    guard document[dotted: "format"] != nil, document[dotted: "recipe"] != nil else { return document }
    let description = try Self(contentsOf: url)
    guard description.modality == modality else {
      throw UserError(
        .badData, "\(url.relativePath): found a run of modality \(description.modality), expected \(modality)"
      )
    }
    var recipe = description.recipe
    for (key, origin) in description.origins where origin == dataOrigin { recipe.remove(key) }
    return recipe
  }

  private static func document(at url: URL) throws -> JSONValue {
    do {
      return try JSONValue(parsing: InputFile.bytes(of: url))
    } catch let error as JSONError {
      throw UserError(.badData, "\(url.relativePath): \(error)")
    }
  }
}

extension JSONValue {
  /// Takes out a dotted key, and the records around it that it leaves empty.
  ///
  /// A key that is not there is left alone: setting it would make records on the way, as deep as a file's key has dots.
  fileprivate mutating func remove(_ key: String) {
    guard key.utf8.count <= longestRecipeKey, self[dotted: key] != nil else { return }
    self[dotted: key] = nil
    guard let dot = key.lastIndex(of: ".") else { return }
    let parent = String(key[..<dot])
    if self[dotted: parent] == .object([:]) { remove(parent) }
  }
}
