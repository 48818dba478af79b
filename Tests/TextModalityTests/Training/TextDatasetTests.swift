import Failures
import ModalityKit
import TestSupport
import Testing
import TextDatasets

@testable import TextModality

@Suite struct TextDatasetTests {
  private func folder(_ files: [String: String]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (name, text) in files { try text.write(to: folder[name], atomically: true, encoding: .utf8) }
    return folder
  }

  @Test func completesTheRecipe() throws {
    let folder = try folder(["a.txt": "ab\ncab\nb\n"])
    var recipe = TextRecipe(preset: .tiny)
    let dataset = try TextDataset(DataSource(path: folder["a.txt"].path), recipe: &recipe)
    let format = try #require(recipe.spec)
    #expect(format.vocabulary.symbols == ["a", "b", "c"])
    #expect(format.sequenceLength == 4 && format.maximumLength == 3 && format.hasEnd)
    #expect(dataset.grammar == nil)
    let complete = recipe
    _ = try TextDataset(DataSource(path: folder["a.txt"].path), recipe: &recipe)
    #expect(recipe == complete)
  }

  @Test func builtInCorpusIsTheDefault() throws {
    var recipe = TextRecipe(preset: .tiny)
    let dataset = try TextDataset(DataSource(), recipe: &recipe)
    #expect(dataset.grammar != nil)
    #expect(recipe.spec?.hasEnd == true)
    let error = #expect(throws: UserError.self) {
      try TextDataset(DataSource(holdout: "x"), recipe: &recipe)
    }
    #expect(error?.category == .usage)
  }

  @Test func otherDataIsReadAsTheModelKnowsIt() throws {
    let folder = try folder([
      "a.txt": "ab\nbab\nb\n", "long.txt": "bbbbbb\na\nab\n", "strange.txt": "ab\nxy\nb\n",
    ])
    var recipe = TextRecipe(preset: .tiny)
    _ = try TextDataset(DataSource(path: folder["a.txt"].path), recipe: &recipe)
    let complete = recipe
    let other = try TextDataset(DataSource(path: folder["long.txt"].path), recipe: &recipe)
    #expect(recipe == complete)
    #expect(other.corpus.longest == 3)
    let error = #expect(throws: UserError.self) {
      try TextDataset(DataSource(path: folder["strange.txt"].path), recipe: &recipe)
    }
    #expect(error?.category == .badData)
    #expect(error?.message.contains("strange.txt") == true)
  }

  @Test(arguments: LongLineRule.allCases) func theLengthThatTheDataDecidesIsKept(rule: LongLineRule) throws {
    let words = (0..<300).map { "\(String(repeating: "ab", count: 20))\($0)" }
    let folder = try folder([
      "a.txt": (words + [String(repeating: "ba", count: 5_000)]).joined(separator: "\n"),
      "long.txt": [50, 60, 70].map { "\($0)" + String(repeating: "ab", count: $0) + "\n" }.joined(),
    ])
    var recipe = TextRecipe(preset: .tiny)
    recipe.data.longLines = rule
    let first = try TextDataset(DataSource(path: folder["a.txt"].path), recipe: &recipe)
    #expect(recipe.spec?.maximumLength == 43 && recipe.data.maximumLength == nil)
    let complete = recipe
    let again = try TextDataset(DataSource(path: folder["a.txt"].path), recipe: &recipe)
    #expect(recipe == complete && again.corpus.fingerprint == first.corpus.fingerprint)
    #expect(again.corpus.report == first.corpus.report)
    if rule == .drop { return }
    #expect(try TextDataset(DataSource(path: folder["long.txt"].path), recipe: &recipe).corpus.longest == 43)
  }

  @Test func labelsMustBeTheModels() throws {
    let first = try folder(["x.txt": "ab\nb\na\n", "y.txt": "ba\naa\nbb\n"])
    let second = try folder(["x.txt": "ab\nb\na\n", "z.txt": "ba\naa\nbb\n"])
    var recipe = TextRecipe(preset: .tiny)
    recipe.data.labels = "file"
    _ = try TextDataset(DataSource(path: first.url.path), recipe: &recipe)
    #expect(recipe.spec?.labels == ["x", "y"])
    let error = #expect(throws: UserError.self) {
      try TextDataset(DataSource(path: second.url.path), recipe: &recipe)
    }
    #expect(
      error?.message.hasSuffix("z.txt: found the label \"z\", expected one of the model's: x, y") == true)
    // Data with some of the labels has them under the model's indices.
    let part = try folder(["y.txt": "ab\nb\na\n"])
    let corpus = try TextDataset(DataSource(path: part.url.path), recipe: &recipe).corpus
    #expect(corpus.labelNames == ["x", "y"] && corpus.training.label(at: 0) == 1)
    let game = try TextGame(
      recipe: recipe, corpus: TextDataset(DataSource(path: first.url.path), recipe: &recipe).corpus, seed: 1,
      device: .cpu)
    #expect(try game.batch(at: [0, 1], context: Fixtures.context).labels?.shape == [2])
  }
}
