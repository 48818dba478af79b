import Adversarial
import Foundation
import ModalityKit
import TextDatasets
import Torch

/// The evaluation of a text model: one row each for held-out text, the model, its warm start and Markov chains, all
/// measured alike.
struct TextEvaluation {
  /// Training samples that metrics compare with, at most; a large corpus is thinned evenly.
  static let trainingLimit = 200_000
  /// Held-out samples that are drawn from, at most, and samples of each row unless asked otherwise.
  private static let heldOutLimit = 10_000
  /// Samples of each row that divergences and distances look at, unless there are fewer.
  private static let comparedCount = 640
  /// Symbols that the distances of a row pass, in words of 64 bits: about half a minute.
  private static let distanceBudget = 1 << 30
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
  private let labelCounts: [Int]?
  private var format: TextFormat { model.format }
  private var corpus: TextCorpus { request.dataset.corpus }

  /// Gathers what the rows have in common.
  ///
  /// - Parameter trainingLimit: training samples that metrics compare with, at most; copies are looked for among all.
  init(
    _ request: EvaluationRequest<Text>, options: TextEvaluateOptions, trainingLimit: Int = Self.trainingLimit
  ) throws {
    try options.sampling.validate()
    self.request = request
    self.options = options
    model = try TrainedText(request.model)
    warmStart = try request.warmStart.map { try TrainedText($0) }
    let corpus = request.dataset.corpus
    training = corpus.training.spread(trainingLimit).map { corpus.training.encoded($0) }
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
      divergenceCount: compared, nearestCount: Self.nearestCount(of: compared, training: training),
      isTrainingLine: training.count < corpus.training.count ? corpus.copyTest : nil)
    labelCounts = corpus.labelNames.isEmpty ? nil : corpus.training.labelCounts(of: corpus.labelNames.count)
  }

  /// How many of the samples are compared with all training samples: fewer where these are many and long.
  static func nearestCount(of compared: Int, training: [[Int32]]) -> Int {
    let symbols = training.reduce(0) { $0 + $1.count }
    let words = ((training.map(\.count).max() ?? 0) + 63) / 64
    return min(compared, max(32, distanceBudget / max(1, symbols * words)))
  }

  /// Measures everything.
  func table() throws -> EvaluationTable {
    var table = EvaluationTable(columns: scores.columns)
    table.add(heldOutRow())
    let end = try measure(model, named: "this model (step \(request.model.step))")
    table.add(end.row)
    if let warmStart, let step = request.warmStart?.step {
      let start = try measure(warmStart, named: "warm start (step \(step))")
      table.add(start.row)
      let effect = DuelEffect(
        from: start.row, to: end.row, columns: scores.columns, pairedErrors: pairedErrors(start, end))
      table.notes.append(effect.description)
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
    guard format.hasEnd, nats.allSatisfy(\.isFinite) else {
      return .missing(reason: "samples are not whole strings of the grammar")
    }
    return .measured(Score(ratioOf: nats, to: likelihood.symbolCounts, using: &stream))
  }

  /// A row with what its scores were made of, to be compared pair by pair.
  private struct Measurement {
    var row: EvaluationTable.Row
    /// Whether each sample is a copy.
    var copies: [Bool]
    /// Of each held-out sample.
    var nats: [Double]
  }

  /// Standard errors of the differences: both score the same held-out samples with the same latents, and draw from
  /// the same random numbers.
  private func pairedErrors(_ start: Measurement, _ end: Measurement) -> [String: Double] {
    var stream = stream("difference")
    let nats = zip(end.nats, start.nats).map { $0 - $1 }
    let copies = zip(end.copies, start.copies).map { 100 * (($0 ? 1.0 : 0) - ($1 ? 1 : 0)) }
    return [
      "nll": Score(ratioOf: nats, to: likelihood.symbolCounts, using: &stream).standardError,
      "copies": Score(meanOf: copies).standardError,
    ].compactMapValues(\.self)
  }

  private func measure(_ text: TrainedText, named name: String) throws -> Measurement {
    // The same draws for the model and its warm start: what differs is the weights.
    var stream = stream("model")
    let prior = text.recipe.training.prior
    // Labels in the data's shares, since the data is what the samples are compared with.
    let samples = try TextSampler(
      text.generator, prior: prior, options: options.sampling, labelCounts: labelCounts
    ).samples(count: count, seed: request.seed)
    let nats = try likelihood.nats(of: text.generator, prior: prior, draws: options.likelihoodDraws)
    let row = scores.row(
      name: name, source: .model, samples: samples, seed: request.seed,
      likelihood: .measured(Score(ratioOf: nats, to: likelihood.symbolCounts, using: &stream)), using: &stream
    )
    return Measurement(row: row, copies: samples.map { scores.isCopy($0) }, nats: nats)
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
        "Divergences, distances and Markov chains: \(training.count) of \(corpus.training.count) training samples, "
          + "evenly spread. Copies: all of them.")
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
