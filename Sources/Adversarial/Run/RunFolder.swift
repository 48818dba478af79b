import Failures
import Files
import Foundation

/// The folder of one run, and the names of everything in it.
public struct RunFolder: Hashable, Sendable {
  /// The folder itself.
  public let url: URL

  /// Names what lies in a folder, whether it is a run or not.
  public init(url: URL) { self.url = url }

  /// The description, written first.
  public var descriptionFile: URL { url.appendingPathComponent("run.json") }
  /// One line for each report.
  public var metricsFile: URL { url.appendingPathComponent("metrics.jsonl") }
  /// Events for TensorBoard, where they were asked for.
  public var eventsFile: URL { url.appendingPathComponent("events.out.tfevents.duel") }
  /// Networks and optimisers by step, with pointers.
  public var checkpoints: URL { url.appendingPathComponent("checkpoints", isDirectory: true) }
  /// Scores that were measured on the run's own data, by step.
  public var evaluations: URL { url.appendingPathComponent("evaluations", isDirectory: true) }
  /// Samples from fixed latents, by step.
  public var previews: URL { url.appendingPathComponent("previews", isDirectory: true) }

  private var lockFile: URL { url.appendingPathComponent(Self.lockName) }
  private static let lockName = "run.lock"

  /// Where the previews of a step go: `previews/step-00002000`.
  public func preview(step: Int) -> URL {
    previews.appendingPathComponent(CheckpointStore.stem(step: step), isDirectory: true)
  }

  /// Where the scores of a step go: `evaluations/step-00002000.json`.
  public func evaluation(step: Int) -> URL {
    evaluations.appendingPathComponent(CheckpointStore.stem(step: step) + ".json")
  }

  /// Makes a new run's folder, its parents included. An empty folder may exist.
  ///
  /// - Throws: `UserError(.cannotCreate)` when it holds anything already, or cannot be made.
  public static func create(at url: URL) throws -> RunFolder {
    let folder = RunFolder(url: url)
    try requireVacant(url)
    try makeFolder(url)
    // What a process that was killed before its run.json was there has left of it.
    AtomicFile.sweepStale(in: url)
    try folder.makeSubfolders()
    return folder
  }

  /// Checks that a new run may be made in a folder, before anything long is done for it.
  ///
  /// - Throws: `UserError(.cannotCreate)` when it holds anything already or is no folder.
  public static func requireVacant(_ url: URL) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      let parent = url.deletingLastPathComponent()
      if parent.path != url.path { try requirePlace(parent, for: url) }
      return
    }
    guard isFolder.boolValue else {
      throw UserError(.cannotCreate, "\(url.relativePath): found a file, expected a new or an empty folder")
    }
    func entries(_ url: URL) -> [String] {
      ((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []).sorted()
    }
    let present = entries(url)
    if present.contains("run.json") {
      throw UserError(
        .cannotCreate,
        "\(url.relativePath): found a run already, expected a new folder; --resume continues it")
    }
    // A run that was killed before its first file leaves a lock, empty folders and perhaps a temporary file.
    let folder = RunFolder(url: url)
    let ours = [folder.checkpoints, folder.previews].filter { entries($0).isEmpty }.map(\.lastPathComponent)
    let stranger = present.first { $0 != lockName && !AtomicFile.isTemporary($0) && !ours.contains($0) }
    if let stranger {
      throw UserError(
        .cannotCreate, "\(url.relativePath): found \(stranger) in it, expected a new or an empty folder")
    }
  }

  /// Checks that the nearest folder above a new one exists and takes entries, as far as can be known without trying.
  private static func requirePlace(_ parent: URL, for url: URL) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: parent.path, isDirectory: &isFolder) else {
      let next = parent.deletingLastPathComponent()
      if next.path != parent.path { try requirePlace(next, for: url) }
      return
    }
    guard isFolder.boolValue else {
      throw UserError(
        .cannotCreate, "\(url.relativePath): cannot make the folder: \(parent.relativePath) is a file")
    }
    guard access(parent.path, W_OK) == 0 else {
      throw UserError(.cannotCreate, "\(url.relativePath): cannot make the folder: \(reason(errno))")
    }
  }

  /// Removes a folder in which no run has begun: the empty folders and the lock that `create(at:)` and `lock()` made.
  /// Nothing else is touched.
  ///
  /// - Parameter lock: that of this process; nil where it could not be taken. A lock that is there is then another process's,
  ///   which is about to begin a run in the folder, and the folder stays.
  public func discard(holding lock: RunLock?) {
    func isThere(_ file: URL) -> Bool { FileManager.default.fileExists(atPath: file.path) }
    guard !isThere(descriptionFile), lock != nil || !isThere(lockFile) else { return }
    AtomicFile.sweepStale(in: url)
    unlink(lockFile.path)
    for folder in [checkpoints, previews, url] { rmdir(folder.path) }
  }

  /// Makes a folder with the next free number: `runs/00003-text-names`.
  ///
  /// - Parameters:
  ///   - parent: the folder of all runs, made when absent.
  ///   - label: what follows the number; characters other than letters, digits, dots and dashes become
  ///     dashes.
  /// - Throws: `UserError(.cannotCreate)` when it cannot be made.
  public static func createNumbered(in parent: URL, label: String) throws -> RunFolder {
    try makeFolder(parent)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? []
    let numbers = names.compactMap { name in name.split(separator: "-").first.flatMap { Int($0) } }
    var number = (numbers.filter { 0 <= $0 && $0 < Int.max - 1_000_000 }.max() ?? -1) + 1
    while true {
      let digits = String(number)
      let name = String(repeating: "0", count: max(0, 5 - digits.count)) + digits + "-" + plain(label)
      let url = parent.appendingPathComponent(name, isDirectory: true)
      // Two processes that start together find the same number free; only one of them makes the folder.
      if mkdir(url.path, 0o777) == 0 {
        let folder = RunFolder(url: url)
        try folder.makeSubfolders()
        return folder
      }
      guard errno == EEXIST else {
        throw UserError(.cannotCreate, "\(url.relativePath): cannot make the folder: \(reason(errno))")
      }
      number += 1
    }
  }

  /// Opens an existing run; temporary files that killed processes left in it are removed.
  ///
  /// - Throws: `UserError(.noInput)` when it is no folder or has no run.json.
  public static func open(_ url: URL) throws -> RunFolder {
    let folder = try find(url)
    for place in [url, folder.checkpoints] { AtomicFile.sweepStale(in: place) }
    return folder
  }

  /// Finds an existing run and changes nothing in it.
  ///
  /// - Throws: `UserError(.noInput)` when it is no folder or has no run.json.
  public static func find(_ url: URL) throws -> RunFolder {
    let folder = RunFolder(url: url)
    guard FileManager.default.fileExists(atPath: folder.descriptionFile.path) else {
      let isThere = FileManager.default.fileExists(atPath: url.path)
      throw UserError(
        .noInput,
        "\(url.relativePath): found no \(isThere ? "run.json in it" : "such folder"), expected a run")
    }
    return folder
  }

  /// Takes the run for this process alone, until the result is released or the process ends, however it ends.
  ///
  /// - Throws: `UserError(.cannotCreate)` when another process has it, or the lock file cannot be made.
  public func lock() throws -> RunLock { try RunLock(lockFile, of: url.relativePath) }

  private func makeSubfolders() throws {
    for folder in [checkpoints, previews] { try Self.makeFolder(folder) }
  }

  private static func makeFolder(_ url: URL) throws {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue { return }
    let parent = url.deletingLastPathComponent()
    if parent.path != url.path { try makeFolder(parent) }
    // Another process may have made it in between.
    guard mkdir(url.path, 0o777) == 0 || errno == EEXIST else {
      throw UserError(.cannotCreate, "\(url.relativePath): cannot make the folder: \(reason(errno))")
    }
  }

  private static func plain(_ label: String) -> String {
    String(label.map { $0.isLetter || $0.isNumber || $0 == "." || $0 == "-" ? $0 : "-" })
  }
}

/// A run taken by this process. The system releases it when the process ends, even by `kill -9`.
public final class RunLock {
  private let descriptor: Int32

  fileprivate init(_ url: URL, of run: String) throws {
    descriptor = Foundation.open(url.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw UserError(.cannotCreate, "\(url.relativePath): cannot create the file: \(reason(errno))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      // Throwing releases this object, whose deinit closes the file.
      throw UserError(
        .cannotCreate, "\(run): another process is training this run; wait for it or stop it first")
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
}
