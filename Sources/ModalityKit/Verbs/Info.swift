import Adversarial
import ArgumentParser
import Failures
import Files
import Foundation
import Torch

/// Says what a run or a checkpoint is.
struct Info<M: Modality>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "info",
      abstract: "Says what a run or checkpoint of \(M.name) is: recipe, length, data, checkpoints.")
  }

  @OptionGroup var model: ModelOptions

  @Flag(help: "Print one JSON object instead.")
  var json = false

  func run() throws {
    let (checkpoint, trained) = try CheckpointStore.load(model.url, pointer: model.checkpoint ?? .latest) {
      file in
      let checkpoint = try Checkpoint(contentsOf: file, modality: M.name)
      return (checkpoint, try TrainedModel<M>(checkpoint, file: file))
    }
    // The checkpoint alone does not show what is trained; spectral norm's singular vectors are not.
    let discriminator = checkpoint.tensors(of: "discriminator")
      .filter { !SpectralNorm.isSingularVector($0.key) }.values.reduce(0) { $0 + $1.count }
    let facts = Facts(
      checkpoint: checkpoint, file: trained.file,
      generatorParameters: M.Recipe.coreGenerator(trained.generator).parameterCount,
      discriminatorParameters: discriminator,
      held: try M.heldData(trained.recipe), recipe: try JSONValue(encoding: trained.recipe))
    let run = try model.run.map { folder in
      let run = try Run<M>.open(folder.url)
      return StoredRun(
        folder: folder, description: run.description, settings: run.settings,
        checkpoints: try Self.checkpoints(in: folder))
    }
    if json {
      try Console.current.result(facts.json(of: run, modality: M.name).prettyText)
    } else {
      try Console.current.print(columnText(facts.rows(of: run, modality: M.name)))
      let table = facts.recipe.table { key in
        run.map { "(\($0.description.origins[key] ?? "unknown"))" } ?? ""
      }
      try Console.current.result(table)
    }
  }

  /// The steps with a checkpoint and the names that point to each.
  private static func checkpoints(in folder: RunFolder) throws -> [(step: Int, names: [String])] {
    let store = CheckpointStore(folder: folder.checkpoints, keeping: 1)
    let named = try CheckpointStore.Pointer.allCases.map { ($0.rawValue, try store.target(of: $0)) }
    return store.steps.map { step in
      let file = store.url(step: step).lastPathComponent
      return (step, named.filter { $0.1?.lastPathComponent == file }.map(\.0))
    }
  }
}

/// What run.json and the folder say.
private struct StoredRun {
  let folder: RunFolder
  let description: RunDescription
  let settings: RunSettings
  let checkpoints: [(step: Int, names: [String])]
}

/// What a checkpoint says.
private struct Facts {
  let checkpoint: Checkpoint
  let file: URL
  let generatorParameters: Int
  let discriminatorParameters: Int
  let held: [HeldData]
  let recipe: JSONValue

  private var step: Int { checkpoint.step }
  private var plan: Plan { checkpoint.plan }

  func rows(of run: StoredRun?, modality: String) -> [[String]] {
    var rows = [["modality", modality]]
    if let run {
      rows.append(["run", run.folder.url.relativePath])
      rows.append(["began", "\(run.description.created), duel \(run.description.softwareVersion)"])
    }
    rows += [
      ["checkpoint", file.relativePath],
      [
        "step",
        "\(step) of \(plan.totalSteps): "
          + (plan.segment > 0 ? "segment \(plan.segment + 1), from step \(plan.firstStep), has " : "")
          + plan.summary,
      ],
    ]
    if let ending = checkpoint.ending { rows.append(["ended early", ending]) }
    if let kept = checkpoint.keptStep {
      rows.append(["generator of", "step \(kept), the best on validation data"])
    }
    if let account = checkpoint.account {
      rows += [
        ["account", "discriminator at step \(account.step), accuracy and nats a sample"],
        ["", "held-out samples \(account.heldOut.words)"],
        ["", "training samples \(account.training.words)"],
      ]
    }
    if let verdict = checkpoint.verdictRecord { rows.append(["verdict", verdict.summary]) }
    rows += [
      ["seed", String(checkpoint.seed)],
      ["generator", "\(generatorParameters) parameters"],
      ["discriminator", "\(discriminatorParameters) parameters"],
      ["holds", held.words],
    ]
    if let run {
      rows.append(["data", run.settings.source.path ?? "built-in"])
      rows += run.settings.dataset.map { ["", $0] }
      rows += run.checkpoints.enumerated().map { index, entry in
        let names = entry.names.isEmpty ? "" : "  (\(entry.names.joined(separator: ", ")))"
        return [index == 0 ? "checkpoints" : "", "\(entry.step)\(names)"]
      }
    }
    return rows + [["recipe", run == nil ? "" : "key = value (origin)"]]
  }

  func json(of run: StoredRun?, modality: String) -> JSONValue {
    var members: [String: JSONValue] = [
      "modality": .string(modality), "checkpoint": .string(file.relativePath), "step": .int(step),
      "seed": ResultJSON.number(checkpoint.seed), "totalSteps": .int(plan.totalSteps),
      "warmUpSteps": .int(plan.warmUpSteps), "duelSteps": .int(plan.duelSteps), "recipe": recipe,
      "generatorParameters": .int(generatorParameters),
      "discriminatorParameters": .int(discriminatorParameters),
    ]
    members["holds"] = try? JSONValue(encoding: held)
    members["ending"] = checkpoint.ending.map { .string($0) }
    members["keptStep"] = checkpoint.keptStep.map { .int($0) }
    if plan.segment > 0 {
      members["segment"] = .int(plan.segment + 1)
      members["segmentBegins"] = .int(plan.firstStep)
    }
    if plan.verdictSteps > 0 { members["verdictSteps"] = .int(plan.verdictSteps) }
    members["verdict"] = try? checkpoint.verdictRecord.map { try JSONValue(encoding: $0) }
    members["account"] = try? checkpoint.account.map { try JSONValue(encoding: $0) }
    if let run {
      members["run"] = .string(run.folder.url.relativePath)
      members["created"] = .string(run.description.created)
      members["softwareVersion"] = .string(run.description.softwareVersion)
      members["origins"] = .object(run.description.origins.mapValues { .string($0) })
      members["data"] = run.description.data
      members["checkpoints"] = .array(
        run.checkpoints.map { entry in
          .object(["step": .int(entry.step), "names": .array(entry.names.map { .string($0) })])
        })
    }
    return ResultJSON.object(members)
  }
}
