import Adversarial
import Failures
import Files
import Foundation
import Torch

/// What became of the last steps of a run when they were done once more.
enum Replay {
  /// They were not done, for this reason.
  case skipped(String)
  /// The same bytes came out. With the checkpoints that were compared, and a remark where only sums for the next report
  /// differ.
  case same(from: Int, checkpoints: [Int], remark: String?)
  /// Other bytes came out at a step, or the replay ended before it. With what could explain it.
  case different(from: Int, at: Int, difference: CheckpointDifference?, explanations: [String])
  /// The caller asked to stop.
  case stopped(from: Int, at: Int)
}

extension Run {
  /// Does the last steps of the run once more in a temporary folder, and compares what comes out with its checkpoints, byte
  /// for byte. The run is not changed.
  ///
  /// - Parameters:
  ///   - audit: what is known of its checkpoints.
  ///   - steps: how many steps at least; what is done begins at a checkpoint.
  ///   - progress: hears of each step.
  ///   - stop: asked after each step whether to stop.
  /// - Throws: `UserError` where the data is no longer there or has changed, a device is absent, or the temporary folder is
  ///   full; `TrainingFailure` for losses that are not finite.
  func replay(
    _ audit: CheckpointAudit, steps: Int, progress: (_ step: Int, _ last: Int) -> Void = { _, _ in },
    stop: () -> Bool = { false }
  ) throws -> Replay {
    guard steps > 0 else { return .skipped("none was asked for") }
    guard let newest = audit.latest, newest.damage == nil else {
      return .skipped("the newest checkpoint is damaged, so there is nothing to compare with")
    }
    let earlier = audit.entries.filter { $0.step < newest.step && $0.damage == nil }
    guard let begin = earlier.last(where: { newest.step - $0.step >= steps }) ?? earlier.first else {
      return .skipped("there is no undamaged checkpoint before the newest one to begin at")
    }
    let scratch = FileManager.default.temporaryDirectory
      .appendingPathComponent("duel-verify-\(UUID().uuidString)", isDirectory: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    let copy = try RunFolder.create(at: scratch)
    let game = try openedGame()
    func replayed(from checkpoint: Checkpoint) throws -> Trainer {
      let segment = segmentIndex(after: checkpoint)
      let begun = try self.trainer(
        game, of: segment, in: copy, intervals: replayIntervals(of: segment), keep: 1)
      try begun.resume(from: checkpoint)
      return begun
    }
    var trainer = try replayed(from: checkpoint(in: begin.file))

    let compared = audit.entries.filter { $0.step > begin.step && $0.step <= newest.step && $0.damage == nil }
    let copies = CheckpointStore(folder: copy.checkpoints, keeping: 1)
    var remark: String?
    for entry in compared {
      while trainer.completedSteps < entry.step {
        let step = trainer.completedSteps
        let goesOn = try trainer.step()
        progress(trainer.completedSteps, newest.step)
        if stop() { return .stopped(from: begin.step, at: trainer.completedSteps) }
        if goesOn || trainer.completedSteps > step { continue }
        // A segment is over; a duel may have ended before its time.
        guard let end = try copies.target(of: .latest).map(checkpoint(in:)),
          segmentIndex(after: end) > end.plan.segment
        else { return .different(from: begin.step, at: step, difference: nil, explanations: explanations) }
        trainer = try replayed(from: end)
      }
      try trainer.save()
      guard
        let difference = try CheckpointDifference(between: entry.file, and: copies.url(step: entry.step))
      else { continue }
      guard difference.isHarmless else {
        return .different(
          from: begin.step, at: entry.step, difference: difference, explanations: explanations)
      }
      remark =
        "only the sums for the next report differ, as where a run went on with another --report-every"
    }
    return .same(from: begin.step, checkpoints: compared.map(\.step), remark: remark)
  }

  /// As the run reports, since sums are part of a checkpoint; nothing is shown, and nothing saved that is not compared.
  private func replayIntervals(of segment: Int) -> Trainer.Intervals {
    var intervals = segments[segment].intervals
    intervals.preview = 0
    intervals.checkpoint = .max
    return intervals
  }

  /// What could explain that other bytes came out: where the present process differs from what the run has noted.
  private var explanations: [String] {
    var found: [String] = []
    func compare(_ what: String, _ noted: String, _ present: String) {
      if noted != present { found.append("the run noted \(what) \(noted), the replay had \(present)") }
    }
    let last = segments[segments.count - 1]
    compare("threads", String(last.threads), String(Engine.threads))
    compare("the device", last.device, replayDevice)
    if let noted = last.libtorch { compare("libtorch", noted, Engine.release) }
    compare("duel", last.softwareVersion, duelVersion)
    if last.libtorch == nil {
      found.append("the run has not noted its libtorch, which may have been another")
    }
    found.append(
      "the run may have gone on with other threads or on another device in between, which it does not note")
    if found.count == 1 { found.append("memory or a disk may have failed") }
    return found
  }
}

extension Engine {
  /// The engine as runs note it: sums of another one, or of other kernels, may round otherwise.
  static var release: String { "\(version), \(cpuCapability) kernels" }
}
