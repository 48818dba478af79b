import Adversarial
import ArgumentParser
import AudioDatasets
import Foundation
import Metrics
import ModalityKit
import Torch

/// Sound as a medium: short clips of one length, as waveforms.
public enum Audio: Modality {
  /// The subcommand.
  public static let name = "audio"
  /// One line of help.
  public static let summary = "Short sounds, from folders of sound files: drums, words, calls."
  /// Two cores are used better by two halves of a batch than by one operator.
  public static let usualParts = 2
  /// A folder of sound files.
  public static let sampleOutput = SampleOutput.files(folder: "clips")

  /// The flags of `train`.
  public typealias TrainOptions = AudioTrainOptions
  /// The flags of `generate`.
  public typealias GenerateOptions = AudioGenerateOptions
  /// The flags of `evaluate`.
  public typealias EvaluateOptions = AudioEvaluateOptions
  /// Everything that rebuilds a model.
  public typealias Recipe = AudioRecipe
  /// Clips, split.
  public typealias Dataset = AudioDataset

  /// Beside the verbs of every medium: a walk through the latents, and kits for samplers.
  public static var verbs: [any ParsableCommand.Type] { [Interpolate.self, Export.self] }

  /// Twenty clips, each label in turn, with their pictures.
  public static let demonstration = ["--count", "20", "--label", "each", "--pictures"]

  /// The recipe of a preset.
  public static func recipe(preset: Preset) -> AudioRecipe { AudioRecipe(preset: preset) }

  /// Opens a file or folder of sounds, or makes the built-in drums.
  public static func openDataset(_ source: DataSource, recipe: inout AudioRecipe) throws -> AudioDataset {
    try AudioDataset(source, recipe: &recipe)
  }

  /// Rate, length and level of every sound, and pictures of some.
  public static func inspect(_ source: DataSource, recipe: AudioRecipe) throws -> Inspection? {
    try Inspection(sounds: source, options: recipe.data)
  }

  /// Networks and data.
  public static func makeGame(recipe: AudioRecipe, dataset: AudioDataset, seed: UInt64, device: Device) throws
    -> any Game
  {
    try AudioGame(recipe: recipe, dataset: dataset, seed: seed, device: device)
  }

  /// Clips of a preview.
  public static let previewCount = 10

  /// Clips one after another, with a pause between them, as a WAV file.
  public static func previewItems(of samples: [AudioClip], recipe: AudioRecipe) throws -> [PreviewItem] {
    let (name, joined) = ("samples.wav", AudioClip(joining: samples, gap: 0.1))
    let bytes = try SoundFile.bytes(of: joined, format: .wav, tags: AudioTags(software: "duel"), name: name)
    return [
      PreviewItem(
        fileName: name,
        content: .sound(samples: joined.samples, channels: joined.channels, rate: joined.sampleRate),
        fileBytes: bytes)
    ]
  }

  /// What a generator of codes is built around.
  public static func heldData(_ recipe: AudioRecipe) throws -> [HeldData] {
    let spec = try recipe.completeSpec()
    guard let codes = spec.codes else { return [] }
    let codec = try ClipCodec(sampleRate: spec.sampleRate, length: spec.length, channels: spec.channels)
    let most = ClipCodeSpec(recipe.spectral, clips: .max, numbers: codec.frames * codec.numbers).exemplars
    return [
      HeldData(
        "log-mel pictures", of: "clips", samples: codes.exemplars, isAll: codes.exemplars < most,
        in: .generator, "from which they can be made again but for their phases")
    ]
  }

  /// Clips drawn at a time.
  public static let chunkSize = 16
  /// The largest sample of a clip in size.
  private static let loudest = 0.99

  /// Refuses iterations where there are no phases to find.
  public static func check(_ options: AudioSampling, generator: any SoundGenerator, recipe: AudioRecipe)
    throws
  {
    try options.check(generator, recipe: recipe)
  }

  /// Clips `[B, T, C]`. One beyond full scale is made quieter as a whole: files would cut its peaks off.
  public static func draw(
    _ chunk: LatentChunk, generator: any SoundGenerator, recipe: AudioRecipe, options: AudioSampling
  ) throws -> Tensor {
    let samples = try generator.generate(latents: chunk.latents, labels: chunk.labels, context: chunk.context)
    let clips = try generator.sounds(of: samples, first: chunk.needed, sampling: options)
      .converted(to: .float32).moved(to: .cpu)
    return try clips / (clips.clipPeaks() / loudest).clamped(from: 1)
  }

  /// Clips, or their codes where the networks play over codes.
  public static func judged(
    _ samples: Tensor, of chunk: LatentChunk, generator: any SoundGenerator, recipe: AudioRecipe
  ) throws -> Tensor {
    guard generator.overCodes != nil else { return samples }
    return try generator.generate(latents: chunk.latents, labels: chunk.labels, context: chunk.context)
  }

  /// Clips of a tensor `[B, T, C]`.
  public static func samples(of tensor: Tensor, recipe: AudioRecipe) throws -> [AudioClip] {
    let spec = try recipe.completeSpec()
    let size = spec.length * spec.channels
    let samples = try tensor.contiguous().array(of: Float.self)
    return stride(from: 0, to: samples.count, by: size).map { start in
      AudioClip(
        samples: Array(samples[start..<start + size]), channels: spec.channels, sampleRate: spec.sampleRate)
    }
  }

  /// Writes one file for each clip into a folder, or all of them into one file.
  public static func generate(_ request: GenerationRequest<Audio>, options: AudioGenerateOptions) throws
    -> [URL]
  {
    try ClipWriting(request: request, options: options).write()
  }

  /// A few clips, where all would have to be encoded.
  public static func thinned(_ dataset: AudioDataset, to limit: Int, recipe: inout AudioRecipe) throws
    -> AudioDataset?
  {
    try dataset.thinned(to: limit, recipe: &recipe)
  }

  /// Statistics of clips need several, classifiers and two-sample tests many.
  public static func evaluationNeeds(hasLabels: Bool) -> [EvaluationNeed] {
    AudioEvaluation.needs(hasLabels: hasLabels)
  }

  /// Measures models beside held-out sounds and a Gaussian mixture.
  public static func evaluate(_ request: EvaluationRequest<Audio>, options: AudioEvaluateOptions) throws
    -> EvaluationTable
  {
    try AudioComparison(request, options: options).table()
  }
}
