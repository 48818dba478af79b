import Adversarial

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

  /// What makes no sense in the recipe, with keys as in a modality's recipe.
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
