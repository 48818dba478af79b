import AudioDatasets
import Failures
import ModalityKit
import TestSupport
import Testing
import Torch

@testable import AudioModality

@Suite struct AudioDatasetTests {
  @Test func completesTheRecipe() throws {
    let folder = try SmallAudio.folder()
    var recipe = try SmallAudio.recipe { $0.data.labels = "^(.)_" }
    let dataset = try AudioDataset(DataSource(path: folder.url.path), recipe: &recipe)
    #expect(recipe.spec == SmallAudio.spec(labels: ["a", "b"]))
    #expect(dataset.corpus.training.count == 20 && dataset.corpus.heldOut.count == 4)
    let complete = recipe
    let again = try AudioDataset(DataSource(path: folder.url.path), recipe: &recipe)
    #expect(recipe == complete)
    #expect(again.corpus.fingerprint == dataset.corpus.fingerprint)
  }

  @Test func drumsAreTheDefault() throws {
    var recipe = try SmallAudio.recipe()
    let dataset = try AudioDataset(DataSource(), recipe: &recipe)
    #expect(dataset.corpus.training.count > 100)
    #expect(recipe.spec?.length == SmallAudio.length)
    #expect(recipe.spec?.labels == dataset.corpus.labelNames)
    let error = #expect(throws: UserError.self) {
      try AudioDataset(DataSource(holdout: "x"), recipe: &recipe)
    }
    #expect(error?.category == .usage)
    #expect(error?.message.hasPrefix("--holdout") == true)
  }

  /// A model of 8 kHz hears other sounds at 8 kHz.
  @Test func otherDataIsReadAtTheModelsRate() throws {
    let (folder, other) = (try SmallAudio.folder(), try TemporaryFolder())
    for number in 0..<12 {
      let samples = try SmallAudio.normal([3000], seed: UInt64(number)).array(of: Float.self)
      try SoundFile.write(
        AudioClip(samples: samples.map { $0 * 0.1 }, sampleRate: 16_000), to: other["\(number).wav"])
    }
    var recipe = try SmallAudio.recipe()
    _ = try AudioDataset(DataSource(path: folder.url.path), recipe: &recipe)
    let complete = recipe
    let dataset = try AudioDataset(DataSource(path: other.url.path), recipe: &recipe)
    #expect(recipe == complete)
    #expect(dataset.corpus.sampleRate == SmallAudio.rate)
  }

  @Test func labelsMustBeTheModels() throws {
    let folder = try SmallAudio.folder()
    var recipe = try SmallAudio.recipe { $0.data.labels = "^(.)_" }
    _ = try AudioDataset(DataSource(path: folder.url.path), recipe: &recipe)
    recipe.spec?.labels = ["a", "c"]
    let error = #expect(throws: UserError.self) {
      try AudioDataset(DataSource(path: folder.url.path), recipe: &recipe)
    }
    #expect(error?.category == .badData)
    #expect(error?.message.contains("found the label \"b\", expected one of the model's: a, c") == true)
    recipe.spec?.labels = []
    let none = #expect(throws: UserError.self) {
      try AudioDataset(DataSource(path: folder.url.path), recipe: &recipe)
    }
    #expect(none?.message.contains("found the labels a, b, expected the model's none") == true)
    recipe.spec?.labels = ["a", "b"]
    recipe.data.labels = nil
    #expect(throws: UserError.self) { try AudioDataset(DataSource(path: folder.url.path), recipe: &recipe) }
  }
}
