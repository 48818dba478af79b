import Adversarial
import TestSupport
import Testing
import Torch

@testable import AudioModality

/// Small networks of the classic kind.
enum ClassicFixtures {
  static func recipe(width: Int = 2, _ change: (inout ClassicRecipe) -> Void = { _ in }) -> ClassicRecipe {
    var recipe = ClassicRecipe()
    recipe.width = width
    change(&recipe)
    return recipe
  }

  static func generator(
    _ format: ClassicSpec, _ recipe: ClassicRecipe = recipe(), latent: Int = 5
  ) throws -> ClassicGenerator {
    var stream = RandomStream(seed: 1, name: "generator")
    return try ClassicGenerator(recipe: recipe, spec: format, latentDimension: latent, using: &stream)
  }

  static func discriminator(_ format: ClassicSpec, _ recipe: ClassicRecipe = recipe()) throws
    -> ClassicDiscriminator
  {
    var stream = RandomStream(seed: 2, name: "discriminator")
    return try ClassicDiscriminator(recipe: recipe, spec: format, using: &stream)
  }

  static func normal(_ shape: [Int], seed: UInt64 = 3) throws -> Tensor {
    var stream = RandomStream(seed: seed, name: "normal")
    return try stream.normal(shape)
  }

  static let evaluation = StepContext(seed: 5, scope: "test")
  static let training = StepContext(seed: 5, step: 7, scope: "test", isTraining: true)
}
