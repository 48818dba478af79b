import Adversarial
import ArgumentParser
import AudioDatasets
import Failures
import Foundation
import ModalityKit
import TestSupport
import Testing
import Torch

@testable import AudioModality

@Suite struct AudioGenerateTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A model that was never trained.
  private func model(labels: [String] = ["a", "b c"], channels: Int = 1) throws -> TrainedModel<Audio> {
    var recipe = try SmallAudio.recipe()
    recipe.spec = SmallAudio.spec(channels: channels, labels: labels)
    return TrainedModel(
      try recipe.makeGenerator(seed: 4, device: .cpu), recipe: recipe, step: 7, seed: 0,
      file: folder["model.safetensors"])
  }

  @discardableResult
  private func generate(
    _ model: TrainedModel<Audio>, count: Int, seed: UInt64 = 3, into name: String, _ words: [String] = [],
    label: String? = nil, truncation: Double = 1
  ) throws -> [URL] {
    let options = try AudioGenerateOptions.parse(words)
    let request = try GenerationRequest(
      model, options: options.sampling, count: count, seed: seed,
      labels: LabelChoice(label, labels: model.recipe.completeSpec().labels), truncation: truncation,
      output: folder[name]
    ) { _ in Issue.record("wrote to standard output") }
    return try Audio.generate(request, options: options)
  }

  private func bytes(_ files: [URL]) throws -> [Data] { try files.map { try Data(contentsOf: $0) } }

  @Test func sameSeedSameBytesWhateverTheCount() throws {
    let model = try model()
    let many = try generate(model, count: 35, into: "many")
    let few = try generate(model, count: 18, into: "few")
    #expect(many.count == 35 && few.count == 18)
    #expect(try bytes(few) == Array(bytes(many).prefix(18)))
    #expect(few.map(\.lastPathComponent) == many.prefix(18).map(\.lastPathComponent))
    #expect(try bytes(generate(model, count: 18, into: "again")) == bytes(few))
    let other = try bytes(generate(model, count: 18, seed: 4, into: "other"))
    #expect(Set(other).isDisjoint(with: try bytes(few)))
    // No chunk repeats another.
    #expect(try Set(bytes(many)).count == 35)
  }

  @Test func filesAreNamedAfterNumberAndLabel() throws {
    let each = try generate(model(), count: 3, into: "each", label: "each")
    #expect(each.map(\.lastPathComponent) == ["0000-a.wav", "0001-b-c.wav", "0002-a.wav"])
    let one = try generate(model(), count: 2, into: "one", label: "b c")
    #expect(one.map(\.lastPathComponent) == ["0000-b-c.wav", "0001-b-c.wav"])
    let plain = try generate(model(labels: []), count: 2, into: "plain")
    #expect(plain.map(\.lastPathComponent) == ["0000.wav", "0001.wav"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder["plain"].path).count == 2)
  }

  @Test func labelsReachTheGenerator() throws {
    let sampler = try model().sampler(AudioSampling())
    let (each, a, b) = try (
      sampler.samples(count: 4, seed: 1, labels: .each), sampler.samples(count: 4, seed: 1, labels: .one(0)),
      sampler.samples(count: 4, seed: 1, labels: .one(1))
    )
    #expect(each == [a[0], b[1], a[2], b[3]])
    #expect(zip(a, b).allSatisfy { $0 != $1 })
    var drawn: [Int?] = []
    try sampler.forEach(count: 64, seed: 1) { _, label in drawn.append(label) }
    let firsts = drawn.count { $0 == 0 }
    #expect((16...48).contains(firsts) && drawn.allSatisfy { $0 == 0 || $0 == 1 })
    let chunk = try sampler.tensor(count: 20, seed: 1, labels: .each)
    #expect(chunk.tensor.shape == [20, SmallAudio.length, 1])
    #expect(chunk.labels == (0..<20).map { $0 % 2 })
    // Three labels do not come out even in chunks of 16.
    let turns = try model(labels: ["a", "b", "c"]).sampler(AudioSampling())
      .tensor(count: 40, seed: 1, labels: .each).labels
    #expect(turns == (0..<40).map { $0 % 3 })
    #expect(
      try chunk.tensor.array(of: Float.self)
        == sampler.samples(count: 20, seed: 1, labels: .each).flatMap(\.samples))
  }

  @Test(
    arguments: [
      ("z", ["a", "b"], "--label z: no such label; known: a, b, or each"),
      ("each", [], "--label each: no such label; known: none: the model has no labels"),
    ] as [(String, [String], String)])
  func unknownLabelsAreRefused(label: String, known: [String], message: String) throws {
    let error = #expect(throws: UserError.self) {
      try generate(model(labels: known), count: 1, into: "out", label: label)
    }
    #expect(error?.category == .usage)
    #expect(error?.message == message)
    #expect(try folder.names == [])
  }

  /// All latents are the origin then.
  @Test func withoutLatentsAllSoundsAreAlike() throws {
    let model = try model()
    try #require(model.generator as? ModernGenerator).silenceHiss()
    let audio = try model.sampler(AudioSampling())
    func distance(truncation: Double) throws -> Float {
      let one = try audio.samples(count: 3, seed: 1, label: "a", truncation: truncation)
      let other = try audio.samples(count: 3, seed: 2, label: "a", truncation: truncation)
      return (one + other).reduce(0) { largest, clip in
        zip(clip.samples, one[0].samples).reduce(largest) { max($0, abs($1.0 - $1.1)) }
      }
    }
    #expect(try distance(truncation: 0) < 1e-5)
    #expect(try distance(truncation: 0.5) > 1e-3)
    #expect(try distance(truncation: 1) > distance(truncation: 0.01))
    let near = try generate(model, count: 2, into: "near", label: "a", truncation: 0)
    #expect(try SoundFile.read(near[0].path) == SoundFile.read(near[1].path))
  }

  @Test(arguments: AudioFormat.allCases, [1, 2]) func everyFormatIsWritten(format: AudioFormat, channels: Int)
    throws
  {
    let model = try model(channels: channels)
    let files = try generate(model, count: 2, into: "out", ["--format", format.rawValue])
    #expect(files.allSatisfy { $0.pathExtension == format.fileExtension })
    let clips = try model.sampler(AudioSampling()).samples(count: 2, seed: 3)
    let step: Float =
      switch format {
      case .wav, .flac: 1 / 32_768
      case .wav24: 1 / 8_388_608
      case .wavFloat: 0
      case .ogg: 2
      }
    for (file, clip) in zip(files, clips) {
      let found = try SoundFile.read(file.path)
      #expect(found.sampleRate == SmallAudio.rate && found.channels == channels)
      #expect(found.frameCount == SmallAudio.length)
      let most = zip(found.samples, clip.samples).reduce(Float(0)) {
        max($0, abs($1.0 - min(max($1.1, -1), 1)))
      }
      #expect(format == .wavFloat ? found.samples == clip.samples : most <= step)
    }
    #expect(
      try bytes(generate(model, count: 2, into: "again", ["--format", format.rawValue])) == bytes(files))
  }

  @Test func tagsNameSeedAndStep() throws {
    let file = try generate(model(), count: 1, into: "out", label: "a")[0]
    let tags = try SoundFile.information(file.path).tags
    #expect(tags.title == "0000-a")
    #expect(tags.software?.hasPrefix("duel ") == true)
    #expect(tags.comment == "seed 3, step 7")
  }

  @Test(arguments: [false, true]) func picturesLieBesideTheirSounds(joined: Bool) throws {
    try generate(
      model(), count: 2, into: "out", ["--pictures"] + (joined ? ["--concat"] : []), label: "a")
    let stems = joined ? ["sounds"] : ["0000-a", "0001-a"]
    let names = try FileManager.default.contentsOfDirectory(atPath: folder["out"].path).sorted()
    #expect(names == stems.flatMap { ["\($0).png", "\($0).wav"] })
    for stem in stems {
      let picture = try Data(contentsOf: folder["out/\(stem).png"])
      #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
    }
  }

  /// A clip beyond full scale is made quieter as a whole; others stay as the generator made them.
  @Test(arguments: [(Float(4), 0.5), (16, 0.99), (1e6, 0.99)] as [(Float, Double)])
  func loudClipsFit(magnitude: Float, peak: Double) throws {
    let model = try model()
    var tones = [Float](repeating: -1e6, count: 33)
    // A multiple of half the window is the level.
    tones[8] = (log(magnitude * 4) + 2) / 1.5
    try #require(model.generator as? ModernGenerator).setSpectrum(tones: tones)
    let clip = try model.sampler(AudioSampling()).samples(count: 1, seed: 1)[0]
    let largest = clip.samples.reduce(0) { max($0, abs($1)) }
    // Eight samples are a period, which may have its peak between two of them.
    #expect((peak * 0.92...peak * 1.0001).contains(Double(largest)))
  }

  @Test func joinedSoundsHaveGaps() throws {
    let model = try model()
    let words = ["--concat", "--gap", "0.05", "--format", "wav-float"]
    let files = try generate(model, count: 3, into: "out", words)
    #expect(files.map(\.lastPathComponent) == ["sounds.wav"])
    let clips = try model.sampler(AudioSampling()).samples(count: 3, seed: 3)
    let silence = [Float](repeating: 0, count: 400)
    let joined = clips[0].samples + silence + clips[1].samples + silence + clips[2].samples
    #expect(try SoundFile.read(files[0].path).samples == joined)
    // A path with the format's extension is the file itself.
    let named = try generate(model, count: 3, into: "all.wav", words)
    #expect(named == [folder["all.wav"]])
    #expect(try bytes(named) == bytes(files))
    let flac = try generate(model, count: 2, into: "x.wav", ["--concat", "--gap", "0", "--format", "flac"])
    #expect(flac.map(\.path) == [folder["x.wav/sounds.flac"].path])
    #expect(try SoundFile.read(flac[0].path).frameCount == 2 * SmallAudio.length)
  }

  @Test func tooManySoundsForOneFileAreRefused() throws {
    let error = #expect(throws: UserError.self) {
      try generate(model(), count: ClipWriting.joinedLimit + 1, into: "out", ["--concat"])
    }
    #expect(error?.category == .usage)
    #expect(error?.message.hasPrefix("--concat: found 10001 sounds, expected at most 10000") == true)
    #expect(try folder.names == [])
  }

  @Test func aFileInTheWayIsAnError() throws {
    try Data().write(to: folder["file"])
    let error = #expect(throws: UserError.self) { try generate(model(), count: 1, into: "file") }
    #expect(error?.category == .cannotCreate)
  }

  @Test(arguments: [
    (["--gap", "61"], "--gap 61.0: expected 0 to 60 seconds"),
    (["--format", "mp3"], "The value 'mp3' is invalid for '--format"),
  ]) func wrongFlagsAreRefused(arguments: [String], message: String) {
    refuses(AudioGenerateOptions.self, arguments, message)
  }

  private func refuses<Options: ParsableArguments>(
    _: Options.Type, _ arguments: [String], _ message: String
  ) {
    let error = #expect(throws: (any Error).self) { try Options.parse(arguments) }
    guard let error else { return }
    #expect(Options.exitCode(for: error) == .validationFailure)
    #expect(Options.message(for: error).contains(message))
  }

  @Test func onlyModelsThatSolveForPhasesTakeIterations() throws {
    let modern = try model()
    #expect(throws: UserError.self) { try modern.sampler(AudioSampling(phaseIterations: 3)) }
    #expect(throws: Never.self) { try modern.sampler(AudioSampling()) }
    #expect(throws: (any Error).self) { try AudioGenerateOptions.parse(["--phase-iterations", "-1"]) }
    let options = try AudioGenerateOptions.parse(["--phase-iterations", "7"])
    #expect(options.sampling == AudioSampling(phaseIterations: 7))
  }
}
