import Adversarial
import Torch

/// Chooses one of several deformations that are offered for a latent, by what is learned of their overall forms.
///
/// Of candidates with scores e the one with the largest e + g is chosen, where g are independent Gumbel numbers of the latent: with the
/// probability exp(e) over the sum of all, so the law of deformations is multiplied by exp(e), up to the number of candidates. At
/// first all scores are 0. The game moves them by the critic's logits of all candidates (`PointGame`), which needs no gradient of shapes.
final class DeformationChoice: Module {
  /// How many deformations are offered.
  let candidates: Int
  /// What forms of shapes are.
  let form: OverallForm
  /// The score of a form.
  let taste: FormScores
  private let offers: Buffer
  private let folds: Buffer
  private let amounts: Int
  private let spread: Double

  /// Fixed maps from latents to what is offered, the folds of exemplars; how forms are measured and what is preferred.
  var members: Members { ["offers": offers, "folds": folds, "form": form, "taste": taste] }

  /// Initialises a choice; folds and forms are zero until `take` or loaded weights set them.
  ///
  /// - Parameters:
  ///   - candidates: how many deformations are offered.
  ///   - amounts: numbers that make a deformation.
  ///   - spread: how much the amounts of deformations differ, as `LatentRecipe.spread`.
  ///   - sizes: what the data decided.
  ///   - labels: how many there are; 0 without conditions.
  ///   - latentDimension: numbers in a latent.
  ///   - stream: source of random numbers for the weights.
  init(
    candidates: Int, amounts: Int, spread: Double, sizes: CodeSpec, labels: Int, latentDimension: Int,
    using stream: inout RandomStream
  ) throws {
    (self.candidates, self.amounts, self.spread) = (candidates, amounts, spread)
    let drawn = try stream.normal([latentDimension, candidates * (amounts + (spread > 0 ? 2 : 1))])
    // Columns of length 1 make standard normal numbers of standard normal latents.
    offers = Buffer(try drawn / drawn.squared().sum(along: 0, keepingDimensions: true).squareRoot())
    folds = Buffer(try Tensor.zeros([sizes.exemplars]))
    form = try OverallForm(codeNumbers: sizes.numbers, labels: labels)
    taste = try FormScores(heads: 1, form: form.count, labels: labels, using: &stream)
  }

  /// Sets the folds of exemplars and how forms are measured.
  ///
  /// - Parameters:
  ///   - shapes: the training shapes.
  ///   - indices: which of them are exemplars.
  func take(_ shapes: CodedShapes, exemplars indices: [Int], codec: ShapeCodec) throws {
    let device = folds.value.device
    folds.value = try shapes.folds.gathered(at: Tensor(indices)).moved(to: device)
    try form.take(
      form.places(of: codec.decode(shapes.codes.moved(to: device))), labels: shapes.labels?.moved(to: device),
      codec: codec)
  }

  /// What latents `[B, Z]` offer: normal numbers of deformations `[B, candidates, amounts]`, what each is multiplied by
  /// `[B, candidates, 1]`, nil where there is no spread, and a normal number for each by which it is chosen `[B, candidates]`.
  func offered(_ latents: Tensor) throws -> (amounts: Tensor, sizes: Tensor?, chances: Tensor) {
    let numbers = try latents.widened().matmul(offers.value)
    let count = candidates * amounts
    func each(_ place: Int) throws -> Tensor {
      try numbers.narrowed(along: 1, start: count + place * candidates, count: candidates)
    }
    return (
      try numbers.narrowed(along: 1, start: 0, count: count).reshaped([-1, candidates, amounts]),
      spread > 0
        ? try ((Self.uniform(each(1)) * 2 - 1) * spread + 1).expandingDimension(at: 2) : nil,
      try each(0)
    )
  }

  /// Uniform numbers of normal ones.
  private static func uniform(_ normal: Tensor) throws -> Tensor {
    try (normal / 2.0.squareRoot()).errorFunction() / 2 + 0.5
  }

  /// Scores `[B, candidates]` of forms `[B candidates, D]`.
  ///
  /// - Parameter labels: of the forms, where there are labels.
  func scores(of forms: Tensor, labels: Tensor?) throws -> Tensor {
    try taste(forms, labels: labels).reshaped([-1, candidates])
  }

  /// The row of the chosen one of each latent's candidates, `[B]`, among `[B candidates, ...]`.
  ///
  /// - Parameters:
  ///   - scores: `[B, candidates]`.
  ///   - chances: normal numbers `[B, candidates]`.
  func chosen(by scores: Tensor, _ chances: Tensor) throws -> Tensor {
    // Normal numbers to uniform ones to Gumbel ones.
    let uniform = try Self.uniform(chances).clamped(from: 1e-6, to: 1 - 1e-6)
    let gumbel = try -(-uniform.log()).log()
    let places = try (scores + gumbel).argmax(along: 1)
    let first = try Tensor.arange(
      0, Double(scores.count), step: Double(candidates), dtype: .int64, device: scores.device)
    return try places + first
  }

  /// Samples of a critic `[B, D + 1]` of forms `[B, D]`: with the folds of the exemplars that dominate among weights
  /// `[B, exemplars]`.
  func samples(_ forms: Tensor, of weights: Tensor) throws -> Tensor {
    let fold = try folds.value.gathered(at: weights.argmax(along: 1))
    let repeated = try fold.expandingDimension(at: 1)
      .expanded(to: [fold.shape[0], forms.shape[0] / fold.shape[0]]).reshaped([-1, 1])
    return try Tensor.concatenated([forms, repeated], along: 1)
  }
}
