import Adversarial
import ModalityKit
import Torch

/// r-GAN: `MLPGenerator` and its own `PointCritic`, trained as its authors trained it, but for the number of points, which the
/// preset decides.
struct MLPNetworks: PointNetworks {
  static let network = PointNetwork.mlp

  func settings(flag: String) -> [Setting] {
    [Setting("critic", PointCriticRecipe.rGAN, flag: flag)].compactMap(\.self)
      + .wassersteinTraining(latentDimension: 128, beta1: 0.5, beta2: 0.999, flag: flag)
  }

  func faults(of recipe: PointRecipe) -> [RecipeFault] {
    var faults = RecipeFaults()
    faults.expectWidths("mlp.widths", recipe.mlp.widths, count: 0...12)
    faults.expect("mlp.latentScale", recipe.mlp.latentScale, 0.001...1000)
    faults.expect("mlp.labelDimension", recipe.mlp.labelDimension, 1...4096)
    return faults.list + recipe.critic.faults()
  }

  func generator(_ recipe: PointRecipe, spec: PointSpec, using stream: inout RandomStream) throws
    -> any PointGenerator
  {
    try MLPGenerator(
      recipe: recipe.mlp, points: spec.points, labels: spec.labels.count,
      latentDimension: recipe.training.latentDimension, using: &stream)
  }
}

/// tree-GAN: `TreeGenerator` and its own `PointCritic`, trained likewise, in r-GAN's batches of 50 rather than its own of 20.
struct TreeNetworks: PointNetworks {
  static let network = PointNetwork.tree

  func settings(flag: String) -> [Setting] {
    [Setting("critic", PointCriticRecipe.treeGAN, flag: flag)].compactMap(\.self)
      + .wassersteinTraining(latentDimension: 96, beta1: 0, beta2: 0.99, flag: flag)
  }

  func faults(of recipe: PointRecipe) -> [RecipeFault] {
    recipe.tree.faults(points: recipe.data.points) + recipe.critic.faults()
  }

  func generator(_ recipe: PointRecipe, spec: PointSpec, using stream: inout RandomStream) throws
    -> any PointGenerator
  {
    try TreeGenerator(
      recipe: recipe.tree, points: spec.points, labels: spec.labels.count,
      latentDimension: recipe.training.latentDimension, using: &stream)
  }
}

extension [Setting] {
  /// A Wasserstein game with a gradient penalty of 10 and five critic updates, by Adam at a rate of 1e-4 (Gulrajani et al.,
  /// 2017): how r-GAN and tree-GAN were trained.
  static func wassersteinTraining(latentDimension: Int, beta1: Double, beta2: Double, flag: String)
    -> [Setting]
  {
    var training = TrainingRecipe()
    training.loss = .wasserstein
    training.penalties = [Penalty(.gradientPenalty, weight: .constant(10))]
    training.discriminatorSteps = 5
    training.batchSize = 50
    training.latentDimension = latentDimension
    training.generatorOptimiser = OptimiserConfiguration(.adam, beta1: beta1, beta2: beta2)
    training.discriminatorOptimiser = training.generatorOptimiser
    training.generatorRate = .constant(1e-4)
    training.discriminatorRate = .constant(1e-4)
    training.warmUp.steps = 0
    return .training(training, flag: flag)
  }
}
