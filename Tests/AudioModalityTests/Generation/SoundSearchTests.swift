import Adversarial
import AudioDatasets
import Failures
import Foundation
import ModalityKit
import TestSupport
import Testing
import Torch

@testable import AudioModality

@Suite struct SoundDistanceTests {
  private static let length = 4096

  /// A tone that begins at a sample and falls off, `[T]`.
  private func hit(at start: Int, frequency: Double, level: Double = 0.5) throws -> Tensor {
    try Tensor(
      (0..<Self.length).map { sample in
        let time = Double(sample - start) / 8000
        return time < 0 ? 0 : Float(level * exp(-20 * time) * sin(2 * .pi * frequency * time))
      })
  }

  private func distances(from clip: Tensor, to others: [Tensor]) throws -> [Double] {
    try SoundDistance(to: clip, sampleRate: 8000)(Tensor.stacked(others))
  }

  @Test func theSameSoundIsNear() throws {
    let clip = try hit(at: 800, frequency: 500)
    let found = try distances(
      from: clip,
      to: [
        clip, hit(at: 800, frequency: 500, level: 0.05), hit(at: 1056, frequency: 500),
        hit(at: 544, frequency: 500), hit(at: 800, frequency: 520), hit(at: 800, frequency: 1000),
      ])
    #expect(found[0] < 1e-3 && found[1] < 0.01)
    // Whole steps of half a hop, 64 samples, are found exactly.
    #expect(found[2] < 0.05 && found[3] < 0.05)
    #expect(found[4] > 0.5 && found[5] > 2 * found[4])
  }

  /// More than six hops of 128 samples are another sound.
  @Test func farShiftsCount() throws {
    let clip = try hit(at: 800, frequency: 500)
    let found = try distances(
      from: clip, to: [hit(at: 800 + 768, frequency: 500), hit(at: 2600, frequency: 500)])
    #expect(found[0] < 0.05 && found[1] > 1)
  }

  /// Silence behind a sound does not make others nearer.
  @Test func silenceDoesNotCount() throws {
    let (clip, other) = try (hit(at: 0, frequency: 500), hit(at: 0, frequency: 700))
    let long = try SoundDistance(to: clip.padded(0, 12_288), sampleRate: 8000)(
      other.reshaped([1, -1]).padded(0, 12_288))
    let short = try distances(from: clip, to: [other])
    // The level is that of the whole clip: four times as long, the sound is twice as loud in it.
    #expect(abs(long[0] / short[0] - 1) < 0.35)
  }

  /// A silent clip is as far as the sound is loud, and no division by zero.
  @Test func silentClipsAreFar() throws {
    let found = try distances(from: hit(at: 0, frequency: 500), to: [Tensor.zeros([Self.length])])
    #expect(found[0].isFinite && found[0] > 3)
  }
}

@Suite struct SoundChoiceTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func model(labels: [String] = ["a", "b"]) throws -> TrainedModel<Audio> {
    var recipe = try SmallAudio.recipe()
    recipe.spec = SmallAudio.spec(labels: labels)
    return TrainedModel(
      try recipe.makeGenerator(seed: 4, device: .cpu), recipe: recipe, step: 7, seed: 0,
      file: folder["model.safetensors"])
  }

  /// The files that flags write, and what is remarked.
  private func generate(
    _ model: TrainedModel<Audio>, _ words: [String], count: Int = 2, seed: UInt64 = 3, label: String? = nil,
    into name: String = "out"
  ) throws -> (files: [URL], remarks: String) {
    let options = try AudioGenerateOptions.parse(words)
    let request = try GenerationRequest(
      model, options: options.sampling, count: options.sampleCount ?? count, seed: seed,
      labels: LabelChoice(label, labels: model.recipe.completeSpec().labels), output: folder[name])
    let remarks = Remarks()
    let files = try Console.$current.withValue(Console(result: { _ in }, remark: { remarks.add($0) })) {
      try Audio.generate(request, options: options)
    }
    return (files, remarks.text)
  }

  /// A sound of the model in a file, with another level and other silence around it than the model gives.
  private func target(_ model: TrainedModel<Audio>, label: String = "b") throws -> String {
    let clip = try model.sampler(AudioSampling()).samples(count: 1, seed: 8, label: label)[0]
    let file = folder["target.wav"]
    try SoundFile.write(clip.amplified(by: -9), to: file, format: .wavFloat)
    return file.path
  }

  @Test func searchFindsANearerSoundThanDraws() throws {
    let model = try model()
    let path = try target(model)
    let target = try AudioClip(likeDataOf: model.recipe, path: path)
    let search = SoundSearch(
      sampler: try model.sampler(AudioSampling()),
      distance: try SoundDistance(to: Tensor(target.samples), sampleRate: SmallAudio.rate), seed: 1,
      labels: .any, truncation: 1)
    let found = try search.nearest(3, of: 32)
    #expect(found.count == 3 && found.map(\.distance) == found.map(\.distance).sorted())
    let typical = try search.typicalDistance(label: 1)
    #expect(found[0].distance < typical)
    // The distances are those of the sounds that the latents make.
    for found in found {
      let clip = try search.sampler.tensor(
        latents: found.latent, labels: found.label.map { [$0] }, seed: found.noise)
      #expect(try abs(search.distance(clip.mean(along: 2))[0] - found.distance) < 1e-3)
    }
    // Small steps do not lead away from the nearest draw.
    let draws = try (0..<2).flatMap { chunk in
      var stream = RandomStream(seed: 1, step: chunk, name: "noise seeds")
      let labels = LabelChoice.any.labels(ofChunk: chunk, size: 16, classes: 2, seed: 1)
      return try search.distance(
        search.sampler.tensor(
          latents: search.sampler.latents(count: 16, seed: 1, step: chunk), labels: labels,
          seed: stream.next()
        ).mean(along: 2))
    }
    #expect(found[0].distance < draws.min()!)
  }

  @Test func filesSayHowNearTheyAre() throws {
    let model = try model()
    let words = try ["--like", target(model), "--search", "16"]
    let (files, remarks) = try generate(model, words, count: 2, label: "b")
    #expect(files.map(\.lastPathComponent) == ["0000-b.wav", "0001-b.wav"])
    let comment = try #require(try SoundFile.information(files[0].path).tags.comment)
    #expect(comment.wholeMatch(of: /seed 3, step 7, \d+\.\d dB from target\.wav/) != nil, "\(comment)")
    #expect(remarks.contains("target.wav: distances of log-mel spectrograms"), "\(remarks)")
    #expect(remarks.contains("two sounds of this generator, label b: "), "\(remarks)")
    #expect(!remarks.contains("training clips"))
    let again = try generate(model, words, count: 2, label: "b", into: "again").files
    #expect(try files.map { try Data(contentsOf: $0) } == again.map { try Data(contentsOf: $0) })
  }

  @Test func variationsLieAroundTheSeedsSound() throws {
    let model = try model()
    let base = try model.sampler(AudioSampling()).samples(count: 1, seed: 3)[0]
    func distances(_ spread: String) throws -> [Float] {
      let words = ["--vary", "3", "--spread", spread, "--format", "wav-float"]
      let files = try generate(model, words, into: spread).files
      #expect(files.count == 3)
      return try files.map { file in
        zip(try SoundFile.read(file.path).samples, base.samples).reduce(0) { max($0, abs($1.0 - $1.1)) }
      }
    }
    #expect(try distances("0").allSatisfy { $0 < 1e-4 })
    let (near, far) = try (distances("0.1"), distances("1"))
    #expect(near.allSatisfy { $0 > 1e-4 } && Set(near).count == 3)
    #expect(near.reduce(0, +) < far.reduce(0, +))
    let tags = try SoundFile.information(folder["0.1/0002-\(try label(of: model)).wav"].path).tags
    #expect(tags.comment == "seed 3, step 7, variation of seed 3, spread 0.1")
  }

  private func label(of model: TrainedModel<Audio>) throws -> String {
    var labels: [Int?] = []
    try model.sampler(AudioSampling()).forEach(count: 1, seed: 3) { labels.append($1) }
    return ["a", "b"][try #require(labels[0])]
  }

  @Test func variationsOfWhatWasFound() throws {
    let model = try model(labels: [])
    let words = try [
      "--like", target(model, label: nil), "--search", "16", "--vary", "20", "--concat", "--pictures",
    ]
    let (files, remarks) = try generate(model, words)
    #expect(files.count == 1 && remarks.contains("two sounds of this generator: "))
    #expect(try SoundFile.read(files[0].path).frameCount == 20 * SmallAudio.length + 19 * 2000)
  }

  private func target(_ model: TrainedModel<Audio>, label: String?) throws -> String {
    let clip = try model.sampler(AudioSampling()).samples(count: 1, seed: 8, label: label)[0]
    try SoundFile.write(clip, to: folder["target.wav"], format: .wavFloat)
    return folder["target.wav"].path
  }

  /// The noise is that of the first sample, whatever latents are drawn beside it.
  @Test func chosenLatentsMakeTheSameSoundsInAnyCompany() throws {
    let sampler = try model().sampler(AudioSampling())
    let latents = try sampler.latents(count: 20, seed: 3)
    let labels = (0..<20).map { $0 % 2 }
    let all = try sampler.tensor(latents: latents, labels: labels, seed: 3)
    #expect(all.shape == [20, SmallAudio.length, 1])
    for index in [0, 7, 19] {
      let alone = try sampler.tensor(
        latents: latents.narrowed(along: 0, start: index, count: 1), labels: [labels[index]], seed: 3)
      #expect(try (alone - all.narrowed(along: 0, start: index, count: 1)).absolute().max().item() < 1e-5)
    }
    let first = try sampler.tensor(count: 1, seed: 3, labels: .one(0)).tensor
    let same = try sampler.tensor(
      latents: sampler.latents(count: 16, seed: 3).narrowed(along: 0, start: 0, count: 1), labels: [0],
      seed: 3)
    #expect(try (first - same).absolute().max().item() < 1e-5)
  }

  @Test func filesAreReadAsTheRunsDataAre() throws {
    var recipe = try SmallAudio.recipe()
    recipe.spec = SmallAudio.spec()
    // Two channels at twice the rate, with silence before the sound.
    let samples = (0..<6000).flatMap { frame -> [Float] in
      let value: Float = frame < 2560 ? 0 : sin(0.2 * Float(frame))
      return [0.5 * value, 0.3 * value]
    }
    let file = folder["stereo.wav"]
    try SoundFile.write(AudioClip(samples: samples, channels: 2, sampleRate: 16_000), to: file)
    let plain = try? AudioClip(likeDataOf: recipe, path: file.path)
    #expect(plain == nil, "its first 1024 frames are silent")
    recipe.data.trimSilence = true
    let clip = try AudioClip(likeDataOf: recipe, path: file.path)
    #expect(clip.frameCount == SmallAudio.length && clip.channels == 1 && clip.sampleRate == SmallAudio.rate)
    #expect(abs(clip.samples.max()! - 0.4) < 0.02)
  }

  @Test(
    arguments: [
      (["--search", "5"], "--search: expected --like beside it"),
      (["--like", "x.wav", "--search", "0"], "--search 0: expected 1 to 1000000"),
      (["--spread", "0.5"], "--spread: expected --vary beside it"),
      (["--vary", "3", "--spread", "1.5"], "--spread 1.5: expected 0 to 1"),
      (["--vary", "0"], "--vary 0: expected 1 to 10000"),
      (["--loudness", "3"], "--loudness 3.0: expected -60 to 0 LUFS"),
      (["--loudness", "-20", "--normalize", "peak"], "--loudness: found --normalize peak beside it"),
    ] as [([String], String)])
  func wrongFlagsAreRefused(words: [String], message: String) {
    let error = #expect(throws: (any Error).self) { try AudioGenerateOptions.parse(words) }
    #expect(error.map { AudioGenerateOptions.message(for: $0).contains(message) } == true)
  }

  @Test func badFilesAreRefused() throws {
    let model = try model()
    try SoundFile.write(AudioClip(samples: [0, 0, 0], sampleRate: 8000), to: folder["silent.wav"])
    for (name, category) in [("missing.wav", UserError.Category.noInput), ("silent.wav", .badData)] {
      let error = #expect(throws: UserError.self) {
        try generate(model, ["--like", folder[name].path, "--search", "16"])
      }
      #expect(error?.category == category && error?.message.contains(name) == true)
    }
    #expect(try folder.names.sorted() == ["silent.wav"])
  }

  @Test func soundsAreBroughtToALevel() throws {
    let model = try model()
    let quiet = try generate(model, ["--loudness", "-40", "--format", "wav-float"], count: 3, into: "quiet")
    for file in quiet.files {
      #expect(abs(try #require(SoundLevel(of: SoundFile.read(file.path)).loudness) + 40) < 0.01)
    }
    #expect(quiet.remarks.isEmpty)
    let loud = try generate(model, ["--loudness", "0"], count: 3, into: "loud")
    #expect(
      loud.remarks == "3 of 3 sounds are quieter than 0.0 LUFS, as their true peaks reach -1 dBTP before\n")
    let peak = try generate(model, ["--normalize", "peak", "--format", "wav-float"], count: 3, into: "peak")
    for file in loud.files + peak.files {
      #expect(abs(try SoundLevel(of: SoundFile.read(file.path)).truePeak + 1) < 0.01)
    }
  }
}

/// What commands remark.
private final class Remarks: @unchecked Sendable {
  private let lock = NSLock()
  private var lines = ""

  var text: String { lock.withLock { lines } }
  func add(_ line: String) { lock.withLock { lines += line } }
}
