import Adversarial
import AudioDatasets
import Files
import Foundation
import ModalityKit
import TestSupport
import Testing
import Torch

@testable import AudioModality

/// Trainings from sounds to checkpoints. 2N steps are N steps, a stop, and N more.
@Suite struct AudioTrainingTests {
  private static let plan = Plan(warmUpSteps: 0, duelSteps: 6)

  private func train(
    _ recipe: AudioRecipe, _ corpus: AudioCorpus, in folder: RunFolder, stoppingAt stop: Int?
  )
    throws -> Trainer.Outcome
  {
    var intervals = Trainer.Intervals()
    (intervals.report, intervals.checkpoint, intervals.preview) = (2, 3, 3)
    let latest = try CheckpointStore(folder: folder.checkpoints, keeping: 3).target(of: .latest)
    let checkpoint = try latest.map { try Checkpoint(contentsOf: $0, modality: "audio") }
    let trainer = try Trainer(
      game: AudioGame(recipe: recipe, dataset: AudioDataset(corpus), seed: 1, device: .cpu),
      recipe: recipe.training,
      plan: Self.plan, seed: 1,
      identity: CheckpointIdentity(modality: "audio", recipe: JSONValue(encoding: recipe).text),
      intervals: intervals, folder: folder,
      observers: [
        PreviewFiles(folder: folder), MetricsLog(file: folder.metricsFile),
      ])
    if let checkpoint { try trainer.resume(from: checkpoint) }
    return try trainer.run { trainer.completedSteps == stop ? "test" : nil }
  }

  /// The lines of a run's metrics without what depends on the clock.
  private func reports(of folder: RunFolder) throws -> [String] {
    try String(contentsOf: folder.metricsFile, encoding: .utf8).split(separator: "\n").map { line in
      String(line.prefix(upTo: line.range(of: ",\"seconds\"")?.lowerBound ?? line.endIndex))
    }
  }

  @Test(arguments: AudioNetwork.allCases) func stoppedAndResumedEqualsUninterrupted(network: AudioNetwork)
    throws
  {
    let (sounds, scratch) = (try SmallAudio.folder(frames: 3000), try TemporaryFolder())
    var recipe = try SmallAudio.recipe(network) {
      $0.data.labels = "^(.)_"
      $0.data.slicing = .random
      $0.discriminator.spectralNorm = true
      if network == .spectral {
        $0.training.penalties = [Penalty(.r1, weight: .constant(0.05), interval: 2)]
        $0.spectral.exemplars = 9
      } else if network == .modern {
        $0.training.penalties = [Penalty(.r1, weight: .constant(0.05), interval: 2)]
        ($0.discriminator.augmentation.mode, $0.discriminator.augmentation.span) = (.adaptive, 64)
      } else {
        $0.training.discriminatorSteps = 2
      }
    }
    let corpus = try AudioDataset(DataSource(path: sounds.url.path), recipe: &recipe).corpus
    let whole = try RunFolder.create(at: scratch["whole"])
    #expect(try train(recipe, corpus, in: whole, stoppingAt: nil) == .finished)
    let name = "step-00000006.safetensors"
    let expected = try Data(contentsOf: whole.checkpoints.appendingPathComponent(name))
    #expect(try reports(of: whole).count == 3)
    for stop in [1, 3, 4] {
      let parts = try RunFolder.create(at: scratch["parts-\(stop)"])
      #expect(try train(recipe, corpus, in: parts, stoppingAt: stop) == .stopped(cause: "test"))
      #expect(try train(recipe, corpus, in: parts, stoppingAt: nil) == .finished)
      let found = try Data(contentsOf: parts.checkpoints.appendingPathComponent(name))
      #expect(expected == found, "stopped after step \(stop)")
      #expect(try reports(of: whole) == reports(of: parts))
    }

    let augmented = try reports(of: whole).allSatisfy { $0.contains("\"discriminator.augmentation\":0.") }
    #expect(augmented == (network == .modern))

    // Something was learnt, by every tensor that a step changes.
    let start = try Checkpoint(
      contentsOf: whole.checkpoints.appendingPathComponent("step-00000000.safetensors")
    ).tensors
    // What begins with exemplars may end with them, but is trained on the way there.
    let middle = network == .spectral ? "step-00000003.safetensors" : name
    let end = try Checkpoint(contentsOf: whole.checkpoints.appendingPathComponent(middle)).tensors
    for part in ["generator.", "discriminator.", "averaged."] {
      let names = end.keys.filter {
        $0.hasPrefix(part) && ($0.hasSuffix("weight") || $0.hasSuffix("weight.original"))
      }
      #expect(!names.isEmpty)
      for name in names {
        let (before, after) = (try #require(start[name]), try #require(end[name]))
        #expect(try !before.isEqual(to: after), "\(name)")
      }
    }

    for step in [0, 3, 6] {
      let preview = whole.preview(step: step)
      let clip = try SoundFile.read(preview.appendingPathComponent("samples.wav").path)
      #expect(clip.frameCount == 10 * SmallAudio.length + 9 * 800)
      let picture = try Data(contentsOf: preview.appendingPathComponent("samples.png"))
      #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    }
  }
}
