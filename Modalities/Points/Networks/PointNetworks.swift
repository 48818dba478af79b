import Adversarial
import ModalityKit
import Torch

/// A pair of networks that plays the game: all that is asked about a kind of network, so that nothing else has to tell
/// kinds apart.
protocol PointNetworks: Sendable {
  /// What the flag `--network` changes in a preset beside the network.
  func settings(flag: String) -> [Setting]
  /// What makes no sense in a recipe that such networks are made from, with keys as in its document.
  func faults(of recipe: PointRecipe) -> [RecipeFault]
  /// Draws a generator.
  func generator(_ recipe: PointRecipe, format: PointFormatRecipe, using stream: inout RandomStream) throws
    -> any PointGenerator
  /// Draws the discriminator that goes with it.
  func discriminator(_ recipe: PointRecipe, format: PointFormatRecipe, using stream: inout RandomStream)
    throws
    -> any Discriminator
  /// Whether the game is played over codes of shapes rather than over clouds.
  var playsOverCodes: Bool { get }
}

extension PointNetworks {
  var playsOverCodes: Bool { false }

  func discriminator(_ recipe: PointRecipe, format: PointFormatRecipe, using stream: inout RandomStream)
    throws
    -> any Discriminator
  {
    try PointCritic(recipe: recipe.critic, labels: format.labels.count, using: &stream)
  }
}

extension PointNetwork {
  /// What makes and checks networks of this kind.
  var networks: any PointNetworks {
    switch self {
    case .latent: LatentNetworks()
    case .sphere: SphereNetworks()
    case .mlp: MLPNetworks()
    case .tree: TreeNetworks()
    }
  }
}

extension [Setting] {
  /// Everything about a training that a kind of networks decides, so that one kind leaves nothing to another.
  static func training(_ training: TrainingRecipe, flag: String) -> [Setting] {
    [
      Setting("training.loss", training.loss, flag: flag),
      Setting("training.penalties", training.penalties, flag: flag),
      Setting("training.discriminatorSteps", training.discriminatorSteps, flag: flag),
      Setting("training.batchSize", training.batchSize, flag: flag),
      Setting("training.prior", training.prior, flag: flag),
      Setting("training.latentDimension", training.latentDimension, flag: flag),
      Setting("training.averaging", training.averaging, flag: flag),
      Setting("training.generatorOptimiser", training.generatorOptimiser, flag: flag),
      Setting("training.discriminatorOptimiser", training.discriminatorOptimiser, flag: flag),
      Setting("training.generatorRate", training.generatorRate, flag: flag),
      Setting("training.discriminatorRate", training.discriminatorRate, flag: flag),
      Setting("training.precision", training.precision, flag: flag),
      Setting("training.penaltyPrecision", training.penaltyPrecision, flag: flag),
      Setting("training.warmUp.steps", training.warmUp.steps, flag: flag),
    ].compactMap(\.self)
  }
}
