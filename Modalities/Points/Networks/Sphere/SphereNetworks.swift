import Adversarial
import ModalityKit
import Torch

/// `SphereGenerator` and a `PointCritic` that sees maxima and means, one update each.
struct SphereNetworks: PointNetworks {
  func settings(flag: String) -> [Setting] {
    let optimiser = OptimiserConfiguration(.adam, beta1: 0, beta2: 0.99)
    return [
      Setting("critic", PointCriticRecipe(), flag: flag),
      Setting("training.loss", AdversarialLoss.nonSaturating, flag: flag),
      Setting("training.penalties", [Penalty(.r1, weight: .constant(0.1), interval: 8)], flag: flag),
      Setting("training.discriminatorSteps", 1, flag: flag),
      Setting("training.prior", Prior.normal, flag: flag),
      Setting("training.latentDimension", 64, flag: flag),
      Setting("training.batchSize", 32, flag: flag),
      Setting("training.averaging", AveragingDecay.halfLife(samples: 10_000, rampUp: 0.05), flag: flag),
      Setting("training.generatorOptimiser", optimiser, flag: flag),
      Setting("training.discriminatorOptimiser", optimiser, flag: flag),
      Setting("training.generatorRate", Schedule.cosine(from: 5e-4, to: 5e-5).holding(for: 0.4), flag: flag),
      Setting(
        "training.discriminatorRate", Schedule.cosine(from: 5e-4, to: 5e-5).holding(for: 0.4), flag: flag),
      Setting("training.precision", Precision.bfloat16, flag: flag),
      Setting("training.penaltyPrecision", Precision.float32, flag: flag),
      Setting("training.warmUp.steps", 0, flag: flag),
    ].compactMap(\.self)
  }

  func faults(of recipe: PointRecipe) -> [RecipeFault] { recipe.sphere.faults + recipe.critic.faults() }

  func generator(_ recipe: PointRecipe, format: PointFormatRecipe, using stream: inout RandomStream) throws
    -> any PointGenerator
  {
    try SphereGenerator(
      recipe: recipe.sphere, points: format.points, labels: format.labels.count,
      latentDimension: recipe.training.latentDimension, using: &stream)
  }
}
