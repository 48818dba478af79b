import ArgumentParser
import Files
import Foundation
import Ranks
import Torch

/// Checks everything that training needs.
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
      [.engine, .threads, .devices, .ranks] + ModalityRegistry.current.checks
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

/// A check of `duel doctor`.
///
/// An executable adds checks of what its media need, such as a system library; the engine and the disk are looked
/// at in each case.
public struct DoctorCheck: Sendable {
  /// The outcome of a check; the text follows the name.
  public enum Outcome: Hashable, Sendable {
    /// All is well.
    case ok(String)
    /// Work is possible, but something is missing or slow.
    case warning(String)
    /// Something that training needs does not work.
    case failed(String)

    /// The word in front of the line.
    var word: String {
      switch self {
      case .ok: "ok"
      case .warning: "warning"
      case .failed: "failed"
      }
    }

    /// What was found.
    var text: String {
      switch self {
      case .ok(let text), .warning(let text), .failed(let text): text
      }
    }
  }

  /// What is checked, in a word or two.
  public let name: String
  /// Runs the check; an error that it throws counts as failed.
  public let look: @Sendable () throws -> Outcome

  /// Makes a check.
  public init(_ name: String, look: @escaping @Sendable () throws -> Outcome) {
    self.name = name
    self.look = look
  }

  /// The outcome, whatever happens.
  func outcome() -> Outcome {
    do { return try look() } catch { return .failed("\(error)") }
  }
}

extension DoctorCheck {
  /// libtorch loads and computes what it should.
  static let engine = DoctorCheck("engine") {
    let values = try Tensor.ones([64, 64]).matmul(Tensor.ones([64, 64])).sum().item()
    let name = "libtorch \(Engine.version), \(Engine.cpuCapability) kernels"
    guard values == 64 * 64 * 64 else { return .failed("\(name): a product of ones gave \(values)") }
    return .ok(name)
  }

  /// How many threads an operator uses.
  static let threads = DoctorCheck("threads") {
    let processors = ProcessInfo.processInfo.activeProcessorCount
    let text = "\(Engine.threads) for \(processors) processors"
    return Engine.threads <= processors ? .ok(text) : .warning("\(text): more than there are are slower")
  }

  /// Which devices there are, each tried out.
  static let devices = DoctorCheck("devices") {
    let present = Device.available
    for device in present { _ = try Tensor.ones([8, 8], device: device).sum().item() }
    let names = present.map(\.description).joined(separator: ", ")
    return .ok(present.count > 1 ? names : "\(names) (no GPU that this libtorch can use)")
  }

  /// What several processes would train one run by; nothing needs it otherwise.
  static let ranks = DoctorCheck("ranks") {
    .ok(
      Ranks.availableLibrary.map { "\($0), for trainings over several processes" }
        ?? "one: no Open MPI, by which several processes train one run")
  }

  /// A folder takes new files.
  static func writing(to folder: URL) -> DoctorCheck {
    DoctorCheck("writing") {
      // The folder may be made by a run only; then the first of its parents that exists has to take it.
      let place = nearestExisting(folder)
      let file = place.appendingPathComponent(".duel-doctor-\(ProcessInfo.processInfo.processIdentifier)")
      defer { try? FileManager.default.removeItem(at: file) }
      try AtomicFile.write("a look at the disk\n", to: file)
      return .ok("\(place.path) takes new files")
    }
  }

  /// The disk below a folder has room for runs.
  static func space(in folder: URL) -> DoctorCheck {
    DoctorCheck("space") {
      let place = nearestExisting(folder)
      var status = statvfs()
      guard statvfs(place.path, &status) == 0 else {
        return .warning("\(place.path): cannot tell the free space: \(reason(errno))")
      }
      let free = Double(status.f_bavail) * Double(status.f_frsize) / 1e9
      let text = "\(free < 10 ? String(format: "%.1f", free) : String(Int(free))) GB free in \(place.path)"
      if free < 0.1 { return .failed("\(text), a run takes tens of megabytes") }
      return free < 1 ? .warning(text) : .ok(text)
    }
  }

  private static func nearestExisting(_ folder: URL) -> URL {
    var place = folder.standardizedFileURL
    while !FileManager.default.fileExists(atPath: place.path), place.path != "/" {
      place.deleteLastPathComponent()
    }
    return place
  }
}
