import Files
import Foundation
import TestSupport

/// A process of one of the built executables, which lie beside the test bundle.
final class Command {
  /// How a process ended.
  struct Ending {
    /// The exit code, or 128 and the signal's number.
    let code: Int32
    /// Standard output.
    let result: String
    /// Standard error.
    let remarks: String

    /// Standard output as JSON.
    var json: JSONValue {
      get throws { try JSONValue(parsing: result.utf8) }
    }
  }

  private let process = Process()
  private let streams: TemporaryFolder

  /// Starts a process.
  ///
  /// - Parameters:
  ///   - name: that of the executable.
  ///   - arguments: the words after the name.
  ///   - folder: where it runs.
  ///   - output: where standard output goes instead of the test.
  ///   - limit: what a shell does before the program takes its place, such as `ulimit -f 8`.
  convenience init(
    _ name: String, _ arguments: [String], in folder: URL, output: String? = nil, limit: String? = nil
  ) throws {
    try self.init(
      at: Bundle.main.bundleURL.appendingPathComponent(name), arguments, in: folder, output: output,
      limit: limit,
      // Idle threads of `duel` wait passively by themselves; others would spin beside the tests that run with them.
      environment: name == "duel" ? [:] : ["OMP_WAIT_POLICY": "passive"])
  }

  /// Starts a process of any program.
  ///
  /// - Parameter environment: beside that of the tests. The others as above.
  init(
    at program: URL, _ arguments: [String], in folder: URL, output: String? = nil, limit: String? = nil,
    environment: [String: String] = [:]
  ) throws {
    streams = try TemporaryFolder()
    process.executableURL = limit == nil ? program : URL(fileURLWithPath: "/bin/sh")
    process.arguments = (limit.map { ["-c", #"\#($0); exec "$0" "$@""#, program.path] } ?? []) + arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try Self.sink(output ?? streams["result"].path)
    process.standardError = try Self.sink(streams["remarks"].path)
    try process.run()
  }

  private static func sink(_ path: String) throws -> FileHandle {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  /// Sends a signal.
  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Whether it has not ended yet.
  var isRunning: Bool { process.isRunning }

  /// Waits for the end.
  func ending() throws -> Ending {
    process.waitUntilExit()
    let isSignal = process.terminationReason == .uncaughtSignal
    func text(_ name: String) -> String { (try? InputFile.text(of: streams[name])) ?? "" }
    return Ending(
      code: process.terminationStatus + (isSignal ? 128 : 0), result: text("result"), remarks: text("remarks")
    )
  }

  /// Runs a process of `duel plane` to its end.
  static func plane(_ arguments: [String], in folder: URL, output: String? = nil) throws -> Ending {
    try Command("duel", ["plane"] + arguments, in: folder, output: output).ending()
  }
}

/// The words of a training that ends in a moment.
func quickTraining(_ run: String, steps: Int = 6) -> [String] {
  [
    "train", "--preset", "tiny", "--steps", String(steps), "--warm-up-steps", "2", "--batch", "8",
    "--points", "400", "--preview-every", "0", "--threads", "1", "--quiet", "--out", run,
  ]
}
