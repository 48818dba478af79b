import Adversarial
import Torch

/// Chooses one of several shapes that are offered for a latent, by what is learned of their overall forms.
///
/// Of candidates with scores e the one with the largest e + g is chosen, where g are independent Gumbel numbers of the latent: with the
/// probability exp(e) over the sum of all, so the law of what is offered is multiplied by exp(e), up to the number of candidates. At
/// first all scores are 0. The game moves them by the critic's logits of all candidates (`PointGame`), which needs no gradient of shapes.
final class ShapeChoice: Module {
  /// How many shapes are offered.
  let candidates: Int
  /// What forms of shapes are.
  let form: OverallForm
  /// The score of a form.
  let taste: FormScores
  private let offers: Buffer
  private let folds: Buffer?
  private let amounts: Int
  private let spread: Double

  /// Fixed maps from latents to what is offered, the folds of exemplars, where there are any; how forms are measured and what is preferred.
  var members: Members { ["offers": offers, "folds": folds, "form": form, "taste": taste] }

  /// Initialises a choice; folds and forms are zero until `take` or loaded weights set them.
  ///
  /// - Parameters:
  ///   - candidates: how many shapes are offered.
  ///   - amounts: numbers that make one.
  ///   - spread: how much the amounts of deformations differ, as `LatentRecipe.spread`.
  ///   - form: what is seen of shapes.
  ///   - exemplars: shapes that all are made of; 0 without any.
  ///   - labels: how many there are; 0 without conditions.
  ///   - latentDimension: numbers in a latent.
  ///   - stream: source of random numbers for the weights.
  init(
    candidates: Int, amounts: Int, spread: Double, form: OverallForm, exemplars: Int, labels: Int,
    latentDimension: Int,
    using stream: inout RandomStream
  ) throws {
    (self.candidates, self.amounts, self.spread) = (candidates, amounts, spread)
    let drawn = try stream.normal([latentDimension, candidates * (amounts + (spread > 0 ? 2 : 1))])
    // Columns of length 1 make standard normal numbers of standard normal latents.
    offers = Buffer(try drawn / drawn.squared().sum(along: 0, keepingDimensions: true).squareRoot())
    folds = exemplars > 0 ? Buffer(try Tensor.zeros([exemplars])) : nil
    self.form = form
    taste = try FormScores(heads: 1, form: form.count, labels: labels, using: &stream)
  }

  /// Sets the folds of exemplars and how forms are measured.
  ///
  /// - Parameters:
  ///   - shapes: the training shapes.
  ///   - indices: which of them are exemplars; none where there are none.
  func take(_ shapes: CodedShapes, exemplars indices: [Int], codec: ShapeCodec) throws {
    let device = offers.value.device
    folds?.value = try shapes.folds.gathered(at: Tensor(indices)).moved(to: device)
    try form.take(
      form.places(of: codec.decode(shapes.codes.moved(to: device))), labels: shapes.labels?.moved(to: device),
      codec: codec)
  }

  /// What latents `[B, Z]` offer: normal numbers of shapes `[B, candidates, amounts]`, what each is multiplied by
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
  static func uniform(_ normal: Tensor) throws -> Tensor {
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
  /// `[B, exemplars]`; in no fold without.
  func samples(_ forms: Tensor, of weights: Tensor? = nil) throws -> Tensor {
    guard let folds, let weights else { return try forms.padded(0, 1, value: FormCritic.noFold) }
    let fold = try folds.value.gathered(at: weights.argmax(along: 1))
    let repeated = try fold.expandingDimension(at: 1)
      .expanded(to: [fold.shape[0], forms.shape[0] / fold.shape[0]]).reshaped([-1, 1])
    return try Tensor.concatenated([forms, repeated], along: 1)
  }
}

/// The shapes that are offered for latents.
struct ShapeOffer {
  /// The forms of all, `[B candidates, D]`, those of a latent one after the other.
  let forms: Tensor
  /// The labels of all, where there are labels.
  let labels: Tensor?
  /// Rows for a `FormCritic`, `[B candidates, D + 1]`.
  let samples: Tensor
  /// A normal number for each candidate, `[B, candidates]`.
  let chances: Tensor
  /// Makes the clouds `[B, P, 3]` of those in some rows `[B]`, one of each latent's.
  let clouds: (Tensor) throws -> Tensor

  /// Labels `[B]`, each as often as there are candidates.
  static func repeated(_ labels: Tensor?, candidates: Int) throws -> Tensor? {
    try labels.map {
      try $0.expandingDimension(at: 1).expanded(to: [$0.shape[0], candidates]).reshaped([-1])
    }
  }
}
