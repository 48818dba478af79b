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
  /// - Throws: `UserError`: usage for too many clips for one file; cannot create and I/O for files; as
  ///   `SoundChoice.sounds()`.
  func write() throws -> [URL] {
    if options.concat, request.count > Self.joinedLimit {
      throw UserError(
        .usage, "--concat: found \(request.count) sounds, expected at most \(Self.joinedLimit) in one file")
    }
    let chosen = try SoundChoice(request: request, options: options).sounds()
    var levelling = Levelling(to: options.level.target)
    defer { if let remark = levelling.remark { Console.current.note(remark) } }
    return try options.concat ? writeJoined(chosen, &levelling) : writeEach(chosen, &levelling)
  }

  /// Takes each clip of the request with its label and what is remarkable about it.
  private func forEach(_ chosen: [ChosenSound]?, _ body: (AudioClip, Int?, String?) throws -> Void) throws {
    guard let chosen else { return try request.forEach { try body($0, $1, nil) } }
    for sound in chosen { try body(sound.clip, sound.label, sound.remark) }
  }

  private func writeEach(_ chosen: [ChosenSound]?, _ levelling: inout Levelling) throws -> [URL] {
    let places = try SampleFiles(
      in: request.requiredOutput, count: request.count, fileExtension: options.format.fileExtension,
      labels: request.sampler.spec.labels)
    var files: [URL] = []
    try forEach(chosen) { clip, label, remark in
      let file = places.file(files.count, label: label)
      let name = file.deletingPathExtension().lastPathComponent
      let clip = try levelling(clip)
      try write(clip, title: name, remark: remark, to: file)
      if options.pictures { try draw([clip], names: [name], beside: file) }
      files.append(file)
    }
    return files
  }

  private func writeJoined(_ chosen: [ChosenSound]?, _ levelling: inout Levelling) throws -> [URL] {
    var clips: [AudioClip] = []
    var names: [String] = []
    let labels = request.sampler.spec.labels
    try forEach(chosen) { clip, label, _ in
      clips.append(try levelling(clip))
      names.append(label.map { labels[$0] } ?? String(clips.count - 1))
    }
    let file = try joinedFile(request.requiredOutput)
    let joined = AudioClip(joining: clips, gap: options.gap)
    try write(joined, title: "\(clips.count) sounds", remark: nil, to: file)
    if options.pictures { try draw(clips, names: names, beside: file) }
    return [file]
  }

  /// A file of its own when the path has the format's extension, otherwise a file in that folder.
  private func joinedFile(_ output: URL) throws -> URL {
    if output.pathExtension.lowercased() == options.format.fileExtension { return output }
    try SampleFiles.makeFolder(output)
    return output.appendingPathComponent("sounds.\(options.format.fileExtension)")
  }

  private func write(_ clip: AudioClip, title: String, remark: String?, to file: URL) throws {
    let tags = AudioTags(
      title: title, software: "duel \(duelVersion)",
      comment: "seed \(request.seed), step \(request.model.step)" + (remark.map { ", \($0)" } ?? ""))
    try SoundFile.write(clip, to: file, format: options.format, tags: tags)
  }

  private func draw(_ clips: [AudioClip], names: [String], beside file: URL) throws {
    try ClipPicture.draw(clips, names: names).write(
      to: file.deletingPathExtension().appendingPathExtension("png"))
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

  @OptionGroup var level: LevelOptions

  @Option(
    help: ArgumentHelp("Write the sounds that are nearest to this one, found by search.", valueName: "file"),
    completion: .file())
  var like: String?

  @Option(help: ArgumentHelp("Sounds that --like draws and compares. (default: 2048)", valueName: "count"))
  var search: Int?

  @Option(
    help: ArgumentHelp(
      "Write so many variations of the sound of --seed or, with --like, of the nearest one.",
      valueName: "count"))
  var vary: Int?

  @Option(
    help: ArgumentHelp(
      "How far variations are from it, from 0 for the same to 1 for any sound. (default: 0.3)",
      valueName: "share"))
  var spread: Double?

  @OptionGroup var phases: AudioSamplingOptions

  /// How phases are found.
  public var sampling: AudioSampling { phases.sampling }
  /// As many as there are variations.
  public var sampleCount: Int? { vary }

  /// No flags given.
  public init() {}

  /// Refuses numbers out of range, and flags without those that they belong to.
  public func validate() throws {
    guard (0...60).contains(gap) else { throw ValidationError("--gap \(gap): expected 0 to 60 seconds") }
    if let search {
      guard like != nil else { throw ValidationError("--search: expected --like beside it") }
      guard (1...1_000_000).contains(search) else {
        throw ValidationError("--search \(search): expected 1 to 1000000")
      }
    }
    if let vary, !(1...SoundChoice.limit).contains(vary) {
      throw ValidationError("--vary \(vary): expected 1 to \(SoundChoice.limit)")
    }
    if let spread {
      guard vary != nil else { throw ValidationError("--spread: expected --vary beside it") }
      guard (0...1).contains(spread) else { throw ValidationError("--spread \(spread): expected 0 to 1") }
    }
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
    let clips = try trained.sampler(AudioSampling()).samples(on: walk)
    let file = URL(fileURLWithPath: out)
    try SoundFile.write(
      AudioClip(joining: clips, gap: gap), to: file, format: format,
      tags: AudioTags(
        title: "walk between seeds \(walk.seeds)", software: "duel \(duelVersion)",
        comment: "step \(trained.step)"))
    Console.current.note("\(clips.count) sounds of step \(trained.step) in \(file.relativePath)")
  }
}
