import Failures

/// Notices the two classical ways in which a duel dies: a discriminator so sure that the generator gets no
/// gradient, and a generator that makes one sample only. (Arjovsky & Bottou 2017, "Towards principled methods
/// for training generative adversarial networks"; Goodfellow 2016, "NIPS tutorial", on mode collapse.)
///
/// A condition that holds for some reports in a row is an episode and is told once; when a report ends it,
/// the next episode counts anew.
public struct HealthMonitor: Sendable {
  /// Reports in a row that make an episode.
  public var window = 5
  /// Accuracy above which a discriminator is sure.
  public var saturatedAccuracy = 0.99
  /// Norm below which the generator's gradient says nothing; most losses keep it large while the generator loses.
  public var vanishingGradientNorm = 1e-3
  /// Share of the data's diversity below which samples are all alike.
  public var collapsedDiversity = 0.05

  private var saturation = Episode()
  private var collapse = Episode()

  /// A monitor that has seen nothing yet.
  public init() {}

  /// Takes note of a report; reports without the scalars in question change nothing.
  ///
  /// - Returns: a sentence for each episode that this report completes.
  public mutating func warnings(for report: TrainingReport) -> [String] {
    var warnings: [String] = []
    if let accuracy = report[ScalarName.discriminatorAccuracy],
      let norm = report[ScalarName.generatorGradientNorm],
      saturation.extend(accuracy > saturatedAccuracy, to: window)
    {
      let effect =
        norm < vanishingGradientNorm ? "the generator learns nothing from it" : "the generator cannot keep up"
      warnings.append(
        "the discriminator is saturated: accuracy \(shortened(accuracy)), generator gradient "
          + "\(shortened(norm)) over \(window) reports, \(effect); lower its learning rate or strengthen its "
          + "penalty")
    }
    if let diversity = report[ScalarName.sampleDiversity],
      collapse.extend(diversity < collapsedDiversity, to: window)
    {
      warnings.append(
        "the generator has collapsed: its samples vary \(shortened(diversity)) times as much as the data "
          + "over \(window) reports; resume from an earlier checkpoint or change the loss")
    }
    return warnings
  }

  private struct Episode {
    var length = 0

    /// Whether this report makes the condition last for exactly `window` reports.
    mutating func extend(_ holds: Bool, to window: Int) -> Bool {
      length = holds ? length + 1 : 0
      return length == window
    }
  }
}
