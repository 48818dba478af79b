import Adversarial

/// The architecture of networks that play over codes of shapes, and how shapes become codes.
public struct LatentRecipe: Codable, Equatable, Sendable {
  /// Points of the mean shape that all shapes are matched to, at most, and twice as many as a cloud's otherwise, so that
  /// clouds are choices among them as real clouds are among a surface's.
  public var places = 1024
  /// Numbers of a code, at most; the data may allow fewer.
  public var numbers = 1024
  /// Choices of a shape's points that are matched and averaged for its code: of one alone, points lie at random on the surface,
  /// as those of real clouds do.
  public var draws = 1
  /// Shapes of the training part that the generator starts from, at most.
  public var exemplars = 2048
  /// What the cosines between latents and exemplars' keys are multiplied by before they are weighed: the larger, the more
  /// one exemplar alone answers.
  public var sharpness = 500.0
  /// Channels behind each layer, but the last, that tells how a code differs from the exemplars'.
  public var change = [256, 256]
  /// Channels behind each layer of the discriminator, but the last, which makes the logit.
  public var critic = [256, 256, 256]
  /// Shapes most like it that tell how an exemplar may be deformed, at most.
  public var neighbours = 10
  /// How much exemplars are deformed at random before anything is learned: 1 is as much as they differ smoothly from their
  /// neighbours.
  public var deformation = 1.4
  /// How much of that the real shapes of a batch are deformed, which makes some hundred shapes a continuum.
  public var realShare = 0.95

  /// A recipe with the defaults, to be changed field by field.
  public init() {}

  /// What makes no sense in the recipe, with keys as in a modality's recipe.
  var faults: [RecipeFault] {
    var faults = RecipeFaults()
    faults.expect("latent.places", places, 1...4096)
    faults.expect("latent.numbers", numbers, 1...4096)
    faults.expect("latent.draws", draws, 1...64)
    faults.expect("latent.exemplars", exemplars, 1...RecipeFaults.largestWidth)
    faults.expect("latent.sharpness", sharpness, 0.01...100_000)
    faults.expectWidths("latent.change", change, count: 0...8)
    faults.expectWidths("latent.critic", critic, count: 1...8)
    faults.expect("latent.neighbours", neighbours, 1...1024)
    faults.expect("latent.deformation", deformation, 0...10)
    faults.expect("latent.realShare", realShare, 0...1)
    return faults.list
  }
}

/// Sizes that the data decides for networks that play over codes.
public struct CodeSpec: Codable, Equatable, Sendable {
  /// Points of the mean shape.
  public var points: Int
  /// Numbers of a code.
  public var numbers: Int
  /// Training shapes that the generator starts from.
  public var exemplars: Int
  /// Neighbours of each of them.
  public var neighbours: Int

  /// The sizes for some shapes, whose clouds have so many points in training.
  public init(_ recipe: LatentRecipe, shapes: Int, points: Int) {
    self.points = min(2 * points, recipe.places)
    numbers = max(1, min(recipe.numbers, shapes - 1, 3 * self.points))
    exemplars = min(recipe.exemplars, shapes)
    neighbours = max(1, min(recipe.neighbours, shapes - 1))
  }
}
