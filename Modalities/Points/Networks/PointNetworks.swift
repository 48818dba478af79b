import Adversarial
import ModalityKit
import Torch

/// A family of networks of clouds.
protocol PointNetworks: NetworkFamily<PointRecipe> {
  /// Which one it is.
  static var network: PointNetwork { get }
  /// Whether the game is played over codes of shapes rather than over clouds.
  var playsOverCodes: Bool { get }
}

extension PointNetworks {
  /// The family as all media have it.
  var family: any NetworkFamily<PointRecipe> { self }
  var name: String? { Self.network.rawValue }
  var playsOverCodes: Bool { false }

  func discriminator(_ recipe: PointRecipe, spec: PointSpec, using stream: inout RandomStream) throws
    -> any Discriminator
  {
    try PointCritic(recipe: recipe.critic, labels: spec.labels.count, using: &stream)
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
