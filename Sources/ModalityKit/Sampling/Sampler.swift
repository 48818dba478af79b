import Adversarial
import Foundation
import Torch

/// The latents of a chunk of samples, with what else its draws depend on.
public struct LatentChunk: Sendable {
  /// `[B, Z]` on the generator's device.
  public let latents: Tensor
  /// `[B]` on the generator's device, for conditional networks.
  public let labels: Tensor?
  /// Gives the streams of all other draws.
  public let context: StepContext

  /// Gathers them.
  public init(latents: Tensor, labels: Tensor?, context: StepContext) {
    (self.latents, self.labels, self.context) = (latents, labels, context)
  }

  /// Samples in it.
  public var count: Int { latents.shape[0] }
}

/// Draws samples from a generator, in constant memory.
///
/// Samples are drawn in chunks of a fixed size, each from random streams of its own. So sample number n depends on the
/// seed, the choice of labels, the options and n alone, whatever the count: the first ones of a longer draw are those of
/// a shorter one.
///
/// ```swift
/// let sampler = try Run<Audio>.open("runs/drums").sampler()
/// for clip in try sampler.samples(count: 10, seed: 1, label: "kick") { ... }
/// ```
public struct Sampler<M: Modality> {
  /// The network.
  public let generator: M.Recipe.Generator
  /// What rebuilds it, completed by its data.
  public let recipe: M.Recipe
  /// What its data decided.
  public let spec: M.Recipe.Spec
  /// Where it lies.
  public let device: Device
  /// How samples are drawn, beside seed, labels and truncation.
  public let options: M.Sampling

  /// Prepares to sample a generator that lies on a device.
  ///
  /// - Throws: `UserError` (usage) for options that the model cannot follow; `TorchError` for a recipe that no data has
  ///   completed.
  public init(_ generator: M.Recipe.Generator, recipe: M.Recipe, device: Device, options: M.Sampling) throws {
    try M.check(options, generator: generator, recipe: recipe)
    (self.generator, self.recipe, self.device, self.options) = (generator, recipe, device, options)
    spec = try recipe.completeSpec()
  }

  /// Samples of some number, as one tensor.
  public struct Chunk {
    /// `[B, ...]` on the CPU.
    public let tensor: Tensor
    /// The label that each was asked for; nil where the model has none.
    public let labels: [Int]?
    /// Samples in it.
    public var count: Int { tensor.shape[0] }
  }

  /// Draws samples chunk by chunk, as tensors; the last chunk may be smaller.
  ///
  /// - Parameters:
  ///   - count: how many samples.
  ///   - seed: what determines them.
  ///   - choice: which labels a conditional generator is asked for.
  ///   - truncation: what latents are multiplied by: below 1 samples are more typical and less varied.
  ///   - body: takes each chunk.
  public func forEachChunk(
    count: Int, seed: UInt64, labels choice: LabelChoice = .any, truncation: Double = 1,
    _ body: (Chunk) throws -> Void
  ) throws {
    let size = M.chunkSize
    for start in stride(from: 0, to: count, by: size) {
      let (number, kept) = (start / size, min(size, count - start))
      let labels = choice.labels(ofChunk: number, size: size, classes: spec.labels.count, seed: seed)
      // A whole chunk, also where fewer samples are needed: the engine's matrix products may round otherwise in other
      // batch sizes.
      let tensor = try draw(
        latents(count: size, seed: seed, step: number) * truncation, labels: labels, seed: seed, step: number)
      try body(
        Chunk(
          tensor: kept == size ? tensor : tensor.narrowed(along: 0, start: 0, count: kept),
          labels: labels.map { Array($0.prefix(kept)) }))
    }
  }

  /// Draws samples one after the other.
  ///
  /// - Parameters: as `forEachChunk`; `body` takes each sample and the index of its label.
  public func forEach(
    count: Int, seed: UInt64, labels: LabelChoice = .any, truncation: Double = 1,
    _ body: (M.Sample, Int?) throws -> Void
  ) throws {
    try forEachChunk(count: count, seed: seed, labels: labels, truncation: truncation) { chunk in
      for (row, sample) in try M.samples(of: chunk.tensor, recipe: recipe).enumerated() {
        try body(sample, chunk.labels?[row])
      }
    }
  }

  /// Draws samples.
  public func samples(count: Int, seed: UInt64, labels: LabelChoice, truncation: Double = 1) throws
    -> [M.Sample]
  {
    var samples: [M.Sample] = []
    try forEach(count: count, seed: seed, labels: labels, truncation: truncation) { sample, _ in
      samples.append(sample)
    }
    return samples
  }

  /// Draws samples of a label.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - seed: what determines them.
  ///   - label: a label's name, or `each` for one after the other; nil for any.
  ///   - truncation: what latents are multiplied by.
  /// - Throws: `UserError` (usage) for an unknown label.
  public func samples(count: Int, seed: UInt64, label: String? = nil, truncation: Double = 1) throws
    -> [M.Sample]
  {
    try samples(
      count: count, seed: seed, labels: LabelChoice(label, labels: spec.labels), truncation: truncation)
  }

  /// Draws samples as one tensor `[N, ...]` on the CPU, with their labels, for measuring.
  public func tensor(count: Int, seed: UInt64, labels: LabelChoice, truncation: Double = 1) throws -> Chunk {
    var chunks: [Chunk] = []
    try forEachChunk(count: count, seed: seed, labels: labels, truncation: truncation) { chunks.append($0) }
    return Chunk(
      tensor: try Tensor.concatenated(chunks.map(\.tensor)),
      labels: spec.labels.isEmpty ? nil : chunks.flatMap { $0.labels ?? [] })
  }

  /// Samples of given latents `[B, Z]`, all of one label, with the other draws of a seed.
  public func samples(latents: Tensor, label: Int?, seed: UInt64) throws -> [M.Sample] {
    let labels = label.map { Array(repeating: $0, count: latents.shape[0]) }
    return try M.samples(of: draw(latents, labels: labels, seed: seed, step: 0), recipe: recipe)
  }

  /// Latents `[B, Z]` of a seed, on the device.
  public func latents(count: Int, seed: UInt64, step: Int = 0) throws -> Tensor {
    var stream = RandomStream(seed: seed, step: step, name: "latents")
    return try recipe.training.prior.draw(
      count: count, dimension: recipe.training.latentDimension, using: &stream, device: device)
  }

  private func draw(_ latents: Tensor, labels: [Int]?, seed: UInt64, step: Int) throws -> Tensor {
    let chunk = LatentChunk(
      latents: try latents.moved(to: device), labels: try labels.map { try Tensor($0).moved(to: device) },
      context: StepContext(seed: seed, step: step, scope: "samples"))
    return try withoutGradients {
      try M.draw(chunk, generator: generator, recipe: recipe, options: options)
    }.moved(to: .cpu)
  }
}
