import Adversarial
import ModalityKit
import Torch

/// Multi-layer perceptrons for points in the plane.
struct PlaneNetworks: NetworkFamily {
  /// Invalid values of the architecture.
  func faults(of recipe: PlaneRecipe) -> [RecipeFault] {
    var faults = RecipeFaults(prefix: "network.")
    faults.expect("width", recipe.network.width, 1...8_192)
    faults.expect("depth", recipe.network.depth, 1...16)
    faults.expect("frequencies", recipe.network.frequencies, 0...8)
    return faults.list
  }

  func generator(_ recipe: PlaneRecipe, spec: PlaneSpec, using stream: inout RandomStream) throws
    -> PlaneGenerator
  {
    try PlaneGenerator(
      recipe.network, latents: recipe.training.latentDimension, labels: spec.labels.count, using: &stream)
  }

  func discriminator(_ recipe: PlaneRecipe, spec: PlaneSpec, using stream: inout RandomStream) throws
    -> any Discriminator
  {
    try PlaneDiscriminator(recipe.network, labels: spec.labels.count, using: &stream)
  }
}

/// Hidden layers between latents and points.
///
/// A label's vector is added to the first hidden layer.
public final class PlaneGenerator: Generator {
  private let layers: [Linear]
  private let output: Linear
  private let label: Embedding?

  /// The layers, label vectors where there are labels.
  public var members: Members { ["layers": ModuleGroup(layers), "output": output, "label": label] }

  /// Initialises the network.
  ///
  /// - Parameters:
  ///   - recipe: the architecture.
  ///   - latents: numbers in a latent.
  ///   - labels: how many there are; 0 without conditions.
  ///   - stream: source of random numbers for the weights.
  public init(_ recipe: PlaneNetworkRecipe, latents: Int, labels: Int, using stream: inout RandomStream)
    throws
  {
    let width = recipe.width
    layers = try (0..<recipe.depth).map {
      try Linear(inputs: $0 == 0 ? latents : width, outputs: width, initialisation: .heNormal, using: &stream)
    }
    output = try Linear(inputs: width, outputs: 2, initialisation: .xavierUniform, using: &stream)
    label = labels > 0 ? try Embedding(symbols: labels, dimensions: width, using: &stream) : nil
  }

  /// Standardised points `[B, 2]` of latents `[B, Z]` and, for conditional networks, labels `[B]`.
  ///
  /// - Throws: `TorchError` when labels are missing.
  public func generate(latents: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    var x = latents
    for (index, layer) in layers.enumerated() {
      x = try layer(x)
      if index == 0, let label {
        guard let labels else { throw TorchError("PlaneGenerator: no labels, expected [B] of them") }
        x = try x + label(labels)
      }
      x = try x.leakyReLU()
    }
    return try output(x).converted(to: .float32)
  }
}

/// Hidden layers between points and a logit.
public final class PlaneDiscriminator: Discriminator {
  private let layers: [Linear]
  private let head: ProjectionHead
  private let frequencies: Int

  /// The layers and the head.
  public var members: Members { ["layers": ModuleGroup(layers), "head": head] }

  /// Initialises the network.
  ///
  /// - Parameters:
  ///   - recipe: the architecture.
  ///   - labels: how many there are; 0 without conditions.
  ///   - stream: source of random numbers for the weights.
  public init(_ recipe: PlaneNetworkRecipe, labels: Int, using stream: inout RandomStream) throws {
    frequencies = recipe.frequencies
    let (inputs, width) = (2 + 4 * recipe.frequencies, recipe.width)
    layers = try (0..<recipe.depth).map {
      try Linear(
        inputs: $0 == 0 ? inputs : width, outputs: width, spectralNorm: recipe.spectralNorm,
        initialisation: .heNormal, using: &stream)
    }
    head = try ProjectionHead(
      features: width, labels: labels, spectralNorm: recipe.spectralNorm, initialisation: .xavierUniform,
      using: &stream)
  }

  /// Logits `[B]` of standardised points `[B, 2]` and, for conditional networks, labels `[B]`.
  ///
  /// - Throws: `TorchError` when labels are missing.
  public func discriminate(_ samples: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    var inputs = [samples]
    for octave in 0..<frequencies {
      let angles = try samples * Double(1 << octave)
      inputs += [try angles.sine(), try angles.cosine()]
    }
    let features = try layers.reduce(Tensor.concatenated(inputs, along: 1)) { try $1($0).leakyReLU() }
    return try head(features, labels: labels)
  }
}
