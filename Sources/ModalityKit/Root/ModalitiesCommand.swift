import ArgumentParser
import Files

/// Lists the modalities.
struct ModalitiesCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "modalities", abstract: "Lists the modalities, one a line with its summary.")
  }

  @Flag(help: "Print one JSON object instead.")
  var json = false

  func run() throws {
    let modalities = ModalityRegistry.current.modalities
    if json {
      let list = modalities.map {
        JSONValue.object(["name": .string($0.name), "summary": .string($0.summary)])
      }
      try Console.current.result(ResultJSON.object(["modalities": .array(list)]).prettyText)
    } else if !modalities.isEmpty {
      try Console.current.print(columnText(modalities.map { [$0.name, $0.summary] }))
    }
  }
}
