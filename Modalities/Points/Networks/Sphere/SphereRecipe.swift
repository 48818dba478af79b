import Adversarial

/// The architecture of sphere generators.
public struct SphereRecipe: Codable, Equatable, Sendable {
  /// Neighbours that a point looks at.
  public var neighbours = 10
  /// Numbers in the style of a point.
  public var style = 128
  /// Channels behind each convolution over neighbours.
  public var widths = [64, 128]
  /// Features of the whole cloud that each point is told; 0 leaves them out.
  public var overall = 256
  /// Channels behind each of the last layers but the one that makes coordinates.
  public var tail = [256, 64]
  /// Numbers in the vector of a label that is taken beside the latent, where there are labels.
  public var labelDimension = 16

  /// A recipe with the defaults, to be changed field by field.
  public init() {}

  /// What makes no sense in the recipe, with keys as in a modality's recipe.
  var faults: [RecipeFault] {
    var faults = RecipeFaults()
    faults.expect("sphere.neighbours", neighbours, 1...64)
    faults.expect("sphere.style", style, 1...8192)
    faults.expectWidths("sphere.widths", widths, count: 1...8)
    faults.expect("sphere.overall", overall, 0...8192)
    faults.expectWidths("sphere.tail", tail, count: 1...8)
    faults.expect("sphere.labelDimension", labelDimension, 1...4096)
    return faults.list
  }
}
