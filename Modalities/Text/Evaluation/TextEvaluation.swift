import Adversarial
import Foundation
import ModalityKit
import TextDatasets
import Torch

/// The evaluation of a text model: one row each for held-out text, the model, its warm start and Markov chains, all
/// measured alike.
struct TextEvaluation {
  /// Training samples that metrics compare with, at most; a large corpus is thinned evenly.
  private static let trainingLimit = 200_000
  /// Held-out samples that are drawn from, at most, and samples of each row unless asked otherwise.
  private static let heldOutLimit = 10_000
  /// Samples of each row that divergences and distances look at, unless there are fewer.
  private static let comparedCount = 640
  private static let markovOrders = [2, 3]

  private let request: EvaluationRequest<Text>
  private let options: TextEvaluateOptions
  private let model: TrainedText
  private let warmStart: TrainedText?
  private let scores: TextScores
  private let training: [[Int32]]
  private let heldOut: [[Int32]]
  private let likelihood: HeldOutLikelihood
  private let count: Int
  private var format: TextFormat { model.format }
  private var corpus: TextCorpus { request.dataset.corpus }

  /// Gathers what the rows have in common.
  init(_ request: EvaluationRequest<Text>, options: TextEvaluateOptions) throws {
    try options.sampling.validate()
    self.request = request
    self.options = options
    model = try TrainedText(request.model)
    warmStart = try request.warmStart.map { try TrainedText($0) }
    let corpus = request.dataset.corpus
    training = corpus.training.spread(Self.trainingLimit).map { corpus.training.encoded($0) }
    let places = corpus.heldOut.spread(Self.heldOutLimit)
    heldOut = places.map { corpus.heldOut.encoded($0) }
    likelihood = try HeldOutLikelihood(
      samples: heldOut, labels: corpus.heldOut.labels(at: places), format: model.format,
      device: request.model.device)
    count = request.count ?? heldOut.count
    let compared = min(Self.comparedCount, heldOut.count, count)
    let length = model.format.sequenceLength
    scores = TextScores(
      training: training, lineLength: length, orders: [1, 2, 3, 4, 6].filter { $0 <= length },
      divergenceCount: compared, nearestCount: compared)
  }

  /// Measures everything.
  func table() throws -> EvaluationTable {
    var table = EvaluationTable(columns: scores.columns)
    table.add(heldOutRow())
    let modelRow = try row(of: model, named: "this model (step \(request.model.step))")
    table.add(modelRow)
    if let warmStart, let step = request.warmStart?.step {
      let warmRow = try row(of: warmStart, named: "warm start (step \(step))")
      table.add(warmRow)
      table.notes.append(DuelEffect(from: warmRow, to: modelRow, columns: scores.columns).description)
    } else {
      table.notes.append("No warm start to compare with: this is the warm start itself, or the run had none.")
    }
    for order in Self.markovOrders {
      var stream = stream("Markov \(order)")
      let markov = MarkovGenerator(
        training: training, order: order, vocabularySize: format.vocabulary.count, hasEnd: format.hasEnd)
      table.add(
        scores.row(
          markov: markov, count: count, maximumLength: format.maximumLength, heldOut: heldOut,
          seed: request.seed,
          using: &stream))
    }
    table.notes += notes
    return table
  }

  private func heldOutRow() -> EvaluationTable.Row {
    var stream = stream("held-out real")
    let samples = stream.indices(count, outOf: heldOut.count).map { heldOut[$0] }
    return scores.row(
      name: "held-out real", source: .real, samples: samples, seed: request.seed,
      likelihood: trueLikelihood(&stream),
      using: &stream)
  }

  /// The likelihood under the grammar that the built-in corpus was drawn from; real text has none that is known.
  private func trueLikelihood(_ stream: inout RandomStream) -> EvaluationTable.Cell {
    guard let grammar = request.dataset.grammar else {
      return .missing(reason: "the true distribution of the data is not known")
    }
    let nats = heldOut.map { -grammar.logLikelihood(of: format.vocabulary.decode($0)) }
    return .measured(Score(ratioOf: nats, to: likelihood.symbolCounts, using: &stream))
  }

  private func row(of text: TrainedText, named name: String) throws -> EvaluationTable.Row {
    // The same draws for the model and its warm start: what differs is the weights.
    var stream = stream("model")
    let prior = text.recipe.training.prior
    let samples = try TextSampler(text.generator, prior: prior, options: options.sampling)
      .samples(count: count, seed: request.seed)
    let nats = try likelihood.nats(of: text.generator, prior: prior, draws: options.likelihoodDraws)
    return scores.row(
      name: name, source: .model, samples: samples, seed: request.seed,
      likelihood: .measured(Score(ratioOf: nats, to: likelihood.symbolCounts, using: &stream)), using: &stream
    )
  }

  private func stream(_ use: String) -> RandomStream {
    RandomStream(seed: request.seed, name: "evaluation \(use)")
  }

  private var notes: [String] {
    var notes = [
      "NLL: nats per symbol of \(heldOut.count) held-out samples, "
        + (format.hasEnd ? "ends counted, padding not" : "windows have no end")
        + "; for a model an upper bound, the mean of \(options.likelihoodDraws) latents."
    ]
    if training.count < corpus.training.count {
      notes.append(
        "Compared with \(training.count) of \(corpus.training.count) training samples, evenly spread.")
    }
    if heldOut.count < corpus.heldOut.count {
      notes.append("Held out: \(heldOut.count) of \(corpus.heldOut.count) samples, evenly spread.")
    }
    if let grammar = request.dataset.grammar, format.hasEnd {
      let symbols = Double(likelihood.symbolCounts.reduce(0, +)) / Double(likelihood.symbolCounts.count)
      notes.append(
        String(
          format: "Entropy of the grammar behind the built-in corpus: %.3f nats per sample (%.2f symbols).",
          grammar.entropy, symbols))
    }
    return notes
  }
}

extension Score {
  /// A sum of values over a sum of counts, with the bootstrap error over samples.
  init(ratioOf values: [Double], to counts: [Int], using generator: inout some RandomNumberGenerator) {
    func ratio(_ places: [Int]) -> Double {
      var (sum, count) = (0.0, 0)
      for place in places {
        sum += values[place]
        count += counts[place]
      }
      return sum / Double(count)
    }
    let error = Bootstrap.standardError(count: values.count, using: &generator, statistic: ratio)
    self.init(ratio(Array(values.indices)), standardError: error)
  }
}
