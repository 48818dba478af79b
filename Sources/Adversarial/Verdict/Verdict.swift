import Failures
import Foundation
import Torch

/// What a discriminator of its own, trained after the game on samples of the finished generator, says of these: how far from
/// the data they are, and which of them to keep.
///
/// Its calibrated logit is the logarithm of the density ratio r = p / q. `selection(oneOf:)` turns that into a rule that keeps
/// one sample of several; `record` holds what was measured when it was trained, on real samples that neither the generator
/// nor the discriminator had seen.
public struct Verdict {
  /// What was measured.
  public let record: Record
  /// Makes logits of samples.
  public let network: any Discriminator
  /// Samples of the generator as the network judged them.
  public let pilot: Pilot

  /// Numbers of a verdict, as a checkpoint holds them.
  public struct Record: Codable, Hashable, Sendable {
    /// Turns logits into ratios.
    public var calibration: RatioCalibration
    /// What the ratio is worth on samples that it was neither trained nor calibrated on.
    public var gain: DensityRatio.Gain
    /// `RatioCalibration.deviation` on the same samples: within 2 where ratios are right.
    public var deviation: Double
    /// Real samples that the network was trained on.
    public var fitted: Int
    /// Real samples that it was calibrated and measured on.
    public var calibrated: Int

    /// Gathers them.
    public init(
      calibration: RatioCalibration, gain: DensityRatio.Gain, deviation: Double, fitted: Int, calibrated: Int
    ) {
      (self.calibration, self.gain, self.deviation) = (calibration, gain, deviation)
      (self.fitted, self.calibrated) = (fitted, calibrated)
    }

    /// Whether the network has found a difference: its calibration keeps some of its logits, and its gain lies more than two
    /// errors above zero. Otherwise the ratio is 1 everywhere as far as anybody knows, and nothing is to be selected by it.
    public var isUseful: Bool { calibration.slope > 0 && gain.isAbove(errors: 2) }

    /// The measurement in words.
    public var summary: String {
      let gain = String(format: "%.3f ± %.3f nats a sample", gain.value, gain.standardError)
      let samples = "on \(calibrated) real samples that nothing was trained on"
      return isUseful
        ? "gain \(gain) \(samples), slope \(String(format: "%.2f", calibration.slope)), "
          + "deviation \(String(format: "%.1f", deviation))"
        : "turned off: gain \(gain) \(samples), which is none beyond two errors"
    }
  }

  /// Samples of the generator as the network judged them.
  public struct Pilot: Hashable, Sendable {
    /// Samples that a label has at least for a rule of its own.
    private static let fewestOfLabel = 100

    /// The logarithm of the ratio of each.
    public var logRatios: [Double]
    /// The label that each was asked for; nil without labels.
    public var labels: [Int]?

    /// Gathers them.
    public init(logRatios: [Double], labels: [Int]? = nil) {
      (self.logRatios, self.labels) = (logRatios, labels)
    }

    /// The logarithms by label, of labels with enough samples for a rule of their own.
    var byLabel: [Int: [Double]] {
      guard let labels else { return [:] }
      return Dictionary(grouping: labels.indices) { labels[$0] }
        .filter { $0.value.count >= Self.fewestOfLabel }
        .mapValues { indices in indices.map { logRatios[$0] } }
    }
  }

  /// Gathers a verdict.
  public init(record: Record, network: any Discriminator, pilot: Pilot) {
    (self.record, self.network, self.pilot) = (record, network, pilot)
  }

  /// The logarithms of the density ratios of samples, up to a constant that is the same for all.
  ///
  /// - Parameters:
  ///   - samples: `[B, ...]`, as discriminators take them, where the network lies.
  ///   - labels: their classes `[B]`, for conditional networks.
  public func logRatios(of samples: Tensor, labels: Tensor?) throws -> [Double] {
    try network.judge(samples, labels: labels).map(record.calibration.logRatio)
  }

  /// The logarithm of the mean ratio over the generator's samples, with its standard error: what `logRatios` have to be
  /// lessened by for the ratio times the generator's density to sum to 1.
  ///
  /// - Parameter label: of samples of this label, where there are enough; nil without labels.
  public func logNormaliser(for label: Int?) -> DensityRatio.Gain {
    let logRatios = label.flatMap { pilot.byLabel[$0] } ?? pilot.logRatios
    let weights = Weights(logarithms: logRatios)
    let variance = weights.relative.variance(about: 1) / Double(logRatios.count)
    return DensityRatio.Gain(value: weights.logMean, standardError: variance.squareRoot())
  }

  /// A rule that keeps one sample of some number.
  ///
  /// - Parameter count: how many, at least 1; 1 keeps all.
  public func selection(oneOf count: Int) -> Selection { Selection(verdict: self, count: count) }
}

/// Keeps one of several samples of a generator, by a verdict: of each label the same share.
public struct Selection {
  /// Whose ratios decide.
  public let verdict: Verdict
  /// How many samples one is kept of.
  public let count: Int
  private let rule: BudgetedRejection
  private let rulesByLabel: [Int: BudgetedRejection]

  /// Finds the rules.
  init(verdict: Verdict, count: Int) {
    precondition(count >= 1, "one of at least one sample is kept")
    (self.verdict, self.count) = (verdict, count)
    let pilot = verdict.pilot
    rule = BudgetedRejection(logRatios: pilot.logRatios, keeping: 1 / Double(count))
    rulesByLabel = pilot.byLabel.mapValues {
      BudgetedRejection(logRatios: $0, keeping: 1 / Double(count))
    }
  }

  /// The rule for samples of a label.
  ///
  /// - Parameter label: its index, nil without labels.
  public func rule(for label: Int?) -> BudgetedRejection { label.flatMap { rulesByLabel[$0] } ?? rule }

  /// What the selection keeps and leaves, as the pilot samples say: over labels, its mean in their shares.
  public var outlook: BudgetedRejection.Outlook {
    guard let labels = verdict.pilot.labels, !labels.isEmpty else { return rule.outlook }
    var sum = BudgetedRejection.Outlook(acceptance: 0, effectiveShare: 0, totalVariation: 0, divergence: 0)
    for label in labels {
      let outlook = rule(for: label).outlook
      sum.acceptance += outlook.acceptance / Double(labels.count)
      sum.effectiveShare += 1 / outlook.effectiveShare / Double(labels.count)
      sum.totalVariation += outlook.totalVariation / Double(labels.count)
      sum.divergence += outlook.divergence / Double(labels.count)
    }
    sum.effectiveShare = 1 / sum.effectiveShare
    return sum
  }

  /// Which samples are kept.
  ///
  /// - Parameters:
  ///   - samples: `[B, ...]`, as discriminators take them, where the verdict's network lies.
  ///   - labels: the index of the label of each; nil without labels.
  ///   - stream: gives one number for each sample.
  /// - Returns: the rows that are kept, ascending.
  public func kept(of samples: Tensor, labels: [Int]?, using stream: inout RandomStream) throws -> [Int] {
    let classes = try labels.map { try Tensor($0).moved(to: samples.device) }
    let logRatios = try verdict.logRatios(of: samples, labels: classes)
    let chances = try stream.uniform([logRatios.count]).array(of: Float.self)
    return logRatios.indices.filter { row in
      Double(chances[row]) < rule(for: labels?[row]).acceptance(logRatio: logRatios[row])
    }
  }
}

extension Discriminator {
  /// One logit of each sample, as after training: the mean over a sample's positions where it has several.
  ///
  /// - Parameters:
  ///   - samples: `[B, ...]`, as the network takes them, where it lies.
  ///   - labels: their classes `[B]`, for conditional networks.
  func judge(_ samples: Tensor, labels: Tensor?) throws -> [Double] {
    try withoutGradients {
      try discriminate(samples, labels: labels, context: StepContext(seed: 0, scope: "verdict"))
        .logitsOfSamples().moved(to: .cpu).converted(to: .float64).array(of: Double.self)
    }
  }
}

extension Tensor {
  /// Logits `[B]` or `[B, ...]` as one of each sample in single precision, `[B]`: the mean over its positions.
  func logitsOfSamples() throws -> Tensor {
    let logits = try widened()
    return logits.rank == 1 ? logits : try logits.reshaped([logits.shape[0], -1]).mean(along: 1)
  }
}
