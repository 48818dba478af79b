import Adversarial
import ArgumentParser
import AudioDatasets
import Failures
import Foundation
import ModalityKit
import Torch

/// Renders a walk through the latents: from the sound of one seed to that of the next, in small steps, in one file.
struct Interpolate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "interpolate", abstract: "Walks from sound to sound and writes the way as one file.",
    discussion: """
      Latents are interpolated on the arc between them, so that sounds on the way are as likely as those at its ends. \
      The noise inside the generator is the same for all.
      """)

  @OptionGroup var model: ModelOptions

  @Option(help: ArgumentHelp("Seeds to walk between, at least two.", valueName: "seeds"))
  var seeds = "0,1,2,3"

  @Option(help: ArgumentHelp("Sounds from one seed to the next, the first one counted.", valueName: "count"))
  var steps = 8

  @Option(help: ArgumentHelp("The label of all sounds. (default: the first)", valueName: "label"))
  var label: String?

  @Option(help: ArgumentHelp("Silence between sounds.", valueName: "seconds"))
  var gap = 0.1

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "file"), completion: .file())
  var out = "walk.wav"

  @Option(help: "How the file is written: wav with 16 bits, wav-24, wav-float, flac or ogg.")
  var format = AudioFormat.wav

  @OptionGroup(title: "Engine") var engine: EngineOptions

  func validate() throws {
    guard try seedList().count >= 2 else { throw ValidationError("--seeds \(seeds): expected at least two") }
    guard (1...1000).contains(steps) else { throw ValidationError("--steps \(steps): expected 1 to 1000") }
    guard (0...60).contains(gap) else { throw ValidationError("--gap \(gap): expected 0 to 60 seconds") }
  }

  private func seedList() throws -> [UInt64] {
    try seeds.split(separator: ",", omittingEmptySubsequences: false).map { text in
      guard let seed = UInt64(text.trimmingCharacters(in: .whitespaces)) else {
        throw ValidationError("--seeds \(seeds): expected whole numbers with commas between them")
      }
      return seed
    }
  }

  func run() throws {
    let device = try engine.apply()
    let trained = try TrainedModel<Audio>(contentsOf: model.url, pointer: model.pointer, device: device)
    let audio = try TrainedAudio(trained)
    let choice = try LabelChoice(label, labels: audio.format.labels)
    guard choice != .each else { throw UserError(.usage, "--label each: expected one label") }
    let index: Int? =
      if case .one(let index) = choice { index } else { audio.format.labels.isEmpty ? nil : 0 }
    let seeds = try seedList()
    let ends = try seeds.map { try audio.sampler.latents(count: 1, seed: $0) }
    var clips: [AudioClip] = []
    for (start, end) in zip(ends, ends.dropFirst()) {
      for step in 0..<steps {
        let latents = try LatentPath.point(from: start, to: end, share: Double(step) / Double(steps))
        clips += try audio.sampler.clips(latents: latents, label: index, seed: seeds[0])
      }
    }
    if let last = ends.last { clips += try audio.sampler.clips(latents: last, label: index, seed: seeds[0]) }
    let file = URL(fileURLWithPath: out)
    try SoundFile.write(
      AudioClip(joining: clips, gap: gap), to: file, format: format,
      tags: AudioTags(
        title: "walk between seeds \(self.seeds)", software: "duel \(duelVersion)",
        comment: "step \(trained.step)"))
    Console.current.note("\(clips.count) sounds of step \(trained.step) in \(file.relativePath)")
  }
}
