import Adversarial
import ModalityKit
import Testing
import TextDatasets
import Torch

@testable import TextModality

@Suite struct TextGeneratorTests {
  @Test(arguments: [true, false]) func writesExactOneHotRows(hasEnd: Bool) throws {
    let generator = try Fixtures.generator(Fixtures.spec(length: 6, hasEnd: hasEnd))
    let samples = try generator.generate(
      latents: Fixtures.latents(32), labels: nil, context: Fixtures.context)
    #expect(samples.shape == [32, 6, 4])
    let values = try samples.array(of: Float.self)
    #expect(values.allSatisfy { $0 == 0 || $0 == 1 })
    #expect(try samples.sum(along: 2).array(of: Float.self).allSatisfy { $0 == 1 })
  }

  @Test func endedRowsStayEnded() throws {
    let generator = try Fixtures.generator(Fixtures.spec(length: 8))
    let samples = try generator.generate(
      latents: Fixtures.latents(64), labels: nil, context: Fixtures.context)
    let ids = try samples.symbolIDs()
    let rows = try ids.array(of: Int.self)
    var ended = 0
    for row in 0..<64 {
      let symbols = rows[row * 8..<row * 8 + 8]
      guard let end = symbols.firstIndex(of: 0) else { continue }
      ended += 1
      #expect(symbols[end...].allSatisfy { $0 == 0 })
    }
    #expect(ended > 32)
  }

  @Test func windowsNeverEnd() throws {
    let generator = try Fixtures.generator(Fixtures.spec(length: 8, hasEnd: false))
    let samples = try generator.generate(
      latents: Fixtures.latents(64), labels: nil, context: Fixtures.context)
    #expect(try samples.symbolIDs().equals(0).any().item() == 0)
  }

  @Test func sameContextSameSamples() throws {
    let generator = try Fixtures.generator(Fixtures.spec())
    let latents = try Fixtures.latents(16)
    let first = try generator.generate(latents: latents, labels: nil, context: Fixtures.context)
    let again = try withoutGradients {
      try generator.generate(latents: latents, labels: nil, context: Fixtures.context)
    }
    let other = try generator.generate(
      latents: latents, labels: nil, context: Fixtures.context.scoped("other"))
    #expect(try first.isEqual(to: again))
    #expect(try !first.isEqual(to: other))
  }

  @Test func gradientReachesEveryParameter() throws {
    let generator = try Fixtures.generator(Fixtures.spec(labels: ["x", "y"]), layers: 2)
    let labels = try Tensor([0, 1, 0, 1])
    let samples = try generator.generate(
      latents: Fixtures.latents(4), labels: labels, context: Fixtures.context)
    var stream = RandomStream(seed: 9, name: "weights")
    try (samples * stream.normal(samples.shape)).sum().backward()
    for (name, parameter) in generator.namedParameters {
      #expect(try (parameter.grad?.norm().item() ?? 0) > 0, "\(name)")
    }
  }

  /// With independent symbols the gradient of the output bias is that of one softmax, known in closed form.
  @Test func gradientIsThatOfTheRelaxation() throws {
    let format = try Fixtures.spec(length: 1)
    var recipe = TextGeneratorRecipe()
    recipe.embedding = 2
    recipe.hidden = 2
    recipe.temperature = .constant(0.5)
    var stream = RandomStream(seed: 1, name: "generator")
    let generator = try TextGenerator(recipe: recipe, spec: format, latentDimension: 3, using: &stream)
    let logits: [Float] = [0.5, -0.5, 0.25, 0]
    try generator.ignoreEverything(logits: logits)
    let weights = try Tensor([1, 2, -1, 0.5] as [Float])
    let samples = try generator.generate(latents: Fixtures.latents(1), labels: nil, context: Fixtures.context)
    try (samples * weights).sum().backward()

    var noise = Fixtures.context.stream("gumbel")
    let soft = try ((Tensor(logits) + noise.gumbel([4])) * 2).softmax()
    let expected = try (soft * (weights - (soft * weights).sum())) * 2
    let found = try #require(generator.namedParameters.first { $0.name == "output.bias" }?.parameter.grad)
    #expect(try (found - expected).absolute().max().item() < 1e-6)
  }

  @Test func drawsFollowTheLogits() throws {
    let generator = try Fixtures.generator(Fixtures.spec(length: 4, hasEnd: false))
    try generator.ignoreEverything(logits: [0, 0, 1, 2])
    let samples = try generator.generate(
      latents: Fixtures.latents(2000), labels: nil, context: Fixtures.context)
    let shares = try samples.mean(along: 0, 1)
    let expected = try Tensor([-1e9, 0, 1, 2] as [Float]).softmax()
    // 8000 draws: a standard error of at most 0.0056.
    #expect(try (shares - expected).absolute().max().item() < 0.025)
  }

  @Test func sequencesOfOneSymbolCountAsWell() throws {
    let generator = try Fixtures.generator(Fixtures.spec(length: 1, hasEnd: false))
    let samples = try generator.generate(latents: Fixtures.latents(2), labels: nil, context: Fixtures.context)
    #expect(samples.shape == [2, 1, 4])
  }

  @Test func rowsOfSymbolsAndLabelsAreNamed() throws {
    let spec = TextSpec(
      vocabulary: try SymbolVocabulary(kind: .scalars, symbols: ["b", "a"], hasUnknown: true),
      sequenceLength: 4,
      labels: ["left", "right"])
    let family = TextRecipe(preset: .tiny).family
    let symbols = RowNames("symbols", ["(end)", "a", "b", "(unknown)"])
    for part in NetworkPart.allCases {
      #expect(family.rowNames(of: "embedding.weight", in: part, spec: spec) == symbols)
      #expect(family.rowNames(of: "hidden.weight", in: part, spec: spec) == nil)
      // Whatever holds them.
      for name in ["label.weight", "head.label.weight", "logit.label.parametrizations.weight.original"] {
        #expect(family.rowNames(of: name, in: part, spec: spec) == RowNames("labels", ["left", "right"]))
      }
    }
    #expect(family.rowNames(of: "output.bias", in: .generator, spec: spec) == symbols)
    #expect(family.rowNames(of: "output.weight", in: .discriminator, spec: spec) == nil)
    var plain = spec
    plain.labels = []
    #expect(family.rowNames(of: "label.weight", in: .generator, spec: plain) == nil)
  }
}
