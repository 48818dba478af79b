import Adversarial
import ArgumentParser
import Foundation
import Torch

/// The trained model that a verb works on.
public struct ModelOptions: ParsableArguments {
  /// The path that was given.
  @Argument(
    help: ArgumentHelp("A run's folder, or a checkpoint file.", valueName: "run"), completion: .file())
  public var model: String

  /// The choice that was made; nil for the best by validation data or, where nothing was scored, the latest.
  @Option(
    help: ArgumentHelp(
      "Which checkpoint of a run: best, latest or start. (default: best; latest where the medium has no score)",
      valueName: "name"))
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

  /// Where the run or the checkpoint lies.
  public var url: URL { URL(fileURLWithPath: model) }

  /// The run's folder: the path itself, or the folder that a checkpoint's file lies in; nil when it lies elsewhere.
  var run: RunFolder? {
    let candidates = [url, url.deletingLastPathComponent().deletingLastPathComponent()]
    return candidates.lazy.compactMap { try? RunFolder.open($0) }.first
  }
}

extension CheckpointStore.Pointer: ExpressibleByArgument {}

/// Which labels the samples of an evaluated generator have: those of the data in its shares, as real samples have them,
/// unless equal shares are asked for.
///
/// With other shares than the data's even a perfect generator differs from it.
struct EvaluationLabels: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Labels of generated samples: each, for all equally often. (default: in the training data's shares)",
      valueName: "rule"))
  var label: String?

  /// Refuses all but `each`: samples of one label cannot be compared with real samples of all.
  func validate() throws {
    guard let label, label != "each" else { return }
    throw ValidationError("--label \(label): expected each, or no --label for the data's shares")
  }

  /// Whether all labels are to be equally frequent.
  var areEqual: Bool { label != nil }
}

/// The flags of truncation and the like, which change latents before samples are generated, and of what is kept of the
/// samples; shared by all verbs.
public struct LatentOptions: ParsableArguments {
  /// What latents are multiplied by.
  @Option(
    help: ArgumentHelp(
      "Factor of the latents, from 0: below 1 samples are more typical and less varied.", valueName: "factor")
  )
  public var truncation = 1.0

  /// Of how many samples one is kept.
  @Option(
    help: ArgumentHelp(
      "Keep one of so many samples, 1 to 64: those that the run's verdict finds too rare among generated ones.",
      valueName: "count"))
  public var select = 1

  /// No flags given.
  public init() {}

  /// Refuses numbers out of range.
  public func validate() throws {
    guard (0...10).contains(truncation) else {
      throw ValidationError("--truncation \(truncation): expected 0 to 10")
    }
    guard (1...64).contains(select) else { throw ValidationError("--select \(select): expected 1 to 64") }
  }
}

/// The flags of a walk through the latents, from that of one seed to that of the next.
public struct LatentWalk: ParsableArguments {
  /// The seeds as they were given.
  @Option(help: ArgumentHelp("Seeds to walk between, at least two.", valueName: "seeds"))
  public var seeds = "0,1,2,3"

  /// Samples from one seed to the next, the first one counted.
  @Option(help: ArgumentHelp("Samples from one seed to the next, the first one counted.", valueName: "count"))
  public var steps = 8

  /// The label that was given.
  @Option(help: ArgumentHelp("The label of all samples. (default: the first)", valueName: "label"))
  public var label: String?

  /// No flags given.
  public init() {}

  /// Refuses walks with fewer than two seeds or samples out of range.
  public func validate() throws {
    guard try seedList().count >= 2 else { throw ValidationError("--seeds \(seeds): expected at least two") }
    guard (1...1000).contains(steps) else { throw ValidationError("--steps \(steps): expected 1 to 1000") }
  }

  /// The seeds as numbers.
  ///
  /// - Throws: `ValidationError` for what is no list of whole numbers.
  public func seedList() throws -> [UInt64] {
    try seeds.split(separator: ",", omittingEmptySubsequences: false).map { text in
      guard let seed = UInt64(text.trimmingCharacters(in: .whitespaces)) else {
        throw ValidationError("--seeds \(seeds): expected whole numbers with commas between them")
      }
      return seed
    }
  }

  /// The latents `[1, Z]` on the way along arcs, both ends included.
  ///
  /// - Parameter latent: gives the latent `[1, Z]` of a seed.
  public func latents(_ latent: (UInt64) throws -> Tensor) throws -> [Tensor] {
    try way(seedList().map(latent)) { try LatentPath.point(from: $0, to: $1, share: $2) }
  }

  /// The codes `[1, K]` on the way along straight lines, both ends included.
  ///
  /// - Parameter code: gives the code `[1, K]` of a seed.
  public func codes(_ code: (UInt64) throws -> Tensor) throws -> [Tensor] {
    try way(seedList().map(code)) { try $0 * (1 - $2) + $1 * $2 }
  }

  private func way(_ ends: [Tensor], point: (Tensor, Tensor, Double) throws -> Tensor) throws -> [Tensor] {
    try zip(ends, ends.dropFirst()).flatMap { start, end in
      try (0..<steps).map { try point(start, end, Double($0) / Double(steps)) }
    } + ends.suffix(1)
  }
}

extension Sampler {
  /// Samples on a walk from seed to seed, all of one label, with the other draws of the first seed.
  ///
  /// - Throws: `UserError` (usage) for an unknown label.
  public func samples(on walk: LatentWalk) throws -> [M.Sample] {
    let label = try LabelChoice.single(walk.label, labels: spec.labels)
    let draws = try walk.seedList()[0]
    return try walk.latents { try latents(count: 1, seed: $0) }.flatMap {
      try samples(latents: $0, label: label, seed: draws)
    }
  }
}
