import Adversarial
import ArgumentParser
import AudioDatasets
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
    let trained = try TrainedModel<Audio>(contentsOf: model.url, pointer: model.pointer, device: device)
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
