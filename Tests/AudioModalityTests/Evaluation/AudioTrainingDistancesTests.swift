import AudioDatasets
import Failures
import Foundation
import ModalityKit
import TestSupport
import Testing
import Torch

@testable import AudioModality

/// `generate --no-copies` of sounds, with a generator's own samples as the data: each of them is certainly a copy.
@Suite struct AudioTrainingDistancesTests {
  private let folder: TemporaryFolder
  private let model: TrainedModel<Audio>

  init() throws {
    folder = try TemporaryFolder()
    var recipe = try SmallAudio.recipe()
    (recipe.data.trimSilence, recipe.data.normalisation) = (false, .none)
    recipe.spec = SmallAudio.spec()
    model = TrainedModel(
      try recipe.makeGenerator(seed: 4, device: .cpu), recipe: recipe, step: 7, seed: 0,
      file: folder["model.safetensors"])
  }

  private func generate(
    _ count: Int, seed: UInt64, into name: String, _ words: [String] = [],
    without dataset: AudioDataset? = nil
  ) throws -> (clips: [AudioClip], counts: CopyFilter.Counts?) {
    let options = try AudioGenerateOptions.parse(["--format", "wav-float"] + words)
    let request = try GenerationRequest(
      model, options: options.sampling, count: count, seed: seed, withoutCopiesOf: dataset,
      output: folder[name])
    let files = try Audio.generate(request, options: options)
    return (try files.map { try SoundFile.read($0.path) }, request.sampler.copies?.counts)
  }

  private func dataset() throws -> AudioDataset {
    var recipe = model.recipe
    return try AudioDataset(
      DataSource(path: folder["training"].path, holdout: folder["held-out"].path), recipe: &recipe)
  }

  @Test func aGeneratorsOwnSamplesAreLeftOut() throws {
    let known = try generate(20, seed: 3, into: "training").clips
    _ = try generate(24, seed: 5, into: "held-out")
    let (clips, counts) = try generate(30, seed: 3, into: "out", without: dataset())
    #expect(clips.count == 30)
    let areNew = clips.allSatisfy { !known.contains($0) }
    #expect(areNew)
    let found = try #require(counts)
    #expect(found.drawn % Audio.chunkSize == 0 && (20..<40).contains(found.copies), "\(found)")
  }

  /// What is told is the sound, not the samples: how loud a copy is hides nothing.
  @Test func louderAndSofterCopiesAreTold() throws {
    let known = try generate(20, seed: 3, into: "training").clips
    _ = try generate(40, seed: 5, into: "held-out")
    let measure = try #require(
      try Audio.trainingDistances(in: dataset(), recipe: model.recipe, options: AudioSampling()))
    let limit = measure.heldOut.sorted()[2]
    func found(_ clips: [AudioClip], gain: Float) throws -> Int {
      let samples = clips.flatMap { $0.samples.map { $0 * gain } }
      let tensor = try Tensor(samples, shape: [clips.count, SmallAudio.length, 1])
      return try measure.distances(tensor, limit).count { $0 < limit }
    }
    #expect(try found(known, gain: 0.4) == 20)
    let others = try generate(40, seed: 6, into: "others").clips
    #expect(try found(others, gain: 1) <= 10)
  }

  @Test func chosenSoundsAreNotDrawn() throws {
    _ = try generate(20, seed: 3, into: "training")
    _ = try generate(12, seed: 5, into: "held-out")
    let error = #expect(throws: UserError.self) {
      try generate(2, seed: 3, into: "out", ["--vary", "2"], without: dataset())
    }
    #expect(error?.category == .usage && error?.message.contains("--no-copies") == true)
  }

  @Test func generatorsOfCodesHoldTrainingClips() throws {
    #expect(try Audio.heldData(model.recipe).isEmpty)
    let sounds = try SmallAudio.folder()
    var recipe = try SmallAudio.recipe(.spectral)
    let dataset = try AudioDataset(DataSource(path: sounds.path), recipe: &recipe)
    let held = try Audio.heldData(recipe)
    #expect(held.map(\.samples) == [dataset.corpus.training.count])
    #expect(held[0].isAll && held[0].place == .generator)
    recipe.spectral.exemplars = 4
    recipe.spec?.codes?.exemplars = 4
    #expect(try !Audio.heldData(recipe)[0].isAll)
  }
}
