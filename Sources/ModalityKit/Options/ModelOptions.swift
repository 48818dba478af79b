import Adversarial
import ArgumentParser
import Foundation

/// The trained model that a verb works on.
struct ModelOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("A run's folder, or a checkpoint file.", valueName: "run"), completion: .file())
  var model: String

  @Option(
    help: ArgumentHelp("Which checkpoint of a run: latest, best or warm-start.", valueName: "name"))
  var checkpoint: CheckpointStore.Pointer = .latest

  /// Where the run or the checkpoint lies.
  var url: URL { URL(fileURLWithPath: model) }

  /// The run's folder: the path itself, or the folder that a checkpoint's file lies in; nil when it lies elsewhere.
  var run: RunFolder? {
    let candidates = [url, url.deletingLastPathComponent().deletingLastPathComponent()]
    return candidates.lazy.compactMap { try? RunFolder.open($0) }.first
  }
}

extension CheckpointStore.Pointer: ExpressibleByArgument {}
