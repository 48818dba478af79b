import Metrics
import TestSupport
import Testing
import Torch

@testable import PointsModality

@Suite("The likelihood of unseen shapes")
struct UnseenLikelihoodTests {
  private static let points = 24

  /// One shape that varies in as many ways as are told, with so many draws of noise on its points.
  private func shapes(_ count: Int, draws: Int, seed: UInt64) throws -> [Tensor] {
    var base = RandomStream(seed: 9, name: "base")
    let shape = try base.uniform([Self.points, 3]) * 2 - 1
    var stream = RandomStream(seed: seed, name: "test")
    let ways = try base.normal([40, 3 * Self.points]) * 0.02
    let moved = try shape + stream.normal([count, 40]).matmul(ways).reshaped([count, Self.points, 3])
    return try (0..<draws).map { _ in
      try (moved + stream.normal([count, Self.points, 3]) * 0.002).converted(to: .float32)
    }
  }

  private func clouds(_ tensor: Tensor) -> PointClouds {
    PointClouds(name: "", source: .real, clouds: tensor)
  }

  private func value(_ cells: [String: EvaluationTable.Cell], _ key: String) -> Double {
    guard case .measured(let score) = cells[key] else { return .nan }
    return score.value
  }

  @Test("Copies gain nothing and have a gap; new shapes gain; held-out ones gain most; noise loses")
  func controls() throws {
    let training = try shapes(60, draws: 3, seed: 1)
    let heldOut = try shapes(50, draws: 2, seed: 2)
    var stream = RandomStream(seed: 3, name: "test")
    let model = try MixtureOfShapes(training[0], using: &stream)
    let likelihood = try UnseenLikelihood(
      model: model, training: clouds(training[0]), again: training[1], heldOut: clouds(heldOut[0]))
    #expect(likelihood.centreCount == 60)
    let alone = try likelihood.measureTraining()
    let copies = try likelihood.measure(clouds(training[2]))
    let new = try likelihood.measure(clouds(shapes(600, draws: 1, seed: 4)[0]))
    let same = try likelihood.measure(clouds(heldOut[1]))
    let noise = try likelihood.measure(clouds(stream.normal([60, Self.points, 3])))
    #expect(value(alone, "unseen") == 0 && abs(value(copies, "unseen")) < 0.5)
    #expect(value(new, "unseen") > 1 && value(same, "unseen") > value(new, "unseen"))
    #expect(value(noise, "unseen") < -2)
    #expect(value(alone, "gap") > 1 && value(copies, "gap") > 1)
    #expect(abs(value(new, "gap")) < value(copies, "gap") / 2)
    #expect(value(same, "gap") < -1)
    #expect(
      UnseenLikelihood.sentence(new, name: "this")?.contains("likelier than its training shapes") == true)
    #expect(UnseenLikelihood.sentence(noise, name: "this")?.contains("nats less likely than") == true)
    #expect(UnseenLikelihood.sentence([:], name: "this") == nil)
  }

  @Test("Without other draws there is no gap; clouds need labels where the shapes have them")
  func missing() throws {
    let (training, heldOut) = (try shapes(20, draws: 1, seed: 1)[0], try shapes(12, draws: 1, seed: 2)[0])
    var stream = RandomStream(seed: 3, name: "test")
    let labels = (0..<20).map { $0 % 2 }
    func labelled(_ tensor: Tensor) -> PointClouds {
      PointClouds(name: "", source: .real, clouds: tensor, labels: Array(labels[..<tensor.shape[0]]))
    }
    let likelihood = try UnseenLikelihood(
      model: MixtureOfShapes(training, labels: labels, using: &stream), training: labelled(training),
      again: nil,
      heldOut: labelled(heldOut))
    let cells = try likelihood.measure(labelled(training))
    #expect(abs(value(cells, "unseen")) < 1e-9 && value(cells, "gap").isNaN)
    #expect(value(try likelihood.measure(clouds(training)), "unseen").isNaN)
  }

  @Test("Draws of a label are like the clouds of that label")
  func labelledMixture() throws {
    let small = try shapes(30, draws: 1, seed: 5)[0]
    let both = try Tensor.concatenated([small, small * 4])
    var stream = RandomStream(seed: 6, name: "test")
    let labels = (0..<60).map { $0 < 30 ? 3 : 1 }
    let model = try MixtureOfShapes(both, labels: labels, using: &stream)
    #expect(model.mixtures.map(\.label) == [1, 3])
    let wanted = (0..<40).map { $0 % 2 == 0 ? 1 : 3 }
    let sizes: [Float] = try model.clouds(labels: wanted, using: &stream).absolute().mean(along: 1, 2).array()
    let means = [1, 3].map { label in
      zip(wanted, sizes).filter { $0.0 == label }.reduce(0) { $0 + $1.1 } / 20
    }
    #expect(means[0] > 2.5 * means[1] && means[1] > 0)
  }
}
