import Foundation
import Metrics
import Testing

@testable import Reports

/// A run with something in every part, and hostile names.
private func report(id: String = "run-1", name: String = "runs/a") -> RunReport {
  var table = EvaluationTable(
    columns: [
      EvaluationTable.Column(key: "jsd", name: "JSD", unit: "bits", direction: .lower),
      EvaluationTable.Column(key: "none", name: "None", direction: .neutral),
    ], notes: ["a note\nof two lines"])
  table.add(
    EvaluationTable.Row(
      name: "this model", source: .model, sampleCount: 10, seed: 0,
      values: [
        "jsd": .measured(Score(0.25, standardError: 0.01)), "none": .measured(Score(.nan)),
      ]))
  return RunReport(
    id: id, name: name, medium: "text", facts: [Fact("step", "7 of 9")],
    charts: [
      Chart(
        title: "Losses", curves: [Curve(name: "generator", steps: [1, 2], values: [0.5, .infinity])])
    ],
    previews: [
      PreviewFrame(
        step: 3, items: [PreviewFrame.Item(name: "samples.txt", kind: .text, text: "</script><b>&")])
    ],
    evaluations: [ScoredTable(table, id: "\(id)-step-7", step: 7)], noEvaluation: "none",
    recipe: [RecipeRow(key: "training.steps", value: "9", origin: "flag --steps", isGiven: true)],
    recipeSummary: "1 value",
    commands: [CommandLineText(purpose: "Began the run", line: "duel text train --out 'a b'")])
}

private func html(_ runs: RunReport..., live: Int? = nil) throws -> String {
  try ReportPage(title: "A title", kind: "report", made: "today", runs: runs, liveDirections: live).html()
}

@Suite struct ReportPageTests {
  /// The page asks nobody for anything, and its policy forbids it.
  @Test func isWholeInOneFile() throws {
    let page = try html(report())
    for address in ["http://", "https://", "src=\"/", "@import", "url("] {
      // Names of SVG's elements are an address that nothing is fetched from.
      let rest = page.replacingOccurrences(of: "http://www.w3.org/2000/svg", with: "")
      #expect(!rest.contains(address), "\(address)")
    }
    #expect(page.contains("default-src &#39;none&#39;") || page.contains("default-src 'none'"))
    #expect(page.contains("connect-src &#39;none&#39;") || page.contains("connect-src 'none'"))
    for part in [
      "function makeChart", "function soundItem", "function cloudItems", "class PreviewPlayer", "--paper",
    ] {
      #expect(page.contains(part), "\(part)")
    }
    #expect(!page.contains("{{"))
  }

  @Test func showsFactsScoresRecipeAndCommands() throws {
    let page = try html(report())
    for text in [
      "7 of 9", "Evaluation of step 7", "0.250 ± 0.010", "smaller is better", "training.steps",
      "flag --steps",
      "duel text train --out &#39;a b&#39;", "a note\nof two lines",
    ] {
      #expect(page.contains(text), "\(text)")
    }
  }

  /// What runs are called and what they generate is never markup, in the page or in its data.
  @Test func hostileTextsStayTexts() throws {
    let page = try html(report(name: "<img src=x onerror=alert(1)>"))
    #expect(!page.contains("<img src=x"))
    #expect(!page.contains("</script><b>"))
    #expect(page.contains("\\u003c/script>\\u003cb>&"))
    #expect(page.components(separatedBy: "</script>").count == 3)
  }

  @Test func severalRunsHaveNamesAndLinks() throws {
    let page = try html(report(), report(id: "run-2", name: "runs/b"))
    #expect(page.contains("<nav aria-label=\"Runs\">"))
    #expect(page.contains("href=\"#run-2\"") && page.contains("<section class=\"run\" id=\"run-2\""))
    #expect(!(try html(report()).contains("<nav")))
  }

  @Test func aLivePageMayAskItsServer() throws {
    var run = report()
    run.isSteered = true
    let page = try html(run, live: 4)
    #expect(page.contains("connect-src &#39;self&#39;") || page.contains("connect-src 'self'"))
    #expect(page.contains("data-steering=\"run-1\"") && page.contains("id=\"live\""))
    #expect(!(try html(report()).contains("data-steering=\"run-1\"")))
  }

  /// Numbers that JSON does not have are gaps, and long curves keep their last point.
  @Test func curvesHaveGapsAndAnEnd() throws {
    let gap = Curve(name: "a", steps: [1, 2, 3], values: [1, .nan, 3], errors: [0.1, 0.2, .infinity])
    #expect(gap.values == [1, nil, 3] && gap.errors == [0.1, 0.2, nil])
    let steps = Array(1...2_501)
    let long = Curve(name: "b", steps: steps, values: steps.map(Double.init))
    #expect(long.steps.count <= 1_000 && long.steps.last == 2_501 && long.steps.first ?? 9 < 4)
    #expect(long.values.last == 2_501)
  }
}
