import Adversarial
import AudioDatasets
import ModalityKit
import TestSupport
import Testing
import Torch

@testable import AudioModality

@Suite struct AudioStreamTests {
  @Test(arguments: AudioNetwork.allCases) func everyPurposeHasAStreamOfItsOwn(network: AudioNetwork) throws {
    let folder = try SmallAudio.folder(frames: 3000)
    var recipe = try SmallAudio.recipe(network) {
      $0.data.labels = "^(.)_"
      $0.data.slicing = .random
      ($0.discriminator.augmentation.mode, $0.discriminator.augmentation.noise) = (.constant, 0.01)
    }
    let corpus = try AudioDataset(DataSource(path: folder.url.path), recipe: &recipe).corpus
    let game = try AudioGame(recipe: recipe, dataset: AudioDataset(corpus), seed: 1, device: .cpu)
    let streams = try RecordedStreams(ofTraining: game, recipe: recipe.training)
    let networks =
      network == .classic
      ? RecordedStreams.ofDiscriminator("phase shuffle")
      : RecordedStreams.ofGenerator("noise").union(RecordedStreams.ofDiscriminator("augmentation"))
    let account = RecordedStreams.ofAccount(
      heldOut: ["samples", "crops"], generator: network == .classic ? [] : ["noise"],
      discriminator: network == .classic ? ["phase shuffle"] : [])
    // Scores of a generator are by the same draws each time, so that they differ by the generators alone.
    let scores: Set = network == .spectral ? ["validation test", "validation samples.noise"] : []
    #expect(
      streams.patterns
        == RecordedStreams.core.union(["crop.#"]).union(networks).union(account).union(scores))
    // Both updates of a step see a clip cropped at the same place, so that it is decoded once.
    #expect(streams.repeated == scores.union(["crop.#"]))
  }
}
