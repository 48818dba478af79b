import Files
import ModalityKit
import PlaneModality
import Synchronization

/// What a command line left behind in this process.
struct CommandLineRun {
  /// The exit code.
  let code: Int32
  /// Standard output.
  let result: String
  /// Standard error.
  let remarks: String

  /// Runs the words after `duel` with a registry.
  init(_ arguments: [String], registry: ModalityRegistry) {
    let (result, remarks) = (Collector(), Collector())
    code = registry.run(arguments, console: Console(result: result.append, remark: remarks.append))
    self.result = result.text
    self.remarks = remarks.text
  }

  /// Runs the words after `duel` with points in the plane alone.
  init(_ arguments: String...) throws {
    self.init(arguments, registry: try ModalityRegistry([Plane.self]))
  }

  /// Standard output as JSON.
  var json: JSONValue {
    get throws { try JSONValue(parsing: result.utf8) }
  }
}

/// Gathers text from any thread.
private final class Collector: Sendable {
  private let storage = Mutex("")

  var text: String { storage.withLock { $0 } }

  @Sendable func append(_ text: String) { storage.withLock { $0 += text } }
}
