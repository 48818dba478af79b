import Adversarial
import AudioDatasets
import Corpora
import Foundation
import ModalityKit
import Torch

/// Sounds as the trainer needs them: batches `[B, T, C]`, two networks, previews to listen to.
public final class AudioGame: RecipeGame {
  private let recipe: AudioRecipe
  private let spec: AudioSpec
  private let corpus: AudioCorpus
  private var watch: LabelWatch?
  /// The networks that play.
  public let networks: GameNetworks<AudioRecipe>
  private var validation: CodeValidation?
  private let clips: CodedClips?
  /// What makes codes of clips, for networks that play over codes.
  private var codec: ClipCodec? { networks.generator.overCodes?.codec }

  /// Clips to train on.
  public var trainingCount: Int { corpus.training.count }
  /// Time that batches waited for decoding, where the clips do not fit in memory.
  public var waitingSeconds: Double { corpus.training.waitingSeconds }

  /// Initialises the networks.
  ///
  /// - Throws: `TorchError` when no data has completed the recipe, or memory ends.
  public init(recipe: AudioRecipe, dataset: AudioDataset, seed: UInt64, device: Device) throws {
    self.recipe = recipe
    corpus = dataset.corpus
    spec = try recipe.completeSpec()
    networks = try GameNetworks(recipe, seed: seed, device: device)
    clips = try dataset.codedClips(recipe)
    if let clips {
      try prepare(networks.discriminator)
      try networks.generator.overCodes?.take(clips)
      try networks.averagedGenerator.overCodes?.take(clips)
      validation = try CodeValidation(self, exemplars: clips)
    }
  }

  /// A discriminator over codes is told what its statistics are standardised by.
  private func prepare(_ discriminator: any Discriminator) throws {
    if let clips { try (discriminator as? SpectralDiscriminator)?.take(clips) }
  }

  /// Another discriminator of the same kind, for the verdict.
  public func makeDiscriminator(using stream: inout RandomStream) throws -> (any Discriminator)? {
    let discriminator = try networks.makeDiscriminator(using: &stream)
    try prepare(discriminator)
    return discriminator
  }

  /// Clips `[B, T, C]`; the position of a random crop depends on the step and the clip.
  public func batch(at indices: [Int], context: StepContext) throws -> Batch {
    let crops = crops(of: indices, seed: context.seed, step: context.step)
    return try batch(of: corpus.training, at: indices, crops: crops)
  }

  /// Clips that are not trained on.
  public var heldOutCount: Int { corpus.untrained.count }
  /// Whether these are a validation part.
  public var canTrainOnHeldOut: Bool { corpus.validation.count > 0 }
  /// Not over codes, whose generator holds training clips as exemplars.
  public var canReserve: Bool { codec == nil }

  /// Clips of the validation part, each cropped at random where training's are.
  public func heldOutBatch(at indices: [Int], context: StepContext) throws -> Batch {
    var stream = context.stream("crops")
    return try batch(of: corpus.untrained, at: indices, crops: indices.map { _ in stream.next() })
  }

  /// Over codes a generator begins with exemplars, varied.
  public var beginsWithSamples: Bool { codec != nil }

  /// The score of `CodeValidation`, for networks that play over codes.
  public func validationScore() throws -> Double? {
    guard let validation, let generator = networks.averagedGenerator.overCodes else { return nil }
    return try validation.score(generator, recipe: recipe, device: device)
  }

  private func batch(of part: AudioSet, at indices: [Int], crops: [UInt64]) throws -> Batch {
    var samples: [Float] = []
    samples.reserveCapacity(indices.count * spec.length * spec.channels)
    for (index, crop) in zip(indices, crops) { samples += try part.sample(at: index, draw: crop) }
    let clips = try Tensor(samples, shape: [indices.count, spec.length, spec.channels], device: device)
    return try Batch(withoutGradients { try codec?.encode(clips) ?? clips }, of: part, at: indices)
  }

  /// Decodes clips in the background, where they do not fit in memory.
  public func prefetch(_ indices: [Int], seed: UInt64, step: Int) {
    corpus.training.prefetch(indices, draws: crops(of: indices, seed: seed, step: step))
  }

  /// Both updates of a step see a clip cropped at the same position, so that it is decoded once.
  private func crops(of indices: [Int], seed: UInt64, step: Int) -> [UInt64] {
    guard recipe.data.slicing == .random else { return indices.map { _ in 0 } }
    return indices.map { index in
      var stream = RandomStream(seed: seed, step: step, name: "crop.\(index)")
      return stream.next()
    }
  }

  /// Labels whose sounds have gone silent or become one sound.
  public func warnings(seed: UInt64) throws -> [String] {
    let watch = try self.watch ?? LabelWatch(training: corpus.training, spec: spec)
    self.watch = watch
    return try watch.warnings(
      of: Sampler<Audio>(
        networks.averagedGenerator, recipe: recipe, device: device, options: AudioSampling()), seed: seed)
  }

  /// Clips of fixed latents, one after another in `samples.wav`, with a picture of them, `samples.png`; for the terminal,
  /// how loud they are.
  public func preview(seed: UInt64) throws -> Preview {
    let sampler = try Sampler<Audio>(
      networks.averagedGenerator, recipe: recipe, device: device, options: AudioSampling())
    let clips = try sampler.samples(count: Audio.previewCount, seed: seed, labels: .each)
    let level = AudioClip(joining: clips, gap: 0).rootMeanSquare
    let decibels = level > 0 ? String(format: "%.1f dB", 20 * Foundation.log10(level)) : "silent"
    // Each label in turn, as they were drawn.
    let names = clips.indices.map { spec.labels.isEmpty ? "" : spec.labels[$0 % spec.labels.count] }
    return Preview(
      items: try Audio.previewItems(of: clips, recipe: recipe)
        + [PreviewItem(fileName: "samples.png", picture: ClipPicture.draw(clips, names: names))],
      lines: ["\(clips.count) clips of \(spec.duration.formatted()) s, \(decibels): samples.wav"])
  }
}

/// Real sounds to train on and to measure on.
public struct AudioDataset: CorpusDataset {
  /// The clips, split.
  public let corpus: AudioCorpus
  /// What was read, and, where the length was fitted to it, what that costs.
  public var descriptionLines: [String] {
    [corpus.report.description] + lengthLines
  }
  private let lengthLines: [String]
  private let coded = Kept<CodedClips>()

  /// A corpus that has been opened already, whose recipe is complete.
  init(_ corpus: AudioCorpus) { (self.corpus, lengthLines) = (corpus, []) }

  /// Opens the user's sounds, or makes the built-in drums when `source.path` is nil, and completes the recipe with what
  /// the data decides.
  ///
  /// Where the recipe is complete already, as that of a trained model, the data is read at the model's rate.
  /// - Throws: `UserError` that names the file and where in it data is missing or malformed.
  public init(_ source: DataSource, recipe: inout AudioRecipe) throws {
    var options = recipe.data
    if let spec = recipe.spec { (options.sampleRate, options.length) = (spec.sampleRate, spec.length) }
    let known = recipe.spec?.labels
    corpus = try source.corpus(labels: known) { path in
      try AudioCorpus(
        path: path, validation: source.validation, holdout: source.holdout, options: options, labels: known,
        fit: recipe.network.fit)
    } builtIn: {
      try AudioCorpus.drums(options: options, labels: known)
    }
    let isFitted = recipe.spec == nil && recipe.data.length == nil && source.path != nil
    lengthLines = isFitted ? [Self.lengthWords(corpus)] : []
    guard recipe.spec == nil else { return }
    var spec = AudioSpec(
      sampleRate: corpus.sampleRate, length: corpus.length, channels: options.channels,
      labels: corpus.labelNames)
    if recipe.network == .spectral {
      let codec = try ClipCodec(
        sampleRate: spec.sampleRate, length: spec.length, channels: spec.channels)
      spec.codes = ClipCodeSpec(
        recipe.spectral, clips: corpus.training.count, numbers: codec.frames * codec.numbers)
    }
    recipe.spec = spec
  }

  /// The length in words, and what it costs where that is more than usual.
  private static func lengthWords(_ corpus: AudioCorpus) -> String {
    let seconds = Double(corpus.length) / Double(corpus.sampleRate)
    let ratio = Double(corpus.length) / Double(AudioCorpusOptions.usualLength)
    let cost =
      ratio > 1
      ? ", and a step of training takes about \(String(format: ratio < 10 ? "%.1f" : "%.0f", ratio)) times one of 8192"
      : ""
    return
      "Clips of \(corpus.length) samples, \(String(format: "%.2f", seconds)) s, suit the files\(cost); --length sets another."
  }

  /// The same with so many clips of each part at most, and the recipe's codes for as few; nil where networks play over
  /// waveforms, which need no preparation.
  func thinned(to limit: Int, recipe: inout AudioRecipe) throws -> AudioDataset? {
    guard let spec = recipe.spec, spec.codes != nil else { return nil }
    let few = AudioDataset(corpus.thinned(to: limit))
    let codec = try ClipCodec(sampleRate: spec.sampleRate, length: spec.length, channels: spec.channels)
    recipe.spec?.codes = ClipCodeSpec(
      recipe.spectral, clips: few.corpus.training.count, numbers: codec.frames * codec.numbers)
    return few
  }

  /// The training clips as exemplars, for networks that play over codes; nil for others. Worked out once for all games of
  /// the data, which have one recipe.
  func codedClips(_ recipe: AudioRecipe) throws -> CodedClips? {
    guard recipe.network == .spectral else { return nil }
    let spec = try recipe.completeSpec()
    return try coded.value {
      try CodedClips(
        corpus.training,
        codec: ClipCodec(sampleRate: spec.sampleRate, length: spec.length, channels: spec.channels),
        variation: recipe.spectral.variation, spec: spec)
    }
  }
}
