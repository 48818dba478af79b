import Adversarial
import Reports

/// Which numbers of a run's reports share a chart, and how one reads it.
enum RunCharts {
  /// A chart's numbers: by name, or all of a prefix that ends with a dot.
  private struct Family {
    let title: String
    var remark: String?
    var reference: Double?
    let names: [String]
    /// Standard errors of some names, by name.
    var errors: [String: String] = [:]
  }

  private static let families: [Family] = [
    Family(
      title: "What the discriminator tells",
      remark: "share of right decisions; guessing is ½",
      reference: 0.5,
      names: [ScalarName.heldOutAccuracy, ScalarName.trainingAccuracy, ScalarName.discriminatorAccuracy]),
    Family(
      title: "Losses", names: ["discriminator.loss", "generator.loss", "warmUp.loss", "generator.anchor"]),
    Family(title: "Score on validation data", remark: "smaller is better", names: ["validation"]),
    Family(
      title: "Nats a sample that its logits tell", remark: "give or take a standard error; 0 is nothing",
      reference: 0,
      names: [ScalarName.heldOutGain, ScalarName.trainingGain],
      errors: [
        ScalarName.heldOutGain: ScalarName.heldOutGainError,
        ScalarName.trainingGain: ScalarName.trainingGainError,
      ]),
    Family(
      title: "Diversity", remark: "distances within generated batches over those within real ones",
      reference: 1,
      names: [ScalarName.sampleDiversity]),
    Family(title: "Penalties", names: ["penalty."]),
    Family(
      title: "Gradient norms", remark: "before clipping",
      names: [ScalarName.generatorGradientNorm, "discriminator.gradientNorm"]),
    Family(title: "Verdict: losses", names: ["verdict.loss", "verdict.heldOutLoss"]),
    Family(title: "Verdict: share of right decisions", reference: 0.5, names: ["verdict.accuracy"]),
    Family(
      title: "Verdict: nats a sample", remark: "give or take a standard error", reference: 0,
      names: ["verdict.gain"], errors: ["verdict.gain": "verdict.gainError"]),
    Family(title: "Steps a second", names: ["rate"]),
    Family(title: "Share of time spent waiting for data", names: ["waiting"]),
  ]

  /// The charts of a run; numbers of no family have one each.
  static func charts(of history: MetricsHistory) -> [Chart] {
    var rest = Set(history.series.keys)
    var charts: [Chart] = []
    for family in families {
      let names = family.names.flatMap { name in
        name.hasSuffix(".") ? rest.filter { $0.hasPrefix(name) }.sorted() : rest.contains(name) ? [name] : []
      }
      rest.subtract(names)
      rest.subtract(family.errors.values)
      guard !names.isEmpty, names != ["waiting"] || hasWaited(history) else { continue }
      let curves = names.map { curve($0, in: history, errors: family.errors[$0]) }
      charts.append(
        Chart(title: family.title, remark: family.remark, reference: family.reference, curves: curves))
    }
    return charts + rest.sorted().map { Chart(title: words($0), curves: [curve($0, in: history)]) }
  }

  /// One chart for each number that more than one run reports, a curve for each run, in the order of a run's own charts.
  static func overlay(_ runs: [(name: String, history: MetricsHistory)]) -> [Chart] {
    let known = families.flatMap(\.names)
    let all = Set(runs.flatMap { $0.history.series.keys })
    let errors = Set(families.flatMap(\.errors.values))
    let shared = all.filter { name in
      !errors.contains(name) && name != "waiting"
        && runs.filter { $0.history.series[name] != nil }.count > 1
    }
    func rank(_ name: String) -> Int { known.firstIndex { name.hasPrefix($0) } ?? known.count }
    return shared.sorted { (rank($0), $0) < (rank($1), $1) }.map { name in
      let family = families.first { $0.names.contains { name.hasPrefix($0) } }
      return Chart(
        title: words(name), remark: family?.remark, reference: family?.reference,
        curves: runs.compactMap { run in
          run.history.series[name].map { Curve(name: run.name, steps: $0.steps, values: $0.values) }
        })
    }
  }

  private static func hasWaited(_ history: MetricsHistory) -> Bool {
    history.series["waiting"]?.values.contains { $0 > 0.01 } ?? false
  }

  private static func curve(_ name: String, in history: MetricsHistory, errors: String? = nil) -> Curve {
    let series = history.series[name] ?? MetricsHistory.Series()
    let deviations = errors.flatMap { history.series[$0] }
    return Curve(
      name: labels[name] ?? words(name), steps: series.steps, values: series.values,
      errors: deviations?.steps == series.steps ? deviations?.values : nil)
  }

  /// Names in a legend, under a title that says what they are of.
  private static let labels = [
    ScalarName.heldOutAccuracy: "held-out samples", ScalarName.trainingAccuracy: "training samples",
    ScalarName.discriminatorAccuracy: "batches of training", ScalarName.heldOutGain: "held-out samples",
    ScalarName.trainingGain: "training samples", "discriminator.loss": "discriminator",
    "generator.loss": "generator",
    "warmUp.loss": "warm-up", "generator.anchor": "anchor", ScalarName.generatorGradientNorm: "generator",
    "discriminator.gradientNorm": "discriminator", ScalarName.sampleDiversity: "generated samples",
    "verdict.loss": "training samples", "verdict.heldOutLoss": "held-out samples", "validation": "score",
    "rate": "steps",
  ]

  /// A dotted name as words: `discriminator.heldOutAccuracy` is "discriminator, held out accuracy".
  static func words(_ name: String) -> String {
    var text = ""
    for letter in name {
      if letter == "." {
        text += ", "
      } else if letter.isUppercase {
        text += " " + letter.lowercased()
      } else {
        text.append(letter)
      }
    }
    return text
  }
}
