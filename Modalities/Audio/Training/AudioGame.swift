import Adversarial
import AudioDatasets
import Foundation
import ModalityKit
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
    return try batch(of: corpus.training, at: indices, crops: crops)
  }

  /// Clips of the validation part, each cropped at random where training's are.
  public func heldOutBatch(count: Int, context: StepContext) throws -> Batch? {
    let clips = corpus.validation.count > 0 ? corpus.validation : corpus.heldOut
    guard clips.count > 0 else { return nil }
    var (stream, cropStream) = (context.stream("samples"), context.stream("crops"))
    let indices = stream.indices(count, outOf: clips.count)
    return try batch(of: clips, at: indices, crops: indices.map { _ in cropStream.next() })
  }

  private func batch(of part: AudioSet, at indices: [Int], crops: [UInt64]) throws -> Batch {
    var samples: [Float] = []
    samples.reserveCapacity(indices.count * format.length * format.channels)
    for (index, crop) in zip(indices, crops) { samples += try part.samples(at: index, crop: crop) }
    let clips = try Tensor(samples, shape: [indices.count, format.length, format.channels], device: device)
    guard !format.labels.isEmpty else { return Batch(samples: clips) }
    let labels = indices.map { part.label(at: $0) ?? 0 }
    return Batch(samples: clips, labels: try Tensor(labels, shape: [labels.count], device: device))
  }

  /// Decodes clips in the background, where they do not fit in memory.
  public func prefetch(_ indices: [Int], seed: UInt64, step: Int) {
    corpus.training.prefetch(indices, crops: crops(of: indices, seed: seed, step: step))
  }

  /// Both updates of a step see a clip cropped at the same place, so that it is decoded once.
  private func crops(of indices: [Int], seed: UInt64, step: Int) -> [UInt64] {
    guard recipe.data.slicing == .random else { return indices.map { _ in 0 } }
    return indices.map { index in
      var stream = RandomStream(seed: seed, step: step, name: "crop.\(index)")
      return stream.next()
    }
  }

  /// Clips of fixed latents, one after another in `samples.wav`, with a picture of them, `samples.png`; for the terminal,
  /// how loud they are.
  public func preview(of generator: any Generator, seed: UInt64) throws -> Preview {
    let sampler = AudioSampler(generator, recipe: recipe, format: format, device: device)
    let clips = try sampler.clips(count: Self.previewCount, seed: seed, labels: .each)
    let joined = AudioClip(joining: clips, gap: 0.1)
    let sound = try SoundFile.bytes(
      of: joined, format: .wav, tags: AudioTags(software: "duel"), name: "samples.wav")
    let level = joined.rootMeanSquare
    let decibels = level > 0 ? String(format: "%.1f dB", 20 * Foundation.log10(level)) : "silent"
    return Preview(
      items: [
        PreviewItem(
          fileName: "samples.wav",
          content: .sound(samples: joined.samples, channels: joined.channels, rate: joined.sampleRate),
          fileBytes: sound),
        try PreviewItem(fileName: "samples.png", picture: ClipPicture.draw(joined)),
      ], lines: ["\(clips.count) clips of \(format.duration.formatted()) s, \(decibels): samples.wav"])
  }
}
