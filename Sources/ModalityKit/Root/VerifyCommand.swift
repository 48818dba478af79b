import Adversarial
import ArgumentParser
import Failures
import Files
import Foundation

/// Reads every checkpoint of a run, and does its last steps once more.
struct VerifyCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "verify", abstract: "Reads every checkpoint of a run, and does its last steps once more.",
      discussion: """
        Each checkpoint's content is compared with the digest in it. Then the last steps are done again from an earlier \
        checkpoint, in a temporary folder, and what comes out is compared with the run's checkpoints byte for byte; a \
        checkpoint holds nothing that depends on the clock. The run itself is not changed, and no other process may train \
        it meanwhile.

        Exits with 0 where all is good, and with 65 where a checkpoint is damaged or the steps end otherwise.
        """)
  }

  @Argument(help: ArgumentHelp("A run's folder.", valueName: "run"), completion: .directory)
  var place: String

  @Option(
    help: ArgumentHelp(
      """
      Steps to do again, at least: they begin at a checkpoint that many steps or more before the newest, or at the \
      earliest; 0 for none. (default: those since the checkpoint before the newest)
      """, valueName: "count"))
  var steps: Int?

  @Flag(help: "Print one JSON object instead.")
  var json = false

  @Flag(name: .shortAndLong, help: "Show no progress.")
  var quiet = false

  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions

  func validate() throws {
    if let steps, steps < 0 { throw ValidationError("--steps \(steps): expected at least 0") }
  }

  func run() throws {
    let folder = try RunFolder.open(URL(fileURLWithPath: place, isDirectory: true))
    let file = folder.descriptionFile
    let name = try RunDescription(contentsOf: file).modality
    guard let modality = ModalityRegistry.current.modality(named: name) else {
      let known = ModalityRegistry.current.modalities.map { $0.name }.joined(separator: ", ")
      throw UserError(
        .badData, "\(file.relativePath): found a run of modality \(name), expected one of \(known)")
    }
    try verify(modality, in: folder)
  }

  private func verify<M: Modality>(_ modality: M.Type, in folder: RunFolder) throws {
    let run = try Run<M>.open(folder.url)
    let lock = try folder.lock()
    defer { withExtendedLifetime(lock) {} }
    run.use(data.source, threads: engine.threads, device: engine.device)
    let store = CheckpointStore(folder: folder.checkpoints, keeping: 1)
    let audit = CheckpointAudit(store) { _ = try run.checkpoint(in: $0) }
    guard !audit.entries.isEmpty || !audit.lostPointers.isEmpty else {
      throw UserError(
        .noInput, "\(folder.url.relativePath): found no checkpoint yet, expected some to verify")
    }
    var report = VerificationReport(run: folder, modality: M.name, audit: audit)
    if audit.latest?.damage != nil || audit.latest == nil { report.advice = run.advice(in: store) }
    if !json { try report.printCheckpoints() }

    Interruption.install()
    defer { Interruption.restore() }
    var failure: (any Error)?
    do {
      report.replay = try run.replay(audit, steps: steps ?? 1, progress: showProgress) {
        Interruption.requested != nil
      }
    } catch {
      failure = error
      report.replay = .skipped("\(error)")
    }
    if json {
      try Console.current.result(report.json.prettyText)
    } else if failure == nil || !report.isGood {
      try report.printReplay()
    }
    if let signal = Interruption.requested { throw ExitCode(signal.exitCode) }
    if !report.isGood { throw ExitCode(UserError.Category.badData.rawValue) }
    if let failure { throw failure }
  }

  /// Says now and then how far the replay is, since its steps take as long as the run's did.
  private func showProgress(_ step: Int, _ last: Int) {
    guard !quiet, !json, step.isMultiple(of: 100), step < last else { return }
    Console.current.note("step \(step) of \(last)")
  }
}

/// What was found of a run, for people and for programs.
private struct VerificationReport {
  let run: RunFolder
  let modality: String
  let audit: CheckpointAudit
  var replay = Replay.skipped("")
  /// How to go on where the newest checkpoint is of no use.
  var advice: String?

  var isGood: Bool {
    if case .different = replay { return false }
    return audit.isSound
  }

  // MARK: For people

  func printCheckpoints() throws {
    var rows = audit.entries.map { entry in
      let names = entry.names.map(\.rawValue).joined(separator: ", ")
      let remark = entry.isLeftOver ? "left over, overwritten when its step comes" : ""
      return [
        entry.damage == nil ? "good" : "damaged", "step \(entry.step)", names,
        [remark, entry.damage ?? ""].filter { !$0.isEmpty }.joined(separator: "; "),
      ]
    }
    rows += audit.lostPointers.map { ["damaged", "pointer", $0.pointer.rawValue, $0.reason] }
    try Console.current.print(columnText(rows))
    if let advice { try Console.current.print("The newest checkpoint is of no use: \(advice).") }
  }

  func printReplay() throws {
    switch replay {
    case .skipped(let reason): try Console.current.print("No step was done again: \(reason).")
    case .stopped(let begin, let step):
      try Console.current.print("Stopped: of the steps from \(begin) on, \(step - begin) were done again.")
    case .same(let begin, let checkpoints, let remark):
      let steps = checkpoints.map(String.init).joined(separator: ", ")
      try Console.current.print(
        "Done again from step \(begin): the same \(remark == nil ? "bytes" : "networks and optimisers") at step "
          + steps + (remark.map { "; \($0)" } ?? "") + ".")
    case .different(let begin, let step, let difference, let explanations):
      try Console.current.print("Done again from step \(begin): another result at step \(step).")
      try Console.current.print(
        columnText((Self.lines(of: difference) + explanations.map { ("perhaps", $0) }).map { [$0.0, $0.1] }))
    }
  }

  private static func lines(of difference: CheckpointDifference?) -> [(String, String)] {
    guard let difference else { return [("steps", "the run went on from there, and its replay ended")] }
    var lines =
      difference.first.map {
        [
          ("tensors", "\(difference.tensors.count) of \(difference.tensorCount) differ"),
          ("the first", "\($0.name) \($0.words)"),
        ]
      } ?? []
    lines += difference.numbers.prefix(3).map { ("number", "\($0.key) is \($0.words)") }
    if difference.numbers.count > 3 {
      lines.append(("", "and \(difference.numbers.count - 3) more numbers"))
    }
    return lines
  }

  // MARK: For programs

  var json: JSONValue {
    var members: [String: JSONValue] = [
      "run": .string(run.url.relativePath), "modality": .string(modality), "good": .bool(isGood),
      "checkpoints": .array(
        audit.entries.map { entry in
          var members: [String: JSONValue] = [
            "step": .int(entry.step), "file": .string(entry.file.relativePath),
            "names": .array(entry.names.map { .string($0.rawValue) }), "good": .bool(entry.damage == nil),
            "leftOver": .bool(entry.isLeftOver),
          ]
          members["damage"] = entry.damage.map { .string($0) }
          return .object(members)
        }),
      "pointers": .object(
        Dictionary(audit.lostPointers.map { ($0.pointer.rawValue, .string($0.reason)) }) { $1 }),
      "replay": replayJSON,
    ]
    members["advice"] = advice.map { .string($0) }
    return ResultJSON.object(members)
  }

  private var replayJSON: JSONValue {
    switch replay {
    case .skipped(let reason): return .object(["outcome": .string("skipped"), "reason": .string(reason)])
    case .stopped(let begin, let step):
      return .object(["outcome": .string("stopped"), "from": .int(begin), "step": .int(step)])
    case .same(let begin, let checkpoints, let remark):
      var members: [String: JSONValue] = [
        "outcome": .string("same"), "from": .int(begin), "compared": .array(checkpoints.map { .int($0) }),
      ]
      members["remark"] = remark.map { .string($0) }
      return .object(members)
    case .different(let begin, let step, let difference, let explanations):
      var members: [String: JSONValue] = [
        "outcome": .string("different"), "from": .int(begin), "step": .int(step),
        "explanations": .array(explanations.map { .string($0) }),
      ]
      guard let difference else { return .object(members) }
      members["tensors"] = .array(difference.tensors.map { .string($0) })
      members["numbers"] = .array(difference.numbers.map { .string($0.key) })
      if let first = difference.first {
        members["first"] = .object([
          "name": .string(first.name), "differing": .int(first.elements.different),
          "elements": .int(first.elements.of),
          "largestDifference": JSONValue(number: first.largest.difference),
          "stored": JSONValue(number: first.largest.stored),
          "replayed": JSONValue(number: first.largest.other),
        ])
      }
      return .object(members)
    }
  }
}
