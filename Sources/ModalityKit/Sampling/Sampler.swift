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
  /// Which of them are kept; nil for all.
  public let selection: Selection?

  /// Prepares to sample a generator that lies on a device.
  ///
  /// - Throws: `UserError` (usage) for options that the model cannot follow; `TorchError` for a recipe that no data has
  ///   completed.
  public init(
    _ generator: M.Recipe.Generator, recipe: M.Recipe, device: Device, options: M.Sampling,
    selection: Selection? = nil
  ) throws {
    try M.check(options, generator: generator, recipe: recipe)
    (self.generator, self.recipe, self.device, self.options) = (generator, recipe, device, options)
    self.selection = selection
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
    var selected = selection.map {
      SelectedRows(sampler: self, selection: $0, seed: seed, truncation: truncation)
    }
    for start in stride(from: 0, to: count, by: size) {
      let (number, kept) = (start / size, min(size, count - start))
      let labels = choice.labels(ofChunk: number, size: size, classes: spec.labels.count, seed: seed)
      if let tensor = try selected?.next(kept, of: size, labels: labels) {
        try body(Chunk(tensor: tensor, labels: labels.map { Array($0.prefix(kept)) }))
        continue
      }
      let tensor = try candidates(number, labels: labels, seed: seed, truncation: truncation).tensor
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
    _ latents: Tensor, labels: [Int]?, seed: UInt64, step: Int, rows: BatchRows? = nil
  ) throws -> LatentChunk {
    LatentChunk(
      latents: try latents.moved(to: device), labels: try labels.map { try Tensor($0).moved(to: device) },
      context: StepContext(seed: seed, step: step, scope: "samples", rows: rows))
  }

  /// A chunk of samples as they are drawn, before any is left out, with what they were drawn from.
  ///
  /// It is always whole, also where fewer samples are needed: the engine's matrix products may round otherwise in other batch
  /// sizes.
  fileprivate func candidates(_ number: Int, labels: [Int]?, seed: UInt64, truncation: Double) throws -> (
    tensor: Tensor, chunk: LatentChunk
  ) {
    let chunk = try chunk(
      latents(count: M.chunkSize, seed: seed, step: number) * truncation, labels: labels, seed: seed,
      step: number)
    return (try draw(chunk), chunk)
  }
}

/// Samples that a selection keeps, in the order of the labels that are asked for.
///
/// Candidates are drawn chunk by chunk, for the labels that are still missing, until all positions are filled. What is kept
/// beyond that waits for the next positions of its label; nothing more of a label is drawn before it is used, so at most a chunk
/// of each label waits.
private struct SelectedRows<M: Modality> {
  /// Chunks in a row of which none is kept, times the number of samples that one should be kept of, after which to give up.
  private static var patience: Int { 100 }

  let sampler: Sampler<M>
  let selection: Selection
  let seed: UInt64
  let truncation: Double
  /// Candidates drawn so far, in chunks.
  private var chunks = 0
  /// Kept rows that found no position yet, by label.
  private var waiting: [Int?: [Tensor]] = [:]

  init(sampler: Sampler<M>, selection: Selection, seed: UInt64, truncation: Double) {
    (self.sampler, self.selection, self.seed, self.truncation) = (sampler, selection, seed, truncation)
  }

  /// The first rows `[count, ...]` of the next `size` positions.
  ///
  /// - Parameters:
  ///   - count: rows that are needed, at most `size`; fewer than that are the last ones that are asked for.
  ///   - size: positions.
  ///   - labels: that of each position, nil without.
  /// - Throws: `UserError` (usage) when next to none of the candidates is kept.
  mutating func next(_ count: Int, of size: Int, labels: [Int]?) throws -> Tensor {
    var rows = [Tensor?](repeating: nil, count: size)
    for position in 0..<size { rows[position] = take(labels?[position]) }
    var fruitless = 0
    while rows.prefix(count).contains(where: { $0 == nil }) {
      let open = rows.indices.filter { rows[$0] == nil }
      // Labels of all open positions, also of those behind the last one needed: what fills a position must not depend on the count.
      let asked = labels.map { labels in (0..<size).map { labels[open[$0 % open.count]] } }
      let found = try kept(of: asked)
      fruitless = found.isEmpty ? fruitless + 1 : 0
      guard fruitless < Self.patience * selection.count else {
        throw UserError(
          .usage,
          "--select \(selection.count): kept none of \(fruitless * size) samples in a row; such samples are too far from "
            + "what the verdict was trained on, expected other flags of sampling")
      }
      for (label, row) in found { waiting[label, default: []].append(row) }
      for position in open { rows[position] = take(labels?[position]) }
    }
    return try Tensor.stacked(rows.prefix(count).compactMap(\.self))
  }

  private mutating func take(_ label: Int?) -> Tensor? {
    guard let row = waiting[label]?.first else { return nil }
    waiting[label]?.removeFirst()
    return row
  }

  /// The rows that are kept of a chunk of candidates, each with its label.
  private mutating func kept(of labels: [Int]?) throws -> [(label: Int?, row: Tensor)] {
    let (tensor, chunk) = try sampler.candidates(chunks, labels: labels, seed: seed, truncation: truncation)
    var stream = RandomStream(seed: seed, step: chunks, name: "selection")
    chunks += 1
    let judged = try withoutGradients {
      try M.judged(tensor, of: chunk, generator: sampler.generator, recipe: sampler.recipe)
        .moved(to: sampler.device)
    }
    let kept = try selection.kept(of: judged, labels: labels, using: &stream)
    guard !kept.isEmpty else { return [] }
    // Copied, so that rows that wait do not hold on to the whole chunk.
    let rows = try tensor.gathered(at: Tensor(kept)).unbound()
    return zip(kept, rows).map { (labels?[$0], $1) }
  }
}
