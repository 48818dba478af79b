import Adversarial
import Foundation
import TestSupport
import Testing
import Torch

/// 2N steps are N steps, a stop, and N more: every tensor and every report equal.
@Suite struct ResumeTests {
  /// Everything that has state between steps, one case each.
  enum Case: String, CaseIterable, CustomTestStringConvertible {
    case adam
    case sgd
    case rmsprop
    case lazyPenalties
    case warmUp
    case accumulation
    case spectralNorm
    case adaptiveNoise

    var testDescription: String { rawValue }

    var recipe: TrainingRecipe {
      var recipe = TrainingRecipe()
      recipe.batchSize = 16
      recipe.latentDimension = 8
      recipe.validationInterval = 3
      recipe.penalties = [Penalty(.r1, weight: .constant(1))]
      switch self {
      case .adam, .adaptiveNoise: break
      case .sgd:
        recipe.generatorOptimiser = OptimiserConfiguration(.sgd, momentum: 0.9)
        recipe.discriminatorOptimiser = OptimiserConfiguration(.sgd, momentum: 0.5, nesterov: true)
      case .rmsprop:
        recipe.generatorOptimiser = OptimiserConfiguration(.rmsprop)
        recipe.discriminatorOptimiser = OptimiserConfiguration(.rmsprop)
      case .lazyPenalties:
        recipe.penalties = [
          Penalty(.r1, weight: .constant(1), interval: 3),
          Penalty(.gradientPenalty, weight: .linear(from: 0, to: 1), interval: 2),
        ]
      case .warmUp:
        recipe.warmUp.steps = 9
      case .accumulation:
        recipe.accumulation = 3
        recipe.discriminatorSteps = 2
      case .spectralNorm:
        recipe.loss = .hinge
        recipe.clipNorm = 0.5
      }
      return recipe
    }

    var shape: MixtureGame.Shape {
      var shape = MixtureGame.Shape()
      shape.hidden = 8
      shape.hasWarmUp = self == .warmUp
      shape.spectralNorm = self == .spectralNorm
      shape.adaptiveNoise = self == .adaptiveNoise
      return shape
    }
  }

  @Test(arguments: Case.allCases, [1, 4, 7, 9, 10, 13])
  func stoppedAndResumedEqualsUninterrupted(_ kind: Case, stop: Int) throws {
    let scratch = try TemporaryFolder()
    let plan = Plan(warmUpSteps: kind == .warmUp ? 9 : 0, duelSteps: kind == .warmUp ? 9 : 18)

    let whole = try RunFolder.create(at: scratch["whole"])
    #expect(try train(kind, plan: plan, in: whole, stoppingAt: nil) == .finished)

    let parts = try RunFolder.create(at: scratch["parts"])
    #expect(try train(kind, plan: plan, in: parts, stoppingAt: stop) == .stopped(cause: "test"))
    #expect(try train(kind, plan: plan, in: parts, stoppingAt: nil) == .finished)

    let name = "step-00000018.safetensors"
    let expected = try Data(contentsOf: whole.checkpoints.appendingPathComponent(name))
    let found = try Data(contentsOf: parts.checkpoints.appendingPathComponent(name))
    #expect(expected == found)
    #expect(try reports(of: whole) == reports(of: parts))
    #expect(try reports(of: whole).count >= 4)
    let follows = try reports(of: whole).allSatisfy { $0.contains("\"discriminator.augmentation\":") }
    #expect(follows == (kind == .adaptiveNoise))
  }

  private func train(_ kind: Case, plan: Plan, in folder: RunFolder, stoppingAt stop: Int?) throws
    -> Trainer.Outcome
  {
    var intervals = Trainer.Intervals()
    intervals.report = 4
    intervals.checkpoint = 5
    let latest = try CheckpointStore(folder: folder.checkpoints, keeping: 3).target(of: .latest)
    let checkpoint = try latest.map { try Checkpoint(contentsOf: $0, modality: "mixture") }
    let trainer = try Trainer(
      game: try MixtureGame(shape: kind.shape, seed: 1), recipe: kind.recipe, plan: plan, seed: 1,
      identity: CheckpointIdentity(modality: "mixture", recipe: "{}"), intervals: intervals, folder: folder,
      observers: [try MetricsLog(file: folder.metricsFile, afterStep: checkpoint?.step ?? 0)])
    if let checkpoint { try trainer.resume(from: checkpoint) }
    return try trainer.run { trainer.step == stop ? "test" : nil }
  }

  /// The lines of a run's metrics without what depends on the clock.
  private func reports(of folder: RunFolder) throws -> [String] {
    try String(contentsOf: folder.metricsFile, encoding: .utf8).split(separator: "\n").map { line in
      String(line.prefix(upTo: line.range(of: ",\"seconds\"")?.lowerBound ?? line.endIndex))
    }
  }
}
