import Adversarial
import ArgumentParser
import AudioDatasets
import Failures
import Foundation
import ModalityKit
import Torch

/// Writes a model's clips to files.
struct ClipWriting {
  /// Clips that one file may hold: it is put together in memory.
  static let joinedLimit = 10_000

  let request: GenerationRequest<Audio>
  let options: AudioGenerateOptions

  /// Writes the clips of the request, and returns the files.
  ///
  /// - Throws: `UserError`: usage for too many clips for one file; cannot create and I/O for files.
  func write() throws -> [URL] {
    guard options.concat else {
      return try request.writeFiles(extension: options.format.fileExtension) { clip, file in
        try write(clip, title: file.deletingPathExtension().lastPathComponent, to: file)
      }
    }
    guard request.count <= Self.joinedLimit else {
      throw UserError(
        .usage, "--concat: found \(request.count) sounds, expected at most \(Self.joinedLimit) in one file")
    }
    var clips: [AudioClip] = []
    try request.forEach { clip, _ in clips.append(clip) }
    let file = try joinedFile(request.requiredOutput)
    try write(AudioClip(joining: clips, gap: options.gap), title: "\(clips.count) sounds", to: file)
    return [file]
  }

  /// A file of its own when the path has the format's extension, otherwise a file in that folder.
  private func joinedFile(_ output: URL) throws -> URL {
    if output.pathExtension.lowercased() == options.format.fileExtension { return output }
    try SampleFiles.makeFolder(output)
    return output.appendingPathComponent("sounds.\(options.format.fileExtension)")
  }

  private func write(_ clip: AudioClip, title: String, to file: URL) throws {
    let tags = AudioTags(
      title: title, software: "duel \(duelVersion)",
      comment: "seed \(request.seed), step \(request.model.step)")
    try SoundFile.write(clip, to: file, format: options.format, tags: tags)
    if options.pictures {
      try ClipPicture.draw(clip).write(to: file.deletingPathExtension().appendingPathExtension("png"))
    }
  }
}

extension AudioClip {
  /// Clips one after another, with silence between them.
  ///
  /// - Parameters:
  ///   - clips: at least one, all of one rate and number of channels.
  ///   - gap: seconds of silence between two.
  init(joining clips: [AudioClip], gap: Double) {
    precondition(!clips.isEmpty, "there is nothing to join")
    let silence = [Float](
      repeating: 0, count: Int((gap * Double(clips[0].sampleRate)).rounded()) * clips[0].channels)
    let samples = clips.dropFirst().reduce(into: clips[0].samples) { $0 += silence + $1.samples }
    self.init(samples: samples, channels: clips[0].channels, sampleRate: clips[0].sampleRate)
  }

  /// The root of the mean of squared samples: 0 for silence.
  var rootMeanSquare: Double {
    guard !samples.isEmpty else { return 0 }
    return (samples.reduce(0) { $0 + Double($1) * Double($1) } / Double(samples.count)).squareRoot()
  }
}

/// The flags of `duel audio generate`, beside those that all media share.
public struct AudioGenerateOptions: ModalitySamplingOptions {
  @Option(help: "How files are written: wav with 16 bits, wav-24, wav-float, flac or ogg.")
  var format = AudioFormat.wav

  @Flag(help: "Write one file with all sounds one after another instead of one file each.")
  var concat = false

  @Flag(help: "Draw the waveform and the spectrogram of each file into a PNG beside it.")
  var pictures = false

  @Option(help: ArgumentHelp("Silence between sounds in one file.", valueName: "seconds"))
  var gap = 0.25

  /// Options of sampling: there are none.
  public var sampling: PlainSampling { PlainSampling() }

  /// No flags given.
  public init() {}

  /// Refuses numbers out of range.
  public func validate() throws {
    guard (0...60).contains(gap) else { throw ValidationError("--gap \(gap): expected 0 to 60 seconds") }
  }
}

extension AudioFormat: ExpressibleByArgument {}

/// `interpolate`: sounds along a walk from the latent of one seed to that of the next, in one file.
struct Interpolate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "interpolate", abstract: "Walks from sound to sound and writes the way as one file.",
    discussion: """
      Latents are interpolated on the arc between them, so that sounds on the way are as likely as those at its ends. \
      The noise inside the generator is the same for all.
      """)

  @OptionGroup var model: ModelOptions

  @OptionGroup var walk: LatentWalk

  @Option(help: ArgumentHelp("Silence between sounds.", valueName: "seconds"))
  var gap = 0.1

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "file"), completion: .file())
  var out = "walk.wav"

  @Option(help: "How the file is written: wav with 16 bits, wav-24, wav-float, flac or ogg.")
  var format = AudioFormat.wav

  @OptionGroup(title: "Engine") var engine: EngineOptions

  func validate() throws {
    guard (0...60).contains(gap) else { throw ValidationError("--gap \(gap): expected 0 to 60 seconds") }
  }

  func run() throws {
    let device = try engine.apply()
    let trained = try TrainedModel<Audio>(contentsOf: model.url, pointer: model.checkpoint, device: device)
    let clips = try trained.sampler(PlainSampling()).samples(on: walk)
    let file = URL(fileURLWithPath: out)
    try SoundFile.write(
      AudioClip(joining: clips, gap: gap), to: file, format: format,
      tags: AudioTags(
        title: "walk between seeds \(walk.seeds)", software: "duel \(duelVersion)",
        comment: "step \(trained.step)"))
    Console.current.note("\(clips.count) sounds of step \(trained.step) in \(file.relativePath)")
  }
}
