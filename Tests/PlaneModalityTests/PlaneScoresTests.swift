import Foundation
import Metrics
import PlaneDatasets
import Testing
import Torch

@testable import PlaneModality

@Suite struct PlaneScoresTests {
  /// Points of a Gaussian with independent coordinates, `[N, 2]`.
  private static func gaussian(_ count: Int, mean: Double = 0, deviation: Double = 1, name: String) throws
    -> (tensor: Tensor, points: [PlanePoint])
  {
    var stream = RandomStream(seed: 4, name: name)
    let tensor = try stream.normal([count, 2]).converted(to: .float64) * deviation + mean
    let numbers = try tensor.array(of: Double.self)
    return (tensor, (0..<count).map { PlanePoint(numbers[2 * $0], numbers[2 * $0 + 1]) })
  }

  /// `log(s/t) + (t² + m²) / (2 s²) - ½` for each coordinate: from N(m, t²) to N(0, s²).
  private static func closedForm(_ m: Double, _ t: Double, to s: Double) -> Double {
    2 * (log(s / t) + (t * t + m * m) / (2 * s * s) - 0.5)
  }

  @Test(arguments: [(0.0, 1.0), (0.5, 1), (0, 0.7), (1, 2)])
  func divergencesAreTheClosedForms(mean: Double, deviation: Double) throws {
    let standard = MixtureDensity([.init(weight: 1, mean: [0, 0], deviations: [1, 1])])
    let row = try Self.gaussian(3_000, mean: mean, deviation: deviation, name: "row")
    let forward = try NeighbourDivergence.divergence(
      of: row.tensor, logDensities: row.points.map { standard.logDensity(at: $0) })
    let expected = Self.closedForm(mean, deviation, to: 1)
    let error = try #require(forward.standardError)
    // What the estimator itself is off by shrinks with the number of samples: a fiftieth of a nat is far above it.
    #expect(abs(forward.value - expected) < 4 * error + 0.02)

    let real = try Self.gaussian(3_000, name: "real")
    let reverse = try NeighbourDivergence.divergence(
      from: real.tensor, logDensities: real.points.map { standard.logDensity(at: $0) }, to: row.tensor)
    // From N(0, 1) to N(m, t²).
    let other = 2 * (log(deviation) + (1 + mean * mean) / (2 * deviation * deviation) - 0.5)
    if deviation < 1 {
      // Far from all samples a distance to them says less than the density's tail: the estimate is a lower bound.
      #expect((0.5 * other...other).contains(reverse.value))
    } else {
      #expect(abs(reverse.value - other) < 4 * (try #require(reverse.standardError)) + 0.1)
    }
  }

  @Test func missingModesAreSeen() throws {
    let density = PlaneTarget.ring.density()
    var corpus = PlaneDataOptions()
    corpus.count = 2_000
    let data = try PlaneCorpus(builtIn: corpus)
    let half = data.training.points.filter { $0.x > 1 }
    let counts = try #require(ModeCounts(half, density: density))
    #expect(counts.covered == 3 && counts.good > Int(0.97 * Double(half.count)))
    let all = try #require(ModeCounts(data.training.points, density: density))
    #expect(all.covered == 8 && abs(Double(all.good) / 2_000 - 0.989) < 0.01)
    #expect(ModeCounts([[1, 1]], density: PlaneTarget.gamma.density()) == nil)

    let scores = try Self.scores(data, target: .ring, density: density)
    func value(_ row: EvaluationTable.Row, _ key: String) throws -> Score {
      guard case .measured(let score) = try #require(row.values[key]) else {
        Issue.record("\(key) is missing")
        return Score(.nan)
      }
      return score
    }
    let whole = try scores.row("whole", .real, data.training.points, seed: nil).row
    let part = try scores.row("part", .model, half, seed: 1).row
    for key in ["energyDistance", "kernelDistance", "divergence", "reverseDivergence"] {
      let (good, bad) = (try value(whole, key), try value(part, key))
      #expect(abs(good.value) < 4 * (good.standardError ?? 0) + 0.06, "\(key)")
      #expect(bad.value > good.value + 0.1, "\(key)")
    }
    for key in ["toldByFeatures", "toldByNetwork"] {
      let (good, bad) = (try value(whole, key), try value(part, key))
      #expect(abs(good.value - 50) < 3 * (good.standardError ?? 0) && bad.value > 75, "\(key)")
    }
    #expect(try value(whole, "nearnessZ").value < -10)
    // A part of three eighths: log(8/3), beside what lies between modes.
    #expect(abs(try value(part, "divergence").value - log(8 / 3.0)) < 0.1)
  }

  private static func scores(
    _ data: PlaneCorpus, target: PlaneTarget, density: (any PlaneDensity)?
  ) throws -> PlaneScores {
    let spec = PlaneSpec(data, target: target)
    let heldOut = data.heldOut.points
    return try PlaneScores(
      reference: heldOut, training: data.training.points, spec: spec, density: density,
      test: PlaneTwoSampleTest(heldOut: heldOut, count: min(700, heldOut.count), spec: spec, seed: 1))
  }

  @Test func samplesOutsideOfTheSupportAreTold() throws {
    var options = PlaneDataOptions()
    options.target = .gamma
    options.count = 500
    let data = try PlaneCorpus(builtIn: options)
    let scores = try Self.scores(data, target: .gamma, density: data.density)
    let row = try scores.row("row", .model, data.training.points + [[-1, 1]], seed: nil).row
    #expect(
      row.values["divergence"]
        == .missing(reason: "infinite: 1 of 501 samples lie outside of the support"))
    #expect(row.values["modes"] == nil)
    let broken = try scores.row("row", .model, [PlanePoint](repeating: [.nan, 0], count: 20), seed: nil).row
    #expect(broken.values["energyDistance"] == .missing(reason: "samples are not finite"))
  }

  @Test func repeatedSamplesHaveAFiniteDivergence() throws {
    let row = try Tensor([Float](repeating: 0.5, count: 200), shape: [100, 2])
    let score = try NeighbourDivergence.divergence(of: row, logDensities: [Double](repeating: -1, count: 100))
    #expect(score.value.isFinite && score.value > 100)
  }
}
