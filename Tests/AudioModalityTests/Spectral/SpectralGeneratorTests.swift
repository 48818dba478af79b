import Adversarial
import Foundation
import Metrics
import ModalityKit
import TestSupport
import Testing
import Torch

@testable import AudioDatasets
@testable import AudioModality

@Suite struct SpectralGeneratorTests {
  private struct Made {
    var dataset: AudioDataset
    var recipe: AudioRecipe
    var clips: CodedClips
    var generator: SpectralGenerator
  }

  private func made(count: Int = 12, _ change: (inout AudioRecipe) -> Void = { _ in }) throws -> Made {
    let folder = try SmallAudio.folder(frames: 1000, count: count)
    var recipe = try SmallAudio.recipe(.spectral) {
      $0.data.labels = "^(.)_"
      change(&$0)
    }
    let dataset = try AudioDataset(DataSource(path: folder.url.path), recipe: &recipe)
    let clips = try #require(try dataset.codedClips(recipe))
    var stream = RandomStream(seed: 1, name: "generator")
    let generator = try SpectralGenerator(
      recipe: recipe.spectral, spec: recipe.completeSpec(), latentDimension: recipe.training.latentDimension,
      using: &stream)
    try generator.take(clips)
    return Made(dataset: dataset, recipe: recipe, clips: clips, generator: generator)
  }

  private func codes(_ made: Made, count: Int, label: Int, seed: UInt64 = 3) throws -> Tensor {
    try made.generator.generate(
      latents: SmallAudio.normal([count, made.recipe.training.latentDimension], seed: seed),
      labels: Tensor([Int](repeating: label, count: count)), context: SmallAudio.evaluation)
  }

  @Test func withoutVariationSamplesAreExemplarsOfTheirLabel() throws {
    let made = try made { $0.spectral.strength = 0 }
    let exemplars = try CodeSteps.codes(of: made.clips.exemplars)
    let own = try #require(try made.clips.labels?.array(of: Int.self))
    #expect(Set(own) == [0, 1])
    for label in [0, 1] {
      let found = try codes(made, count: 300, label: label)
      let flat = try found.reshaped([300, -1])
      let nearest = try NearestNeighbours.nearest(to: flat, in: exemplars.reshaped([own.count, -1]))
      #expect(nearest.allSatisfy { own[$0] == label })
      #expect(
        try flat.distance(to: exemplars.reshaped([own.count, -1]).gathered(at: Tensor(nearest))) < 1e-4)
      // Each exemplar has its share of the latents.
      #expect(Set(nearest).count == own.count { $0 == label })
    }
  }

  @Test func variationsAreAsNewAsClipsAre() throws {
    let made = try made()
    let strength = try made.clips.strength.item()
    #expect((0.19...2.01).contains(strength))
    let found = try Tensor.concatenated([0, 1].map { try codes(made, count: 100, label: $0) })
    let statistics = made.clips.statistics
    let distance = try NearestNeighbours.distances(from: statistics(found), to: statistics.reference).mean()
      .item()
    let target = try NearestNeighbours.distances(within: statistics.reference).mean().item()
    // What the bounds allow; these sounds lie farther apart than real ones.
    #expect(distance > 0.3 * target)
    #expect(distance < 1.5 * target)
  }

  @Test func neighboursAreOfTheSameLabel() throws {
    let made = try made()
    let own = try #require(try made.clips.labels?.array(of: Int.self))
    let neighbours = try made.clips.neighbours.array(of: Int.self)
    let count = made.clips.neighbours.shape[1]
    #expect(count == 8)
    for (index, label) in own.enumerated() {
      let others = neighbours[index * count..<(index + 1) * count]
      #expect(others.allSatisfy { own[$0] == label && $0 != index })
    }
  }

  @Test func aClipWithoutAnotherIsItsOwnNeighbour() throws {
    let made = try made(count: 1) { $0.data.labels = nil }
    #expect(try made.clips.neighbours.array(of: Int.self).allSatisfy { (0...1).contains($0) })
    let found = try made.generator.generate(
      latents: SmallAudio.normal([5, 24]), labels: nil, context: SmallAudio.evaluation)
    #expect(try found.isFinite().all().item() == 1)
  }

  @Test func theSameDataMakesTheSameExemplars() throws {
    let (first, second) = (try made(), try made())
    #expect(try first.clips.exemplars.isEqual(to: second.clips.exemplars))
    #expect(try first.clips.fits.alignments.isEqual(to: second.clips.fits.alignments))
    #expect(try first.clips.strength.isEqual(to: second.clips.strength))
    #expect(try codes(first, count: 4, label: 1).isEqual(to: codes(second, count: 4, label: 1)))
  }

  @Test func exemplarsAreBoundedInNumberAndInSize() throws {
    let few = try made { $0.spectral.exemplars = 7 }
    #expect(few.clips.exemplars.shape[0] == 7)
    #expect(few.recipe.spec?.codes == ClipCodeSpec(few.recipe.spectral, clips: 20, numbers: 1))
    let (frames, numbers) = (few.generator.codec.frames, few.generator.codec.numbers)
    let small = try made { $0.spectral.exemplarNumbers = 5 * frames * numbers + 1 }
    #expect(small.clips.exemplars.shape[0] == 5)
  }

  @Test func soundsAreClipsOfTheirLength() throws {
    let made = try made()
    let codes = try codes(made, count: 2, label: 0)
    let sounds = try made.generator.sounds(of: codes, first: 2, sampling: AudioSampling())
    #expect(sounds.shape == [2, SmallAudio.length, 1])
    #expect(try sounds.isFinite().all().item() == 1)
    #expect(try sounds.absolute().max().item() > 0.1)
    let rough = try made.generator.sounds(
      of: codes, first: 2, sampling: AudioSampling(phaseIterations: 0))
    #expect(try rough.distance(to: sounds) > 0.01)
  }

  @Test func discriminatorIsGivenCodesAndChangesThemInTrainingOnly() throws {
    let made = try made()
    var stream = RandomStream(seed: 2, name: "discriminator")
    let discriminator = try SpectralDiscriminator(
      recipe: made.recipe.spectral, spec: made.recipe.completeSpec(), using: &stream)
    let game = try AudioGame(recipe: made.recipe, dataset: made.dataset, seed: 1, device: .cpu)
    let batch = try game.batch(at: [0, 1, 2], context: SmallAudio.training)
    #expect(batch.samples.shape == [3, made.generator.codec.frames, made.generator.codec.numbers])
    func logits(_ context: StepContext) throws -> Tensor {
      try discriminator.discriminate(batch.samples, labels: batch.labels, context: context)
    }
    #expect(try logits(SmallAudio.evaluation).shape == [3])
    #expect(try logits(SmallAudio.evaluation).isEqual(to: logits(SmallAudio.evaluation)))
    #expect(try logits(SmallAudio.training).distance(to: logits(SmallAudio.evaluation)) > 1e-5)
  }

  /// Discriminators of the game and of its verdict read statistics in units of the clips' own.
  @Test func discriminatorsAreToldWhatTheClipsStatisticsAre() throws {
    let made = try made()
    let game = try AudioGame(recipe: made.recipe, dataset: made.dataset, seed: 1, device: .cpu)
    var stream = RandomStream(seed: 4, name: "verdict")
    for discriminator in [game.discriminator, try #require(try game.makeDiscriminator(using: &stream))] {
      let state = Dictionary(uniqueKeysWithValues: try discriminator.state.map { ($0.name, $0.tensor) })
      let mean = try #require(state["mean"])
      let scale = try #require(state["scale"])
      let raw = try CodeStatistics.raw(CodeSteps.codes(of: made.clips.exemplars))
      let standard = try (raw - mean.converted(to: .float64)) * scale.converted(to: .float64)
      #expect(try standard.mean(along: 0).absolute().max().item() < 0.1)
      #expect(try standard.variance(along: 0, correction: 0).max().item() < 1.2)
      #expect(try standard.variance(along: 0, correction: 0).mean().item() > 0.5)
    }
  }

  /// However the network's last layer is, samples stay within the bound, and silent where their exemplars are.
  @Test func correctionsAreBoundedAndLeaveSilence() throws {
    // Half of each clip is silent.
    let made = try made { $0.data.length = 2048 }
    let before = try codes(made, count: 20, label: 0)
    let state = try made.generator.state.map { name, tensor in
      (name, name.hasPrefix("output.") ? try Tensor.full(tensor.shape, value: 30) : tensor)
    }
    try made.generator.load(Dictionary(uniqueKeysWithValues: state))
    let after = try codes(made, count: 20, label: 0)
    let change = try (after - before).absolute()
    #expect(try change.max().item() > 0.5 * made.recipe.spectral.correction)
    #expect(try change.max().item() < 1.001 * made.recipe.spectral.correction)
    let silent = try before.less(than: -0.9999)
    #expect(try silent.converted(to: .float32).sum().item() > 100)
    #expect(try change.filled(where: silent.negated(), with: 0).max().item() < 1e-4)
  }
}
