import Adversarial
import ModalityKit
import Torch

/// `SphereGenerator` and a `PointCritic` that sees maxima and means, one update each.
struct SphereNetworks: PointNetworks {
  static let network = PointNetwork.sphere

  /// How such networks are trained.
  static let training = {
    var training = TrainingRecipe()
    training.loss = .nonSaturating
    training.penalties = [Penalty(.r1, weight: .constant(0.1), interval: 8)]
    training.batchSize = 32
    training.latentDimension = 64
    training.generatorOptimiser = OptimiserConfiguration(.adam, beta1: 0, beta2: 0.99)
    training.discriminatorOptimiser = OptimiserConfiguration(.adam, beta1: 0, beta2: 0.99)
    training.generatorRate = .cosine(from: 5e-4, to: 5e-5).holding(for: 0.4)
    training.discriminatorRate = .cosine(from: 5e-4, to: 5e-5).holding(for: 0.4)
    training.averaging = .halfLife(samples: 10_000, rampUp: 0.05)
    training.precision = .bfloat16
    training.warmUp.steps = 0
    return training
  }()

  func settings(flag: String) -> [Setting] {
    [Setting("critic", PointCriticRecipe(), flag: flag)].compactMap(\.self)
      + .training(Self.training, flag: flag)
  }

  func faults(of recipe: PointRecipe) -> [RecipeFault] { recipe.sphere.faults + recipe.critic.faults() }

  func generator(_ recipe: PointRecipe, spec: PointSpec, using stream: inout RandomStream) throws
    -> any PointGenerator
  {
    try SphereGenerator(
      recipe: recipe.sphere, points: spec.points, labels: spec.labels.count,
      latentDimension: recipe.training.latentDimension, using: &stream)
  }
}
