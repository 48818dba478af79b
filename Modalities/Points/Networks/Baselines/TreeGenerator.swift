import Adversarial
import Torch

/// tree-GAN's generator: the latent is a root, each layer gives all nodes children, the last ones are the points. With 2048
/// points and a latent of 96 it has the published 40,690,080 parameters.
public final class TreeGenerator: PointGenerator {
  /// The architecture.
  public let recipe: TreeRecipe
  /// Points of a cloud.
  public let points: Int

  private let layers: [TreeConvolution]
  private let labelVectors: Embedding?

  /// The layers, label vectors where there are labels.
  public var members: Members { ["layers": ModuleGroup(layers), "label": labelVectors] }

  /// As many as the tree has leaves.
  public var fixedPointCount: Int? { points }

  /// Draws a generator.
  ///
  /// - Parameters:
  ///   - recipe: the architecture.
  ///   - points: of a cloud.
  ///   - labels: how many there are; 0 without conditions.
  ///   - latentDimension: numbers in a latent.
  ///   - stream: where the weights are drawn from.
  /// - Precondition: the recipe has no faults for so many points.
  public init(
    recipe: TreeRecipe, points: Int, labels: Int = 0, latentDimension: Int, using stream: inout RandomStream
  ) throws {
    precondition(points % recipe.innerNodes == 0, "a recipe's faults are looked for first")
    self.recipe = recipe
    self.points = points
    let degrees = recipe.degrees + [points / recipe.innerNodes]
    let widths = [latentDimension + (labels > 0 ? recipe.labelDimension : 0)] + recipe.widths + [3]
    var layers: [TreeConvolution] = []
    var nodes = 1
    for (index, degree) in degrees.enumerated() {
      layers.append(
        try TreeConvolution(
          widths: Array(widths[...index]), outputs: widths[index + 1], nodes: nodes, degree: degree,
          recipe: recipe, rectifies: index < degrees.count - 1, using: &stream))
      nodes *= degree
    }
    self.layers = layers
    labelVectors =
      labels > 0
      ? try Embedding(symbols: labels, dimensions: recipe.labelDimension, using: &stream) : nil
  }

  /// Clouds `[B, N, 3]` of latents `[B, Z]` and labels `[B]`.
  ///
  /// - Throws: `TorchError` when the latents have another dimension or labels are missing.
  public func generate(latents: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    try clouds(latents: latents, labels: labels)
  }

  /// The same for any number of points up to those that the tree has.
  public func clouds(latents: Tensor, labels: Tensor?, points: Int, using stream: inout RandomStream) throws
    -> Tensor
  {
    try thinned(clouds(latents: latents, labels: labels), to: points, using: &stream)
  }

  private func clouds(latents: Tensor, labels: Tensor?) throws -> Tensor {
    var root = latents
    if let labelVectors {
      guard let labels else { throw TorchError("TreeGenerator: no labels, expected [B] of them") }
      root = try Tensor.concatenated([latents, labelVectors(labels)], along: 1)
    }
    var tree = [try root.expandingDimension(at: 1)]
    for layer in layers { tree.append(try layer(tree)) }
    return try tree[tree.count - 1].widened()
  }
}
