import Adversarial
import ModalityKit
import PointDatasets
import Torch

/// A generator of codes of shapes, which a `ShapeCodec` makes clouds of.
///
/// Attention over exemplars: exemplars are codes of training shapes with fixed random keys of unit length. The attention
/// weights of a latent are a softmax of the cosines between the latent and the keys, sharp enough that one exemplar mostly
/// dominates, and each exemplar dominates for equally many latents. The decoded exemplar is deformed by a `DeformationLaw`, towards other
/// training shapes. So training starts from shapes instead of noise, cannot lose modes, and learns how shapes vary around each
/// other: a density around instances, as in instance-conditioned GANs (Casanova et al., 2021), with instances that follow
/// from the latent. For conditional networks only exemplars of the wanted label have attention weights above 0.
///
/// What is learned is which deformations to take: several are offered for each latent, and a `ShapeChoice` takes one of them. In
/// the game of codes, where only one is offered, it is how much of each deformation to take, and a residual network that corrects the
/// exemplar's code.
public final class LatentGenerator: CodeGenerator {
  /// The architecture.
  public let recipe: LatentRecipe

  /// Decodes codes to clouds.
  let codec: ShapeCodec
  private let exemplars: Buffer
  private let exemplarLabels: Buffer?
  private let keys: Buffer
  private let deformations: Buffer
  /// What is learned in the game of codes; nil where deformations are chosen.
  private let correction: CodeCorrection?
  /// What is learned where deformations are chosen.
  let choice: ShapeChoice?
  /// Deforms shapes.
  let deformation: Deformation

  /// Codec; exemplars with labels, keys and deformations; what is learned.
  public var members: Members {
    [
      "codec": codec, "exemplars": exemplars, "exemplarLabels": exemplarLabels, "keys": keys,
      "deformations": deformations, "amounts": correction?.amounts, "change": correction?.change,
      "changed": correction?.changed, "choice": choice,
    ]
  }

  /// The layer of deformation amounts, and the residual network of codes.
  private struct CodeCorrection {
    let amounts: Linear
    let change: PerPointLayers
    let changed: Linear
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
    deformation = Deformation(codec: codec, rule: rule, fillsFrame: !recipe.chooses)
    exemplars = Buffer(try Tensor.zeros([sizes.exemplars, sizes.numbers]))
    exemplarLabels = labels > 0 ? Buffer(try Tensor.zeros([sizes.exemplars], dtype: .int64)) : nil
    keys = Buffer(try Self.directions(of: stream.normal([sizes.exemplars, latentDimension])))
    deformations = Buffer(
      try Tensor.zeros([sizes.exemplars, sizes.neighbours * Deformation.count]))
    let count = recipe.deformationLaw.amountCount(sizes.neighbours)
    guard !recipe.chooses else {
      choice = try ShapeChoice(
        candidates: recipe.candidateCount, amounts: count, spread: recipe.spread ?? 0,
        form: OverallForm(codeNumbers: sizes.numbers, labels: labels), exemplars: sizes.exemplars,
        labels: labels, latentDimension: latentDimension, using: &stream)
      correction = nil
      return
    }
    choice = nil
    // At initialisation exemplars are deformed at random; the residual network is zero.
    let amounts = try Linear(
      inputs: latentDimension, outputs: count,
      initialisation: .normal(standardDeviation: 1 / Double(latentDimension).squareRoot()), using: &stream)
    let change = try PerPointLayers(
      inputs: latentDimension + sizes.numbers, widths: recipe.change, slope: 0.2, initialisation: .heNormal,
      using: &stream)
    correction = CodeCorrection(
      amounts: amounts, change: change,
      changed: try Linear(
        inputs: change.outputs, outputs: sizes.numbers, initialisation: .zeros, using: &stream))
  }

  /// Sets codec, exemplars and deformations from the training shapes.
  func take(_ shapes: CodedShapes) throws {
    let device = exemplars.value.device
    try codec.load(shapes.codec)
    try codec.move(to: device)
    let indices = EvenSpread.indices(exemplars.value.shape[0], outOf: shapes.codes.shape[0])
    let chosen = try shapes.batch(at: indices)
    exemplars.value = try chosen.samples.moved(to: device)
    guard let found = shapes.deformations else { throw TorchError("the shapes have no deformations") }
    deformations.value = try found.gathered(at: Tensor(indices))
      .reshaped(deformations.value.shape).moved(to: device)
    if let exemplarLabels, let labels = chosen.labels {
      exemplarLabels.value = try labels.moved(to: device)
    }
    try choice?.take(shapes, exemplars: indices, codec: codec)
  }

  /// Clouds of the mean shape's points `[B, P, 3]`, in its order.
  func shapes(latents: Tensor, labels: Tensor?) throws -> Tensor {
    if let choice {
      let (offer, chosen) = try chosen(latents: latents, labels: labels, by: choice)
      return try offer.clouds(chosen)
    }
    guard let correction else { preconditionFailure("deformations are chosen or codes corrected") }
    let weights = try weights(latents: latents, labels: labels)
    let exemplar = try weights.matmul(exemplars.value).widened()
    let code =
      try exemplar
      + correction.changed(correction.change(Tensor.concatenated([latents, exemplar], along: 1))).widened()
    return try deformed(
      code, towards: neighbours(weights),
      by: correction.amounts(latents).widened().expandingDimension(at: 1))
  }

  func offer(latents: Tensor, labels: Tensor?, by choice: ShapeChoice) throws -> ShapeOffer {
    let weights = try weights(latents: latents, labels: labels)
    let (amounts, sizes, chances) = try choice.offered(latents)
    let shapes = try codec.decode(weights.matmul(exemplars.value).widened()).widened()
    let equal = try polynomials(neighbours(weights), amounts)
    let polynomials = try sizes.map { try equal * $0 } ?? equal
    let each = try ShapeOffer.repeated(labels, candidates: choice.candidates)
    let forms = try choice.form(
      deformation(choice.form.places(of: shapes), by: polynomials), labels: each, codec: codec)
    return ShapeOffer(
      forms: forms, labels: each, samples: try choice.samples(forms, of: weights), chances: chances
    ) { [deformation] chosen in
      try deformation(
        shapes, by: polynomials.reshaped([-1, 1, Deformation.count]).gathered(at: chosen))
    }
  }

  /// The deformations `[B, C, 30]` of exemplars by attention weights `[B, E]`.
  private func neighbours(_ weights: Tensor) throws -> Tensor {
    try weights.matmul(deformations.value).widened().reshaped([weights.shape[0], -1, Deformation.count])
  }

  /// Decodes codes `[B, K]` and deforms each shape along its `neighbours [B, C, 30]` by the law's shares of `amounts [B, M, A]`, in units
  /// of `recipe.deformation`. Returns `[B M, P, 3]`, the points in the mean shape's order.
  ///
  /// - Parameter share: how much of that.
  func deformed(_ codes: Tensor, towards neighbours: Tensor, by amounts: Tensor, share: Double = 1) throws
    -> Tensor
  {
    try deformation(codec.decode(codes).widened(), by: polynomials(neighbours, amounts, share: share))
  }

  /// The polynomials `[B, M, 30]` of the law's shares of `amounts [B, M, A]` of `neighbours [B, C, 30]`.
  private func polynomials(_ neighbours: Tensor, _ amounts: Tensor, share: Double = 1) throws -> Tensor {
    try Deformation.sums(
      of: neighbours,
      weighted: recipe.deformationLaw.shares(of: amounts) * (recipe.deformation * share))
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
