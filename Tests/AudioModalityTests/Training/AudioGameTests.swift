import Adversarial
import Foundation
import ModalityKit
import TestSupport
import Testing
import Torch

@testable import AudioDatasets
@testable import AudioModality

@Suite struct AudioGameTests {
  private func game(_ folder: TemporaryFolder, _ change: (inout AudioRecipe) -> Void = { _ in }) throws -> (
    game: AudioGame, corpus: AudioCorpus
  ) {
    var recipe = try SmallAudio.recipe(.modern, change)
    let corpus = try AudioDataset(DataSource(path: folder.url.path), recipe: &recipe).corpus
    return (try AudioGame(recipe: recipe, dataset: AudioDataset(corpus), seed: 1, device: .cpu), corpus)
  }

  private func context(step: Int, scope: String = "discriminator.0", seed: UInt64 = 5) -> StepContext {
    StepContext(seed: seed, step: step, scope: scope, isTraining: true)
  }

  @Test(arguments: [1, 2]) func batchesAreTheCorpussSamples(channels: Int) throws {
    let (game, corpus) = try game(SmallAudio.folder()) {
      $0.data.labels = "^(.)_"
      $0.data.channels = channels
    }
    #expect(game.trainingCount == corpus.training.count)
    let indices = [13, 0, 7]
    let batch = try game.batch(at: indices, context: context(step: 3))
    #expect(batch.samples.shape == [3, SmallAudio.length, channels])
    let expected = try indices.flatMap { try corpus.training.sample(at: $0, draw: 0) }
    #expect(try batch.samples.array(of: Float.self) == expected)
    let labels = indices.map { corpus.training.label(at: $0) ?? -1 }
    #expect(try batch.labels?.array(of: Int.self) == labels)
    #expect(Set(labels) == [0, 1])
  }

  @Test func withoutLabelsThereAreNone() throws {
    #expect(try game(SmallAudio.folder()).game.batch(at: [0], context: context(step: 0)).labels == nil)
  }

  @Test func randomCropsDependOnSeedStepAndClip() throws {
    let (game, corpus) = try game(SmallAudio.folder(frames: 5000)) { $0.data.slicing = .random }
    func batch(step: Int, scope: String = "discriminator.0", seed: UInt64 = 5) throws -> Tensor {
      try game.batch(at: [2, 4], context: context(step: step, scope: scope, seed: seed)).samples
    }
    let first = try batch(step: 3)
    // Both updates of a step, and all rounds, see the same place, so that it is decoded once.
    #expect(try batch(step: 3, scope: "generator").isEqual(to: first))
    #expect(try batch(step: 3, scope: "discriminator.4").isEqual(to: first))
    #expect(try batch(step: 4).distance(to: first) > 0.01)
    #expect(try batch(step: 3, seed: 6).distance(to: first) > 0.01)
    // It does not matter what else is in the batch.
    let alone = try game.batch(at: [4], context: context(step: 3)).samples
    #expect(try alone.selected(0).isEqual(to: first.selected(1)))
    let beginning = try Tensor(corpus.training.sample(at: 2, draw: 0), shape: [SmallAudio.length, 1])
    let steps = try (0..<10).map { try batch(step: $0).selected(0) }
    #expect(try steps.contains { try $0.distance(to: beginning) > 0.01 })
  }

  @Test(arguments: Slicing.allCases) func readingAheadChangesNothing(slicing: Slicing) throws {
    let folder = try SmallAudio.folder(frames: 5000)
    var recipe = try SmallAudio.recipe { $0.data.slicing = slicing }
    let source = DataSource(path: folder.url.path)
    let inMemory = try AudioDataset(source, recipe: &recipe).corpus
    func game(_ corpus: AudioCorpus) throws -> AudioGame {
      try AudioGame(recipe: recipe, dataset: AudioDataset(corpus), seed: 1, device: .cpu)
    }
    func streamed() throws -> AudioCorpus {
      try AudioCorpus(path: folder.url.path, options: recipe.data, memoryBudget: 60_000)
    }
    let games = [try game(inMemory), try game(streamed()), try game(streamed())]
    for step in 0..<6 {
      let indices = (0..<4).map { (step * 4 + $0) % games[0].trainingCount }
      games[2].prefetch(indices, seed: 5, step: step)
      let batches = try games.map { try $0.batch(at: indices, context: context(step: step)).samples }
      #expect(try batches[1].isEqual(to: batches[0]))
      #expect(try batches[2].isEqual(to: batches[0]))
    }
    #expect(games[0].waitingSeconds == 0)
    #expect(games[1].waitingSeconds > 0)
  }

  @Test func heldOutBatchesAreNotTrainedOn() throws {
    let (game, corpus) = try game(SmallAudio.folder()) { $0.data.labels = "^(.)_" }
    let part = corpus.untrained
    let batch = try #require(try game.heldOutBatch(count: 1_000, context: context(step: 3)))
    #expect(batch.count == part.count && batch.samples.shape[1...] == [SmallAudio.length, 1])
    func clips(_ samples: [Float]) -> Set<[Float]> {
      Set(
        stride(from: 0, to: samples.count, by: SmallAudio.length).map {
          Array(samples[$0..<$0 + SmallAudio.length])
        })
    }
    let expected = try (0..<part.count).flatMap { try part.sample(at: $0) }
    #expect(try clips(batch.samples.array()) == clips(expected))
    #expect(batch.labels?.shape == [part.count])
    #expect(try game.heldOutBatch(count: 1, context: context(step: 3))?.count == 1)
  }

  @Test func previewsCanBeHeardAndSeen() throws {
    let (game, _) = try game(SmallAudio.folder()) { $0.data.labels = "^(.)_" }
    let folder = try TemporaryFolder()
    let preview = try game.preview(seed: 3)
    #expect(preview.lines.count == 1)
    #expect(
      preview.lines[0].hasPrefix("10 clips of 0.128 s, ") && preview.lines[0].hasSuffix(": samples.wav"))
    let sound = try #require(preview["samples.wav"])
    try Data(sound.fileBytes).write(to: folder["samples.wav"])
    let clip = try SoundFile.read(folder["samples.wav"].path)
    #expect(clip.frameCount == 10 * SmallAudio.length + 9 * 800)
    #expect(clip.sampleRate == SmallAudio.rate && clip.channels == 1)
    #expect(clip.samples.contains { $0 != 0 })
    guard case .sound(let samples, 1, SmallAudio.rate) = sound.content else {
      Issue.record("found \(sound.content), expected a sound of one channel")
      return
    }
    // The file holds 16 bits of each sample.
    #expect(zip(samples, clip.samples).allSatisfy { abs(min(max($0, -1), 1) - $1) <= 1 / 32_768 })
    let picture = try #require(preview["samples.png"]).fileBytes
    #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
    #expect(try game.preview(seed: 3) == preview)
  }

  @Test func networksAreAFunctionOfTheSeed() throws {
    let folder = try SmallAudio.folder()
    var recipe = try SmallAudio.recipe()
    let corpus = try AudioDataset(DataSource(path: folder.url.path), recipe: &recipe).corpus
    func weights(_ seed: UInt64) throws -> [Tensor] {
      let game = try AudioGame(recipe: recipe, dataset: AudioDataset(corpus), seed: seed, device: .cpu)
      return try (game.generator.parameters + game.discriminator.parameters).map { try $0.value.detached() }
    }
    for (one, other) in zip(try weights(1), try weights(1)) { #expect(try one.isEqual(to: other)) }
    let pairs = zip(try weights(1), try weights(2))
    #expect(try pairs.contains { try !$0.isEqual(to: $1) })
  }
}
