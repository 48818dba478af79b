import Failures
import Testing
import TextDatasets
import Torch

@testable import TextModality

@Suite struct TextSamplerTests {
  @Test func sameSeedSameSamplesWhateverTheCount() throws {
    let sampler = try TextSampler(Fixtures.generator(Fixtures.format()), prior: .normal)
    let few = try sampler.samples(count: 3, seed: 1)
    let many = try sampler.samples(count: 300, seed: 1)
    #expect(few.count == 3 && many.count == 300)
    #expect(Array(many.prefix(3)) == few)
    #expect(try sampler.samples(count: 300, seed: 2) != many)
    #expect(Array(many[256...]) != Array(many[..<44]))
    #expect(try sampler.samples(count: 0, seed: 1).isEmpty)
  }

  @Test func samplesKeepToTheFormat() throws {
    let lines = try TextSampler(Fixtures.generator(Fixtures.format(length: 6)), prior: .normal)
      .samples(count: 200, seed: 1)
    #expect(lines.allSatisfy { $0.count <= 5 && $0.allSatisfy { (1...3).contains($0) } })
    let windows = try TextSampler(
      Fixtures.generator(Fixtures.format(length: 6, hasEnd: false)), prior: .normal
    )
    .samples(count: 200, seed: 1)
    #expect(windows.allSatisfy { $0.count == 6 && $0.allSatisfy { (1...3).contains($0) } })
  }

  @Test(arguments: [
    TextSamplingOptions(temperature: 0), TextSamplingOptions(topK: 1), TextSamplingOptions(topP: 1e-6),
    TextSamplingOptions(temperature: 1e-4), TextSamplingOptions(temperature: 1e-40),
  ]) func limitsAreGreedy(options: TextSamplingOptions) throws {
    let generator = try Fixtures.generator(Fixtures.format(length: 5, hasEnd: false))
    try generator.ignoreEverything(logits: [0, 0.3, 0.2, 0.1])
    let samples = try TextSampler(generator, prior: .normal, options: options).samples(count: 50, seed: 1)
    #expect(samples.allSatisfy { $0 == [1, 1, 1, 1, 1] })
  }

  @Test(arguments: [true, false]) func hotSamplesAreUniform(hasEnd: Bool) throws {
    let generator = try Fixtures.generator(Fixtures.format(length: 5, hasEnd: hasEnd))
    try generator.ignoreEverything(logits: [-50, 50, 0, -50])
    let samples = try TextSampler(generator, prior: .normal, options: TextSamplingOptions(temperature: 1e9))
      .samples(count: 1_000, seed: 1)
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
    let generator = try Fixtures.generator(TextFormat(vocabulary: vocabulary, sequenceLength: 6))
    let error = #expect(throws: UserError.self) {
      try TextSampler(generator, prior: .normal, options: TextSamplingOptions(prefix: "axb"))
    }
    #expect(error?.category == .usage)
    #expect(error?.message.hasPrefix("--prefix: found \"x\"") == true)
  }

  @Test func labelsAreDrawnInGivenShares() throws {
    let generator = try Fixtures.generator(Fixtures.format(labels: ["x", "y"]))
    func samples(_ counts: [Int]?, label: String? = nil) throws -> [[Int32]] {
      let options = TextSamplingOptions(label: label)
      return try TextSampler(generator, prior: .normal, options: options, labelCounts: counts)
        .samples(count: 50, seed: 1)
    }
    #expect(try samples([3, 3]) != samples([0, 3]))
    // A label that is asked for does not depend on the shares.
    #expect(try samples([0, 3], label: "x") == samples(nil, label: "x"))
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
    let options = TextSamplingOptions(prefix: "cab")
    let sampler = try TextSampler(
      Fixtures.generator(Fixtures.format(length: 6)), prior: .normal, options: options)
    let samples = try sampler.samples(count: 100, seed: 1)
    #expect(samples.allSatisfy { $0.starts(with: [3, 1, 2]) })
    #expect(Set(samples).count > 1)
  }

  @Test(arguments: [
    (TextSamplingOptions(temperature: -1), "--temperature"), (TextSamplingOptions(topK: 0), "--top-k"),
    (TextSamplingOptions(topP: 1.5), "--top-p"), (TextSamplingOptions(prefix: "axe"), "--prefix"),
    (TextSamplingOptions(prefix: "aaaaaa"), "--prefix"), (TextSamplingOptions(label: "x"), "--label"),
  ]) func wrongOptionsAreNamed(options: TextSamplingOptions, flag: String) throws {
    let generator = try Fixtures.generator(Fixtures.format(length: 6))
    let error = #expect(throws: UserError.self) {
      try TextSampler(generator, prior: .normal, options: options)
    }
    #expect(error?.category == .usage)
    #expect(error?.message.hasPrefix(flag) == true)
  }

  @Test func labelsAreNamed() throws {
    let generator = try Fixtures.generator(Fixtures.format(labels: ["x", "y"]))
    func samples(_ label: String?) throws -> [[Int32]] {
      try TextSampler(generator, prior: .normal, options: TextSamplingOptions(label: label)).samples(
        count: 256, seed: 1)
    }
    #expect(try samples("x") != samples("y"))
    #expect(try samples(nil) != samples("x"))
  }
}
