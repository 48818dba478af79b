import Adversarial

/// The architecture of latent networks, which generate codes of shapes, and the settings of the codec.
public struct LatentRecipe: Codable, Equatable, Sendable {
  /// Points of the mean shape that all shapes are matched to: twice as many as a cloud's, at most this number, so that clouds
  /// are subsets of them as real clouds are samples of a surface.
  public var places = 1024
  /// Numbers of a code, at most; the data may allow fewer. Three for each place describe any shape whole, and up to so many shapes
  /// need one each: what codes leave out, eyes and plain features see (docs/experiments/points-game.md).
  public var numbers = 3072
  /// Random samples of a shape's points that are matched to the mean shape and averaged for its code. With one, points lie
  /// at random on the surface, as those of real clouds do.
  public var draws = 1
  /// Shapes of the training part that serve as exemplars, at most.
  public var exemplars = 2048
  /// Inverse temperature of the attention over exemplars: the factor of the cosines between latents and keys before the
  /// softmax. The larger, the closer the attention weights are to one-hot.
  public var sharpness = 500.0
  /// In the game of codes, channels of the hidden layers of the residual network that corrects an exemplar's code.
  public var change = [256, 256]
  /// In the game of codes, channels behind each layer of the discriminator, but the last, which makes the logit.
  public var critic = [256, 256, 256]
  /// How shapes are deformed; nil for `bending`, as in runs from before there was another law.
  public var law: DeformationLaw? = .proportions
  /// Shapes that an exemplar is deformed towards, at most: its nearest ones for `bending`, from near to far for `proportions`.
  public var neighbours = 32
  /// Scale of the deformations at initialisation: 1 deforms exemplars as much as the law says or, where there is a `reach`, as it wants.
  public var deformation = 1.0
  /// How far deformed shapes lie from the nearest training shape before the game, over how far training shapes lie from each other: the
  /// amount of each label is found for it. Nil or 0: all labels have the same, as in runs from before it was found.
  public var reach: Double? = 1.3
  /// Each deformation that is offered has an amount of its own, smaller or larger by up to this share. Nil or 0: all have the same.
  public var spread: Double? = 0.5
  /// Deformations that are offered for each latent, of which the generator learns to choose one. 1 or nil: none is chosen, and the game
  /// is over codes, as in runs from before there was a choice.
  public var candidates: Int? = 8
  /// In the game of codes, scale of the deformations of real shapes in a batch as a share of `deformation`, 0 to 1: augmentation that turns some
  /// hundred shapes into a continuum.
  public var realShare = 0.95

  /// A recipe with the defaults, to be changed field by field.
  public init() {}

  /// How shapes are deformed.
  var deformationLaw: DeformationLaw { law ?? .bending }
  /// How many deformations are offered for a latent.
  var candidateCount: Int { candidates ?? 1 }
  /// Whether the generator chooses among several.
  var chooses: Bool { candidateCount > 1 }

  /// Invalid values of the recipe, with keys as in a modality's recipe.
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
    faults.expect("latent.reach", reach ?? 0, 0...100)
    faults.expect("latent.spread", spread ?? 0, 0...1)
    faults.expect("latent.candidates", candidateCount, 1...256)
    faults.expect("latent.realShare", realShare, 0...1)
    return faults.list
  }
}

/// Sizes that the data decides for networks that generate codes.
public struct CodeSpec: Codable, Equatable, Sendable {
  /// Points of the mean shape.
  public var points: Int
  /// Numbers of a code.
  public var numbers: Int
  /// Training shapes that serve as exemplars.
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

  /// The same for networks that hold no shape.
  public init(_ recipe: MixtureRecipe, shapes: Int, points: Int) {
    self.points = min(2 * points, recipe.places)
    numbers = max(1, min(recipe.numbers, shapes - 1, 3 * self.points))
    (exemplars, neighbours) = (0, 0)
  }
}
