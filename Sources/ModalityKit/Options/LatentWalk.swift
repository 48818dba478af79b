import Adversarial
import ArgumentParser
import Foundation
import Torch

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

  /// Refuses walks without a way, and endless ones.
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
