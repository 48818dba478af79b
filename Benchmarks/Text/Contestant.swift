import Adversarial
import Foundation
import ModalityKit
import TextModality
import Torch

/// Duel's own networks, data and trainer at one precision.
final class Contestant {
  /// Samples of one sampling.
  static let samples = 256

  private let warmUp: Trainer
  private let duel: Trainer
  private let generator: TextGenerator
  private let recipe: TextRecipe
  /// Of generator and discriminator.
  let parameterCounts: [Int]
  /// Ids that a symbol can have, and ids in a row.
  var sizes: [Int] { [generator.spec.vocabulary.count, generator.spec.sequenceLength] }

  /// Reads lines from a file, and trains the preset small on them.
  init(lines: URL, batch: Int, precision: Precision) throws {
    var recipe = TextRecipe(preset: .small)
    recipe.training.batchSize = batch
    recipe.training.precision = precision
    // The peer has no lexicon, and plays the straight-through game.
    recipe.discriminator.lexicalSlots = 0
    (recipe.objective, recipe.training.loss) = (.straightThrough, .relativisticPaired)
    // Neither is a part of a step.
    recipe.training.validationInterval = 1_000_000
    let dataset = try Text.openDataset(DataSource(path: lines.path), recipe: &recipe)
    self.recipe = recipe
    func trainer(_ plan: Plan) throws -> (game: any Game, trainer: Trainer) {
      let game = try Text.makeGame(recipe: recipe, dataset: dataset, seed: 0, device: .cpu)
      var intervals = Trainer.Intervals()
      (intervals.report, intervals.checkpoint, intervals.preview) = (1_000_000, 1_000_000, 0)
      let trainer = try Trainer(
        game: game, recipe: recipe.training, plan: plan, seed: 0,
        identity: CheckpointIdentity(modality: "benchmark", recipe: "{}"), intervals: intervals,
        partCount: Text.usualParts)
      return (game, trainer)
    }
    let first = try trainer(Plan(warmUpSteps: 1_000_000, duelSteps: 1_000_000))
    warmUp = first.trainer
    duel = try trainer(Plan(warmUpSteps: 0, duelSteps: 1_000_000)).trainer
    generator = try recipe.makeGenerator(seed: 0, device: .cpu)
    // Untrained, lines would end early; so that none is spared a step, none ends at all.
    for (name, parameter) in generator.namedParameters where name == "output.bias" {
      try parameter.set(parameter.value.scattering(-100, at: Tensor([0]), along: 0))
    }
    parameterCounts = [first.game.generator.parameterCount, first.game.discriminator.parameterCount]
  }

  /// Seconds of one task.
  func seconds(of task: Task) throws -> Double {
    try ContinuousClock().measure {
      switch task {
      case .warmUp: try warmUp.step()
      case .duel: try duel.step()
      case .sample: try sample()
      }
    } / .seconds(1)
  }

  private func sample() throws {
    _ = try Sampler<Text>(generator, recipe: recipe, device: .cpu, options: TextSampling())
      .samples(count: Self.samples, seed: 1)
  }
}

/// Lines like captions, up to 64 symbols and 50 in the mean: words from a list, one after the other.
enum Captions {
  private static let words = [
    "a", "the", "on", "in", "with", "of", "and", "man", "woman", "dog", "street", "table", "white", "sitting",
    "standing", "holding", "red", "large", "people", "small", "beside", "water", "train", "picture",
    "kitchen",
  ]

  /// So many lines, always the same.
  static func lines(_ count: Int) -> [String] {
    var stream = RandomStream(seed: 0, name: "captions")
    return (0..<count).map { _ in
      let length = 36 + Int(stream.next() % 29)
      var line = ""
      while line.count < length {
        line += (line.isEmpty ? "" : " ") + words[Int(stream.next() % UInt64(words.count))]
      }
      return String(line.prefix(length))
    }
  }
}
