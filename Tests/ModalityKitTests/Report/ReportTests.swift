import Adversarial
import Files
import Foundation
import Metrics
import PlaneModality
import Reports
import TestSupport
import Testing

@testable import ModalityKit

/// Words of a training of a few steps.
private func training(_ run: String, _ words: String...) -> [String] {
  [
    "plane", "train", "--preset", "tiny", "--points", "300", "--width", "8", "--batch", "16", "--steps", "8",
    "--preview-every", "2", "--threads", "1", "--quiet", "--out", run,
  ] + words
}

private func duel(_ words: [String]) throws -> CommandLineRun {
  CommandLineRun(words, registry: try ModalityRegistry([Plane.self]))
}

@Suite struct ReportTests {
  @Test func aRunIsShownWhole() throws {
    let folder = try TemporaryFolder()
    let run = folder["run"].path
    try #require(try duel(training(run)).code == 0)
    let early = try duel(["report", run])
    #expect(
      early.code == 0 && early.result == folder["run/report.html"].relativePath + "\n", "\(early.remarks)")
    #expect(
      try InputFile.text(of: folder["run/report.html"]).contains("Not evaluated yet: duel plane evaluate"))

    try #require(try duel(["plane", "evaluate", run, "--count", "60"]).code == 0)
    let page = folder["page.html"]
    #expect(try duel(["report", run, "--out", page.path]).code == 0)
    let text = try InputFile.text(of: page)
    for part in [
      "Evaluation of step", "before the game", "duel plane train", "flag --width", "plane.png", "--config",
    ] {
      #expect(text.contains(part), "\(part)")
    }
    // Evaluating again replaces; the report is in nobody's way.
    #expect(try duel(["plane", "evaluate", run, "--count", "60"]).code == 0)
    #expect(try KeptEvaluation.all(in: RunFolder(url: folder["run"])).count == 1)
    #expect(try duel(["plane", "train", "--out", run, "--resume", "--quiet"]).code == 0)
  }

  @Test func whatIsNoRunIsNamed() throws {
    let folder = try TemporaryFolder()
    let missing = try duel(["report", folder["none"].path])
    #expect(missing.code == 66 && missing.remarks.contains("found no such folder"), "\(missing.remarks)")
    #expect(try duel(["report"]).code == 64)
    try #require(try duel(training(folder["run"].path)).code == 0)
    try folder.write("run/metrics.jsonl", "{\"step\":1}\nnot json\n")
    let damaged = try duel(["report", folder["run"].path])
    #expect(damaged.code == 65 && damaged.remarks.contains("metrics.jsonl, line 2"), "\(damaged.remarks)")
    try folder.write("run/metrics.jsonl", "")
    try folder.write("run/evaluations/step-00000008.json", "{}")
    let scores = try duel(["report", folder["run"].path])
    #expect(scores.code == 65 && scores.remarks.contains("step-00000008.json: expected an evaluation"))
  }

  /// Scores of data that the run was not trained on are not its own.
  @Test func scoresOnOtherDataAreNotKept() throws {
    let folder = try TemporaryFolder()
    let run = folder["run"].path
    try #require(try duel(training(run)).code == 0)
    let rows = (0..<200).map { "\(Double($0 % 20) / 10),\(Double($0 % 7) / 5)" }
    let data = try folder.write("other.csv", "x,y\n" + rows.joined(separator: "\n") + "\n")
    let evaluated = try duel(["plane", "evaluate", run, "--data", data, "--count", "20"])
    #expect(evaluated.code == 0, "\(evaluated.remarks)")
    #expect(!FileManager.default.fileExists(atPath: folder["run/evaluations"].path))
  }

  @Test func previewsAreThinnedToABudget() throws {
    let folder = try TemporaryFolder()
    for step in 0..<9 {
      try folder.write(
        "previews/step-0000000\(step)/samples.txt", String(repeating: "a", count: 1_000) + "\n")
    }
    let previews = StoredPreviews(in: RunFolder(url: folder.url))
    #expect(previews.steps == Array(0..<9))
    #expect(try previews.frames(within: 1 << 20).map(\.step) == Array(0..<9))
    #expect(try previews.frames(within: 5_100).map(\.step) == [0, 2, 4, 6, 8])
    // The first and the last are worth more than the budget.
    #expect(try previews.frames(within: 10).map(\.step) == [0, 8])
  }

  /// A sound has its picture drawn by the page, a table's picture says more than the table.
  @Test func framesShowWhatSaysMost() throws {
    let folder = try TemporaryFolder()
    for name in ["step-00000001/a.wav", "step-00000001/a.png", "step-00000002/b.png", "step-00000002/b.csv"] {
      try folder.write("previews/\(name)", "x")
    }
    let previews = StoredPreviews(in: RunFolder(url: folder.url))
    #expect(try previews.frame(step: 1).items.map(\.kind) == [.sound])
    #expect(try previews.frame(step: 2).items.map(\.name) == ["b.png"])
  }

  @Test func wordsAreQuotedForAShell() {
    #expect(CommandWords.quoted("runs/a-b_1.json") == "runs/a-b_1.json")
    #expect(CommandWords.quoted("it's $HOME") == "'it'\\''s $HOME'")
    #expect(CommandWords.quoted("") == "''")
    #expect(CommandWords.quoted("näme") == "'näme'")
  }
}

@Suite struct CompareTests {
  @Test func whatDiffersIsNamed() throws {
    let folder = try TemporaryFolder()
    let (first, second) = (folder["a"].path, folder["b"].path)
    try #require(try duel(training(first)).code == 0)
    try #require(try duel(training(second, "--depth", "1", "--seed", "5")).code == 0)
    let early = try duel(["compare", first, second])
    #expect(early.code == 0 && early.result.contains("a has not been evaluated"), "\(early.remarks)")
    for run in [first, second] {
      try #require(try duel(["plane", "evaluate", run, "--count", "80"]).code == 0)
    }
    let page = folder["page.html"]
    let compared = try duel(["compare", first, second, "--page", page.path])
    #expect(compared.code == 0, "\(compared.remarks)")
    #expect(compared.result.contains("network.depth") && compared.result.contains("b − a"))
    #expect(!compared.result.contains("network.width"))
    #expect(try InputFile.text(of: page).contains("Curves of all runs"))

    let json = try duel(["compare", first, second, "--json"]).json
    guard case .object(let recipe)? = json[dotted: "recipe"] else {
      Issue.record("no recipe in \(json)")
      return
    }
    #expect(recipe.keys.contains("network.depth"))
    #expect(try duel(["compare", first]).code == 64)
  }

  /// Two errors of both together, no less.
  @Test func aDifferenceHasToExceedItsErrors() {
    let column = EvaluationTable.Column(key: "a", name: "A", direction: .lower)
    func row(_ second: Double, _ error: Double?) -> RunComparison.ScoreRow {
      RunComparison.ScoreRow(
        column: column, scores: [Score(1, standardError: 0.3), Score(second, standardError: error)], real: nil
      )
    }
    // Together 0.5: a difference of 1 is two of them.
    #expect(!row(1.99, 0.4).isDifferent(1))
    #expect(row(2.01, 0.4).isDifferent(1) && row(-0.01, 0.4).isDifferent(1))
    #expect(!row(9, nil).isDifferent(1))
    #expect(row(2, 0.4).difference(of: 1)?.standardError == 0.5)
  }
}
