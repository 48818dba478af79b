import Adversarial
import AudioDatasets
import Foundation
import Torch

/// Sounds as the trainer needs them: batches `[B, T, C]`, two networks, previews to listen to.
public final class AudioGame: Game {
  /// Clips in a preview.
  static let previewCount = 10

  private let recipe: AudioRecipe
  private let format: AudioFormatRecipe
  private let corpus: AudioCorpus

  /// Where the networks lie.
  public let device: Device
  /// The generator being trained.
  public let generator: any Generator
  /// Holds the moving average.
  public let averagedGenerator: any Generator
  /// The discriminator.
  public let discriminator: any Discriminator
  /// Clips to train on.
  public var trainingCount: Int { corpus.training.count }
  /// Time that batches waited for decoding, where the clips do not fit in memory.
  public var waitingSeconds: Double { corpus.training.waitingSeconds }

  /// Draws the networks.
  ///
  /// - Precondition: the recipe has been completed by the data.
  public init(recipe: AudioRecipe, corpus: AudioCorpus, seed: UInt64, device: Device) throws {
    guard let format = recipe.format else { preconditionFailure("a recipe is completed by its data first") }
    self.recipe = recipe
    self.format = format
    self.corpus = corpus
    self.device = device
    generator = try recipe.makeGenerator(seed: seed, device: device)
    averagedGenerator = try recipe.makeGenerator(seed: seed, device: device)
    discriminator = try recipe.makeDiscriminator(seed: seed, device: device)
  }

  /// Clips `[B, T, C]`; the place of a random crop depends on the step and the clip.
  public func batch(at indices: [Int], context: StepContext) throws -> Batch {
    let crops = crops(of: indices, seed: context.seed, step: context.step)
    var samples: [Float] = []
    samples.reserveCapacity(indices.count * format.length * format.channels)
    for (index, crop) in zip(indices, crops) { samples += try corpus.training.sample(at: index, draw: crop) }
    let clips = try Tensor(samples, shape: [indices.count, format.length, format.channels], device: device)
    guard !format.labels.isEmpty else { return Batch(samples: clips) }
    let labels = indices.map { corpus.training.label(at: $0) ?? 0 }
    return Batch(samples: clips, labels: try Tensor(labels, shape: [labels.count], device: device))
  }

  /// Decodes clips in the background, where they do not fit in memory.
  public func prefetch(_ indices: [Int], seed: UInt64, step: Int) {
    corpus.training.prefetch(indices, draws: crops(of: indices, seed: seed, step: step))
  }

  /// Both updates of a step see a clip cropped at the same place, so that it is decoded once.
  private func crops(of indices: [Int], seed: UInt64, step: Int) -> [UInt64] {
    guard recipe.data.slicing == .random else { return indices.map { _ in 0 } }
    return indices.map { index in
      var stream = RandomStream(seed: seed, step: step, name: "crop.\(index)")
      return stream.next()
    }
  }

  /// Writes clips of fixed latents, one after another in `samples.wav`, with a picture of them, and answers how loud they
  /// are.
  public func preview(of generator: any Generator, seed: UInt64, into folder: URL) throws -> [String] {
    let sampler = AudioSampler(generator, recipe: recipe, format: format, device: device)
    let clips = try sampler.clips(count: Self.previewCount, seed: seed, labels: .each)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let joined = AudioClip(joining: clips, gap: 0.1)
    try SoundFile.write(
      joined, to: folder.appendingPathComponent("samples.wav"), format: .wav,
      tags: AudioTags(software: "duel"))
    try ClipPicture.draw(joined).write(to: folder.appendingPathComponent("samples.png"))
    let level = joined.rootMeanSquare
    let decibels = level > 0 ? String(format: "%.1f dB", 20 * Foundation.log10(level)) : "silent"
    return [
      "\(clips.count) clips of \(format.duration.formatted()) s, \(decibels): \(folder.relativePath)/samples.wav"
    ]
  }
}
