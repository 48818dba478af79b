import Adversarial
import ArgumentParser
import Failures
import Files
import Foundation
import Torch

/// Trains a generator against a discriminator, from flags to the last checkpoint.
struct Train<M: Modality>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "train", abstract: "Trains a generator of \(M.name) against a discriminator.",
      discussion: """
        Values come from the defaults, then --preset, then --config, then flags; the later one wins, and run.json \
        says where each came from. --dry-run shows the same. A run that was stopped goes on with --resume exactly as \
        if it had not been: Ctrl-C finishes the step, saves and exits with 130; a second Ctrl-C exits at once.
        """)
  }

  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Run") var runOptions: RunOptions
  @OptionGroup(title: "Length") var length: BudgetOptions
  @OptionGroup(title: "Recipe") var recipe: RecipeOptions
  @OptionGroup(title: "The modality's part of the recipe") var options: M.TrainOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions

  func run() throws {
    if runOptions.dryRun {
      try printRecipe()
      return
    }
    let training = runOptions.resume ? try resumed() : try fresh()
    try training.run(self)
  }

  /// Every flag that sets a value of the recipe, in order.
  private var settings: [Setting] {
    let steps = length.steps.map { Setting("training.steps", to: .int($0), flag: "--steps") }
    // What a medium's flag implies for the training comes first, so that the training's own flags change it.
    return options.settings + recipe.settings + [steps].compactMap(\.self)
  }

  /// The recipe before the data has completed it, with the origin of each value.
  ///
  /// - Throws: `UserError` that names the flag or the file with a wrong key or value.
  func resolvedRecipe() throws -> ResolvedRecipe<M.Recipe> {
    var resolver = try RecipeResolver(defaults: M.recipe(preset: RecipeOptions.defaultPreset))
    if let preset = recipe.preset {
      try resolver.apply(M.recipe(preset: preset), from: .preset(preset.rawValue))
    }
    if let config = recipe.config {
      let document = try RunDescription.recipe(in: URL(fileURLWithPath: config), modality: M.name)
      try resolver.apply(document, from: .file(config))
    }
    for setting in settings { try resolver.set(setting.key, to: setting.value, from: .flag(setting.flag)) }
    let resolved = try resolver.resolved()
    try refuseFaults(of: resolved)
    return resolved
  }

  private func refuseFaults(of resolved: ResolvedRecipe<M.Recipe>) throws {
    guard let fault = (resolved.recipe.training.faults + resolved.recipe.faults).first else { return }
    // The origin of a record's part is kept for its leaves only.
    let origin =
      resolved.origins[fault.key]
      ?? resolved.origins.first { $0.key.hasPrefix(fault.key + ".") }?.value ?? "default"
    let words = origin.split(separator: " ", maxSplits: 1).map(String.init)
    let isFile = words.first == "file"
    let place = words.count > 1 && (isFile || words[0] == "flag") ? words[1] : origin
    throw UserError(isFile ? .badData : .usage, "\(place): \(fault.key): \(fault.message)")
  }

  private func printRecipe() throws {
    let resolved = try resolvedRecipe()
    var (document, origins) = (resolved.document, resolved.origins)
    if let steps = try stepsBeforeTraining(resolved) {
      document[dotted: Self.stepsKey] = steps.value
      origins[Self.stepsKey] = "flag \(steps.flag)"
    }
    if runOptions.json {
      try Console.current.result(
        ResultJSON.object([
          "modality": .string(M.name), "recipe": document,
          "origins": .object(origins.mapValues { .string($0) }),
        ]).prettyText)
    } else {
      let table = document.table { key in
        let remark = key == Self.stepsKey && length.minutes != nil ? ", measured at the start" : ""
        return "(\(origins[key] ?? "default")\(remark))"
      }
      try Console.current.result(table)
    }
  }

  private static var stepsKey: String { "training.steps" }

  /// The steps of a length that was given otherwise: null for minutes, which only timing turns into steps. Samples
  /// need the networks, which know whether there is a warm-up, and so the data.
  private func stepsBeforeTraining(_ resolved: ResolvedRecipe<M.Recipe>) throws -> (
    value: JSONValue, flag: String
  )? {
    switch length.budget {
    case .minutes: return (.null, "--minutes")
    case .samples:
      let device = try engine.apply()
      var recipe = resolved.recipe
      let dataset = try M.openDataset(data.source.absolute, recipe: &recipe)
      let plan = try plan(for: recipe.training, origins: resolved.origins) {
        try M.makeGame(recipe: recipe, dataset: dataset, seed: runOptions.seed ?? 0, device: device)
      }
      return (.int(plan.totalSteps), "--samples")
    case .steps, nil: return nil
    }
  }
}
