import Adversarial
import Corpora
import Metrics
import ModalityKit
import TextDatasets
import Torch

/// What chooses among generators of text while training: a score that neither likelihood nor good looks alone can buy.
///
///     score = NLL + (t - ½) / 4
///
/// NLL is the negative log-likelihood of validation samples in nats per symbol, ends counted, which a generator of few good
/// lines fails; t is the share of samples, ½ to 1, that logistic regression tells from validation samples by
/// `LexicalFeatures`, which a generator of likely nonsense fails. Four points of the second weigh as much as 0.01 nats of the
/// first.
struct TextValidation {
  /// Samples whose likelihood is measured, at most, and symbols of them.
  private static let likelihoodLimit = (samples: 4_096, symbols: 1 << 16)
  /// Samples that are told from as many generated ones, at most.
  private static let toldLimit = 512
  /// Seed of the generated samples and of the test.
  private static let seed: UInt64 = 0x0076_616C_6964
  /// What an accuracy beyond ½ counts beside nats per symbol.
  private static let toldWeight = 0.25

  private let likelihood: HeldOutLikelihood
  /// The features and those of validation samples `[N, 6]`; nil where there are too few samples for a test.
  private let told: (features: LexicalFeatures, real: Tensor)?
  private let labels: LabelChoice

  /// Puts validation samples on a device; held-out ones where there are too few for a validation part.
  init(corpus: TextCorpus, spec: TextSpec, device: Device) throws {
    let samples = corpus.untrained
    let limit = min(
      Self.likelihoodLimit.samples, max(1, Self.likelihoodLimit.symbols / spec.sequenceLength))
    let indices = samples.spread(limit)
    likelihood = try HeldOutLikelihood(
      samples: indices.map { samples.encoded($0) }, labels: samples.labels(at: indices), spec: spec,
      device: device)
    labels =
      spec.labels.isEmpty
      ? .any
      : .shares(of: (0..<samples.count).map { samples.label(at: $0) }, classes: spec.labels.count)
    let compared = samples.spread(Self.toldLimit)
    guard compared.count >= TwoSampleAccuracy.minimumCount else {
      told = nil
      return
    }
    let training = corpus.training
    let features = LexicalFeatures(
      training: training.spread(TextEvaluation.trainingLimit).map { training.encoded($0) },
      vocabulary: spec.vocabulary, hasEnd: spec.hasEnd)
    told = (features, try features.tensor(of: compared.map { samples.encoded($0) }))
  }

  /// The score of a generator, the lower the better.
  func score(_ generator: TextGenerator, recipe: TextRecipe, device: Device) throws -> Double {
    let nats = try likelihood.perSymbol(of: generator, prior: recipe.training.prior)
    guard let told else { return nats }
    let samples = try Sampler<Text>(generator, recipe: recipe, device: device, options: TextSampling())
      .symbols(count: told.real.shape[0], seed: Self.seed, labels: labels)
    // The same deals each time, so that scores differ by the samples alone.
    var stream = RandomStream(seed: Self.seed, name: "validation test")
    let accuracy = try TwoSampleTest()(
      real: told.real, generated: told.features.tensor(of: samples), using: &stream)
    return nats + Self.toldWeight * max(0, accuracy.score.value / 100 - 0.5)
  }
}
