import Adversarial
import ModalityKit
import Torch

/// `LatentGenerator` and a `CodeCritic`, one update each.
struct LatentNetworks: PointNetworks {
  static let network = PointNetwork.latent

  /// How such networks are trained: what presets begin with.
  static let training = {
    var training = TrainingRecipe()
    training.loss = .nonSaturating
    training.penalties = [Penalty(.r1, weight: .constant(0.3), interval: 4)]
    training.batchSize = 64
    training.latentDimension = 64
    training.generatorOptimiser = OptimiserConfiguration(.adam, beta1: 0, beta2: 0.99)
    training.discriminatorOptimiser = OptimiserConfiguration(.adam, beta1: 0, beta2: 0.99)
    // Slow beside the discriminator: what it begins with is good, and only what is told well may change it.
    training.generatorRate = .cosine(from: 1e-4, to: 1e-5)
    training.discriminatorRate = .cosine(from: 1e-3, to: 1e-4)
    training.averaging = .halfLife(samples: 20_000, rampUp: 0.05)
    training.warmUp.steps = 0
    return training
  }()

  var playsOverCodes: Bool { true }

  func settings(flag: String) -> [Setting] { .training(Self.training, flag: flag) }

  func faults(of recipe: PointRecipe) -> [RecipeFault] { recipe.latent.faults }

  func generator(_ recipe: PointRecipe, spec: PointSpec, using stream: inout RandomStream) throws
    -> any PointGenerator
  {
    try LatentGenerator(
      recipe: recipe.latent, sizes: sizes(spec), rule: spec.frame.normalisation,
      labels: spec.labels.count,
      latentDimension: recipe.training.latentDimension, using: &stream)
  }

  func discriminator(_ recipe: PointRecipe, spec: PointSpec, using stream: inout RandomStream)
    throws -> any Discriminator
  {
    try CodeCritic(
      recipe: recipe.latent, numbers: sizes(spec).numbers, labels: spec.labels.count, using: &stream)
  }

  private func sizes(_ spec: PointSpec) throws -> CodeSpec {
    guard let sizes = spec.codes else {
      throw TorchError("the recipe has no sizes of codes: no data has completed it")
    }
    return sizes
  }
}
