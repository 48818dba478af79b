import Adversarial
import Failures
import Files
import Foundation
import Torch

extension Train {
  /// The training of an existing run, at its last checkpoint.
  ///
  /// Flags that would change the training are refused unless they say what the run says already, so that the command
  /// line that began a run goes on with it when --resume is added.
  /// - Throws: `UserError` for changed flags, other data, or a run that is damaged.
  func resumed() throws -> Training<M> {
    guard let url = runOptions.folder else { throw UserError(.usage, "--resume: expected --out with a run") }
    let folder = try RunFolder.open(url)
    let lock = try folder.lock()
    let file = folder.descriptionFile
    let description = try RunDescription(contentsOf: file)
    guard description.modality == M.name else {
      throw UserError(
        .badData, "\(file.relativePath): found a run of modality \(description.modality), expected \(M.name)")
    }
    var settings = try RunSettings.read(from: description, file: file)
    var recipe: M.Recipe
    do {
      recipe = try M.validated(description.recipe.decoded(), file)
    } catch let error as JSONMismatch {
      throw UserError(.badData, "\(file.relativePath): recipe.\(error)")
    }
    try refuseChanges(to: description, settings)
    let device = try engine.apply(threads: settings.threads, device: settings.device)
    noteOtherMachine(than: settings, device: device)

    let stored = recipe
    let source = data.source.absolute.completed(by: settings.source)
    let dataset = try M.openDataset(source, recipe: &recipe)
    guard M.fingerprint(dataset) == settings.fingerprint, recipe == stored else {
      let path = source.path ?? "the built-in set"
      throw UserError(
        .badData,
        "\(path): found other data than the run in \(url.relativePath) began with; a run goes on with its own"
      )
    }
    settings.intervals = runOptions.intervals(for: description.plan, stored: settings.intervals)
    settings.kept = runOptions.keep ?? settings.kept
    let game = try M.blaming(file, "no networks can be made of its recipe") {
      try M.makeGame(recipe: recipe, dataset: dataset, seed: description.seed, device: device)
    }
    return Training(
      folder: folder, lock: lock, description: description, settings: settings, game: game,
      recipe: recipe.training)
  }

  /// Refuses flags that say something else than the run.
  private func refuseChanges(to description: RunDescription, _ settings: RunSettings) throws {
    func refuse(_ flag: String, _ given: String, _ stored: String) throws {
      guard given != stored else { return }
      throw UserError(
        .usage,
        "\(flag): found \(given), but the run has \(stored); --resume goes on with what a run began with")
    }
    switch length.budget {
    case .steps(let steps): try refuse("--steps", String(steps), String(description.plan.totalSteps))
    case .minutes, .samples:
      let flag = String(length.text.prefix { $0 != " " })
      try refuse(flag, length.text, settings.length.isEmpty ? "a length of its own" : settings.length)
    case nil: break
    }
    if let seed = runOptions.seed { try refuse("--seed", String(seed), String(description.seed)) }
    if let preset = recipe.preset { try refuse("--preset", preset.rawValue, settings.preset.rawValue) }
    if let config = recipe.config { try refuse("--config", config, settings.config ?? "none") }
    var resolver = RecipeResolver<M.Recipe>(document: description.recipe, origins: description.origins)
    for setting in recipe.settings + options.settings {
      let stored = description.recipe[dotted: setting.key]
      try resolver.set(setting.key, to: setting.value, from: .flag(setting.flag))
      let given = try resolver.resolved().document[dotted: setting.key]
      try refuse(setting.flag, given?.text ?? "nothing", stored?.text ?? "nothing")
    }
  }

  private func noteOtherMachine(than settings: RunSettings, device: Device) {
    if Engine.threads != settings.threads || device.description != settings.device {
      Console.current.note(
        "note: the run began with \(settings.threads) threads on \(settings.device); with \(Engine.threads) on "
          + "\(device) it goes on, but not bit for bit as it would have")
    }
  }
}
