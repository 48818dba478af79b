import Adversarial
import Torch

/// Two hidden layers between latents and points.
final class MixtureGenerator: Generator {
  private let layers: [Linear]

  var members: Members { ["layers": ModuleGroup(layers)] }

  /// Draws the weights; a generator that will be loaded takes any seed.
  init(_ recipe: MixtureRecipe, seed: UInt64, device: Device) throws {
    var stream = RandomStream(seed: seed, name: "generator")
    let sizes = [recipe.training.latentDimension, recipe.width, recipe.width, 2]
    layers = try zip(sizes, sizes.dropFirst()).map { try Linear(inputs: $0, outputs: $1, using: &stream) }
    try move(to: device)
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

  init(_ recipe: MixtureRecipe, seed: UInt64, device: Device) throws {
    var stream = RandomStream(seed: seed, name: "discriminator")
    let sizes = [2, recipe.width, recipe.width, 1]
    layers = try zip(sizes, sizes.dropFirst()).map {
      try Linear(inputs: $0, outputs: $1, spectralNorm: true, using: &stream)
    }
    try move(to: device)
  }

  func discriminate(_ samples: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    let features = try layers.dropLast().reduce(samples) { x, layer in try layer(x).leakyReLU() }
    return try layers[2](features).squeezingDimension(at: 1)
  }
}
