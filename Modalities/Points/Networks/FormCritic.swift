import Adversarial
import Torch

/// Scores of overall forms: for each of some heads the sum of a quadratic function of the form and a small network of it. Labels
/// add to both. All heads are 0 at first.
final class FormScores: Module {
  /// Hidden channels of each head: heads share none.
  private static let hidden = 32
  private static let slope = 0.2

  private let heads: Int
  private let form: Int
  private let labels: Int
  private let layer: Linear
  private let last: Parameter
  private let quadratic: Linear
  private let label: Embedding?

  /// The hidden layers of all heads, what follows on them; the quadratic functions, and what labels add to them.
  var members: Members { ["layer": layer, "last": last, "quadratic": quadratic, "label": label] }

  /// Initialises heads.
  ///
  /// - Parameters:
  ///   - heads: how many.
  ///   - form: numbers of a form.
  ///   - labels: how many there are; 0 without conditions.
  ///   - stream: source of random numbers for the weights.
  init(heads: Int, form: Int, labels: Int, using stream: inout RandomStream) throws {
    (self.heads, self.form, self.labels) = (heads, form, labels)
    layer = try Linear(
      inputs: form + labels, outputs: heads * Self.hidden,
      initialisation: .normal(standardDeviation: 1 / Double(form).squareRoot()), using: &stream)
    last = try Parameter(Tensor.zeros([heads, Self.hidden]))
    quadratic = try Linear(inputs: 2 * form, outputs: heads, initialisation: .zeros, using: &stream)
    label =
      labels > 0
      ? try Embedding(
        symbols: labels, dimensions: heads * 2 * form, initialisation: .zeros, using: &stream) : nil
  }

  /// Scores `[B, heads]` of forms `[B, D]`.
  ///
  /// - Parameter labels: `[B]`, where there are labels.
  /// - Throws: `TorchError` when they are missing or forms have another size.
  func callAsFunction(_ forms: Tensor, labels indices: Tensor?) throws -> Tensor {
    let batch = forms.shape[0]
    // Squares of standard numbers, standardised.
    let powers = try Tensor.concatenated([forms, (forms.squared() - 1) / 2.0.squareRoot()], along: 1)
    var scores = try quadratic(powers)
    var input = forms
    if let label {
      guard let indices else { throw TorchError("FormScores: no labels, expected [B] of them") }
      let own = try label(indices).reshaped([batch, heads, 2 * form])
      scores = try scores + (own * powers.expandingDimension(at: 1)).sum(along: 2)
      input = try Tensor.concatenated(
        [forms, indices.oneHot(count: labels).converted(to: forms.dtype)], along: 1)
    }
    let hidden = try layer(input).leakyReLU(slope: Self.slope).reshaped([batch, heads, Self.hidden])
    return try scores + (hidden * last.value).sum(along: 2)
  }
}

/// A discriminator of overall forms that never judges a shape by itself: cross-fitted.
///
/// The training shapes are dealt to folds, and there is a network for each fold that learns from the shapes of all others, and from what
/// is generated of these. A shape generated of an exemplar is judged by the network that has seen neither the exemplar nor anything made
/// of it: so the critic cannot praise a shape for being one that it knows, and the generator gains nothing by copies.
///
/// Samples are rows of a form's numbers and the fold's number, or `noFold` of a shape that is in none.
final class FormCritic: Discriminator {
  /// Folds that shapes are dealt to.
  static let folds = 5
  /// The fold of shapes that no network learns from.
  static let noFold = -1.0

  private let form: Int
  private let scores: FormScores

  /// The networks of all folds.
  var members: Members { ["scores": scores] }

  /// Initialises the networks for forms of so many numbers.
  init(form: Int, labels: Int = 0, using stream: inout RandomStream) throws {
    self.form = form
    scores = try FormScores(heads: Self.folds, form: form, labels: labels, using: &stream)
  }

  /// Logits `[B, folds]` of samples `[B, form + 1]`. That of the sample's own fold has no gradient.
  ///
  /// - Throws: `TorchError` when samples have another size or labels are missing.
  func discriminate(_ samples: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    let (logits, isOwn) = try judged(samples, labels)
    return try isOwn.select(logits.detached(), else: logits)
  }

  /// Logits `[B]` of samples, each by the network that has not seen its fold; by the mean of all where it is in none.
  func unseen(_ samples: Tensor, labels: Tensor?) throws -> Tensor {
    let (logits, isOwn) = try judged(samples, labels)
    let own = try isOwn.converted(to: logits.dtype)
    let count = try own.sum(along: 1)
    return try count.greater(than: 0).select((logits * own).sum(along: 1), else: logits.mean(along: 1))
  }

  private func judged(_ samples: Tensor, _ labels: Tensor?) throws -> (logits: Tensor, isOwn: Tensor) {
    guard samples.rank == 2, samples.shape[1] == form + 1 else {
      throw TorchError("FormCritic: samples of shape \(samples.shape), expected [B, \(form + 1)]")
    }
    let logits = try scores(samples.narrowed(along: 1, start: 0, count: form), labels: labels).widened()
    let fold = try samples.narrowed(along: 1, start: form, count: 1)
    let numbers = try Tensor.arange(0, Double(Self.folds), dtype: .float32, device: samples.device)
      .converted(to: samples.dtype)
    return (logits, try fold.equals(numbers.expandingDimension(at: 0)))
  }

  /// Deals shapes to folds, of each label as evenly as can be: a fold's number for each, `[count]`.
  ///
  /// - Parameters:
  ///   - count: how many shapes.
  ///   - labels: of the shapes; nil without labels.
  static func deal(_ count: Int, labels: [Int]?) throws -> Tensor {
    var stream = RandomStream(seed: 0, name: "folds")
    var folds = [Float](repeating: 0, count: count)
    let order = stream.indices(count, outOf: count)
    let groups = labels.map { labels in Dictionary(grouping: order) { labels[$0] } } ?? [0: order]
    var next = 0
    for (_, group) in groups.sorted(by: { $0.key < $1.key }) {
      for index in group {
        folds[index] = Float(next % Self.folds)
        next += 1
      }
    }
    return try Tensor(folds)
  }
}
