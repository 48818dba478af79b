import Torch

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

  /// Draws a layer.
  ///
  /// - Parameters:
  ///   - widths: channels of every level so far, the root's first.
  ///   - outputs: channels of the children.
  ///   - nodes: nodes of the last level.
  ///   - degree: children of each.
  ///   - recipe: support and rank.
  ///   - rectifies: whether the children's features get a bias and a rectifier; the last layer's are coordinates.
  ///   - stream: where the weights are drawn from.
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

  /// Draws the matrices, uniform within the bound that tree-GAN's start has.
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
