import Adversarial
import AudioDatasets
import Foundation
import ModalityKit
import TestSupport
import Testing
import Torch

@testable import AudioModality

@Suite("The rows of an evaluation of sounds")
struct AudioComparisonTests {
  /// With labels in turn, data of which a tenth has another label would be told from any generator, even a perfect one.
  @Test(
    "Generated clips have labels in the shares of the training data, or equally often where that is asked for"
  )
  func labels() throws {
    let folder = try SmallAudio.folder(count: 30)
    for number in 4..<30 { try FileManager.default.removeItem(at: folder["b_\(number).wav"]) }
    var recipe = try SmallAudio.recipe()
    recipe.data.labels = "^([ab])_"
    let dataset = try AudioDataset(DataSource(path: folder.path), recipe: &recipe)
    let training = dataset.corpus.training
    let (rare, total) = ((0..<training.count).count { training.label(at: $0) == 1 }, training.count)
    #expect((rare, total) == (3, 30))
    let model = TrainedModel<Audio>(
      try recipe.makeGenerator(seed: 0, device: .cpu), recipe: recipe, step: 1, seed: 0,
      file: URL(fileURLWithPath: "x"))
    func shareOfRare(hasEqualLabels: Bool) throws -> Double {
      let request = try EvaluationRequest(
        model, dataset: dataset, count: 400, seed: 3, hasEqualLabels: hasEqualLabels)
      let clips = try request.tensor(of: request.models[0], count: 10, options: AudioSampling())
      return Double(try #require(clips.labels).count { $0 == 1 }) / 400
    }
    // Four standard errors of 400 draws.
    #expect(abs(try shareOfRare(hasEqualLabels: false) - 0.1) < 0.06)
    #expect(try shareOfRare(hasEqualLabels: true) == 0.5)
  }
}
