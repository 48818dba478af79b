import ArgumentParser
import Files
import Foundation

/// Looks at everything that training needs.
struct DoctorCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "doctor", abstract: "Looks at what training needs: engine, devices, libraries, disk.",
      discussion: "Exits with 1 when something failed; warnings do not count.")
  }

  @Option(
    help: ArgumentHelp("The folder that runs are to go to.", valueName: "folder"),
    completion: .directory)
  var out = "."

  @Flag(help: "Print one JSON object instead.")
  var json = false

  func run() throws {
    let folder = URL(fileURLWithPath: out)
    let checks: [DoctorCheck] =
      [.engine, .threads, .devices] + ModalityRegistry.current.checks
      + [.writing(to: folder), .space(in: folder)]
    let found = checks.map { (name: $0.name, outcome: $0.outcome()) }
    if json {
      let list = found.map { name, outcome in
        JSONValue.object([
          "name": .string(name), "outcome": .string(outcome.word), "text": .string(outcome.text),
        ])
      }
      try Console.current.result(ResultJSON.object(["checks": .array(list)]).prettyText)
    } else {
      try Console.current.print(columnText(found.map { [$0.outcome.word, $0.name, $0.outcome.text] }))
    }
    let hasFailed = found.contains { if case .failed = $0.outcome { true } else { false } }
    if hasFailed { throw ExitCode(1) }
  }
}
