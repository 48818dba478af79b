import ArgumentParser
import Failures
import Files
import Foundation
import Reports

/// Says how runs differ.
struct CompareCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "compare",
      abstract: "Says what differs between runs: recipes, lengths, scores with errors.",
      discussion: """
        Runs are compared with the first one. A score is marked where it differs by more than two standard errors of \
        both together. Scores are those of each run's last evaluate on its own data.
        """)
  }

  @Argument(help: ArgumentHelp("Folders of two or more runs.", valueName: "run"), completion: .directory)
  var runs: [String]

  @Option(
    help: ArgumentHelp("Write the comparison and the runs' reports as one HTML file too.", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var page: String?

  @Flag(name: .customLong("open"), help: "Open the page in the browser; with --page.")
  var isOpened = false

  @Flag(help: "Print one JSON object instead.")
  var json = false

  func validate() throws {
    guard runs.count >= 2 else { throw ValidationError("expected two or more runs") }
    if isOpened && page == nil { throw ValidationError("--open: expected --page, the file to open") }
  }

  func run() throws {
    let comparison = RunComparison(try runs.map { try ReportedRun(URL(fileURLWithPath: $0)) })
    if json {
      try Console.current.result(comparison.json.prettyText)
    } else {
      let parts = comparison.tables.map { table in
        ([table.title] + [columnText([table.heads] + table.rows.map { [$0.head] + $0.cells })] + table.notes)
          .filter { !$0.isEmpty }.joined(separator: "\n")
      }
      try Console.current.print(parts.joined(separator: "\n\n"))
    }
    guard let page else { return }
    let file = URL(fileURLWithPath: page)
    try ReportCommand.write(comparison.runs, comparison: comparison, to: file)
    Console.current.note(file.relativePath)
    if isOpened { try PageOptions.show(file) }
  }
}
