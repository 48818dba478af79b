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
    // Sums of parts are compared with wholes.
    recipe.training.precision = .float32
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

  init(
    text: String? = nil, warmUp: Int = 3, duel: Int = 2,
    change: @escaping (inout TextRecipe) -> Void = { _ in }
  )
    throws
  {
    temporary = try TemporaryFolder()
    let data = temporary["words.txt"]
    try AtomicFile.write(text ?? Self.words.joined(separator: "\n"), to: data)
    let run = try Run<Text>.create(
      RunRequest(
        folder: temporary["run"], data: data.path, preset: .tiny, length: .steps(warmUp + duel), seed: 1
      ) {
        $0 = Self.recipe(change)
        ($0.training.warmUp.steps, $0.training.warmUp.share) = (warmUp, 1)
      })
    try run.train()
    (folder, recipe, dataset) = (run.folder, run.recipe, try run.dataset())
  }

  func model(_ pointer: CheckpointStore.Pointer = .latest) throws -> TrainedModel<Text> {
    try TrainedModel<Text>(contentsOf: folder.url, pointer: pointer)
  }
}
