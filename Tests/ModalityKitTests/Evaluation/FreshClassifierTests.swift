import Adversarial
import Foundation
import Metrics
import PlaneModality
import Testing
import Torch

@testable import ModalityKit

@Suite("Two-sample tests by fresh networks")
struct FreshClassifierTests {
  private func normal(_ count: Int, seed: UInt64) throws -> Tensor {
    var stream = RandomStream(seed: seed, name: "normal")
    return try stream.normal([count, 2])
  }

  private func network(_ stream: inout RandomStream) throws -> any Discriminator {
    var recipe = PlaneNetworkRecipe()
    (recipe.width, recipe.depth, recipe.frequencies) = (16, 2, 0)
    return try PlaneDiscriminator(recipe, labels: 0, using: &stream)
  }

  private func accuracy(_ real: Tensor, _ generated: Tensor, seed: UInt64 = 1, steps: Int = 120) throws
    -> TwoSampleAccuracy
  {
    var classifier = FreshClassifier(steps: steps)
    classifier.learningRate = 3e-3
    return try classifier(
      real: real, generated: generated, seed: seed, name: "test", device: .cpu, make: network)
  }

  @Test(
    "One distribution is told in half of the cases, Gaussians at a distance in Φ(d/2), a ring from a disc by its shape"
  )
  func telling() throws {
    let real = try normal(400, seed: 1)
    let same = try accuracy(real, normal(400, seed: 2))
    #expect(abs(same.score.value - 50) < 3 * (try #require(same.score.standardError)))
    let shifted = try accuracy(real, normal(400, seed: 2) + 1.5)
    let expected = 50 * (1 + erf(1.5 * 2.0.squareRoot() / 2 / 2.0.squareRoot()))
    #expect(abs(shifted.score.value - expected) < 3 * (try #require(shifted.score.standardError)) + 1)
    let length = try real.squared().sum(along: 1, keepingDimensions: true).squareRoot()
    #expect(try accuracy(real, real / length * 3).score.value > 75)
  }

  @Test("A seed gives one number, another one another; labels dealt at random tell nothing")
  func controls() throws {
    let (real, generated) = (try normal(100, seed: 1), try normal(100, seed: 2) + 1)
    #expect(try accuracy(real, generated) == accuracy(real, generated))
    #expect(try accuracy(real, generated) != accuracy(real, generated, seed: 2))
    var stream = RandomStream(seed: 3, name: "permutation")
    let order = stream.indices(200, outOf: 200)
    let union = try Tensor.concatenated([real, generated])
    let mixed = try accuracy(
      union.gathered(at: Tensor(Array(order[..<100]))), union.gathered(at: Tensor(Array(order[100...]))))
    #expect(abs(mixed.score.value - 50) < 3 * (try #require(mixed.score.standardError)))
    #expect(try accuracy(real, generated, steps: 1).score.standardError != nil)
  }

  @Test(
    "Columns test all rows alike: too few samples give reasons, real rows are halves, differences are paired")
  func columns() throws {
    func samples(_ count: Int, seed: UInt64, shift: Double = 0) throws -> TwoSampleColumns.Samples {
      let points = try normal(count, seed: seed) + shift
      return TwoSampleColumns.Samples(features: points, inputs: points)
    }
    func columns(heldOut: Int, count: Int) throws -> TwoSampleColumns {
      try TwoSampleColumns(
        heldOut: samples(heldOut, seed: 1), count: count,
        networks: [.init(classifier: FreshClassifier(steps: 120), make: network)], seed: 4, device: .cpu)
    }
    let tests = try columns(heldOut: 200, count: 150)
    #expect(tests.columns.map(\.key) == ["toldByFeatures", "toldByNetwork"])
    #expect(tests.columns.allSatisfy { $0.sampleCount == 150 && $0.unit == "%" && $0.direction == .lower })
    let (start, end) = (
      try tests.measure(samples(150, seed: 2, shift: 1)), try tests.measure(samples(150, seed: 2, shift: 0.9))
    )
    let held = try tests.measureHeldOut()
    for key in ["toldByFeatures", "toldByNetwork"] {
      let own = try #require(held.accuracies[key])
      #expect(abs(own.score.value - 50) < 3 * (try #require(own.score.standardError)))
      #expect(try #require(start.accuracies[key]).score.value > 60)
    }
    let errors = TwoSampleColumns.Measurement.pairedErrors([end, start], [(start: 1, end: 0)])
    let independent = try #require(start.accuracies["toldByFeatures"]?.score.standardError) * 2.0.squareRoot()
    #expect(try #require(errors["toldByFeatures"]) < independent && errors.count == 2)
    let few = try tests.measure(samples(20, seed: 2))
    #expect(few.cells["toldByFeatures"] == .missing(reason: "needs 150 samples"))
    #expect(TwoSampleColumns.Measurement.pairedErrors([few, start], [(start: 1, end: 0)]).isEmpty)
    let small = try columns(heldOut: 60, count: 20)
    #expect(
      try small.measure(samples(20, seed: 2)).cells["toldByNetwork"]
        == .missing(reason: "needs 40 samples, and as many held-out ones"))
    #expect(
      try small.measureHeldOut().cells["toldByFeatures"]
        == .missing(reason: "needs 80 held-out samples: a half is told from the other"))
    #expect(tests.notes(features: "coordinates").contains { $0.contains("coordinates; 5 deals") })
  }
}
