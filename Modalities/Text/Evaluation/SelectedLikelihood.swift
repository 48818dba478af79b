import Adversarial
import Foundation
import Metrics
import TextDatasets
import Torch

/// What keeping one of several samples, by a verdict, does to the likelihood of held-out samples.
///
/// A generator of density q of whose samples each is kept with the probability z(x) has the density q(x) z(x) / Z, where Z is
/// the share that is kept. With ever more samples to choose from it becomes the residual model q(x) r(x) / mean r of the
/// verdict's ratio r (Deng et al., 2020, "Residual energy-based models for text generation").
public struct SelectedLikelihood {
  /// Samples that are judged at a time.
  private static let batchSize = 256

  /// How much the log-likelihood of each held-out sample rises by the selection, in nats.
  let logRises: [Double]
  /// The same for the residual model: their mean, with the error of both the held-out samples and the mean ratio.
  public let residual: Score

  /// Judges held-out samples.
  ///
  /// - Parameters:
  ///   - selection: what keeps samples.
  ///   - samples: symbol ids without ends; at least one.
  ///   - labels: the label of each; nil without labels.
  ///   - spec: what the data decides.
  ///   - device: where the verdict's network lies.
  public init(_ selection: Selection, samples: [[Int32]], labels: [Int]?, spec: TextSpec, device: Device)
    throws
  {
    var logRatios: [Double] = []
    for start in stride(from: 0, to: samples.count, by: Self.batchSize) {
      let rows = start..<min(start + Self.batchSize, samples.count)
      let vectors = try spec.oneHot(Array(samples[rows])).moved(to: device)
      let classes = try labels.map { try Tensor(Array($0[rows]), shape: [rows.count], device: device) }
      logRatios += try selection.verdict.logRatios(of: vectors, labels: classes)
    }
    let classes: [Int?] = labels ?? Array(repeating: nil, count: samples.count)
    let known = Set(classes)
    let rules = Dictionary(uniqueKeysWithValues: known.map { ($0, selection.rule(for: $0)) })
    let normalisers = Dictionary(
      uniqueKeysWithValues: known.map { ($0, selection.verdict.logNormaliser(for: $0)) })
    logRises = zip(logRatios, classes).map { logRatio, label in
      guard let rule = rules[label] else { return 0 }
      // A sample that is never kept would be impossible; one of a million is as good as none.
      return log(max(rule.acceptance(logRatio: logRatio), 1e-6)) - log(rule.outlook.acceptance)
    }
    let differences = zip(logRatios, classes).map { $0 - (normalisers[$1]?.value ?? 0) }
    let error = normalisers.values.map(\.standardError).max() ?? 0
    var residual = Score(meanOfSamples: differences)
    residual.standardError = residual.standardError.map { ($0 * $0 + error * error).squareRoot() }
    self.residual = residual
  }

  /// What the residual model gains, in words.
  var note: String {
    let error = residual.standardError.map { String(format: "%.3f", $0) } ?? "?"
    return String(
      format: "NLL counts what is kept; the residual model, generator times ratio, has %.3f ± ",
      residual.value)
      + "\(error) nats a sample less than the generator."
  }
}
