import Adversarial
import Corpora
import Failures
import Foundation
import Metrics
import Torch

/// A model that an evaluation table has a row for.
public struct EvaluatedModel<M: Modality> {
  /// The row's name: which run, and which step of it.
  public let name: String
  /// The model.
  public let model: TrainedModel<M>
  /// Which run it belongs to: 0 for the run that is evaluated, then those beside it.
  public let run: Int
  /// Whether this is the model before its game rather than after it.
  public let isStart: Bool
  /// Of how many samples one is kept, by the model's verdict; 1 where all are.
  public let kept: Int

  /// Draws its samples.
  ///
  /// - Throws: `UserError` (usage) for options that the model cannot follow.
  public func sampler(_ options: M.Sampling) throws -> Sampler<M> { try model.sampler(options, oneOf: kept) }

  /// The rule by which samples are kept; nil where all are.
  public var selection: Selection? { model.selection(oneOf: kept) }
}

/// What to measure: the model, the same model before its game, other runs, and the data that all are compared with.
///
/// Every medium has the same rows in the same order; it brings the scores.
public struct EvaluationRequest<M: Modality> {
  /// The model that is evaluated, then the same with one of several samples kept where that is asked for, then the same before
  /// its game; likewise for each run beside it.
  public let models: [EvaluatedModel<M>]
  /// The data, held-out part included.
  public let dataset: M.Dataset
  /// Samples to draw per row; nil for the medium's default.
  public let count: Int?
  /// Seed of all draws.
  public let seed: UInt64
  /// Whether generated samples have all labels equally often, rather than in the training data's shares.
  public let hasEqualLabels: Bool
  /// Which labels generated samples have.
  public let labels: LabelChoice
  /// What latents are multiplied by.
  public let truncation: Double
  /// Of how many samples one is kept in the rows of a selection; 1 without such rows.
  public let kept: Int

  /// Asks for a measurement.
  ///
  /// - Parameters:
  ///   - model: what is evaluated.
  ///   - beside: runs or checkpoints that are measured like it.
  ///   - dataset: the data.
  ///   - count: samples to draw per row; nil for the medium's default.
  ///   - seed: of all draws.
  ///   - hasEqualLabels: whether generated samples have all labels equally often.
  ///   - truncation: what latents are multiplied by.
  ///   - kept: more than 1 for a row beside each model with a verdict, of which one of so many samples is kept.
  /// - Throws: `UserError` where there is no such run, or it makes other samples than the model.
  public init(
    _ model: TrainedModel<M>, beside: [String] = [], dataset: M.Dataset, count: Int? = nil, seed: UInt64 = 0,
    hasEqualLabels: Bool = false, truncation: Double = 1, oneOf kept: Int = 1
  ) throws {
    models =
      try Self.rows(of: model, run: 0, name: "this model", startName: "before the game", oneOf: kept)
      + beside.enumerated().flatMap { index, path in
        let url = URL(fileURLWithPath: path)
        let other = try TrainedModel<M>(contentsOf: url, device: model.device)
        let (found, expected) = (try other.recipe.completeSpec(), try model.recipe.completeSpec())
        guard found.isComparable(to: expected) else {
          throw UserError(
            .badData, "--beside \(path): found \(found.summary), expected the model's \(expected.summary)")
        }
        let name = url.lastPathComponent
        return try Self.rows(
          of: other, run: index + 1, name: name, startName: "\(name), before the game", oneOf: kept)
      }
    (self.dataset, self.count, self.seed) = (dataset, count, seed)
    (self.hasEqualLabels, self.truncation, self.kept) = (hasEqualLabels, truncation, kept)
    let classes = try model.recipe.completeSpec().labels.count
    labels =
      classes == 0
      ? .any : hasEqualLabels ? .each : .shares(of: dataset.trainingLabels, classes: classes)
  }

  private static func rows(
    of model: TrainedModel<M>, run: Int, name: String, startName: String, oneOf kept: Int
  ) throws -> [EvaluatedModel<M>] {
    func row(_ name: String, _ model: TrainedModel<M>, isStart: Bool = false, oneOf kept: Int = 1)
      -> EvaluatedModel<M>
    {
      let words =
        (model.recipe.family.name.map { $0 + ", " } ?? "") + "step \(model.step)"
        + (model.keptStep < model.step ? ", generator of \(model.keptStep)" : "")
      return EvaluatedModel(
        name: "\(name) (\(words))", model: model, run: run, isStart: isStart, kept: kept)
    }
    let selected =
      model.selection(oneOf: kept).map { _ in row("\(name), one of \(kept)", model, oneOf: kept) }
    let start = try model.start().map { row(startName, $0, isStart: true) }
    return [row(name, model)] + [selected, start].compactMap(\.self)
  }

  /// The model that is evaluated.
  public var model: TrainedModel<M> { models[0].model }

  /// An earlier row whose generator has the same weights and whose samples are kept by the same rule, so that both rows have
  /// the same samples: a run whose game did not help ends with the generator that the game began with.
  ///
  /// - Parameter index: of one of `models`.
  /// - Returns: the index of the first such row; nil where there is none.
  public func twin(of index: Int) throws -> Int? {
    func state(_ row: EvaluatedModel<M>) throws -> [(name: String, tensor: Tensor)] {
      try M.Recipe.coreGenerator(row.model.generator).state
    }
    let own = models[index]
    return try models[..<index].firstIndex { other in
      guard other.run == own.run, other.kept == own.kept else { return false }
      return try zip(state(own), state(other)).allSatisfy { try $0.tensor.isEqual(to: $1.tensor) }
    }
  }

  /// Samples of a row's model as one tensor, the same draws for each row.
  ///
  /// - Parameters:
  ///   - row: one of `models`.
  ///   - count: how many, unless the request says so.
  ///   - options: how they are drawn.
  /// - Throws: `UserError` (usage) for options that the model cannot follow.
  public func tensor(of row: EvaluatedModel<M>, count: Int, options: M.Sampling) throws -> Sampler<M>.Chunk {
    let (sampler, count) = (try row.sampler(options), self.count ?? count)
    WorkLine.begin(models.count > 1 ? "drawing for \(models.count) rows" : "drawing", total: count)
    return try sampler.tensor(
      count: count, seed: seed, labels: labels, truncation: truncation, progress: { WorkLine.advance(by: $0) }
    )
  }

  /// What the game changed in the run that is evaluated and, where there are several, in the mean of all: rows of a
  /// table compared.
  ///
  /// - Parameters:
  ///   - table: has a row for each of `models`, in their order, and no other row of a model.
  ///   - pairedErrors: by column key, standard errors of the mean difference of some pairs of rows (start, end), where
  ///     they are known from what rows share; indices are those of `models`.
  public func gameEffects(
    in table: EvaluationTable,
    pairedErrors: ([(start: Int, end: Int)]) -> [String: Double] = { _ in [:] }
  ) -> [String] {
    let rows = table.rows.filter { $0.source == .model }
    precondition(rows.count == models.count, "a row for each model")
    let pairs = models.indices.filter { models[$0].isStart }.compactMap { start in
      models.firstIndex { $0.run == models[start].run }.map { (start: start, end: $0) }
    }
    guard let first = pairs.first, models[first.end].run == 0 else {
      return ["Nothing to compare with before the game: this is its start, or the run's start is gone."]
    }
    let effects = pairs.map { pair in
      DuelEffect.Run(start: rows[pair.start], end: rows[pair.end], pairedErrors: pairedErrors([pair]))
    }
    return [DuelEffect([effects[0]], columns: table.columns).description]
      + (effects.count > 1
        ? [DuelEffect(effects, columns: table.columns, pooledErrors: pairedErrors(pairs)).description] : [])
  }

  /// Measures everything: the medium's table, with notes on how samples were drawn.
  ///
  /// - Throws: `UserError` where there is too little data, or the model does not support the options.
  public func table(options: M.EvaluateOptions) throws -> EvaluationTable {
    var table = try M.evaluate(self, options: options)
    table.notes += notes + (M.shortage(of: dataset)?.notes ?? [])
    return table
  }

  /// A table's note on how its samples were drawn.
  private var notes: [String] {
    var notes: [String] = []
    if model.recipe.spec?.labels.isEmpty == false {
      notes.append(
        hasEqualLabels
          ? "Labels: generated samples have each equally often, real ones in the data's shares."
          : "Labels: generated samples have them in the training data's shares.")
    }
    if truncation != 1 { notes.append("Latents were multiplied by \(truncation).") }
    if kept > 1 {
      let ends = models.indices.filter { !models[$0].isStart && models[$0].kept == 1 }.map { models[$0] }
      notes += ends.map { "\($0.name): \($0.model.selectionSentence(oneOf: kept))." }
    }
    return notes
  }
}

extension EvaluationRequest where M.Dataset: CorpusDataset {
  /// A table's notes on parts of the data that were thinned.
  ///
  /// - Parameters:
  ///   - training: training samples that are compared with, at most.
  ///   - heldOut: held-out samples that are compared with, at most.
  ///   - noun: what samples are called, such as "clips".
  public func thinningNotes(training: Int, heldOut: Int, noun: String) -> [String] {
    let corpus = dataset.corpus
    return [
      ("Training", training, corpus.training.count), ("Held out", heldOut, corpus.heldOut.count),
    ].compactMap { part, used, count in
      used < count ? "\(part): \(used) of \(count) \(noun), evenly spread." : nil
    }
  }
}

extension LabelledSamples {
  /// The indices of so many samples, evenly spread over the part; of all where it has no more.
  public func spread(_ limit: Int) -> [Int] { EvenSpread.indices(limit, outOf: count) }
}
