import Adversarial
import TextDatasets
import Torch

@testable import TextModality

/// Small networks over the symbols a, b and c: four ids with the end.
enum Fixtures {
  static func spec(
    length: Int = 6, hasEnd: Bool = true, labels: [String] = [], symbols: [String] = ["a", "b", "c"]
  ) throws -> TextSpec {
    TextSpec(
      vocabulary: try SymbolVocabulary(kind: .scalars, symbols: symbols), sequenceLength: length,
      hasEnd: hasEnd,
      labels: labels)
  }

  static func generator(
    _ spec: TextSpec, layers: Int = 1, hidden: Int = 8, dropout: Double = 0, seed: UInt64 = 1
  ) throws -> TextGenerator {
    var recipe = TextGeneratorRecipe()
    recipe.embedding = 5
    recipe.hidden = hidden
    recipe.layers = layers
    recipe.dropout = dropout
    var stream = RandomStream(seed: seed, name: "generator")
    return try TextGenerator(recipe: recipe, spec: spec, latentDimension: 3, using: &stream)
  }

  static func discriminator(_ spec: TextSpec, spectralNorm: Bool = false) throws -> TextDiscriminator {
    var recipe = TextDiscriminatorRecipe()
    recipe.embedding = 4
    recipe.channels = 3
    recipe.hidden = 5
    recipe.spectralNorm = spectralNorm
    var stream = RandomStream(seed: 2, name: "discriminator")
    return try TextDiscriminator(recipe: recipe, spec: spec, using: &stream)
  }

  static func ids(_ rows: [[Int]]) throws -> Tensor {
    try Tensor(rows.flatMap { $0 }, shape: [rows.count, rows[0].count])
  }

  static func latents(_ count: Int, seed: UInt64 = 3) throws -> Tensor {
    var stream = RandomStream(seed: seed, name: "latents")
    return try stream.normal([count, 3])
  }

  static let context = StepContext(
    seed: 5, step: 7, phaseStep: 1, phaseSteps: 4, scope: "test", isTraining: true)
}

extension TextGenerator {
  /// Makes every symbol independent of all else, with logits of its own.
  func ignoreEverything(logits: [Float]) throws {
    for (name, parameter) in namedParameters {
      try parameter.set(name == "output.bias" ? Tensor(logits) : parameter.value.zerosLike())
    }
  }
}
