import Adversarial
import Files
import Foundation
import ModalityKit
import Testing

@testable import TextModality

@Suite struct TextRecipeTests {
  @Test(arguments: Preset.allCases) func presetsAreSoundAndRoundTrip(preset: Preset) throws {
    var recipe = TextRecipe(preset: preset)
    #expect(recipe.faults.isEmpty)
    recipe.spec = try Fixtures.spec(labels: ["x"])
    let back: TextRecipe = try JSONValue(parsing: Array(JSONValue(encoding: recipe).text.utf8)).decoded()
    #expect(back == recipe)
  }

  @Test func flagsSetTheirKeys() throws {
    let options = try TextTrainOptions.parse([
      "--window", "16", "--symbols", "graphemes", "--max-length", "9", "--long-lines", "drop",
      "--vocabulary-limit", "50", "--vocabulary-coverage", "0.9", "--encoding", "windows-1252", "--labels",
      "file", "--hidden", "7", "--embedding", "6", "--layers", "2",
      "--dropout", "0.3", "--gumbel-temperature", "exp:1:0.5", "--filter-width", "2", "--filter-width", "3",
      "--channels", "5", "--spectral-norm",
    ])
    var resolver = try RecipeResolver(defaults: TextRecipe(preset: .small))
    for setting in options.settings {
      try resolver.set(setting.key, to: setting.value, from: .flag(setting.flag))
    }
    let recipe = try resolver.resolved().recipe
    #expect(recipe.data.window == 16 && recipe.data.symbols == .graphemes && recipe.data.maximumLength == 9)
    #expect(
      recipe.data.longLines == .drop && recipe.data.vocabularyLimit == 50 && recipe.data.labels == "file")
    #expect(recipe.data.vocabularyCoverage == 0.9 && recipe.data.encoding == .windows1252)
    #expect(recipe.generator.hidden == 7 && recipe.generator.embedding == 6 && recipe.generator.layers == 2)
    #expect(recipe.generator.dropout == 0.3)
    #expect(recipe.generator.temperature == .exponential(from: 1, to: 0.5))
    #expect(recipe.discriminator.widths == [2, 3] && recipe.discriminator.channels == 5)
    #expect(recipe.discriminator.spectralNorm)
    #expect(try TextTrainOptions.parse([]).settings.isEmpty)
  }

  @Test(arguments: [
    ("generator.hidden", JSONValue.int(0)), ("generator.hidden", .int(4_000_000_000_000_000_000)),
    ("generator.embedding", .int(65_537)), ("discriminator.embedding", .int(65_537)),
    ("discriminator.channels", .int(65_537)), ("discriminator.hidden", .int(65_537)),
    ("generator.layers", .int(0)), ("generator.dropout", .int(1)),
    ("generator.temperature", .string("linear:1:0")), ("data.window", .int(0)),
    ("data.maximumLength", .int(0)), ("data.vocabularyCoverage", .double(0)),
    ("data.vocabularyCoverage", .double(1.5)),
    ("discriminator.widths", .array([])), ("discriminator.channels", .int(0)),
  ])
  func faultsAreNamed(key: String, value: JSONValue) throws {
    var resolver = try RecipeResolver(defaults: TextRecipe(preset: .tiny))
    try resolver.set(key, to: value, from: .file("test"))
    #expect(try resolver.resolved().recipe.faults.map(\.key) == [key])
  }

  @Test(arguments: [0, -3, Int.max]) func formatsOfNoLengthAreRefused(length: Int) throws {
    let text = try JSONValue(encoding: Fixtures.spec(length: 6)).text
      .replacingOccurrences(of: "\"sequenceLength\":6", with: "\"sequenceLength\":\(length)")
    #expect(throws: (any Error).self) {
      let _: TextSpec = try JSONValue(parsing: Array(text.utf8)).decoded()
    }
  }
}
