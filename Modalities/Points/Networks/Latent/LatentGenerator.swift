import Adversarial
import PointDatasets
import Torch

/// A generator of codes of shapes, which a `ShapeCodec` makes clouds of.
///
/// Exemplars, codes of training shapes, have random keys, and answer to a latent as far as their keys point where it does: one
/// of them mostly, each as often as any other. A network that knows the latent and the answer tells how the code is to differ,
/// and the code's shape is deformed as neighbours of the exemplar differ from it. So the game begins with shapes rather than
/// with noise, none of which it can forget, and what it learns is how shapes vary around each other: a density around
/// instances, as in instance-conditioned GANs (Casanova et al., 2021), whose instances here follow from the latent. Labels
/// decide which exemplars may answer.
///
/// Points of a cloud are those of the mean shape, moved. Of fewer each cloud has a choice of its own, as clouds that are drawn
/// from surfaces have; beyond their number points are put between neighbours.
public final class LatentGenerator: PointGenerator {
  /// The architecture.
  public let recipe: LatentRecipe
  /// Any number of points.
  public var fixedPointCount: Int? { nil }
  /// Itself.
  public var overCodes: LatentGenerator? { self }

  /// Makes clouds of codes.
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

  /// The codec, exemplars with their labels, keys and deformations, amounts of these, change.
  public var members: Members {
    [
      "codec": codec, "exemplars": exemplars, "exemplarLabels": exemplarLabels, "keys": keys,
      "deformations": deformations, "amounts": amounts, "change": change, "changed": changed,
    ]
  }

  /// Draws a generator, whose codec and exemplars are still to be taken from shapes or loaded.
  ///
  /// - Parameters:
  ///   - recipe: the architecture.
  ///   - sizes: what the data decided.
  ///   - rule: by which deformed shapes are brought back into their frame.
  ///   - labels: how many there are; 0 without conditions.
  ///   - latentDimension: numbers in a latent.
  ///   - stream: where the weights are drawn from.
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
    // At first exemplars are deformed at random, and not changed otherwise.
    amounts = try Linear(
      inputs: latentDimension, outputs: sizes.neighbours,
      initialisation: .normal(standardDeviation: 1 / Double(latentDimension).squareRoot()), using: &stream)
    change = try PerPointLayers(
      inputs: latentDimension + sizes.numbers, widths: recipe.change, slope: 0.2, initialisation: .heNormal,
      using: &stream)
    changed = try Linear(
      inputs: change.outputs, outputs: sizes.numbers, initialisation: .zeros, using: &stream)
  }

  /// Takes codec and exemplars from the shapes to train on.
  func take(_ shapes: CodedShapes) throws {
    let device = exemplars.value.device
    try codec.load(shapes.codec)
    try codec.move(to: device)
    let places = EvenSpread.places(exemplars.value.shape[0], outOf: shapes.codes.shape[0])
    let chosen = try shapes.batch(at: places)
    exemplars.value = try chosen.samples.moved(to: device)
    deformations.value = try shapes.deformations.gathered(at: Tensor(places))
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
    let answer = try weights.matmul(exemplars.value).widened()
    let code = try answer + changed(change(Tensor.concatenated([latents, answer], along: 1))).widened()
    let neighbours = try weights.matmul(deformations.value).widened()
      .reshaped([latents.shape[0], -1, Deformation.count])
    return try deformed(code, towards: neighbours, by: amounts(latents).widened())
  }

  /// The shapes of codes `[B, K]`, deformed as neighbours differ from them, by amounts `[B, C]` of which 1 is as much as the
  /// recipe has them deformed at first: clouds of the mean shape's points, in its order.
  func deformed(_ codes: Tensor, towards neighbours: Tensor, by amounts: Tensor) throws -> Tensor {
    try deformation(
      codec.decode(codes).widened(),
      by: Deformation.sums(of: neighbours, weighted: amounts * recipe.deformation))
  }

  /// Clouds `[B, N, 3]` of codes `[B, K]`.
  func clouds(codes: Tensor, points: Int, using stream: inout RandomStream) throws -> Tensor {
    try clouds(of: codec.decode(codes), points: points, using: &stream)
  }

  private func clouds(of clouds: Tensor, points: Int, using stream: inout RandomStream) throws -> Tensor {
    let places = clouds.shape[1]
    guard points < places else { return try clouds.thickened(to: points, using: &stream) }
    let choices = try stream.uniform([clouds.shape[0], places]).top(points).indices.moved(to: clouds.device)
    return try clouds.gatheredElements(
      at: choices.expandingDimension(at: 2).expanded(to: [clouds.shape[0], points, 3]), along: 1)
  }

  /// How much each exemplar has to say to each latent, `[B, E]`: rows add up to 1.
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
