import Adversarial
import Torch

/// Hidden layers between latents and points.
///
/// A label's vector is added to the first hidden layer.
public final class PlaneGenerator: Generator {
  private let layers: [Linear]
  private let labelVectors: Embedding?

  /// The layers, label vectors where there are labels.
  public var members: Members { ["layers": ModuleGroup(layers), "label": labelVectors] }

  /// Initialises the weights from a seed.
  ///
  /// - Throws: `TorchError` when the recipe was never completed by data.
  public init(_ recipe: PlaneRecipe, seed: UInt64, device: Device = .cpu) throws {
    var stream = RandomStream(seed: seed, name: "generator")
    let (width, labels) = (recipe.network.generatorWidth, try recipe.completeSpec().labels.count)
    let sizes =
      [recipe.training.latentDimension] + [Int](repeating: width, count: recipe.network.depth) + [2]
    layers = try zip(sizes, sizes.dropFirst()).enumerated().map { index, size in
      try Linear(
        inputs: size.0, outputs: size.1,
        initialisation: index == sizes.count - 2 ? .xavierUniform : .heNormal, using: &stream)
    }
    labelVectors =
      labels > 0 ? try Embedding(symbols: labels, dimensions: width, using: &stream) : nil
    try move(to: device)
  }

  /// Standardised points `[B, 2]` of latents `[B, Z]` and, for conditional networks, labels `[B]`.
  public func generate(latents: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    var x = try layers[0](latents)
    if let labelVectors {
      guard let labels else { throw TorchError("PlaneGenerator: no labels, expected [B] of them") }
      x = try x + labelVectors(labels)
    }
    for layer in layers.dropFirst() { x = try layer(x.leakyReLU()) }
    return try x.converted(to: .float32)
  }
}

/// Hidden layers between points and a logit, to which a label adds the product of its vector with the last features (Miyato
/// and Koyama, 2018).
public final class PlaneDiscriminator: Discriminator {
  private let layers: [Linear]
  private let labelVectors: Embedding?
  private let frequencies: Int

  /// The layers, label vectors where there are labels.
  public var members: Members { ["layers": ModuleGroup(layers), "label": labelVectors] }

  /// Initialises the weights from a seed.
  ///
  /// - Throws: `TorchError` when the recipe was never completed by data.
  public init(_ recipe: PlaneRecipe, seed: UInt64, device: Device = .cpu) throws {
    var stream = RandomStream(seed: seed, name: "discriminator")
    let (network, labels) = (recipe.network, try recipe.completeSpec().labels.count)
    frequencies = network.frequencies
    let sizes =
      [2 + 4 * frequencies] + [Int](repeating: network.discriminatorWidth, count: network.depth) + [1]
    layers = try zip(sizes, sizes.dropFirst()).enumerated().map { index, size in
      try Linear(
        inputs: size.0, outputs: size.1, spectralNorm: network.spectralNorm,
        initialisation: index == sizes.count - 2 ? .xavierUniform : .heNormal, using: &stream)
    }
    labelVectors =
      labels > 0
      ? try Embedding(
        symbols: labels, dimensions: network.discriminatorWidth, spectralNorm: network.spectralNorm,
        initialisation: .normal(standardDeviation: 1 / Double(network.discriminatorWidth).squareRoot()),
        using: &stream) : nil
    try move(to: device)
  }

  /// Logits `[B]` of standardised points `[B, 2]` and, for conditional networks, labels `[B]`.
  public func discriminate(_ samples: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    var inputs = [samples]
    for octave in 0..<frequencies {
      let angles = try samples * Double(1 << octave)
      inputs += [try angles.sine(), try angles.cosine()]
    }
    var x = try Tensor.concatenated(inputs, along: 1)
    for layer in layers.dropLast() { x = try layer(x).leakyReLU() }
    let logits = try layers[layers.count - 1](x).squeezingDimension(at: 1)
    guard let labelVectors else { return logits }
    guard let labels else { throw TorchError("PlaneDiscriminator: no labels, expected [B] of them") }
    return try logits + (x * labelVectors(labels)).sum(along: 1)
  }
}
