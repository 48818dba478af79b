import Adversarial
import Failures
import Foundation
import ModalityKit
import Testing
import TextDatasets
import Torch

@testable import TextModality

@Suite struct TextSamplerTests {
  private func sampler(_ generator: TextGenerator, _ options: TextSampling = TextSampling()) throws
    -> Sampler<Text>
  {
    var recipe = TextRun.recipe()
    recipe.spec = generator.spec
    return try Sampler(generator, recipe: recipe, device: .cpu, options: options)
  }

  @Test func sameSeedSameSamplesWhateverTheCount() throws {
    let sampler = try sampler(Fixtures.generator(Fixtures.spec()))
    let few = try sampler.symbols(count: 3, seed: 1)
    let many = try sampler.symbols(count: 300, seed: 1)
    #expect(few.count == 3 && many.count == 300)
    #expect(Array(many.prefix(3)) == few)
    #expect(try sampler.symbols(count: 300, seed: 2) != many)
    #expect(Array(many[256...]) != Array(many[..<44]))
    #expect(try sampler.symbols(count: 0, seed: 1).isEmpty)
  }

  @Test func samplesKeepToTheFormat() throws {
    let lines = try sampler(Fixtures.generator(Fixtures.spec(length: 6)))
      .symbols(count: 200, seed: 1)
    #expect(lines.allSatisfy { $0.count <= 5 && $0.allSatisfy { (1...3).contains($0) } })
    let windows = try sampler(Fixtures.generator(Fixtures.spec(length: 6, hasEnd: false)))
      .symbols(count: 200, seed: 1)
    #expect(windows.allSatisfy { $0.count == 6 && $0.allSatisfy { (1...3).contains($0) } })
  }

  @Test(arguments: [
    TextSampling(temperature: 0), TextSampling(topK: 1), TextSampling(topP: 1e-6),
    TextSampling(temperature: 1e-4), TextSampling(temperature: 1e-40),
  ]) func limitsAreGreedy(options: TextSampling) throws {
    let generator = try Fixtures.generator(Fixtures.spec(length: 5, hasEnd: false))
    try generator.ignoreEverything(logits: [0, 0.3, 0.2, 0.1])
    let samples = try sampler(generator, options).symbols(count: 50, seed: 1)
    #expect(samples.allSatisfy { $0 == [1, 1, 1, 1, 1] })
  }

  @Test(arguments: [true, false]) func hotSamplesAreUniform(hasEnd: Bool) throws {
    let generator = try Fixtures.generator(Fixtures.spec(length: 5, hasEnd: hasEnd))
    try generator.ignoreEverything(logits: [-50, 50, 0, -50])
    let samples = try sampler(generator, TextSampling(temperature: 1e9))
      .symbols(count: 1_000, seed: 1)
    let choices = hasEnd ? 4.0 : 3.0
    for symbol: Int32 in 1...3 {
      let share = Double(samples.count { $0.first == symbol }) / 1_000
      #expect(abs(share - 1 / choices) < 0.06)
    }
    #expect(samples.contains(where: \.isEmpty) == hasEnd)
    #expect(hasEnd || samples.allSatisfy { $0.count == 5 && !$0.contains(0) })
  }

  @Test func prefixMustBeKnownEvenWhereThereIsAnUnknownSymbol() throws {
    let vocabulary = try SymbolVocabulary(kind: .scalars, symbols: ["a", "b"], hasUnknown: true)
    let generator = try Fixtures.generator(TextSpec(vocabulary: vocabulary, sequenceLength: 6))
    let error = #expect(throws: UserError.self) {
      try sampler(generator, TextSampling(prefix: "axb"))
    }
    #expect(error?.category == .usage)
    #expect(error?.message.hasPrefix("--prefix: found \"x\"") == true)
  }

  @Test(
    arguments: [
      TextSampling(), TextSampling(temperature: 0), TextSampling(temperature: 1e9), TextSampling(topK: 1),
      TextSampling(topK: 3), TextSampling(topP: 0.5), TextSampling(temperature: 5, topK: 4, topP: 0.99),
    ], [true, false])
  func theUnknownSymbolIsNeverWritten(options: TextSampling, hasEnd: Bool) throws {
    let vocabulary = try SymbolVocabulary(kind: .scalars, symbols: ["a", "b"], hasUnknown: true)
    let generator = try Fixtures.generator(
      TextSpec(vocabulary: vocabulary, sequenceLength: 6, hasEnd: hasEnd))
    // Left to itself it would write hardly anything else.
    try generator.ignoreEverything(logits: [-1, 0, 0.5, 9])
    let sampler = try sampler(generator, options)
    #expect(try sampler.symbols(count: 300, seed: 1).allSatisfy { $0.allSatisfy { (1...2).contains($0) } })
    let lines = try sampler.samples(count: 300, seed: 1)
    #expect(lines.allSatisfy { !$0.contains("\u{FFFD}") } && lines.contains { $0.contains("b") })
  }

  @Test func othersAreWrittenByTheirOwnOdds() throws {
    let vocabulary = try SymbolVocabulary(kind: .scalars, symbols: ["a", "b"], hasUnknown: true)
    let generator = try Fixtures.generator(
      TextSpec(vocabulary: vocabulary, sequenceLength: 4, hasEnd: false))
    try generator.ignoreEverything(logits: [0, 0, 1, 3])
    let symbols = try sampler(generator).symbols(count: 1_000, seed: 1).flatMap(\.self)
    let share = Double(symbols.count { $0 == 2 }) / Double(symbols.count)
    #expect(abs(share - exp(1) / (1 + exp(1))) < 0.03)
  }

  @Test func labelsAreDrawnInGivenShares() throws {
    let sampler = try sampler(Fixtures.generator(Fixtures.spec(labels: ["x", "y"])))
    func symbols(_ labels: LabelChoice) throws -> [[Int32]] {
      try sampler.symbols(count: 50, seed: 1, labels: labels)
    }
    #expect(try symbols(.shares([3, 3])) != symbols(.shares([0, 3])))
    #expect(try symbols(.shares([0, 3])) == symbols(.one(1)))
    #expect(try symbols(.one(0)) != symbols(.one(1)))
    #expect(try symbols(.any) != symbols(.one(0)))
    #expect(throws: UserError.self) { try sampler.samples(count: 1, seed: 1, label: "z") }
  }

  @Test func keepsTheLikeliest() throws {
    let logits = try Tensor([0.1, 0.5, 0.15, 0.25] as [Float], shape: [1, 4]).log()
    func kept(_ topK: Int?, _ topP: Double?) throws -> [Bool] {
      try logits.keeping(topK: topK, topP: topP).array(of: Float.self).map { $0 > -.infinity }
    }
    #expect(try kept(nil, nil) == [true, true, true, true])
    #expect(try kept(2, nil) == [false, true, false, true])
    #expect(try kept(9, nil) == [true, true, true, true])
    #expect(try kept(nil, 0.4) == [false, true, false, false])
    #expect(try kept(nil, 0.6) == [false, true, false, true])
    #expect(try kept(nil, 0.8) == [false, true, true, true])
    #expect(try kept(nil, 1) == [true, true, true, true])
    // Of the two that top-k keeps, the first alone has two thirds of the mass.
    #expect(try kept(2, 0.6) == [false, true, false, false])
  }

  @Test func prefixStandsInFront() throws {
    let options = TextSampling(prefix: "cab")
    let sampler = try sampler(Fixtures.generator(Fixtures.spec(length: 6)), options)
    let samples = try sampler.symbols(count: 100, seed: 1)
    #expect(samples.allSatisfy { $0.starts(with: [3, 1, 2]) })
    #expect(Set(samples).count > 1)
  }

  @Test(arguments: [
    (TextSampling(temperature: -1), "--temperature"), (TextSampling(topK: 0), "--top-k"),
    (TextSampling(topP: 1.5), "--top-p"), (TextSampling(prefix: "axe"), "--prefix"),
    (TextSampling(prefix: "aaaaaa"), "--prefix"),
  ]) func wrongOptionsAreNamed(options: TextSampling, flag: String) throws {
    let generator = try Fixtures.generator(Fixtures.spec(length: 6))
    let error = #expect(throws: UserError.self) {
      try sampler(generator, options)
    }
    #expect(error?.category == .usage)
    #expect(error?.message.hasPrefix(flag) == true)
  }
}
