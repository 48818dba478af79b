import Corpora
import Metrics

/// Columns of an evaluation, and how many samples their numbers need: fewer say nothing, or are compared by a rule that holds
/// for more. What few samples will not have numbers for can so be said before a training.
public struct EvaluationNeed: Equatable, Sendable {
  /// The columns' names, as the table has them.
  public let columns: [String]
  /// Held-out samples that they need, at least.
  public let heldOut: Int
  /// Training samples that they need, at least.
  public let training: Int

  /// Says what columns need.
  public init(_ columns: [String], heldOut: Int, training: Int = 1) {
    (self.columns, self.heldOut, self.training) = (columns, heldOut, training)
  }

  /// The columns with the numbers that they need, of those parts that have too few.
  fileprivate func words(training found: Int, heldOut: Int) -> String {
    let parts = [
      heldOut < self.heldOut ? "\(self.heldOut) held out" : nil,
      found < training ? "\(training) to train on" : nil,
    ]
    return columns.joined(separator: ", ") + " (needs \(parts.compactMap(\.self).joined(separator: " and ")))"
  }
}

extension EvaluationNeed {
  /// What a `NearnessTest` needs.
  public static let nearness = EvaluationNeed(["Z_U"], heldOut: NearnessTest.minimumCount)

  /// What columns of two-sample tests need.
  ///
  /// - Parameters:
  ///   - columns: their names.
  ///   - training: training samples, where rows have no more samples than these.
  public static func twoSample(_ columns: [String], training: Int = 1) -> EvaluationNeed {
    EvaluationNeed(columns, heldOut: TwoSampleAccuracy.minimumCount, training: training)
  }
}

extension Modality {
  /// What an evaluation of a data set does not compute, as the data has too few samples: before a training, and below a table.
  ///
  /// - Parameter dataset: any; nothing is known of one that is no corpus.
  /// - Returns: nil where it computes everything.
  static func shortage(of dataset: Dataset) -> EvaluationShortage? {
    guard let dataset = dataset as? any CorpusDataset else { return nil }
    return EvaluationShortage(dataset) { evaluationNeeds(hasLabels: $0) }
  }
}

/// What of an evaluation is not computed, or means less, as a data set has few samples.
struct EvaluationShortage: Equatable {
  private let training: Int
  private let heldOut: Int
  private let missing: [String]
  private let isHeldOutTraining: Bool

  /// Compares a data set with needs; nil where it meets them all.
  init?(_ dataset: some CorpusDataset, needs: (_ hasLabels: Bool) -> [EvaluationNeed]) {
    let corpus = dataset.corpus
    let (training, heldOut) = (corpus.training.count, corpus.heldOut.count)
    self.init(
      training: training, heldOut: heldOut, isHeldOutTraining: corpus.isHeldOutTraining,
      needs: needs(corpus.labelNames.count > 1))
  }

  init?(training: Int, heldOut: Int, isHeldOutTraining: Bool = false, needs: [EvaluationNeed]) {
    (self.training, self.heldOut, self.isHeldOutTraining) = (training, heldOut, isHeldOutTraining)
    missing = needs.filter { heldOut < $0.heldOut || training < $0.training }.map {
      $0.words(training: training, heldOut: heldOut)
    }
    if missing.isEmpty && !isHeldOutTraining && heldOut >= Strata.minimum { return nil }
  }

  private var counts: String { "\(training) to train on and \(heldOut) held out" }

  private var errors: [String] {
    heldOut < Strata.minimum ? ["standard errors over fewer than \(Strata.minimum) samples"] : []
  }

  /// What is missing, in words for before the training; nil where nothing is. What the data's own description says is not
  /// repeated.
  var summary: String? {
    let parts = missing + errors
    return parts.isEmpty
      ? nil
      : "with \(counts), 'evaluate' will not compute \(parts.joined(separator: "; ")); --holdout names more"
  }

  /// The same as a line of its own.
  var notice: String? { summary.map { "note: \($0)" } }

  /// Lines for below a table.
  var notes: [String] {
    var notes: [String] = []
    if isHeldOutTraining {
      notes.append(
        "Held-out samples are those trained on, as there are too few to hold any out: no score says anything of unseen data."
      )
    }
    let parts = missing + errors
    if !parts.isEmpty { notes.append("Not computed with \(counts): " + parts.joined(separator: "; ") + ".") }
    return notes
  }
}
