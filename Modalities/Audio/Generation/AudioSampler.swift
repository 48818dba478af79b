import Adversarial
import AudioDatasets
import ModalityKit
import Torch

/// Draws clips from a generator, in constant memory.
///
/// Clips are drawn in chunks of a fixed size, each from random streams of its own. So clip number n depends on the seed,
/// the choice of labels and n alone, whatever the count.
public struct AudioSampler {
  /// Clips drawn at a time. Part of what a seed means.
  static let chunkSize = 16
  /// The largest sample of a clip in size.
  static let loudest = 0.99

  private let generator: any Generator
  private let recipe: AudioRecipe
  private let format: AudioFormatRecipe
  private let device: Device

  /// Prepares to sample a generator, which lies on a device and whose recipe data has completed.
  public init(_ generator: any Generator, recipe: AudioRecipe, format: AudioFormatRecipe, device: Device) {
    self.device = device
    self.generator = generator
    self.recipe = recipe
    self.format = format
  }

  /// Draws clips one after the other.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - seed: what determines them.
  ///   - labels: which labels a conditional generator is asked for.
  ///   - truncation: what latents are multiplied by: below 1 sounds are more typical and less varied.
  ///   - body: takes each clip and the index of its label.
  public func forEach(
    count: Int, seed: UInt64, labels: LabelChoice = .any, truncation: Double = 1,
    _ body: (AudioClip, Int?) throws -> Void
  ) throws {
    for start in stride(from: 0, to: count, by: Self.chunkSize) {
      let chunk = try tensors(
        chunk: start / Self.chunkSize, seed: seed, labels: labels, truncation: truncation)
      let clips = try clips(of: chunk.clips)
      for row in 0..<min(Self.chunkSize, count - start) { try body(clips[row], chunk.labels?[row]) }
    }
  }

  /// Draws clips.
  public func clips(count: Int, seed: UInt64, labels: LabelChoice = .any, truncation: Double = 1) throws
    -> [AudioClip]
  {
    var clips: [AudioClip] = []
    try forEach(count: count, seed: seed, labels: labels, truncation: truncation) { clip, _ in
      clips.append(clip)
    }
    return clips
  }

  /// Draws clips as one tensor `[N, T, C]` on the CPU, with their labels, for measuring.
  func tensor(count: Int, seed: UInt64, labels: LabelChoice, truncation: Double = 1) throws -> (
    clips: Tensor, labels: [Int]?
  ) {
    let chunks = try stride(from: 0, to: count, by: Self.chunkSize).map {
      try tensors(chunk: $0 / Self.chunkSize, seed: seed, labels: labels, truncation: truncation)
    }
    let clips = try Tensor.concatenated(chunks.map(\.clips)).narrowed(along: 0, start: 0, count: count)
    let names = format.labels.isEmpty ? nil : Array(chunks.flatMap { $0.labels ?? [] }.prefix(count))
    return (clips, names)
  }

  /// Clips of given latents `[B, Z]`, all of one label, with the noise of a seed.
  func clips(latents: Tensor, label: Int?, seed: UInt64) throws -> [AudioClip] {
    let labels = try label.map { try Tensor(Array(repeating: $0, count: latents.shape[0])) }
    return try clips(of: generate(latents: latents, labels: labels, seed: seed, step: 0))
  }

  /// Latents `[B, Z]` of a seed.
  func latents(count: Int, seed: UInt64, step: Int = 0) throws -> Tensor {
    var stream = RandomStream(seed: seed, step: step, name: "latents")
    return try recipe.training.prior.draw(
      count: count, dimension: recipe.training.latentDimension, using: &stream, device: device)
  }

  /// A whole chunk, also where fewer clips are needed: the engine's matrix products may round otherwise in other batch
  /// sizes.
  private func tensors(chunk: Int, seed: UInt64, labels choice: LabelChoice, truncation: Double) throws -> (
    clips: Tensor, labels: [Int]?
  ) {
    let labels = choice.labels(
      ofChunk: chunk, size: Self.chunkSize, classes: format.labels.count, seed: seed)
    let latents = try latents(count: Self.chunkSize, seed: seed, step: chunk) * truncation
    let clips = try generate(latents: latents, labels: labels.map { try Tensor($0) }, seed: seed, step: chunk)
    return (clips, labels)
  }

  /// Clips `[B, T, C]` on the CPU. One beyond full scale is made quieter as a whole: files would cut its peaks off.
  private func generate(latents: Tensor, labels: Tensor?, seed: UInt64, step: Int) throws -> Tensor {
    let clips = try withoutGradients {
      try generator.generate(
        latents: latents.moved(to: device), labels: labels?.moved(to: device),
        context: StepContext(seed: seed, step: step, scope: "samples"))
    }.converted(to: .float32).moved(to: .cpu)
    let peaks = try clips.absolute().max(along: 1, 2, keepingDimensions: true)
    return try clips / (peaks / Self.loudest).clamped(from: 1)
  }

  private func clips(of tensor: Tensor) throws -> [AudioClip] {
    let size = format.length * format.channels
    let samples = try tensor.contiguous().array(of: Float.self)
    return stride(from: 0, to: samples.count, by: size).map { start in
      AudioClip(
        samples: Array(samples[start..<start + size]), channels: format.channels,
        sampleRate: format.sampleRate)
    }
  }
}
