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
}

extension PointNetworks {
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
    case .sphere: SphereNetworks()
    case .mlp: MLPNetworks()
    case .tree: TreeNetworks()
    }
  }
}
