import Failures
import Foundation
import Metrics
import ModalityKit
import Testing
import TextDatasets

@testable import TextModality

@Suite struct TextEvaluationTests {
  @Test func measuresAllRowsAlike() throws {
    let run = try TextRun()
    let request = try EvaluationRequest(run.model(), dataset: run.dataset, count: 30, seed: 1)
    let table = try Text.evaluate(request, options: .parse([]))
    #expect(
      table.rows.map(\.name) == [
        "held-out real", "this model (step 5, generator of 3)", "before the game (step 3)", "Markov order 2",
        "Markov order 3",
        "Markov order 4",
      ])
    #expect(table.rows.allSatisfy { $0.sampleCount == 30 })
    #expect(table.notes.first?.hasPrefix("What the game changed:\n  JSD-1") == true)
    #expect(try Text.evaluate(request, options: .parse([])) == table)
    guard case .measured(let likelihood) = table.rows[1].values["nll"] else {
      Issue.record("a model has a likelihood")
      return
    }
    #expect((0.5...3).contains(likelihood.value))
    guard case .missing = table.rows[0].values["nll"] else {
      Issue.record("nobody knows the distribution of real words")
      return
    }
  }

  /// The chain that words of even length and letters deserve: nobody does better than chance on them, and plain counts
  /// with a little added do much worse.
  @Test func theMarkovBaselineIsTheStrongestThatItsCountsMake() throws {
    let run = try TextRun()
    let corpus = run.dataset.corpus
    let request = try EvaluationRequest(run.model(), dataset: run.dataset, count: 30, seed: 1)
    let table = try Text.evaluate(request, options: .parse([]))
    func lines(_ samples: TextSamples) -> [[Int32]] { samples.indices.map { samples.encoded($0) } }
    for order in [2, 3] {
      let additive = MarkovGenerator(
        training: lines(corpus.training), order: order, vocabularySize: corpus.vocabulary.count
      ).negativeLogLikelihood(of: lines(corpus.heldOut))
      let row = try #require(table.rows.first { $0.name == "Markov order \(order)" })
      guard case .measured(let score)? = row.values["nll"] else {
        Issue.record("a chain has a likelihood")
        return
      }
      #expect(score.value < additive - 0.01, "order \(order): \(score.value), additive \(additive)")
    }
    #expect(table.notes.contains { $0.contains("validation samples chose") })
  }

  @Test func rowsOfTheSameGeneratorAreToldByTheirWeights() throws {
    let run = try TextRun()
    func twins(of model: TrainedModel<Text>) throws -> [Int?] {
      let request = try EvaluationRequest(model, beside: [run.folder.url.path], dataset: run.dataset)
      return try request.models.indices.map { try request.twin(of: $0) }
    }
    let model = try run.model()
    // Both runs end with the generator that their games began with; rows of different runs are never the same.
    #expect(try twins(of: model) == [nil, 0, nil, 2])
    let other = TrainedModel<Text>(
      try model.recipe.makeGenerator(seed: 9, device: model.device), recipe: model.recipe, step: model.step,
      seed: model.seed, file: model.file)
    #expect(try twins(of: other) == [nil, nil, nil, 2])
  }

  @Test func runsBesideArePooled() throws {
    let (run, other) = (try TextRun(), try TextRun())
    let path = other.folder.url.path
    func measured(beside paths: [String]) throws -> EvaluationTable {
      try Text.evaluate(
        EvaluationRequest(run.model(), beside: paths, dataset: run.dataset, count: 30, seed: 1),
        options: .parse([]))
    }
    let table = try measured(beside: [path, path])
    #expect(table.rows.count == 10)
    #expect(
      table.rows[3].name == "run (step 5, generator of 3)"
        && table.rows[4].name == "run, before the game (step 3)")
    let effects = table.notes.prefix(2)
    #expect(effects.first?.hasPrefix("What the game changed:") == true)
    #expect(effects.last?.hasPrefix("What the game changed, mean of 3 runs:") == true)
    let strange = try TextRun(text: "xy\nxyz\nz\nzx\n")
    let error = #expect(throws: UserError.self) {
      try measured(beside: [strange.folder.url.path])
    }
    #expect(error?.category == .badData)
  }

  /// Rows are told apart by their order: folders of other runs may have one name.
  @Test func runsOfOneNameArePooledEachWithItsOwnRows() throws {
    let (run, narrow, wide) = (try TextRun(), try TextRun(), try TextRun { $0.generator.hidden = 24 })
    func pooled(_ others: [TextRun]) throws -> String? {
      try EvaluationRequest(
        run.model(), beside: others.map(\.folder.url.path), dataset: run.dataset, count: 30, seed: 1
      ).table(options: .parse([])).notes.prefix(2).last
    }
    let both = try pooled([narrow, wide])
    #expect(try pooled([wide, narrow]) == both)
    #expect(try pooled([narrow, narrow]) != both && pooled([wide, wide]) != both)
  }

  /// Evaluates an untrained model of the built-in corpus.
  private func builtInTable(_ change: (inout TextRecipe) -> Void = { _ in }) throws -> EvaluationTable {
    var recipe = TextRun.recipe(change)
    let grammar = GrammarCorpus(draws: 400)
    let corpus = try grammar.corpus(options: recipe.data)
    recipe.spec = TextSpec(
      vocabulary: corpus.vocabulary, sequenceLength: corpus.sequenceLength, hasEnd: recipe.data.window == nil)
    let model = TrainedModel<Text>(
      try recipe.makeGenerator(seed: 0, device: .cpu), recipe: recipe, step: 0, seed: 0,
      file: URL(fileURLWithPath: "x"))
    return try Text.evaluate(
      EvaluationRequest(
        model, dataset: TextDataset(corpus: corpus, grammar: grammar), count: 10), options: .parse([]))
  }

  @Test func partsOfTheBuiltInStringsHaveNoTrueLikelihood() throws {
    for table in [try builtInTable { $0.data.window = 8 }, try builtInTable { $0.data.maximumLength = 3 }] {
      #expect(
        table.rows[0].values["nll"] == .missing(reason: "samples are not whole strings of the grammar"))
    }
  }

  @Test func builtInCorpusKnowsItsTrueLikelihood() throws {
    let table = try builtInTable()
    guard case .measured(let truth) = table.rows[0].values["nll"] else {
      Issue.record("the grammar knows its likelihood")
      return
    }
    #expect((1.0...2.0).contains(truth.value))
    #expect(table.rows.count == 4)
    #expect(table.notes.contains { $0.contains("under the distribution of distinct draws from the grammar") })
  }

  @Test func copiesAreFoundAmongAllTrainingSamples() throws {
    let run = try TextRun()
    let request = try EvaluationRequest(run.model(), dataset: run.dataset, count: 30, seed: 1)
    let whole = try TextEvaluation(request, options: .parse([])).table()
    let thinned = try TextEvaluation(request, options: .parse([]), trainingLimit: 40).table()
    #expect(thinned.rows[1].values["copies"] == whole.rows[1].values["copies"])
    #expect(thinned.notes.contains { $0.contains("40 of \(run.dataset.corpus.training.count) training") })
  }

  @Test(arguments: [
    TextCorpusOptions(), TextCorpusOptions(window: 4), TextCorpusOptions(vocabularyLimit: 2),
    TextCorpusOptions(symbols: .graphemes),
  ]) func copyTestKnowsTheTrainingSamplesAlone(options: TextCorpusOptions) throws {
    let corpus = try TextCorpus(text: TextRun.words.joined(separator: "\n"), name: "words", options: options)
    let isCopy = corpus.copyTest
    let training = corpus.training.indices.map { corpus.training.encoded($0) }
    #expect(training.allSatisfy(isCopy))
    let others = Set(corpus.heldOut.indices.map { corpus.heldOut.encoded($0) }).subtracting(training)
    #expect(!others.contains(where: isCopy))
  }

  @Test func longSamplesAreComparedLess() {
    let short = [[Int32]](repeating: [1, 2, 3], count: 1_000)
    #expect(TextEvaluation.nearestCount(of: 640, training: short) == 640)
    let long = [[Int32]](repeating: Array(repeating: 1, count: 1_000), count: 1_000)
    #expect(TextEvaluation.nearestCount(of: 640, training: long) == 67)
    #expect(TextEvaluation.nearestCount(of: 20, training: long) == 20)
  }
}
