import Adversarial
import Foundation
import Ranks
import Torch

/// A part of a run's training that was asked for at once, and how it is written down: the first one, or one that was added
/// when all before it was done.
public struct RunSegment: Codable, Hashable, Sendable {
  /// Its steps, fixed before the first of them.
  public let plan: Plan
  /// The length that was asked for, such as `--minutes 10.0`; empty for the recipe's own.
  public let length: String
  /// When it was added, in ISO 8601.
  public let created: String
  /// Version of Duel that added it.
  public let softwareVersion: String
  /// The arguments of the command line, for the reader.
  public let arguments: [String]
  /// Steps between reports, checkpoints and previews.
  var intervals: Trainer.Intervals
  /// Threads that an operator may use.
  let threads: Int
  /// Where it is computed.
  let device: String
  /// The engine that it began with.
  let libtorch: String?
}

extension RunSegment {
  /// The first segment of a run.
  init(first description: RunDescription, _ settings: RunSettings) {
    self.init(
      plan: description.plan, length: settings.length, created: description.created,
      softwareVersion: description.softwareVersion, arguments: description.arguments,
      intervals: settings.intervals, threads: settings.threads, device: settings.device,
      libtorch: settings.libtorch)
  }

  /// Refuses counts that make no sense.
  ///
  /// - Throws: `UserError(.badData)` that names the file and the key.
  func check(_ part: String, in file: URL) throws {
    try RunSettings.require(
      [
        ("threads", threads, 1), ("intervals.report", intervals.report, 1),
        ("intervals.checkpoint", intervals.checkpoint, 1), ("intervals.preview", intervals.preview, 0),
      ], of: part, in: file)
  }

  /// The same steps for another run, from now on.
  func repeated(_ intervals: Trainer.Intervals, arguments: [String], device: Device) -> RunSegment {
    RunSegment(
      plan: plan, length: length, created: Date.now.ISO8601Format(), softwareVersion: duelVersion,
      arguments: arguments, intervals: intervals, threads: Engine.threads, device: device.description,
      libtorch: Engine.release)
  }
}
