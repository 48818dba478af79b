import Files
import Foundation
import Metrics
import Reports

/// Runs side by side: what differs in their recipes, what they took, and which scores differ by more than their errors.
struct RunComparison {
  /// A value of the recipes that is not the same in all runs.
  struct Difference {
    let key: String
    /// The value in each run as JSON; nil where its recipe has no such key.
    let values: [String?]
  }

  /// A score of all runs.
  struct ScoreRow {
    let column: EvaluationTable.Column
    /// The score of each run's model; nil where it has none.
    let scores: [Score?]
    /// Held-out real data's score.
    let real: Score?

    /// How a run's score differs from the first one's; nil where either has none, or none has an error.
    func difference(of run: Int) -> Score? {
      guard let own = scores[run], let first = scores[0], let error = own.standardError,
        let other = first.standardError
      else { return nil }
      return Score(own.value - first.value, standardError: (error * error + other * other).squareRoot())
    }

    /// Whether a run's score differs from the first one's by more than so many standard errors of both together.
    func isDifferent(_ run: Int) -> Bool {
      guard let difference = difference(of: run), let error = difference.standardError else { return false }
      return abs(difference.value) > RunComparison.errors * error
    }
  }

  /// Standard errors beyond which a difference is noticed.
  static let errors = 2.0

  let runs: [ReportedRun]
  let differences: [Difference]
  let scores: [ScoreRow]
  /// Why scores are missing or not to be compared, a sentence each.
  let notes: [String]

  /// Compares runs with the first of them.
  ///
  /// - Parameter runs: at least two.
  init(_ runs: [ReportedRun]) {
    self.runs = runs
    let leaves = runs.map { Dictionary($0.description.recipe.leaves.map { ($0.key, $0.value.text) }) { $1 } }
    differences = Set(leaves.flatMap(\.keys)).sorted(by: precedes).compactMap { key in
      let values = leaves.map { $0[key] }
      return Set(values).count > 1 ? Difference(key: key, values: values) : nil
    }
    let last = runs.map(\.evaluations.last)
    var notes: [String] = []
    for (run, evaluation) in zip(runs, last) where evaluation == nil {
      notes.append(
        "\(run.path) has not been evaluated: duel \(run.description.modality) evaluate \(run.path).")
    }
    let known = last.compactMap(\.self)
    if Set(known.map(\.fingerprint)).count > 1 {
      notes.append("The runs were measured on different data, so a difference may be that of the data.")
    }
    let counts = known.map { $0.table.rows.first { $0.source == .model }?.sampleCount }
    if Set(counts).count > 1 {
      notes.append("The runs were measured with different numbers of samples, which many scores depend on.")
    }
    scores = Self.scores(last)
    self.notes = notes
  }

  private static func scores(_ evaluations: [KeptEvaluation?]) -> [ScoreRow] {
    var columns: [EvaluationTable.Column] = []
    for evaluation in evaluations.compactMap(\.self) {
      columns += evaluation.table.columns.filter { column in !columns.contains { $0.key == column.key } }
    }
    func score(_ table: EvaluationTable?, _ source: EvaluationTable.Source, _ key: String) -> Score? {
      guard case .measured(let score)? = table?.rows.first(where: { $0.source == source })?.values[key] else {
        return nil
      }
      return score
    }
    return columns.map { column in
      ScoreRow(
        column: column, scores: evaluations.map { score($0?.table, .model, column.key) },
        real: evaluations.lazy.compactMap { score($0?.table, .real, column.key) }.first)
    }
  }

  /// Names of the runs, as short as they can be told apart.
  var names: [String] {
    let last = runs.map(\.folder.url.lastPathComponent)
    return Set(last).count == last.count ? last : runs.map(\.path)
  }

  // MARK: As tables

  /// What each run is and took.
  private var lengths: Comparison.Table {
    let facts = runs.map { run in
      Dictionary((run.facts + run.findings).map { ($0.label, $0.value) }) { first, _ in first }
    }
    let labels = [
      "step", "training", "preset", "seed", "computed on", "data", "best validation score", "ended early",
      "generator of", "account", "verdict",
    ]
    return Comparison.Table(
      title: "What they are and took", heads: [""] + names,
      rows: [Comparison.Table.Row(head: "medium", cells: runs.map(\.description.modality))]
        + labels.filter { label in facts.contains { $0[label] != nil } }.map { label in
          Comparison.Table.Row(head: label, cells: facts.map { $0[label] ?? "–" })
        })
  }

  private var recipes: Comparison.Table {
    Comparison.Table(
      title: "What differs in their recipes", heads: ["key"] + names,
      rows: differences.map { difference in
        Comparison.Table.Row(
          head: difference.key, cells: difference.values.map { Self.shortened($0 ?? "–") })
      },
      notes: differences.isEmpty ? ["Nothing: their recipes are equal."] : [])
  }

  private static func shortened(_ text: String) -> String {
    text.count > 60 ? String(text.prefix(57)) + "…" : text
  }

  private var measured: Comparison.Table {
    let others = names.indices.dropFirst()
    let rows = scores.map { row in
      let spelled = { (score: Score?) -> String in
        guard let score else { return "–" }
        return row.column.spelled(score.value)
          + (score.standardError.map { " ± " + row.column.spelled($0) } ?? "")
      }
      return Comparison.Table.Row(
        head: row.column.title,
        cells: [spelled(row.real)] + row.scores.map(spelled)
          + others.map { run in
            guard let difference = row.difference(of: run), let error = difference.standardError else {
              return "–"
            }
            let sign = difference.value > 0 ? "+" : ""
            return "\(sign)\(row.column.spelled(difference.value)) ± \(row.column.spelled(error))"
              + (row.isDifferent(run) ? " *" : "")
          },
        isMarked: others.contains { row.isDifferent($0) })
    }
    return Comparison.Table(
      title: "Scores",
      heads: ["score", "held-out real"] + names + others.map { "\(names[$0]) − \(names[0])" },
      rows: rows.filter { row in row.cells.dropFirst().contains { $0 != "–" } },
      notes: [
        "*: more than \(Int(Self.errors)) standard errors of both together; of scores that do not differ, one in twenty "
          + "or so looks so by chance."
      ] + notes)
  }

  /// The tables in reading order.
  var tables: [Comparison.Table] { [lengths, recipes, measured] }

  /// As a part of a page.
  var comparison: Comparison {
    Comparison(
      remark: "Differences are those from the first run, \(names[0]).", tables: tables,
      charts: RunCharts.overlay(zip(names, runs).map { ($0, $1.history) }))
  }

  // MARK: As JSON

  /// One object: runs, differences, scores.
  var json: JSONValue {
    func value(_ score: Score?) -> JSONValue {
      guard let score else { return .null }
      return .object([
        "value": JSONValue(number: score.value),
        "standardError": score.standardError.map { JSONValue(number: $0) } ?? .null,
      ])
    }
    return ResultJSON.object([
      "runs": .array(
        runs.map { run in
          .object([
            "run": .string(run.path), "modality": .string(run.description.modality),
            "step": .int(run.history.lastStep), "totalSteps": .int(run.description.totalSteps),
            "seconds": JSONValue(number: run.history.seconds),
            "evaluatedStep": run.evaluations.last.map { .int($0.step) } ?? .null,
          ])
        }),
      "recipe": .object(
        Dictionary(
          differences.map { difference in
            (difference.key, .array(difference.values.map { $0.map { .string($0) } ?? .null }))
          }
        ) { $1 }),
      "scores": .array(
        scores.map { row in
          .object([
            "key": .string(row.column.key), "name": .string(row.column.name),
            "direction": .string(row.column.direction.rawValue), "real": value(row.real),
            "scores": .array(row.scores.map(value)),
            "differences": .array(runs.indices.map { value($0 == 0 ? nil : row.difference(of: $0)) }),
            "isDifferent": .array(runs.indices.map { .bool($0 > 0 && row.isDifferent($0)) }),
          ])
        }),
      "notes": .array(notes.map { .string($0) }),
    ])
  }
}
