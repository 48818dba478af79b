import Adversarial
import Files
import Foundation
import ModalityKit
import PointDatasets
import TestSupport
import Testing
import Torch

@testable import PointsModality

/// Trainings from shapes to checkpoints. 2N steps are N steps, a stop, and N more.
@Suite struct PointTrainingTests {
  private static let plan = Plan(warmUpSteps: 0, duelSteps: 6)

  private func train(
    _ recipe: PointRecipe, _ dataset: PointDataset, in folder: RunFolder, stoppingAt stop: Int?
  ) throws -> Trainer.Outcome {
    var intervals = Trainer.Intervals()
    (intervals.report, intervals.checkpoint, intervals.preview) = (2, 3, 3)
    let latest = try CheckpointStore(folder: folder.checkpoints, keeping: 3).target(of: .latest)
    let checkpoint = try latest.map { try Checkpoint(contentsOf: $0, modality: "points") }
    let trainer = try Trainer(
      game: PointGame(recipe: recipe, dataset: dataset, seed: 1, device: .cpu), recipe: recipe.training,
      plan: Self.plan, seed: 1,
      identity: CheckpointIdentity(modality: "points", recipe: JSONValue(encoding: recipe).text),
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

  @Test(arguments: SmallPoints.networks) func stoppedAndResumedEqualsUninterrupted(network: PointNetwork)
    throws
  {
    let (shapes, scratch) = (try SmallPoints.folder(), try TemporaryFolder())
    var recipe = try SmallPoints.recipe(network) {
      $0.data.labels = "folder"
      $0.training.discriminatorSteps = min($0.training.discriminatorSteps, 2)
    }
    let dataset = try SmallPoints.dataset(of: shapes, &recipe)
    let whole = try RunFolder.create(at: scratch["whole"])
    #expect(try train(recipe, dataset, in: whole, stoppingAt: nil) == .finished)
    let name = "step-00000006.safetensors"
    let expected = try Data(contentsOf: whole.checkpoints.appendingPathComponent(name))
    #expect(try reports(of: whole).count == 3)
    for stop in [1, 3, 4] {
      let parts = try RunFolder.create(at: scratch["parts-\(stop)"])
      #expect(try train(recipe, dataset, in: parts, stoppingAt: stop) == .stopped(cause: "test"))
      #expect(try train(recipe, dataset, in: parts, stoppingAt: nil) == .finished)
      let found = try Data(contentsOf: parts.checkpoints.appendingPathComponent(name))
      #expect(expected == found, "stopped after step \(stop)")
      #expect(try reports(of: whole) == reports(of: parts))
    }

    // Something was learnt, by every tensor that a step changes.
    let start = try Checkpoint(
      contentsOf: whole.checkpoints.appendingPathComponent("step-00000000.safetensors")
    ).tensors
    // What begins with shapes may end with them, but is trained on the way there.
    let middle = network.networks.playsOverCodes ? "step-00000003.safetensors" : name
    let end = try Checkpoint(contentsOf: whole.checkpoints.appendingPathComponent(middle)).tensors
    for part in ["generator.", "discriminator.", "averaged."] {
      let names = end.keys.filter { $0.hasPrefix(part) && $0.hasSuffix("weight") }
      #expect(!names.isEmpty)
      for name in names {
        let (before, after) = (try #require(start[name]), try #require(end[name]))
        #expect(try !before.isEqual(to: after), "\(name)")
      }
    }

    for step in [0, 3, 6] {
      let names = try FileManager.default.contentsOfDirectory(atPath: whole.preview(step: step).path)
      #expect(names.count { $0.hasSuffix(".ply") } == Points.previewCount)
      #expect(names.contains("sheet.png"))
    }
  }
}
