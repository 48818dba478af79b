import Failures
import Files
import Foundation

/// The checkpoints of a run: files named by step, and small text files that point to some of them.
///
/// Nothing old is deleted before the new checkpoint and the pointers to it are safe on the disk, so a process
/// killed at any moment leaves a run that resumes. What a checkpoint holds is its writer's business.
public struct CheckpointStore: Sendable {
  /// A name for the checkpoint of some step.
  public enum Pointer: String, CaseIterable, Sendable {
    /// The one to resume from.
    case latest
    /// The one with the best score so far.
    case best
    /// What the duel began with: the end of the warm-up or, without one, step 0.
    case start
  }

  /// The folder of the checkpoints.
  public let folder: URL
  /// How many of the last checkpoints stay, besides those pointed to.
  public let kept: Int

  /// Describes the store in a folder that exists; `keeping` is at least 1.
  public init(folder: URL, keeping kept: Int) {
    precondition(kept >= 1, "at least one checkpoint must stay")
    self.folder = folder
    self.kept = kept
  }

  static func stem(step: Int) -> String {
    let digits = String(step)
    return "step-" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }

  /// The file of a step: `step-00002000.safetensors`.
  public func url(step: Int) -> URL {
    folder.appendingPathComponent(Self.stem(step: step) + ".safetensors")
  }

  /// The step in a file's name; nil for other names.
  static func step(of name: String) -> Int? {
    guard name.hasPrefix("step-"), name.hasSuffix(".safetensors") else { return nil }
    return Int(name.dropFirst(5).dropLast(12)).flatMap {
      $0 >= 0 && stem(step: $0) + ".safetensors" == name ? $0 : nil
    }
  }

  /// The steps with a checkpoint, ascending.
  public var steps: [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.compactMap(Self.step(of:)).sorted()
  }

  /// Writes a step's checkpoint, points to it, `latest` last, then removes what need not stay.
  ///
  /// - Parameters:
  ///   - step: the step that the checkpoint is of.
  ///   - pointers: names for this checkpoint besides `latest`.
  ///   - write: writes the file at a place, atomically.
  /// - Returns: the file.
  /// - Throws: what `write` throws, and `UserError` as `AtomicFile`; older checkpoints and pointers then
  ///   stay.
  @discardableResult
  public func save(step: Int, pointers: Set<Pointer> = [], write: (URL) throws -> Void) throws -> URL {
    let url = url(step: step)
    try write(url)
    for pointer in Pointer.allCases where pointers.contains(pointer) && pointer != .latest {
      try point(pointer, to: step)
    }
    try point(.latest, to: step)
    try prune(after: step)
    return url
  }

  /// Makes a pointer name the checkpoint of a step.
  ///
  /// - Throws: `UserError` as `AtomicFile`.
  public func point(_ pointer: Pointer, to step: Int) throws {
    try AtomicFile.write(url(step: step).lastPathComponent + "\n", to: file(of: pointer))
  }

  /// The checkpoint that a pointer names; nil when there is no such pointer.
  ///
  /// - Throws: `UserError(.badData)` when it names something else or a file that is gone.
  public func target(of pointer: Pointer) throws -> URL? {
    guard let step = try namedStep(of: pointer) else { return nil }
    let url = url(step: step)
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw UserError(
        .badData,
        "\(file(of: pointer).relativePath): found the name \(url.lastPathComponent), but there is no such file"
      )
    }
    return url
  }

  /// The step of the checkpoint that a pointer names, whether its file is there or not; nil when there is no such
  /// pointer.
  ///
  /// - Throws: `UserError(.badData)` when it names something else.
  public func namedStep(of pointer: Pointer) throws -> Int? {
    let file = file(of: pointer)
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    let name = try InputFile.text(of: file).trimmingCharacters(in: .whitespacesAndNewlines)
    guard let step = Self.step(of: name) else {
      throw UserError(.badData, "\(file.relativePath): found '\(name)', expected the name of a checkpoint")
    }
    return step
  }

  /// The newest checkpoint before a step that reads well.
  ///
  /// - Parameters:
  ///   - step: the step that it has to come before; nil for the newest of all.
  ///   - read: reads a file, and throws when it is damaged.
  public func newest<Content>(before step: Int?, read: (URL) throws -> Content) -> (
    step: Int, content: Content
  )? {
    for earlier in steps.reversed() where step.map({ earlier < $0 }) ?? true {
      if let content = try? read(url(step: earlier)) { return (earlier, content) }
    }
    return nil
  }

  private func file(of pointer: Pointer) -> URL { folder.appendingPathComponent(pointer.rawValue) }

  /// Removes all but the last checkpoints up to a step and those pointed to. Later ones are the leftovers of
  /// a run that was resumed from before them; they are overwritten when their step comes.
  private func prune(after step: Int) throws {
    // A pointer to a file that somebody has removed protects nothing, and is no reason to stop a run that has gone on from
    // an earlier checkpoint.
    let named = try Pointer.allCases.compactMap { try namedStep(of: $0) }
    for old in steps.filter({ $0 <= step }).dropLast(kept) where !named.contains(old) {
      unlink(url(step: old).path)
    }
  }
}

extension CheckpointStore {
  /// The checkpoint file that a path means: itself, or the one a run folder points to.
  ///
  /// - Parameters:
  ///   - url: a checkpoint's file, or a run's folder.
  ///   - pointer: which checkpoint of a run; nil for the best or, where nothing was scored, the latest.
  /// - Throws: `UserError(.noInput)` when there is none, `.badData` when a pointer is wrong.
  public static func resolve(_ url: URL, pointer: Pointer? = .latest) throws -> URL {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw UserError(
        .noInput, "\(url.relativePath): found nothing there, expected a run folder or a checkpoint")
    }
    guard isFolder.boolValue else { return url }
    let store = CheckpointStore(folder: try RunFolder.find(url).checkpoints, keeping: 1)
    let pointer = try pointer ?? (store.target(of: .best) == nil ? .latest : .best)
    if let target = try store.target(of: pointer) { return target }
    let present = Pointer.allCases.filter { (try? store.target(of: $0)) != nil }.map(\.rawValue)
    throw UserError(
      .noInput,
      present.isEmpty
        ? "\(url.relativePath): found no checkpoint yet, expected one in \(store.folder.relativePath)"
        : "\(url.relativePath): found no checkpoint named \(pointer.rawValue), expected one of "
          + present.joined(separator: ", "))
  }

  /// Resolves a path and reads the checkpoint. When the one a run points to is damaged, the error also names
  /// the newest one before it that reads well: falling back is the user's choice, not ours.
  ///
  /// - Parameters:
  ///   - url: a checkpoint's file, or a run's folder.
  ///   - pointer: which checkpoint of a run, as in `resolve(_:pointer:)`; does not matter for a file.
  ///   - read: reads a file, and throws `UserError(.badData)` when it is damaged.
  /// - Throws: `UserError` as `resolve(_:pointer:)` and what `read` throws.
  public static func load<Content>(
    _ url: URL, pointer: Pointer? = .latest, read: (URL) throws -> Content
  ) throws -> Content {
    let file = try resolve(url, pointer: pointer)
    do {
      return try read(file)
    } catch let error as UserError where error.category == .badData && file != url {
      let store = CheckpointStore(folder: file.deletingLastPathComponent(), keeping: 1)
      let good = store.newest(before: step(of: file.lastPathComponent) ?? 0, read: read)
      let advice =
        good.map {
          "; the newest undamaged one is \(store.url(step: $0.step).relativePath): give that file"
        }
        ?? "; no earlier one is undamaged"
      throw UserError(.badData, error.message + advice)
    }
  }
}
