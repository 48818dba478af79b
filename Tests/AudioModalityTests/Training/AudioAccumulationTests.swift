import Adversarial
import AudioDatasets
import ModalityKit
import TestSupport
import Testing
import Torch

@testable import AudioModality

/// A batch of sounds in parts, with noise, augmentation, random crops, labels and every penalty: only rounding differs.
@Suite struct AudioAccumulationTests {
  @Test(arguments: AudioNetwork.allCases, SplitUpdate.batchSizes)
  func partsMakeTheUpdateOfTheBatch(network: AudioNetwork, batchSize: Int) throws {
    let folder = try SmallAudio.folder(frames: 3000)
    var recipe = try SmallAudio.recipe(network) {
      $0.data.labels = "^(.)_"
      $0.data.slicing = .random
      ($0.discriminator.augmentation.mode, $0.discriminator.augmentation.noise) = (.constant, 0.01)
      $0.training.penalties = Penalty.Kind.allCases.map { Penalty($0, weight: 0.1) }
    }
    let corpus = try AudioDataset(DataSource(path: folder.url.path), recipe: &recipe).corpus
    for parts in SplitUpdate.parts {
      let distance = try SplitUpdate.distance(parts: parts, batchSize: batchSize, recipe: recipe.training) {
        try AudioGame(recipe: recipe, dataset: AudioDataset(corpus), seed: 1, device: .cpu)
      }
      #expect(distance < 1e-4, "\(parts) parts")
    }
  }

  @Test(arguments: AudioNetwork.allCases, [1, 2, 3]) func ranksMakeTheUpdatesOfOneProcess(
    network: AudioNetwork, ranks: Int
  ) throws {
    let folder = try SmallAudio.folder(frames: 3000)
    var recipe = try SmallAudio.recipe(network) {
      $0.data.labels = "^(.)_"
      $0.data.slicing = .random
    }
    let corpus = try AudioDataset(DataSource(path: folder.url.path), recipe: &recipe).corpus
    let completed = recipe
    #expect(
      try SplitUpdate.isSame(
        ranks: ranks, parts: 4, batchSize: 7, recipe: recipe.training,
        duel: network == .spectral ? 20 : 3
      ) {
        try AudioGame(recipe: completed, dataset: AudioDataset(corpus), seed: 1, device: .cpu)
      })
  }

  /// The shifts of eight groups belong to samples of the whole batch, whichever of them are augmented together.
  @Test func augmentationOfPartsIsThatOfTheBatch() throws {
    var rule = AugmentationRecipe()
    (rule.shift, rule.noise) = (0.01, 0.1)
    let augmentation = AudioAugmentation(rule, sampleRate: SmallAudio.rate)
    let sounds = try SmallAudio.normal([20, 300, 2])
    func augmented(_ rows: BatchRows?) throws -> Tensor {
      var stream = RandomStream(seed: 1, name: "augmentation", rows: rows)
      return try augmentation.apply(to: rows?.cut(from: sounds) ?? sounds, using: &stream)
    }
    let whole = try augmented(BatchRows(all: 20))
    #expect(try whole.isEqual(to: augmented(nil)))
    for ranges in [[0..<1], [1..<8], [3..<5, 13..<15], [9..<10, 19..<20]] {
      let rows = BatchRows(ranges, of: 20)
      #expect(try augmented(rows).isEqual(to: rows.cut(from: whole)), "\(ranges)")
    }
  }
}
