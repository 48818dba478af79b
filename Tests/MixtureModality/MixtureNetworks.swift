import Adversarial
import ModalityKit
import Torch

/// Makes and checks the networks.
struct MixtureNetworks: NetworkFamily {
  func faults(of recipe: MixtureRecipe) -> [RecipeFault] {
    recipe.width >= 1
      ? [] : [RecipeFault(key: "width", message: "found \(recipe.width), expected at least 1")]
  }

  func generator(_ recipe: MixtureRecipe, spec: MixtureSpec, using stream: inout RandomStream) throws
    -> any Adversarial.Generator
  {
    try MixtureGenerator(recipe, using: &stream)
  }

  func discriminator(_ recipe: MixtureRecipe, spec: MixtureSpec, using stream: inout RandomStream) throws
    -> any Discriminator
  {
    try MixtureDiscriminator(recipe, using: &stream)
  }
}

/// Two hidden layers between latents and points.
final class MixtureGenerator: Generator {
  private let layers: [Linear]

  var members: Members { ["layers": ModuleGroup(layers)] }

  init(_ recipe: MixtureRecipe, using stream: inout RandomStream) throws {
    let sizes = [recipe.training.latentDimension, recipe.width, recipe.width, 2]
    layers = try zip(sizes, sizes.dropFirst()).map { try Linear(inputs: $0, outputs: $1, using: &stream) }
  }

  func generate(latents: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    try layers.dropLast().reduce(latents) { x, layer in try layer(x).leakyReLU() }
      .linear(weight: layers[2].weight(), bias: layers[2].bias?.value)
  }
}

/// Two hidden layers between points and a logit, with spectral norm.
final class MixtureDiscriminator: Discriminator {
  private let layers: [Linear]

  var members: Members { ["layers": ModuleGroup(layers)] }

  init(_ recipe: MixtureRecipe, using stream: inout RandomStream) throws {
    let sizes = [2, recipe.width, recipe.width, 1]
    layers = try zip(sizes, sizes.dropFirst()).map {
      try Linear(inputs: $0, outputs: $1, spectralNorm: true, using: &stream)
    }
  }

  func discriminate(_ samples: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    let features = try layers.dropLast().reduce(samples) { x, layer in try layer(x).leakyReLU() }
    return try layers[2](features).squeezingDimension(at: 1)
  }
}
