import AudioDatasets
import Foundation
import ModalityKit
import TestSupport
import Testing
import Torch

@testable import AudioModality

@Suite("Watch on labels")
struct LabelWatchTests {
  private func opened(_ labels: String?) throws -> (watch: LabelWatch, game: AudioGame) {
    let folder = try SmallAudio.folder()
    var recipe = try SmallAudio.recipe { $0.data.labels = labels }
    let corpus = try AudioDataset(DataSource(path: folder.url.path), recipe: &recipe).corpus
    return (
      try LabelWatch(training: corpus.training, spec: recipe.completeSpec()),
      try AudioGame(recipe: recipe, dataset: AudioDataset(corpus), seed: 1, device: .cpu)
    )
  }

  /// Different tones in noise, as loud as the data's.
  private func sounds(_ seed: UInt64) throws -> Tensor {
    var stream = RandomStream(seed: seed, name: "test")
    let time = try Tensor.arange(0, Double(SmallAudio.length), dtype: .float32)
    let pitches = try stream.uniform([LabelWatch.clips, 1]) * 0.5 + 0.05
    return try (time * pitches).sine() * 0.6 + stream.normal([LabelWatch.clips, SmallAudio.length]) * 0.1
  }

  @Test("Varied sounds that can be heard are nothing to warn of")
  func silent() throws {
    #expect(try opened("^([ab])_").watch.warnings(of: [sounds(1), sounds(2)]) == [])
    #expect(try opened("none").watch.warnings(of: [sounds(1)]) == [])
  }

  @Test("A label that has gone silent and one that has become one sound are named, with what to do")
  func warns() throws {
    let one = try sounds(1).narrowed(along: 0, start: 0, count: 1).expanded(to: [
      LabelWatch.clips, SmallAudio.length,
    ])
    let watch = try opened("^([ab])_").watch
    let warnings = try watch.warnings(of: [sounds(1) * 1e-3, one])
    #expect(
      warnings == [
        "sounds of a have gone silent (peaks 40 dB below real ones), sounds of b have become one sound each (less than "
          + "0.2 times as varied as real ones); if this lasts, start a new run with a lower learning rate, a stronger "
          + "penalty or adaptive augmentation"
      ])
    let both = try watch.warnings(of: [one, one])
    #expect(both.count == 1 && both[0].hasPrefix("sounds of a, b have become one sound"))
    let unlabelled = try opened("none").watch.warnings(of: [one])
    #expect(unlabelled.count == 1 && unlabelled[0].hasPrefix("the sounds have become one sound (") == true)
    #expect(try watch.warnings(of: [Tensor.full(one.shape, value: .nan), sounds(2)])[0].contains("silent"))
  }

  @Test("A game gives warnings of its generator, the same each time")
  func game() throws {
    let game = try opened("^([ab])_").game
    let generator = try #require(game.networks.averagedGenerator as? ModernGenerator)
    // Nothing comes out of it.
    for (name, parameter) in generator.namedParameters where name.hasPrefix("spectrum.") {
      try parameter.set(
        name.hasSuffix("bias") ? Tensor.full(parameter.value.shape, value: -1e6) : parameter.value.zerosLike()
      )
    }
    let warnings = try game.warnings(seed: 3)
    #expect(warnings.count == 1 && warnings[0].hasPrefix("sounds of a, b have gone silent"))
    #expect(try game.warnings(seed: 3) == warnings)
  }
}
