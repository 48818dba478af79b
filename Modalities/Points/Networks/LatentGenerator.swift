import Adversarial
import ModalityKit
import PointDatasets
import Torch

/// A generator of codes of shapes, which a `ShapeCodec` makes clouds of.
///
/// Attention over exemplars: exemplars are codes of training shapes with fixed random keys of unit length. The attention
/// weights of a latent are a softmax of the cosines between the latent and the keys, sharp enough that one exemplar mostly
/// dominates, and each exemplar dominates for equally many latents. A residual network of the latent and the weighted
/// exemplar corrects the code; the decoded shape is then deformed by its `DeformationLaw`, towards other training shapes. So training starts from shapes instead of noise, cannot lose modes, and learns how shapes vary around each
/// other: a density around instances, as in instance-conditioned GANs (Casanova et al., 2021), with instances that follow
/// from the latent. For conditional networks only exemplars of the wanted label have attention weights above 0.
///
/// The points of a cloud are those of the mean shape, moved. Clouds of fewer points are random subsets, a new one for each
/// cloud, as in clouds sampled from surfaces; for more points than those of the mean shape, points are interpolated between
/// neighbours.
public final class LatentGenerator: PointGenerator {
  /// The architecture.
  public let recipe: LatentRecipe
  /// Any number of points.
  public var fixedPointCount: Int? { nil }
  /// Itself.
  public var overCodes: LatentGenerator? { self }

  /// Decodes codes to clouds.
  let codec: ShapeCodec
  private let exemplars: Buffer
  private let exemplarLabels: Buffer?
  private let keys: Buffer
  private let deformations: Buffer
  private let amounts: Linear
  private let change: PerPointLayers
  private let changed: Linear
  /// Deforms shapes.
  let deformation: Deformation

  /// Codec; exemplars with labels, keys and deformations; the layer of deformation amounts; the residual network.
  public var members: Members {
    [
      "codec": codec, "exemplars": exemplars, "exemplarLabels": exemplarLabels, "keys": keys,
      "deformations": deformations, "amounts": amounts, "change": change, "changed": changed,
    ]
  }

  /// Initialises a generator; codec and exemplars are zero until `take` or loaded weights set them.
  ///
  /// - Parameters:
  ///   - recipe: the architecture.
  ///   - sizes: what the data decided.
  ///   - rule: the normalisation that is applied again after a deformation.
  ///   - labels: how many there are; 0 without conditions.
  ///   - latentDimension: numbers in a latent.
  ///   - stream: source of random numbers for the weights.
  init(
    recipe: LatentRecipe, sizes: CodeSpec, rule: PointNormalisation, labels: Int = 0,
    latentDimension: Int, using stream: inout RandomStream
  ) throws {
    self.recipe = recipe
    codec = try ShapeCodec(points: sizes.points, numbers: sizes.numbers)
    deformation = Deformation(codec: codec, rule: rule)
    exemplars = Buffer(try Tensor.zeros([sizes.exemplars, sizes.numbers]))
    exemplarLabels = labels > 0 ? Buffer(try Tensor.zeros([sizes.exemplars], dtype: .int64)) : nil
    keys = Buffer(try Self.directions(of: stream.normal([sizes.exemplars, latentDimension])))
    deformations = Buffer(
      try Tensor.zeros([sizes.exemplars, sizes.neighbours * Deformation.count]))
    // At initialisation exemplars are deformed at random; the residual network is zero.
    amounts = try Linear(
      inputs: latentDimension, outputs: recipe.deformationLaw.amountCount(sizes.neighbours),
      initialisation: .normal(standardDeviation: 1 / Double(latentDimension).squareRoot()), using: &stream)
    change = try PerPointLayers(
      inputs: latentDimension + sizes.numbers, widths: recipe.change, slope: 0.2, initialisation: .heNormal,
      using: &stream)
    changed = try Linear(
      inputs: change.outputs, outputs: sizes.numbers, initialisation: .zeros, using: &stream)
  }

  /// Sets codec, exemplars and deformations from the training shapes.
  func take(_ shapes: CodedShapes) throws {
    let device = exemplars.value.device
    try codec.load(shapes.codec)
    try codec.move(to: device)
    let indices = EvenSpread.indices(exemplars.value.shape[0], outOf: shapes.codes.shape[0])
    let chosen = try shapes.batch(at: indices)
    exemplars.value = try chosen.samples.moved(to: device)
    deformations.value = try shapes.deformations.gathered(at: Tensor(indices))
      .reshaped(deformations.value.shape).moved(to: device)
    if let exemplarLabels, let labels = chosen.labels {
      exemplarLabels.value = try labels.moved(to: device)
    }
  }

  /// Codes `[B, K]` of latents `[B, Z]` and labels `[B]`.
  ///
  /// - Throws: `TorchError` when the latents have another dimension or labels are missing.
  public func generate(latents: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    try codec.encode(shapes(latents: latents, labels: labels))
  }

  /// Clouds `[B, N, 3]` of any number of points.
  public func clouds(latents: Tensor, labels: Tensor?, points: Int, using stream: inout RandomStream) throws
    -> Tensor
  {
    try clouds(of: shapes(latents: latents, labels: labels), points: points, using: &stream)
  }

  /// Clouds of the mean shape's points `[B, P, 3]`, in its order.
  func shapes(latents: Tensor, labels: Tensor?) throws -> Tensor {
    let weights = try weights(latents: latents, labels: labels)
    let exemplar = try weights.matmul(exemplars.value).widened()
    let code = try exemplar + changed(change(Tensor.concatenated([latents, exemplar], along: 1))).widened()
    let neighbours = try weights.matmul(deformations.value).widened()
      .reshaped([latents.shape[0], -1, Deformation.count])
    return try deformed(code, towards: neighbours, by: amounts(latents).widened())
  }

  /// Decodes codes `[B, K]` and deforms the shapes along `neighbours [B, C, 30]` by the law's shares of `amounts`, in units of
  /// `recipe.deformation`. Returns `[B, P, 3]`, the points in the mean shape's order.
  ///
  /// - Parameter share: how much of that.
  func deformed(_ codes: Tensor, towards neighbours: Tensor, by amounts: Tensor, share: Double = 1) throws
    -> Tensor
  {
    let shares = try recipe.deformationLaw.shares(of: amounts) * (recipe.deformation * share)
    return try deformation(
      codec.decode(codes).widened(), by: Deformation.sums(of: neighbours, weighted: shares))
  }

  /// Clouds `[B, N, 3]` of codes `[B, K]`.
  func clouds(codes: Tensor, points: Int, using stream: inout RandomStream) throws -> Tensor {
    try clouds(of: codec.decode(codes), points: points, using: &stream)
  }

  private func clouds(of clouds: Tensor, points: Int, using stream: inout RandomStream) throws -> Tensor {
    let total = clouds.shape[1]
    guard points < total else { return try clouds.thickened(to: points, using: &stream) }
    let choices = try stream.uniform([clouds.shape[0], total]).top(points).indices.moved(to: clouds.device)
    return try clouds.gatheredElements(
      at: choices.expandingDimension(at: 2).expanded(to: [clouds.shape[0], points, 3]), along: 1)
  }

  /// Attention weights of latents `[B, Z]` over the exemplars, `[B, E]`: each row sums to 1.
  func weights(latents: Tensor, labels: Tensor?) throws -> Tensor {
    var agreement = try (Self.directions(of: latents) * recipe.sharpness)
      .matmul(keys.value.transposed()).widened()
    if let exemplarLabels {
      guard let labels else { throw TorchError("LatentGenerator: no labels, expected [B] of them") }
      let others = try labels.expandingDimension(at: 1)
        .equals(exemplarLabels.value.expandingDimension(at: 0)).negated()
      agreement = try agreement.filled(where: others, with: -1e4)
    }
    return try agreement.softmax()
  }

  /// Rows of length 1.
  private static func directions(of rows: Tensor) throws -> Tensor {
    try rows / (rows.squared().sum(along: 1, keepingDimensions: true) + 1e-12).squareRoot()
  }
}

/// A discriminator of codes: a multilayer perceptron with leaky rectifiers and a projection head.
final class CodeCritic: Discriminator {
  private let layers: PerPointLayers
  private let logit: ProjectionHead

  /// The maps, the logit with its labels.
  var members: Members { ["layers": layers, "logit": logit] }

  /// Initialises a discriminator of codes `[B, numbers]`.
  init(recipe: LatentRecipe, numbers: Int, labels: Int = 0, using stream: inout RandomStream) throws {
    layers = try PerPointLayers(
      inputs: numbers, widths: recipe.critic, slope: 0.2, initialisation: .heNormal, using: &stream)
    logit = try ProjectionHead(
      features: layers.outputs, labels: labels, initialisation: .xavierUniform, using: &stream)
  }

  /// Logits `[B]` of codes `[B, K]` and labels `[B]`.
  ///
  /// - Throws: `TorchError` when the codes have another size or labels are missing.
  func discriminate(_ samples: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    try logit(layers(samples), labels: labels)
  }
}

/// `LatentGenerator` with `CodeCritic` as its discriminator, one update of each a step.
struct LatentNetworks: PointNetworks {
  static let network = PointNetwork.latent

  /// The training settings of this family, which are the presets' defaults.
  static let training = {
    var training = TrainingRecipe()
    training.loss = .nonSaturating
    training.penalties = [Penalty(.r1, weight: .constant(0.3), interval: 4)]
    training.batchSize = 64
    training.latentDimension = 64
    training.generatorOptimiser = OptimiserConfiguration(.adam, beta1: 0, beta2: 0.99)
    training.discriminatorOptimiser = OptimiserConfiguration(.adam, beta1: 0, beta2: 0.99)
    // A tenth of the discriminator's rate: the generator starts from good shapes, and a discriminator that lags would spoil them.
    training.generatorRate = .cosine(from: 1e-4, to: 1e-5)
    training.discriminatorRate = .cosine(from: 1e-3, to: 1e-4)
    training.averaging = .halfLife(samples: 20_000, rampUp: 0.05)
    training.warmUp.steps = 0
    return training
  }()

  var playsOverCodes: Bool { true }
  var boundToItsData: String? { "codes are counted in directions of a run's own shapes" }

  func settings(flag: String) -> [Setting] { .training(Self.training, flag: flag) }

  func faults(of recipe: PointRecipe) -> [RecipeFault] { recipe.latent.faults }

  func generator(_ recipe: PointRecipe, spec: PointSpec, using stream: inout RandomStream) throws
    -> any PointGenerator
  {
    try LatentGenerator(
      recipe: recipe.latent, sizes: sizes(spec), rule: spec.frame.normalisation,
      labels: spec.labels.count,
      latentDimension: recipe.training.latentDimension, using: &stream)
  }

  func discriminator(_ recipe: PointRecipe, spec: PointSpec, using stream: inout RandomStream)
    throws -> any Discriminator
  {
    try CodeCritic(
      recipe: recipe.latent, numbers: sizes(spec).numbers, labels: spec.labels.count, using: &stream)
  }

  private func sizes(_ spec: PointSpec) throws -> CodeSpec {
    guard let sizes = spec.codes else {
      throw TorchError("the recipe has no sizes of codes: no data has completed it")
    }
    return sizes
  }
}

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
  /// Channels of the hidden layers of the residual network that corrects an exemplar's code.
  public var change = [256, 256]
  /// Channels behind each layer of the discriminator, but the last, which makes the logit.
  public var critic = [256, 256, 256]
  /// How shapes are deformed; nil for `bending`, as in runs from before there was another law.
  public var law: DeformationLaw? = .proportions
  /// Shapes that an exemplar is deformed towards, at most: its nearest ones for `bending`, from near to far for `proportions`.
  public var neighbours = 32
  /// Scale of the deformations at initialisation: 1 deforms exemplars as much as the law says.
  public var deformation = 1.1
  /// Scale of the deformations of real shapes in a batch as a share of `deformation`, 0 to 1: augmentation that turns some
  /// hundred shapes into a continuum.
  public var realShare = 0.95

  /// A recipe with the defaults, to be changed field by field.
  public init() {}

  /// How shapes are deformed.
  var deformationLaw: DeformationLaw { law ?? .bending }

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
}
