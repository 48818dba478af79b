import Adversarial
import Failures
import Files
import Foundation
import Torch

extension Train {
  /// A new training: data, networks, folder and run.json.
  ///
  /// - Throws: `UserError` for wrong flags, data or places; nothing is left behind then.
  func fresh() throws -> Training<M> {
    let resolved = try resolvedRecipe()
    let device = try engine.apply()
    if let folder = runOptions.folder { try RunFolder.requireVacant(folder) }
    let source = data.source.absolute
    var recipe = resolved.recipe
    let dataset = try M.openDataset(source, recipe: &recipe)
    let lines = M.describe(dataset)
    if !runOptions.quiet && !runOptions.json { for line in lines { Console.current.note(line) } }

    let seed = runOptions.seed ?? 0
    let make = { try M.makeGame(recipe: recipe, dataset: dataset, seed: seed, device: device) }
    let plan = try plan(for: recipe.training, origins: resolved.origins, make: make)
    var origins = resolved.origins
    recipe.training.steps = plan.totalSteps
    if !length.text.isEmpty { origins["training.steps"] = "flag \(length.text.prefix { $0 != " " })" }
    let document = try JSONValue(encoding: recipe)
    for leaf in document.leaves where resolved.document[dotted: leaf.key] != leaf.value {
      if leaf.key != "training.steps" { origins[leaf.key] = RunDescription.dataOrigin }
    }
    origins = origins.filter { document[dotted: $0.key] != nil }

    let settings = RunSettings(
      preset: self.recipe.preset ?? RecipeOptions.defaultPreset, config: self.recipe.config,
      length: length.text,
      source: source, fingerprint: M.fingerprint(dataset), dataset: lines,
      intervals: runOptions.intervals(for: plan), kept: runOptions.keep ?? 3, threads: Engine.threads,
      device: device.description)
    let description = RunDescription(
      modality: M.name, softwareVersion: duelVersion, created: Date.now.ISO8601Format(), seed: seed,
      recipe: document, origins: origins, plan: plan, data: try JSONValue(encoding: settings),
      arguments: CommandWords.current)
    let game = try make()
    let folder = try makeFolder(source)
    let lock: RunLock
    do {
      lock = try folder.lock()
      try description.write(to: folder.descriptionFile)
    } catch {
      folder.discard()
      throw error
    }
    return Training(
      folder: folder, lock: lock, description: description, settings: settings, game: game,
      recipe: recipe.training)
  }

  /// The steps of each phase, of the flags, the file's run, or the recipe.
  func plan(for recipe: TrainingRecipe, origins: [String: String], make: () throws -> any Game) throws
    -> Plan
  {
    let budget = length.budget ?? .steps(recipe.steps)
    // A run repeats another one exactly only with its plan, which its minutes may have decided.
    let keys = origins.filter { $0.key == "training.steps" || $0.key.hasPrefix("training.warmUp") }
    if length.budget == nil, let config = self.recipe.config,
      keys.values.allSatisfy({ $0 == "file \(config)" }),
      let description = try? RunDescription(contentsOf: URL(fileURLWithPath: config))
    {
      return description.plan
    }
    let clock = ContinuousClock()
    let start = clock.now
    let hasWarmUp = try make().hasWarmUp
    // What it takes to prepare the data is part of the minutes.
    let preparation = (clock.now - start) / .seconds(1)
    return try budget.shortened(bySeconds: preparation).plan(for: recipe, hasWarmUp: hasWarmUp) {
      if !runOptions.quiet && !runOptions.json {
        Console.current.note("timing some steps to see what the minutes afford")
      }
      // Long enough to be right, short beside the training that it is for.
      let seconds = min(3, (length.minutes ?? 1) * 60 / 20)
      return try Calibration.measure(make(), recipe: recipe, seed: runOptions.seed ?? 0, seconds: seconds)
    }
  }

  private func makeFolder(_ source: DataSource) throws -> RunFolder {
    if let folder = runOptions.folder { return try RunFolder.create(at: folder) }
    let name = source.path.map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent }
    return try RunFolder.createNumbered(
      in: URL(fileURLWithPath: "runs", isDirectory: true),
      label: [M.name, name].compactMap(\.self).joined(separator: "-"))
  }
}

extension DataSource {
  /// The same with absolute paths, so that a run finds its data from any folder.
  var absolute: DataSource {
    func full(_ path: String?) -> String? { path.map { URL(fileURLWithPath: $0).standardizedFileURL.path } }
    return DataSource(path: full(path), validation: full(validation), holdout: full(holdout))
  }

  /// The same with what it does not name taken from the source of a run.
  func completed(by run: DataSource) -> DataSource {
    DataSource(
      path: path ?? run.path, validation: validation ?? run.validation, holdout: holdout ?? run.holdout)
  }
}
