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

  /// Sets the threads of the process and finds the device; what the flags leave open comes from the run.
  ///
  /// - Throws: `UserError(.usage)` for a device that is not there.
  public func apply(threads stored: Int? = nil, device named: String? = nil) throws -> Device {
    if let count = threads ?? stored, count != Engine.threads { try Engine.setThreads(count) }
    let device = try Device(named: device ?? named ?? "cpu")
    // Some kernels of other devices add in whatever order threads finish; a run could then not be repeated.
    if device != .cpu { try Engine.requireDeterminism(true) }
    return device
  }
}
