import Adversarial
import ArgumentParser
import Foundation

/// The trained model that a verb works on.
public struct ModelOptions: ParsableArguments {
  /// The path that was given.
  @Argument(
    help: ArgumentHelp("A run's folder, or a checkpoint file.", valueName: "run"), completion: .file())
  public var model: String

  /// The choice that was made; nil for the latest.
  @Option(
    help: ArgumentHelp(
      "Which checkpoint of a run: latest, best or start. (default: latest)", valueName: "name"))
  public var checkpoint: CheckpointStore.Pointer?

  /// No model named.
  public init() {}

  /// Refuses to choose among the checkpoints of a file.
  public func validate() throws {
    var isFolder: ObjCBool = false
    guard let checkpoint, FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder),
      !isFolder.boolValue
    else { return }
    throw ValidationError(
      "--checkpoint \(checkpoint.rawValue): found the file \(model), expected a run's folder to choose from")
  }

  /// Which checkpoint of a run is meant.
  public var pointer: CheckpointStore.Pointer { checkpoint ?? .latest }

  /// Where the run or the checkpoint lies.
  public var url: URL { URL(fileURLWithPath: model) }

  /// The run's folder: the path itself, or the folder that a checkpoint's file lies in; nil when it lies elsewhere.
  var run: RunFolder? {
    let candidates = [url, url.deletingLastPathComponent().deletingLastPathComponent()]
    return candidates.lazy.compactMap { try? RunFolder.open($0) }.first
  }
}

extension CheckpointStore.Pointer: ExpressibleByArgument {}
