import Adversarial
import AudioDatasets
import Failures
import Files
import Foundation
import ModalityKit
import TestSupport
import Testing
import Torch

@testable import AudioModality

@Suite struct KitExportTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Draws a kit of a model that was never trained.
  private func drawing(
    labels: [String] = ["kick", "a/b", "a b"], layers: Int = 2, turns: Int = 3, seed: UInt64 = 1,
    target: LevelTarget = .loudness(-20), change: (any Adversarial.Generator) throws -> Void = { _ in }
  ) throws -> KitDrawing {
    var recipe = try SmallAudio.recipe()
    recipe.spec = SmallAudio.spec(labels: labels)
    let model = TrainedModel<Audio>(
      try recipe.makeGenerator(seed: 4, device: .cpu), recipe: recipe, step: 7, seed: 0,
      file: folder["model.safetensors"])
    try change(model.generator)
    return KitDrawing(
      sampler: try model.sampler(AudioSampling()), layers: layers, turns: turns, seed: seed, truncation: 1,
      target: target)
  }

  private func write(_ kit: DrawnKit, to name: String) throws -> URL {
    try KitWriting(
      drawn: kit, folder: folder[name], format: .wav24, origin: "seed 1, step 7", model: "run"
    ).write()
  }

  @Test func allSoundsAreEquallyLoudAndDarkOnesSoft() throws {
    let kit = try drawing().kit()
    #expect(kit.groups.map(\.label) == ["kick", "a/b", "a b"])
    #expect(kit.groups.allSatisfy { $0.layers.map(\.count) == [3, 3] })
    let clips = kit.groups.flatMap { $0.layers.joined() }
    let levels = try clips.map { try SoundLevel(of: $0) }
    let loudness = try levels.map { try #require($0.loudness) }
    let (low, high) = (try #require(loudness.min()), try #require(loudness.max()))
    #expect(high - low < 0.01 && high <= -20 + 0.01)
    #expect(levels.allSatisfy { $0.truePeak <= -1 + 0.01 })
    #expect(kit.level == String(format: "loudness %.1f LUFS", high))
    for group in kit.groups {
      let brightness = try group.layers.joined().map { try $0.brightness() }
      #expect(brightness == brightness.sorted())
    }
  }

  @Test func peaksCanBeAlikeInstead() throws {
    let kit = try drawing(labels: [], target: .peak(-1)).kit()
    #expect(kit.groups.map(\.label) == [nil] && kit.level == "true peaks at -1.0 dBTP")
    for clip in kit.groups[0].layers.joined() {
      #expect(abs(try SoundLevel(of: clip).truePeak + 1) < 1e-3)
    }
  }

  @Test func theFolderHasSoundsTagsAndAnSFZ() throws {
    let file = try write(drawing().kit(), to: "my kit")
    #expect(file.lastPathComponent == "my kit.sfz")
    let text = try InputFile.text(of: file)
    #expect(text.hasPrefix("// duel \(duelVersion), run: seed 1, step 7\n// loudness -"))
    let paths = text.split(separator: "\n").compactMap {
      $0.components(separatedBy: "sample=").dropFirst().first
    }
    // Labels that files cannot tell apart have different keys.
    #expect(paths.count == 18 && Set(paths).count == 18)
    #expect(paths[0] == "samples/36-kick-1-1.wav" && paths[17] == "samples/38-a-b-2-3.wav")
    for path in paths {
      let information = try SoundFile.information(folder["my kit/\(path)"].path)
      #expect(information.sampleRate == SmallAudio.rate && information.frames <= SmallAudio.length)
      #expect(information.tags.comment == "seed 1, step 7")
      #expect(information.tags.software?.hasPrefix("duel ") == true)
    }
    let tags = try SoundFile.information(folder["my kit/\(paths[3])"].path).tags
    #expect(tags.title == "kick, velocity 2 of 2, 1 of 3")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder["my kit"].path).sorted() == [
        "my kit.sfz", "samples",
      ])
  }

  @Test func theSameSeedGivesTheSameBytes() throws {
    let (one, other) = try (write(drawing().kit(), to: "x/kit"), write(drawing().kit(), to: "y/kit"))
    #expect(try InputFile.bytes(of: one) == InputFile.bytes(of: other))
    let sound = "kit/samples/36-kick-1-1.wav"
    #expect(try InputFile.bytes(of: folder["x/\(sound)"]) == InputFile.bytes(of: folder["y/\(sound)"]))
    let third = try write(drawing(seed: 2).kit(), to: "z/kit").deletingLastPathComponent()
    #expect(
      try InputFile.bytes(of: third.appendingPathComponent("samples/36-kick-1-1.wav"))
        != InputFile.bytes(of: folder["x/\(sound)"]))
  }

  @Test func silentModelsAreRefused() throws {
    let error = #expect(throws: UserError.self) {
      try drawing {
        try #require($0 as? ModernGenerator).setSpectrum(tones: [Float](repeating: -1e6, count: 33))
      }.kit()
    }
    #expect(error?.category == .badData)
    #expect(error?.message == "a kit: found 0 audible sounds of kick among 48, expected 6")
  }

  @Test func tooManySoundsAreRefused() throws {
    let error = #expect(throws: UserError.self) { try drawing(layers: 127, turns: 100).kit() }
    #expect(
      error?.category == .usage
        && error?.message.contains("found 38100 sounds, expected at most 10000") == true)
    let labels = #expect(throws: UserError.self) { try drawing(labels: (0..<129).map { "\($0)" }).kit() }
    #expect(labels?.category == .usage && labels?.message.contains("found 129 labels") == true)
  }

  /// Nothing stays behind where writing fails.
  @Test func aFileInTheWayLeavesNothing() throws {
    try FileManager.default.createDirectory(at: folder["kit"], withIntermediateDirectories: false)
    try Data().write(to: folder["kit/samples"])
    let error = #expect(throws: UserError.self) { try write(drawing().kit(), to: "kit") }
    #expect(error?.category == .cannotCreate)
    try Data().write(to: folder["file"])
    #expect(throws: UserError.self) { try write(drawing().kit(), to: "file/kit") }
    #expect(try folder.names.sorted() == ["file", "kit"])
  }
}
