import Testing
import Torch

@testable import TextModality

@Suite struct TextDiscriminatorTests {
  private func logits(_ discriminator: TextDiscriminator, _ rows: [[Int]], labels: [Int]? = nil) throws
    -> [Float]
  {
    let samples = try Fixtures.ids(rows).symbolVectors(count: 4)
    return try discriminator.discriminate(
      samples, labels: labels.map { try Tensor($0) }, context: Fixtures.context
    ).array(of: Float.self)
  }

  @Test(arguments: [false, true]) func judgesEachSampleAlone(spectralNorm: Bool) throws {
    let discriminator = try Fixtures.discriminator(Fixtures.spec(), spectralNorm: spectralNorm)
    let rows = [[1, 2, 3, 0, 0, 0], [3, 3, 0, 0, 0, 0], [2, 1, 2, 1, 2, 0]]
    let together = try logits(discriminator, rows)
    #expect(together.count == 3)
    for (row, logit) in zip(rows, together) {
      #expect(abs(try logits(discriminator, [row])[0] - logit) < 1e-5)
    }
  }

  /// No place, order or symbol may be invisible.
  @Test(arguments: [
    [2, 2, 3, 1, 0, 0], [1, 1, 3, 1, 0, 0], [1, 2, 2, 1, 0, 0], [1, 2, 3, 2, 0, 0], [1, 2, 3, 0, 0, 0],
    [1, 2, 3, 1, 1, 0], [2, 1, 3, 1, 0, 0], [1, 2, 3, 1, 0, 1],
  ]) func everyPlaceCounts(row: [Int]) throws {
    let discriminator = try Fixtures.discriminator(Fixtures.spec())
    let found = try logits(discriminator, [[1, 2, 3, 1, 0, 0], row])
    #expect(found[0] != found[1])
  }

  @Test func gradientReachesEveryPlaceAndParameter() throws {
    let discriminator = try Fixtures.discriminator(Fixtures.spec(), spectralNorm: true)
    let samples = try Fixtures.ids([[1, 2, 3, 1, 2, 0]]).symbolVectors(count: 4).asLeaf()
    try discriminator.discriminate(samples, labels: nil, context: Fixtures.context).sum().backward()
    let gradient = try #require(samples.grad)
    #expect(try gradient.absolute().sum(along: 2).array(of: Float.self).allSatisfy { $0 > 0 })
    for (name, parameter) in discriminator.namedParameters {
      #expect(try (parameter.grad?.norm().item() ?? 0) > 0, "\(name)")
    }
  }

  @Test func canBeDifferentiatedTwice() throws {
    let discriminator = try Fixtures.discriminator(Fixtures.spec())
    let samples = try Fixtures.ids([[1, 2, 3, 1, 2, 0]]).symbolVectors(count: 4).asLeaf()
    let logits = try discriminator.discriminate(samples, labels: nil, context: Fixtures.context)
    let gradient = try #require(try gradients(of: [logits], withRespectTo: [samples], createGraph: true)[0])
    try gradient.squared().sum().backward()
    for name in ["embedding.weight"] + (0..<4).map({ "convolutions.\($0).weight" }) {
      let weight = try #require(discriminator.namedParameters.first { $0.name == name }?.parameter)
      #expect(try (weight.grad?.norm().item() ?? 0) > 0, "\(name)")
    }
  }

  @Test func labelsMatter() throws {
    let discriminator = try Fixtures.discriminator(Fixtures.spec(labels: ["x", "y"]))
    let row = [1, 2, 3, 0, 0, 0]
    let found = try logits(discriminator, [row, row], labels: [0, 1])
    #expect(found[0] != found[1])
    #expect(throws: TorchError.self) { try logits(discriminator, [row]) }
  }
}
