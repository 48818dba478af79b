import ArgumentParser
import Torch

/// Flags of the engine, the same for every verb.
public struct EngineOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Threads that one operator may use. Equal numbers give equal bytes. (default: what the engine chooses)",
      valueName: "count"))
  var threads: Int?

  @Option(
    help: ArgumentHelp("Where to compute: cpu, cuda, cuda:N or mps. (default: cpu)", valueName: "device"),
    completion: .list(["cpu", "cuda", "mps"]))
  var device: String?

  /// No flags given.
  public init() {}

  /// Refuses numbers out of range.
  public func validate() throws {
    if let threads, !(1...4096).contains(threads) {
      throw ValidationError("--threads \(threads): expected 1 to 4096")
    }
  }

  /// Sets the threads of the process and finds the device.
  ///
  /// - Throws: `UserError(.usage)` for a device that is not there.
  public func apply() throws -> Device { try Engine.choose(threads: threads, device: device) }
}
