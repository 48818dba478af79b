import Adversarial
import Files
import Foundation
import ModalityKit
import TestSupport
import TextDatasets
import Torch

@testable import TextModality

/// A run of a few steps in a temporary folder, as `duel text train` leaves it.
final class TextRun {
  let temporary: TemporaryFolder
  let folder: RunFolder
  let recipe: TextRecipe
  let dataset: TextDataset

  /// A recipe that trains a step in a millisecond.
  static func recipe(_ change: (inout TextRecipe) -> Void = { _ in }) -> TextRecipe {
    var recipe = TextRecipe(preset: .tiny)
    recipe.training.batchSize = 8
    recipe.training.latentDimension = 3
    recipe.generator.hidden = 12
    recipe.generator.embedding = 6
    recipe.discriminator.embedding = 4
    recipe.discriminator.channels = 3
    recipe.discriminator.hidden = 6
    change(&recipe)
    return recipe
  }

  /// Words over a, b and c, from one to five letters: 363 of them.
  static var words: [String] {
    var words = [""]
    var all: [String] = []
    for _ in 0..<5 {
      words = words.flatMap { word in ["a", "b", "c"].map { word + $0 } }
      all += words
    }
    return all
  }

  init(text: String? = nil, warmUp: Int = 3, duel: Int = 2, change: (inout TextRecipe) -> Void = { _ in })
    throws
  {
    temporary = try TemporaryFolder()
    let data = temporary["words.txt"]
    try AtomicFile.write(text ?? Self.words.joined(separator: "\n"), to: data)
    var recipe = Self.recipe(change)
    let source = DataSource(path: data.path)
    dataset = try TextDataset(source, recipe: &recipe)
    self.recipe = recipe
    folder = try RunFolder.create(at: temporary["run"])
    let plan = Plan(warmUpSteps: warmUp, duelSteps: duel)
    let document = try JSONValue(encoding: recipe)
    try RunDescription(
      modality: "text", softwareVersion: "test", created: "2026-01-01T00:00:00Z", seed: 1, recipe: document,
      origins: [:], plan: plan,
      data: .object([
        "source": try JSONValue(encoding: source), "fingerprint": .string(dataset.corpus.fingerprint),
      ]), arguments: []
    ).write(to: folder.descriptionFile)
    let game = try TextGame(recipe: recipe, corpus: dataset.corpus, seed: 1, device: .cpu)
    let trainer = try Trainer(
      game: game, recipe: recipe.training, plan: plan, seed: 1,
      identity: CheckpointIdentity(modality: "text", recipe: document.text), folder: folder)
    _ = try trainer.run()
  }

  func model(_ pointer: CheckpointStore.Pointer = .latest) throws -> TrainedModel<Text> {
    try TrainedModel<Text>(contentsOf: folder.url, pointer: pointer)
  }
}
