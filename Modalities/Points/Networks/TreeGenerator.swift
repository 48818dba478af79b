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

  /// Initialises a generator.
  ///
  /// - Parameters:
  ///   - recipe: the architecture.
  ///   - points: of a cloud.
  ///   - labels: how many there are; 0 without conditions.
  ///   - latentDimension: numbers in a latent.
  ///   - stream: source of random numbers for the weights.
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

/// A layer of tree-GAN: gives every node children, and features to them from themselves and from all their ancestors.
final class TreeConvolution: Module {
  private let ancestors: [Linear]
  private let branches: Branches
  private let loop: (wide: Linear, narrow: Linear)
  private let bias: Parameter?
  private let degree: Int
  private let outputs: Int

  var members: Members {
    [
      "ancestors": ModuleGroup(ancestors), "branches": branches,
      "loop": ModuleGroup([loop.wide, loop.narrow]), "bias": bias,
    ]
  }

  /// Initialises a layer.
  ///
  /// - Parameters:
  ///   - widths: channels of every level so far, the root's first.
  ///   - outputs: channels of the children.
  ///   - nodes: nodes of the last level.
  ///   - degree: children of each.
  ///   - recipe: support and rank.
  ///   - rectifies: whether the children's features get a bias and a rectifier; the last layer's are coordinates.
  ///   - stream: source of random numbers for the weights.
  init(
    widths: [Int], outputs: Int, nodes: Int, degree: Int, recipe: TreeRecipe, rectifies: Bool,
    using stream: inout RandomStream
  ) throws {
    self.degree = degree
    self.outputs = outputs
    ancestors = try widths.map { try Linear(inputs: $0, outputs: outputs, bias: false, using: &stream) }
    let inputs = widths.last ?? 0
    branches = try Branches(
      nodes: nodes, inputs: inputs, outputs: degree * inputs, rank: recipe.branchRank, using: &stream)
    loop = (
      try Linear(inputs: inputs, outputs: recipe.support * inputs, bias: false, using: &stream),
      try Linear(inputs: recipe.support * inputs, outputs: outputs, bias: false, using: &stream)
    )
    let bound = 1 / Double(outputs).squareRoot()
    bias = rectifies ? try Parameter(stream.uniform([degree, outputs]) * (2 * bound) - bound) : nil
  }

  /// The next level `[B, n d, O]` of a tree whose levels are `[B, 1, C]` to `[B, n, C]`.
  func callAsFunction(_ tree: [Tensor]) throws -> Tensor {
    guard let last = tree.last else { throw TorchError("TreeConvolution: an empty tree, expected a root") }
    let (batch, nodes) = (last.shape[0], last.shape[1])
    // Nothing stands between the loop term's two maps, so their product is one map, and a narrow one.
    let product = try loop.narrow.weight().matmul(loop.wide.weight())
    let children = try branches(last).leakyReLU().reshaped([batch, nodes * degree, -1])
    var features = try children.linear(weight: product)
    for (map, level) in zip(ancestors, tree) {
      let each = try map(level).expandingDimension(at: 2)
      let copies = nodes * degree / level.shape[1]
      features =
        try features
        + each.expanded(to: [batch, level.shape[1], copies, outputs]).reshaped([batch, -1, outputs])
    }
    guard let bias else { return features }
    let shifted = try features.reshaped([batch, nodes, degree, outputs]) + bias.value
    return try shifted.leakyReLU().reshaped([batch, nodes * degree, outputs])
  }
}

/// A matrix for each node of a level, of full rank or the product of two.
final class Branches: Module {
  private let weight: Parameter
  /// The first factor; `weight` is then the second one.
  private let factor: Parameter?

  var members: Members { ["factor": factor, "weight": weight] }

  /// Initialises the matrices, uniform within the bound that tree-GAN's start has.
  ///
  /// PyTorch's `xavier_uniform_`, with a gain of √2, takes the stack `[n, I, O]` for a convolution's weight, so fans are I O
  /// and n O. A product of two has elements of the same variance.
  init(nodes: Int, inputs: Int, outputs: Int, rank: Int?, using stream: inout RandomStream) throws {
    let bound = 2.0.squareRoot() * (6 / Double((inputs + nodes) * outputs)).squareRoot()
    let rows = rank ?? inputs
    weight = try Parameter(stream.uniform([nodes, rows, outputs]) * (2 * bound) - bound)
    factor = try rank.map {
      try Parameter(stream.normal([nodes, inputs, $0]) * (1 / Double($0).squareRoot()))
    }
  }

  /// Maps nodes `[B, n, I]` to `[B, n, O]`.
  func callAsFunction(_ nodes: Tensor) throws -> Tensor {
    var x = try nodes.transposed(0, 1)
    if let factor { x = try x.matmul(factor.value) }
    return try x.matmul(weight.value).transposed(0, 1)
  }
}

/// The architecture of tree-GAN's generator (Shu, Park and Kwon, 2019, "3D point cloud generative adversarial network
/// based on tree structured graph convolutions").
public struct TreeRecipe: Codable, Equatable, Sendable {
  /// Channels behind each layer but the last, which makes coordinates.
  public var widths = [256, 256, 256, 128, 128, 128]
  /// Children that each of these layers gives a node; the last layer gives as many as make up the number of points.
  public var degrees = [1, 2, 2, 2, 2, 2]
  /// How many times wider the loop term is inside.
  public var support = 10
  /// Rank of the matrices that make a node's children, which hold nearly all parameters; nil for full rank, as published.
  public var branchRank: Int?
  /// Numbers in the vector of a label that is taken beside the latent, where there are labels; the paper has none.
  public var labelDimension = 16

  /// A recipe with the defaults, to be changed field by field.
  public init() {}

  /// Nodes before the last layer.
  var innerNodes: Int { degrees.reduce(1, *) }

  /// Invalid values of the recipe, with keys as in a modality's recipe.
  ///
  /// - Parameter points: of a cloud.
  func faults(points: Int) -> [RecipeFault] {
    var faults = RecipeFaults()
    faults.expectWidths("tree.widths", widths, count: 1...12)
    faults.expect(
      degrees.count == widths.count && degrees.allSatisfy { (1...64).contains($0) }, "tree.degrees", degrees,
      "as many numbers as widths, each 1 to 64")
    faults.expect("tree.support", support, 1...64)
    faults.expect("tree.branchRank", branchRank ?? 1, 1...4096)
    faults.expect("tree.labelDimension", labelDimension, 1...4096)
    guard faults.list.isEmpty else { return faults.list }
    let product = degrees.reduce(1.0) { $0 * Double($1) }
    faults.expect(
      product <= Double(RecipeFaults.largestWidth) && points % innerNodes == 0, "data.points", points,
      "a multiple of \(Int(product)), the product of the tree's degrees")
    return faults.list
  }
}
