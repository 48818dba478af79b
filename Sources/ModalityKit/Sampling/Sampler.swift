import Adversarial
import Failures
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
  /// Samples that are used, from the first: a medium may leave out what the others take, where these come out the same.
  public let needed: Int

  /// Gathers them.
  ///
  /// - Parameters:
  ///   - latents: `[B, Z]` on the generator's device.
  ///   - labels: `[B]` there, for conditional networks.
  ///   - context: gives the streams of all other draws.
  ///   - needed: samples that are used, from the first; nil for all.
  public init(latents: Tensor, labels: Tensor?, context: StepContext, needed: Int? = nil) {
    (self.latents, self.labels, self.context) = (latents, labels, context)
    self.needed = needed ?? latents.shape[0]
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
  /// Which of them are kept; nil for all.
  public let selection: Selection?
  /// What leaves out copies of training samples; nil where they stay.
  public let copies: CopyFilter?

  /// Prepares to sample a generator that lies on a device.
  ///
  /// - Parameters:
  ///   - generator: the network.
  ///   - recipe: what rebuilds it, completed by its data.
  ///   - device: where it lies.
  ///   - options: how samples are drawn.
  ///   - selection: which of them are kept; nil for all.
  ///   - copies: what leaves out copies of training samples, and counts them; nil where they stay.
  /// - Throws: `UserError` (usage) for options that the model cannot follow; `TorchError` for a recipe that no data has
  ///   completed.
  public init(
    _ generator: M.Recipe.Generator, recipe: M.Recipe, device: Device, options: M.Sampling,
    selection: Selection? = nil, copies: CopyFilter? = nil
  ) throws {
    try M.check(options, generator: generator, recipe: recipe)
    (self.generator, self.recipe, self.device, self.options) = (generator, recipe, device, options)
    (self.selection, self.copies) = (selection, copies)
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
    var selected =
      selection == nil && copies == nil
      ? nil : SelectedRows(sampler: self, seed: seed, truncation: truncation)
    for start in stride(from: 0, to: count, by: size) {
      let (number, kept) = (start / size, min(size, count - start))
      let labels = choice.labels(ofChunk: number, size: size, classes: spec.labels.count, seed: seed)
      if let tensor = try selected?.next(kept, of: size, labels: labels) {
        try body(Chunk(tensor: tensor, labels: labels.map { Array($0.prefix(kept)) }))
        continue
      }
      let tensor = try candidates(
        number, labels: labels, seed: seed, truncation: truncation, needed: kept
      ).tensor
      try body(
        Chunk(
          tensor: kept == tensor.shape[0] ? tensor : tensor.narrowed(along: 0, start: 0, count: kept),
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
  ///
  /// - Parameters: as `forEachChunk`; `progress` is told of each chunk's samples.
  public func tensor(
    count: Int, seed: UInt64, labels: LabelChoice, truncation: Double = 1,
    progress: (Int) -> Void = { _ in }
  ) throws -> Chunk {
    var chunks: [Chunk] = []
    try forEachChunk(count: count, seed: seed, labels: labels, truncation: truncation) {
      chunks.append($0)
      progress($0.count)
    }
    return Chunk(
      tensor: try Tensor.concatenated(chunks.map(\.tensor)),
      labels: spec.labels.isEmpty ? nil : chunks.flatMap { $0.labels ?? [] })
  }

  /// Samples of given latents `[B, Z]`, all of one label, with the other draws of a seed.
  public func samples(latents: Tensor, label: Int?, seed: UInt64) throws -> [M.Sample] {
    try samples(
      latents: latents, labels: label.map { Array(repeating: $0, count: latents.shape[0]) }, seed: seed)
  }

  /// Samples of given latents `[B, Z]`, with a label for each where the model has labels, and the other draws of a seed.
  public func samples(latents: Tensor, labels: [Int]?, seed: UInt64) throws -> [M.Sample] {
    try M.samples(of: draw(latents, labels: labels, seed: seed, step: 0), recipe: recipe)
  }

  /// Samples `[B, ...]` of given latents on the CPU, all with the other draws of a seed's first sample: they differ by their
  /// latents and labels alone, and do not depend on which others they are drawn with.
  ///
  /// - Parameters:
  ///   - latents: `[B, Z]`, at least one.
  ///   - labels: that of each; nil where the model has none.
  ///   - seed: what determines the other draws. The first sample of a seed is this of its first latent.
  public func tensor(latents: Tensor, labels: [Int]?, seed: UInt64) throws -> Tensor {
    let (count, size) = (latents.shape[0], M.chunkSize)
    let rows = BatchRows(Array(repeating: 0..<1, count: size), of: size)
    let drawn = try stride(from: 0, to: count, by: size).map { start in
      // Whole chunks, filled up with the last sample, as everywhere.
      let indices = (start..<start + size).map { min($0, count - 1) }
      let chunk = try chunk(
        latents.gathered(at: Tensor(indices).moved(to: latents.device)),
        labels: labels.map { labels in indices.map { labels[$0] } }, seed: seed, step: 0, rows: rows)
      return try draw(chunk)
    }
    return try Tensor.concatenated(drawn).narrowed(along: 0, start: 0, count: count)
  }

  /// Latents `[B, Z]` of a seed, on the device.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - seed: what determines them, with the next two.
  ///   - step: a chunk's number, or what else distinguishes draws of one name.
  ///   - name: of the random stream; that of samples' own latents unless others are wanted.
  public func latents(count: Int, seed: UInt64, step: Int = 0, name: String = "latents") throws -> Tensor {
    var stream = RandomStream(seed: seed, step: step, name: name)
    return try recipe.training.prior.draw(
      count: count, dimension: recipe.training.latentDimension, using: &stream, device: device)
  }

  private func draw(_ latents: Tensor, labels: [Int]?, seed: UInt64, step: Int) throws -> Tensor {
    try draw(chunk(latents, labels: labels, seed: seed, step: step))
  }

  private func draw(_ chunk: LatentChunk) throws -> Tensor {
    try withoutGradients {
      try M.draw(chunk, generator: generator, recipe: recipe, options: options)
    }.moved(to: .cpu)
  }

  private func chunk(
    _ latents: Tensor, labels: [Int]?, seed: UInt64, step: Int, rows: BatchRows? = nil, needed: Int? = nil
  ) throws -> LatentChunk {
    LatentChunk(
      latents: try latents.moved(to: device), labels: try labels.map { try Tensor($0).moved(to: device) },
      context: StepContext(seed: seed, step: step, scope: "samples", rows: rows), needed: needed)
  }

  /// A chunk of samples as they are drawn, before any is left out, with what they were drawn from.
  ///
  /// It is always whole, also where fewer samples are needed, but for what a medium makes of each sample by itself: the engine's
  /// matrix products may round otherwise in other batch sizes.
  func candidates(_ number: Int, labels: [Int]?, seed: UInt64, truncation: Double, needed: Int? = nil) throws
    -> (tensor: Tensor, chunk: LatentChunk)
  {
    let chunk = try chunk(
      latents(count: M.chunkSize, seed: seed, step: number) * truncation, labels: labels, seed: seed,
      step: number, needed: needed)
    return (try draw(chunk), chunk)
  }
}
