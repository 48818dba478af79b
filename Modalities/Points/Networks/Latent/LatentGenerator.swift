import Adversarial
import Torch

/// A generator of codes of shapes, which a `ShapeCodec` makes clouds of.
///
/// The latent asks a question, exemplars (codes of training shapes) answer as far as their keys match it, and a network that
/// knows the latent and the answer tells how the code is to differ from it. So the game begins with shapes rather than with
/// noise, and what it learns is how shapes of a kind vary: a density around instances, as in instance-conditioned GANs
/// (Casanova et al., 2021), whose instances here follow from the latent, smoothly. Labels decide which exemplars may answer.
///
/// Points of a cloud are those of the mean shape, moved, so point n of one cloud corresponds to point n of another. Beyond
/// their number points are put between neighbours; for fewer some are left out.
public final class LatentGenerator: PointGenerator {
  /// The architecture.
  public let recipe: LatentRecipe
  /// Any number of points.
  public var fixedPointCount: Int? { nil }

  /// Makes clouds of codes.
  let codec: ShapeCodec
  private let exemplars: Buffer
  private let exemplarLabels: Buffer?
  private let query: PerPointLayers
  private let keys: Parameter
  private let change: PerPointLayers

  /// The codec, exemplars with their labels and keys, question, change.
  public var members: Members {
    [
      "codec": codec, "exemplars": exemplars, "exemplarLabels": exemplarLabels, "query": query, "keys": keys,
      "change": change,
    ]
  }

  /// Draws a generator, whose codec and exemplars are still to be taken from shapes or loaded.
  ///
  /// - Parameters:
  ///   - recipe: the architecture.
  ///   - sizes: what the data decided.
  ///   - labels: how many there are; 0 without conditions.
  ///   - latentDimension: numbers in a latent.
  ///   - stream: where the weights are drawn from.
  init(
    recipe: LatentRecipe, sizes: CodeFormatRecipe, labels: Int = 0, latentDimension: Int,
    using stream: inout RandomStream
  ) throws {
    self.recipe = recipe
    codec = try ShapeCodec(points: sizes.points, numbers: sizes.numbers)
    exemplars = Buffer(try Tensor.zeros([sizes.exemplars, sizes.numbers]))
    exemplarLabels = labels > 0 ? Buffer(try Tensor.zeros([sizes.exemplars], dtype: .int64)) : nil
    query = try PerPointLayers(
      inputs: latentDimension, widths: recipe.query + [recipe.keyDimension], slope: 0.2, rectifiesLast: false,
      using: &stream)
    keys = try Parameter(stream.normal([sizes.exemplars, recipe.keyDimension]))
    change = try PerPointLayers(
      inputs: latentDimension + sizes.numbers, widths: recipe.change + [sizes.numbers], slope: 0.2,
      rectifiesLast: false, using: &stream)
  }

  /// Takes codec and exemplars from the shapes to train on.
  func take(_ shapes: CodedShapes) throws {
    let device = exemplars.value.device
    try codec.load(shapes.codec)
    try codec.move(to: device)
    let chosen = try shapes.exemplars(exemplars.value.shape[0])
    exemplars.value = try chosen.samples.moved(to: device)
    if let exemplarLabels, let labels = chosen.labels {
      exemplarLabels.value = try labels.moved(to: device)
    }
  }

  /// Codes `[B, K]` of latents `[B, Z]` and labels `[B]`.
  ///
  /// - Throws: `TorchError` when the latents have another dimension or labels are missing.
  public func generate(latents: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    let answer = try weights(latents: latents, labels: labels).matmul(exemplars.value)
    return try answer + change(Tensor.concatenated([latents, answer], along: 1)).widened()
  }

  /// Clouds `[B, N, 3]` of any number of points.
  public func clouds(latents: Tensor, labels: Tensor?, points: Int, using stream: inout RandomStream) throws
    -> Tensor
  {
    let codes = try generate(
      latents: latents, labels: labels, context: StepContext(seed: 0, scope: "clouds"))
    let clouds = try codec.decode(codes)
    return try points <= clouds.shape[1]
      ? thinned(clouds, to: points, using: &stream) : clouds.thickened(to: points, using: &stream)
  }

  /// How much each exemplar has to say to each latent, `[B, E]`: rows add up to 1.
  func weights(latents: Tensor, labels: Tensor?) throws -> Tensor {
    let question = try query(latents).widened()
    // Of a length that does not depend on the latent's, so that no question is decided more sharply than others.
    let size = try (question.squared().mean(along: 1, keepingDimensions: true) + 1e-6).squareRoot()
    var agreement = try (question / size).matmul(keys.value.transposed()).widened()
    if let exemplarLabels {
      guard let labels else { throw TorchError("LatentGenerator: no labels, expected [B] of them") }
      let others = try labels.expandingDimension(at: 1)
        .equals(exemplarLabels.value.expandingDimension(at: 0)).negated()
      agreement = try agreement.filled(where: others, with: -1e4)
    }
    return try agreement.softmax()
  }
}
