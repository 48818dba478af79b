import Adversarial
import Failures
import ModalityKit
import Torch

/// A set auto-encoder, and a game for its codes.
struct LatentNetworks: PointNetworks {
  func settings(flag: String) -> [Setting] { [] }

  func faults(of recipe: PointRecipe) -> [RecipeFault] { [] }

  func generator(_ recipe: PointRecipe, format: PointFormatRecipe, using stream: inout RandomStream) throws
    -> any PointGenerator
  {
    throw UserError(.usage, "--network latent: not there yet, expected mlp, sphere or tree")
  }
}
