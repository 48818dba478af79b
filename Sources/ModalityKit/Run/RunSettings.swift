import Adversarial
import Failures
import Files
import Foundation
import Torch

/// What run.json holds beside the recipe: how the run was asked for and how it is written down.
///
/// A run that is resumed takes all of it from here, so that it writes what it would have written.
struct RunSettings: Codable, Equatable {
  /// The preset that the recipe starts from.
  var preset: Preset
  /// The file that `--config` named.
  var config: String?
  /// The length that was asked for, such as `--minutes 10.0`; empty for the recipe's own.
  var length: String
  /// Where the data comes from.
  var source: DataSource
  /// What the data is: a run refuses to go on with other data.
  var fingerprint: String
  /// What the data is, for people.
  var dataset: [String]
  /// Steps between reports, checkpoints and previews.
  var intervals: Trainer.Intervals
  /// Checkpoints that stay, beside those with a name.
  var kept: Int
  /// Threads that an operator may use.
  var threads: Int
  /// Parts that its batches are computed in; nil for the recipe's `accumulation`, as in runs of versions that did not note it. The
  /// same parts give the same bits, however many ranks and threads compute them.
  var parts: Int?
  /// Where it is computed.
  var device: String
  /// The engine that it began with; nil in runs of versions that did not note it.
  var libtorch: String?

  /// What the run holds whose run.json a file is; nil where it is none.
  static func ofRun(at file: URL) -> RunSettings? {
    guard let description = try? RunDescription(contentsOf: file) else { return nil }
    return try? read(from: description, file: file)
  }

  /// What a run's description holds.
  ///
  /// - Throws: `UserError(.badData)` when something is missing or out of range.
  static func read(from description: RunDescription, file: URL) throws -> RunSettings {
    let settings: RunSettings
    do {
      settings = try description.data.decoded()
    } catch let error as JSONMismatch {
      throw UserError(.badData, "\(file.relativePath): data.\(error)")
    }
    try require([("kept", settings.kept, 1)], of: "data", in: file)
    try RunSegment(first: description, settings).check("data", in: file)
    return settings
  }

  /// Refuses counts that are less than the least that makes sense.
  ///
  /// - Throws: `UserError(.badData)` that names the file and the key.
  static func require(_ counts: [(key: String, found: Int, least: Int)], of part: String, in file: URL) throws
  {
    for (key, count, least) in counts where count < least {
      throw UserError(
        .badData, "\(file.relativePath): \(part).\(key): found \(count), expected at least \(least)")
    }
  }
}
