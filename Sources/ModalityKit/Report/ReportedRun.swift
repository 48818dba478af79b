import Adversarial
import Failures
import Files
import Foundation
import Metrics
import Reports

/// A run of any medium as pages and comparisons read it: from its folder alone, without its data and networks.
struct ReportedRun {
  let folder: RunFolder
  let description: RunDescription
  let settings: RunSettings
  let history: MetricsHistory
  let evaluations: [KeptEvaluation]

  /// Reads a run.
  ///
  /// - Throws: `UserError`: no input where there is none; bad data that names the file which is damaged.
  init(_ url: URL) throws {
    folder = try RunFolder.find(url)
    description = try RunDescription(contentsOf: folder.descriptionFile)
    settings = try RunSettings.read(from: description, file: folder.descriptionFile)
    history = try MetricsHistory(contentsOf: folder.metricsFile)
    evaluations = try KeptEvaluation.all(in: folder)
  }

  /// The path as it was given.
  var path: String { folder.url.relativePath }

  /// What is known of it in the order in which people ask.
  var facts: [Fact] {
    var facts = [
      Fact(
        "step",
        "\(history.lastStep) of \(description.totalSteps)" + (history.lastPhase.map { ", \($0)" } ?? "")),
      Fact("training", Self.spelled(seconds: history.seconds)),
      Fact("began", description.created),
      Fact("preset", settings.preset.rawValue),
      Fact("seed", String(description.seed)),
      Fact("computed on", "\(settings.device), \(settings.threads) threads"),
      Fact("data", settings.source.path ?? "built-in"),
      Fact("duel", description.softwareVersion),
    ]
    // Of all the training: the last report's rate may be that of a step with a validation.
    if history.seconds > 0 {
      let rate = Double(history.lastStep) / history.seconds
      facts.insert(Fact("steps a second", String(format: "%.3g", rate)), at: 2)
    }
    if let score = history.series["validation"], let best = score.values.min(),
      let index = score.values.firstIndex(of: best)
    {
      facts.append(Fact("best validation score", String(format: "%.4g at step %d", best, score.steps[index])))
    }
    return facts + settings.dataset.map { Fact("samples", $0) }
  }

  /// What only the newest checkpoint knows: how the duel ended, and what was found of it; nothing where it is damaged or not
  /// yet there, which is for `verify` to say.
  var findings: [Fact] {
    guard let file = try? CheckpointStore.resolve(folder.url),
      let checkpoint = try? Checkpoint(contentsOf: file)
    else { return [] }
    var facts: [Fact] = []
    if let ending = checkpoint.ending { facts.append(Fact("ended early", ending)) }
    if let kept = checkpoint.keptStep { facts.append(Fact("generator of", "step \(kept)")) }
    if let account = checkpoint.account {
      facts.append(Fact("account", "held-out samples: accuracy \(account.heldOut.words)"))
    }
    if let verdict = checkpoint.verdictRecord { facts.append(Fact("verdict", verdict.summary)) }
    return facts
  }

  private static func spelled(seconds: Double) -> String {
    seconds < 90 ? String(format: "%.0f s", seconds) : String(format: "%.1f minutes", seconds / 60)
  }

  // MARK: As a report

  /// The report of the run.
  ///
  /// - Parameters:
  ///   - id: names it on a page.
  ///   - budget: bytes of previews at most.
  /// - Throws: `UserError` for a file that cannot be read.
  func report(id: String, within budget: Int) throws -> RunReport {
    let previews = StoredPreviews(in: folder)
    let frames = try previews.frames(within: budget)
    let rows = recipeRows
    return RunReport(
      id: id, name: path, medium: description.modality, facts: facts + findings,
      charts: RunCharts.charts(of: history), previews: frames,
      previewRemark: frames.count < previews.steps.count
        ? "\(frames.count) of \(previews.steps.count) previews, evenly chosen to keep this file small; all are in "
          + "\(path)/previews." : nil,
      evaluations: evaluations.map { ScoredTable($0.table, id: "\(id)-step-\($0.step)", step: $0.step) },
      noEvaluation: "Not evaluated yet: duel \(description.modality) evaluate "
        + CommandWords.quoted(path) + " measures it and keeps the scores for this page.",
      recipe: rows,
      recipeSummary: "\(rows.count) values, \(rows.filter(\.isGiven).count) of them chosen by the user",
      commands: commands)
  }

  private var recipeRows: [RecipeRow] {
    description.recipe.leaves.map { key, value in
      let origin = description.origins[key] ?? "default"
      return RecipeRow(
        key: key, value: value.text, origin: origin,
        isGiven: origin.hasPrefix("flag ") || origin.hasPrefix("file "))
    }
  }

  private var commands: [CommandLineText] {
    let (medium, run) = (description.modality, CommandWords.quoted(path))
    let source = settings.source.path.map { " --data " + CommandWords.quoted($0) } ?? ""
    let again =
      "duel \(medium) train --config \(run)/run.json\(source)"
      + (description.from.map { " --from " + CommandWords.quoted($0.run) } ?? "")
      + " --seed \(description.seed) --out \(CommandWords.quoted(path + "-again"))"
    return [
      CommandLineText(
        purpose: "Began the run", line: description.arguments.map(CommandWords.quoted).joined(separator: " ")),
      CommandLineText(
        purpose: "Trains the same again, on the same number of steps whatever the machine", line: again),
      CommandLineText(purpose: "Generates samples", line: "duel \(medium) generate \(run) --count 100"),
    ]
      + evaluations.map {
        CommandLineText(
          purpose: "Evaluated step \($0.step)",
          line: $0.arguments.map(CommandWords.quoted).joined(separator: " "))
      }
  }
}

extension CommandWords {
  /// A word as a shell takes it.
  static func quoted(_ word: String) -> String {
    let plain = word.unicodeScalars.allSatisfy {
      ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
        || "-_./=:,+@%".unicodeScalars.contains($0)
    }
    return plain && !word.isEmpty ? word : "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'"
  }
}
