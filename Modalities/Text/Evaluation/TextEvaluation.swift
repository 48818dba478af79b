import ArgumentParser
import Failures
import Foundation
import Metrics
import ModalityKit
import TextDatasets
import Torch

/// The evaluation of text models: one row each for held-out text, the models of a request and Markov chains, all measured
/// alike.
struct TextEvaluation {
  /// Training samples that metrics compare with, at most; a large corpus is thinned evenly.
  static let trainingLimit = 200_000
  /// Held-out samples that are drawn from, at most, and samples of each row unless asked otherwise.
  private static let heldOutLimit = 10_000
  /// Samples of each row that divergences and distances look at, unless there are fewer.
  private static let comparedCount = 640
  /// Symbols that the distances of a row pass, in words of 64 bits: about half a minute.
  private static let distanceBudget = 1 << 30
  /// Orders of Markov chains that have a row, beside the best of all up to the largest.
  private static let markovOrders = [2, 3]
  private static let largestOrder = 6
  /// Validation samples, and symbols of them, that chains are tuned on, at most.
  private static let tuningLimit = 4_096
  private static let tuningSymbols = 1 << 17

  private let request: EvaluationRequest<Text>
  private let options: TextEvaluateOptions
  private let spec: TextSpec
  private let scores: TextScores
  private let training: [[Int32]]
  private let heldOut: [[Int32]]
  private let heldOutLabels: [Int]?
  private let likelihood: HeldOutLikelihood
  private let twoSample: TextTwoSampleTest
  /// Held-out samples in random order, as many as a row has.
  private let heldOutRowSamples: [[Int32]]
  private let count: Int
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
    spec = try request.model.recipe.completeSpec()
    let corpus = request.dataset.corpus
    training = corpus.training.spread(trainingLimit).map { corpus.training.encoded($0) }
    let indices = corpus.heldOut.spread(Self.heldOutLimit)
    heldOut = indices.map { corpus.heldOut.encoded($0) }
    heldOutLabels = corpus.heldOut.labels(at: indices)
    likelihood = try HeldOutLikelihood(
      samples: heldOut, labels: heldOutLabels, spec: spec, device: request.model.device)
    count = request.count ?? heldOut.count
    let compared = min(Self.comparedCount, heldOut.count, count)
    let length = spec.sequenceLength
    var stream = RandomStream(seed: request.seed, name: "evaluation held-out real")
    let held = heldOut
    heldOutRowSamples = stream.indices(count, outOf: held.count).map { held[$0] }
    twoSample = try TextTwoSampleTest(
      training: training, heldOut: heldOut, count: count, spec: spec, seed: request.seed,
      device: request.model.device)
    scores = TextScores(
      training: training, lineLength: length, orders: [1, 2, 3, 4, 6].filter { $0 <= length },
      divergenceCount: compared, nearestCount: Self.nearestCount(of: compared, training: training),
      isTrainingLine: training.count < corpus.training.count ? corpus.copyTest : nil,
      heldOut: heldOutRowSamples)
  }

  /// How many of the samples are compared with all training samples: fewer where these are many and long.
  static func nearestCount(of compared: Int, training: [[Int32]]) -> Int {
    let symbols = training.reduce(0) { $0 + $1.count }
    let words = ((training.map(\.count).max() ?? 0) + 63) / 64
    return min(compared, max(32, distanceBudget / max(1, symbols * words)))
  }

  /// Measures everything.
  ///
  /// - Throws: `UserError` where a run beside the model writes other text.
  func table() throws -> EvaluationTable {
    var table = EvaluationTable(columns: scores.columns + twoSample.columns)
    WorkLine.begin("measuring rows", total: 2 + request.models.count)
    table.add(try heldOutRow())
    WorkLine.advance()
    let measured = try request.models.map { model in
      defer { WorkLine.advance() }
      return try measure(model)
    }
    for row in measured.map(\.row) { table.add(row) }
    table.notes += request.gameEffects(in: table) { pairs in
      pairedErrors(pairs.map { (start: measured[$0.start], end: measured[$0.end]) })
    }
    for markov in chains {
      var stream = stream("Markov \(markov.order)")
      let samples = markov.sample(count: count, maximumLength: spec.maximumLength, using: &stream)
      let row = scores.row(
        markov: markov, samples: samples, heldOut: heldOut, seed: request.seed, using: &stream)
      table.add(row.adding(try twoSample.measure(samples).cells))
    }
    table.notes += measured.compactMap(\.residualNote) + notes
    return table
  }

  /// The Markov chains of some orders, and of all orders the one that validation samples are likeliest under.
  private var chains: [MarkovGenerator] {
    let counts = MarkovGenerator(
      training: training, order: Self.largestOrder, vocabularySize: spec.vocabulary.count,
      hasEnd: spec.hasEnd, unknown: spec.vocabulary.unknown)
    let samples = corpus.untrained
    let limit = min(Self.tuningLimit, max(1, Self.tuningSymbols / spec.sequenceLength))
    let lines = samples.spread(limit).map { samples.encoded($0) }
    let best = counts.tuned(on: lines, orders: Array(1...Self.largestOrder))
    let others = Self.markovOrders.filter { $0 != best.order }.map { counts.tuned(on: lines, orders: [$0]) }
    return (others + [best]).sorted { $0.order < $1.order }
  }

  private func heldOutRow() throws -> EvaluationTable.Row {
    var stream = stream("held-out real errors")
    let likelihood = trueLikelihood(&stream)
    return scores.row(
      name: "held-out real", source: .real, samples: heldOutRowSamples, seed: request.seed,
      likelihood: likelihood, isHeldOut: true, using: &stream
    ).adding(try twoSample.measureHeldOut().cells)
  }

  /// The likelihood under the distribution that the built-in corpus is a sample of; real text has none that is known.
  private func trueLikelihood(_ stream: inout RandomStream) -> EvaluationTable.Cell {
    guard let lines = request.dataset.grammar?.distinctDraws else {
      return .missing(reason: "the true distribution of the data is not known")
    }
    let nats = heldOut.map { -lines.logLikelihood(of: spec.vocabulary.decode($0)) }
    guard spec.hasEnd, nats.allSatisfy(\.isFinite) else {
      return .missing(reason: "samples are not whole strings of the grammar")
    }
    return .measured(Score(ratioOf: nats, to: likelihood.symbolCounts, using: &stream))
  }

  /// A row with what its scores were made of, to be compared pair by pair.
  private struct Measurement {
    var row: EvaluationTable.Row
    /// 100 for each sample that is a copy, 0 for the others.
    var copies: [Double]
    /// Of each held-out sample.
    var nats: [Double]
    /// What the residual model makes of held-out samples, of a row whose samples are selected.
    var residualNote: String?
    var telling: TwoSampleColumns.Measurement
  }

  /// Standard errors of the mean differences: all score the same held-out samples with the same latents, and draw from
  /// the same random numbers.
  private func pairedErrors(_ pairs: [(start: Measurement, end: Measurement)]) -> [String: Double] {
    var stream = stream("difference")
    func mean(_ values: (Measurement) -> [Double]) -> [Double] {
      let differences = pairs.map { pair in zip(values(pair.end), values(pair.start)).map { $0 - $1 } }
      return differences[0].indices.map { index in
        differences.reduce(0) { $0 + $1[index] } / Double(differences.count)
      }
    }
    let nats = mean { $0.nats }
    let telling = TwoSampleColumns.Measurement.pairedErrors(
      pairs.flatMap { [$0.start.telling, $0.end.telling] },
      pairs.indices.map { (start: 2 * $0, end: 2 * $0 + 1) })
    return [
      "nll": Score(ratioOf: nats, to: likelihood.symbolCounts, using: &stream).standardError,
      "copies": Score(meanOfSamples: mean { $0.copies }).standardError,
    ].compactMapValues(\.self).merging(telling) { $1 }
  }

  private func measure(_ evaluated: EvaluatedModel<Text>) throws -> Measurement {
    // The same draws for all models: what differs is the weights.
    var stream = stream("model")
    let model = evaluated.model
    let samples = try evaluated.sampler(options.sampling).symbols(
      count: count, seed: request.seed, labels: request.labels, truncation: request.truncation)
    var nats = try likelihood.nats(
      of: model.generator, prior: model.recipe.training.prior, draws: options.likelihoodDraws)
    let selected = try evaluated.selection.map {
      try SelectedLikelihood($0, samples: heldOut, labels: heldOutLabels, spec: spec, device: model.device)
    }
    if let selected { nats = zip(nats, selected.logRises).map { $0 - $1 } }
    let row = scores.row(
      name: evaluated.name, source: .model, samples: samples, seed: request.seed,
      likelihood: .measured(Score(ratioOf: nats, to: likelihood.symbolCounts, using: &stream)), using: &stream
    )
    let telling = try twoSample.measure(samples)
    return Measurement(
      row: row.adding(telling.cells), copies: samples.map { scores.isCopy($0) ? 100 : 0 }, nats: nats,
      residualNote: selected.map { "\(evaluated.name): \($0.note)" }, telling: telling)
  }

  private func stream(_ use: String) -> RandomStream {
    RandomStream(seed: request.seed, name: "evaluation \(use)")
  }

  private var notes: [String] {
    var notes = [
      "NLL: nats per symbol of \(heldOut.count) held-out samples, "
        + (spec.hasEnd ? "ends counted, padding not" : "windows have no end")
        + "; for a model an upper bound, the mean of \(options.likelihoodDraws) latents.",
      "Markov chains: by interpolated counts, whose weight, like the best of the orders up to \(Self.largestOrder), "
        + (corpus.validation.isEmpty ? "held-out" : "validation")
        + " samples chose; samples are drawn by the same.",
    ]
    if let unknown = spec.vocabulary.unknown {
      let count = heldOut.reduce(0) { $0 + $1.count { $0 == unknown } }
      let symbols = heldOut.reduce(0) { $0 + $1.count }
      notes.append(
        "Symbols beyond the vocabulary: \(count) of \(symbols) held-out ones, all of them one unknown symbol to the table. "
          + "Its likelihood counts, but neither models nor Markov chains write it.")
    }
    notes += twoSample.notes
    if training.count < corpus.training.count {
      notes.append(
        "Divergences, distances and Markov chains: \(training.count) of \(corpus.training.count) training samples, "
          + "evenly spread. Copies: all of them.")
    }
    if heldOut.count < corpus.heldOut.count {
      notes.append("Held out: \(heldOut.count) of \(corpus.heldOut.count) samples, evenly spread.")
    }
    if let lines = request.dataset.grammar?.distinctDraws, spec.hasEnd {
      let symbols = lines.meanLength + 1
      notes.append(
        String(
          format:
            "NLL of held-out real: under the distribution of distinct draws from the grammar, the lowest to be expected"
            + " (%.4f over all such lines; the grammar itself, which repeats frequent ones, %.4f).",
          lines.entropy / symbols, lines.crossEntropyOfGrammar / symbols))
    }
    notes.append(EvaluationTable.errorMeaning)
    return notes
  }
}

/// The flags of `duel text evaluate`, beside those that all media share.
public struct TextEvaluateOptions: ModalitySamplingOptions {
  @OptionGroup var flags: TextSamplingFlags

  @Option(
    help: ArgumentHelp(
      """
      Latents that the likelihood of a held-out sample is averaged over: the more, the tighter the bound. Likelihoods \
      are those of the model as trained, whatever the temperature.
      """, valueName: "count"))
  var likelihoodDraws = 8

  /// No flags given.
  public init() {}

  /// Checks the ranges.
  public func validate() throws {
    guard (1...10_000).contains(likelihoodDraws) else {
      throw ValidationError("--likelihood-draws \(likelihoodDraws): expected 1 to 10000")
    }
  }

  /// How symbols are drawn.
  public var sampling: TextSampling { flags.sampling }
}
