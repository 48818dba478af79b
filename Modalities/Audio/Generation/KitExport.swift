import Adversarial
import ArgumentParser
import AudioDatasets
import Failures
import Files
import Foundation
import ModalityKit
import Torch

/// `export`: a kit of sounds that samplers play.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes a kit that samplers play: sound files and an SFZ file.",
    discussion: """
      Every label has a key: that of General MIDI where its name is a drum's, and otherwise the next free one from 36 on. A \
      key has layers by velocity, the softest with the darkest sounds, and in each layer several sounds in turn. Sounds are \
      equally loud, end where their silence begins, and carry tags. The same checkpoint, seed and flags give the same bytes.
      """)

  @OptionGroup var model: ModelOptions

  @Option(
    help: ArgumentHelp("The folder to write: new or empty.", valueName: "folder"), completion: .directory)
  var kit: String

  @Option(help: ArgumentHelp("Layers by velocity.", valueName: "count"))
  var velocities = 3

  @Option(help: ArgumentHelp("Sounds in turn in each layer.", valueName: "count"))
  var roundRobins = 3

  @Option(help: ArgumentHelp("Seed of all draws.", valueName: "number"))
  var seed: UInt64 = 0

  @OptionGroup var latents: LatentOptions

  @OptionGroup var level: LevelOptions

  @Option(help: "How sounds are written: wav with 16 bits, wav-24, wav-float, flac or ogg.")
  var format = AudioFormat.wav

  @OptionGroup(title: "Engine") var engine: EngineOptions

  func validate() throws {
    for (flag, value, most) in [
      ("--velocities", velocities, SamplerKit.mostLayers),
      ("--round-robins", roundRobins, SamplerKit.mostTurns),
    ] where !(1...most).contains(value) {
      throw ValidationError("\(flag) \(value): expected 1 to \(most)")
    }
  }

  func run() throws {
    let device = try engine.apply()
    let folder = URL(fileURLWithPath: kit, isDirectory: true)
    try RunFolder.requireVacant(folder)
    let trained = try TrainedModel<Audio>(contentsOf: model.url, pointer: model.checkpoint, device: device)
    let sampler = try trained.sampler(AudioSampling(), oneOf: latents.select)
    if latents.select > 1 { Console.current.note(trained.selectionSentence(oneOf: latents.select)) }
    let drawing = KitDrawing(
      sampler: sampler, layers: velocities, turns: roundRobins, seed: seed, truncation: latents.truncation,
      target: level.target ?? .loudness(LevelOptions.usualLoudness))
    let drawn = try drawing.kit()
    let writing = KitWriting(
      drawn: drawn, folder: folder, format: format,
      origin: "seed \(seed), step \(trained.step)", model: model.url.lastPathComponent)
    let file = try writing.write()
    let count = drawn.groups.reduce(0) { $0 + $1.layers.reduce(0) { $0 + $1.count } }
    Console.current.note(
      "\(count) sounds of step \(trained.step) on \(drawn.groups.count) keys, \(drawn.level): "
        + file.relativePath)
  }
}

/// The sounds of a kit, before they are written.
struct DrawnKit {
  /// The sounds of a label.
  struct Group {
    /// The label's name; nil where the model has no labels.
    let label: String?
    /// Trimmed and at the kit's level, `[layers][turns]`, darkest layer first.
    let layers: [[AudioClip]]
  }

  let groups: [Group]
  /// The level of all sounds, in words.
  let level: String
}

/// Draws the sounds of a kit from a generator.
struct KitDrawing {
  /// Sounds that a kit may have: they are in memory.
  static let limit = 10_000
  /// Of how many sounds one has to be audible.
  static let patience = 8

  let sampler: Sampler<Audio>
  let layers: Int
  let turns: Int
  let seed: UInt64
  let truncation: Double
  let target: LevelTarget

  /// A sound with its level and its brightness.
  private struct Sound {
    let clip: AudioClip
    let level: SoundLevel
    /// The mean frequency of its power, in mel.
    let brightness: Double
  }

  /// Draws all sounds and brings them to one level: the target or, where the true peak of one would then pass -1 dBTP, the
  /// loudest that all can have.
  ///
  /// - Throws: `UserError`: usage for too many sounds or labels, bad data where too few sounds are audible.
  func kit() throws -> DrawnKit {
    let labels = sampler.spec.labels
    guard labels.count <= DrumKeys.range.count else {
      throw UserError(
        .usage, "a kit: found \(labels.count) labels, expected at most \(DrumKeys.range.count), one a key")
    }
    let total = max(labels.count, 1) * layers * turns
    guard total <= Self.limit else {
      throw UserError(
        .usage, "--velocities and --round-robins: found \(total) sounds, expected at most \(Self.limit)")
    }
    let groups = try labels.isEmpty ? [sounds(label: nil)] : labels.indices.map { try sounds(label: $0) }
    let common = target.common(to: groups.flatMap { $0 }.map(\.level))
    let level =
      switch common {
      case .peak(let peak): String(format: "true peaks at %.1f dBTP", peak)
      case .loudness(let loudness): String(format: "loudness %.1f LUFS", loudness)
      }
    return DrawnKit(
      groups: groups.enumerated().map { index, sounds in
        let clips = sounds.map { $0.clip.amplified(by: common.gain(for: $0.level) ?? 0) }
        return DrawnKit.Group(
          label: labels.isEmpty ? nil : labels[index],
          layers: (0..<layers).map { Array(clips[$0 * turns..<($0 + 1) * turns]) })
      }, level: level)
  }

  /// The first audible sounds of a label, darkest first. Silent ones are left out, and others drawn for them.
  private func sounds(label: Int?) throws -> [Sound] {
    let needed = layers * turns
    var sounds: [Sound] = []
    var count = needed
    while true {
      // A longer draw begins with the shorter one's samples.
      let clips = try sampler.samples(
        count: count, seed: seed, labels: label.map { .one($0) } ?? .any, truncation: truncation)
      sounds = try clips.lazy.compactMap(audible).prefix(needed).map(\.self)
      if sounds.count == needed { break }
      guard count < needed * Self.patience else {
        let name = label.map { " of \(sampler.spec.labels[$0])" } ?? ""
        throw UserError(
          .badData,
          "a kit: found \(sounds.count) audible sounds\(name) among \(count), expected \(needed)")
      }
      count *= 2
    }
    return sounds.enumerated().sorted {
      ($0.element.brightness, $0.offset) < ($1.element.brightness, $1.offset)
    }.map(\.element)
  }

  /// A clip without the silence at its end; nil for a silent one.
  private func audible(_ clip: AudioClip) throws -> Sound? {
    guard clip.samples.contains(where: { abs($0) >= Float(WaveformScores.silence) }) else { return nil }
    let trimmed = clip.trimmingEnd()
    let level = try SoundLevel(of: trimmed)
    guard level.loudness != nil else { return nil }
    return Sound(clip: trimmed, level: level, brightness: try trimmed.brightness())
  }
}

extension AudioClip {
  /// The mean of the frequencies of its power on the mel scale, all channels together: the spectral centroid as it is heard. 0
  /// for silence.
  func brightness() throws -> Double {
    let mono = try mixed(toChannels: 1).samples
    let magnitudes = try Tensor(mono).fourierMagnitudes().converted(to: .float64).array(of: Double.self)
    let width = Double(sampleRate) / Double(max(mono.count, 1))
    let sums = magnitudes.enumerated().reduce(into: (power: 0.0, moment: 0.0)) { sums, bin in
      let power = bin.element * bin.element
      sums.power += power
      sums.moment += power * MelScale.mels(of: Double(bin.offset) * width)
    }
    return sums.power > 0 ? sums.moment / sums.power : 0
  }
}

/// Writes a kit's sounds and its SFZ file into a folder.
struct KitWriting {
  private static let soundFolder = "samples"

  let drawn: DrawnKit
  let folder: URL
  let format: AudioFormat
  /// What the sounds come from, for tags and the SFZ file.
  let origin: String
  /// The run's name.
  let model: String

  /// Writes everything, the SFZ file last, and returns that. What was written is removed when something fails.
  ///
  /// - Throws: `UserError` (cannot create, I/O).
  func write() throws -> URL {
    let isNew = !FileManager.default.fileExists(atPath: folder.path)
    do {
      return try writeAll()
    } catch {
      let sounds = folder.appendingPathComponent(Self.soundFolder)
      for url in isNew ? [folder] : [sounds] { try? FileManager.default.removeItem(at: url) }
      throw error
    }
  }

  private func writeAll() throws -> URL {
    for url in [folder, folder.appendingPathComponent(Self.soundFolder)] { try SampleFiles.makeFolder(url) }
    let keys = DrumKeys.keys(for: drawn.groups.map { $0.label ?? "" })
    let groups = try zip(drawn.groups, keys).map { group, key in
      let name = group.label ?? "sound"
      let layers = try group.layers.enumerated().map { layer, clips in
        try clips.enumerated().map { turn, clip in
          // The key keeps labels apart whose names differ by letters that files cannot have.
          let stem = "\(key)-\(SampleFiles.name(of: name))-\(layer + 1)-\(turn + 1)"
          let path = "\(Self.soundFolder)/\(stem).\(format.fileExtension)"
          let tags = AudioTags(
            title: "\(name), velocity \(layer + 1) of \(group.layers.count), \(turn + 1) of \(clips.count)",
            software: "duel \(duelVersion)", comment: origin)
          try SoundFile.write(clip, to: folder.appendingPathComponent(path), format: format, tags: tags)
          return path
        }
      }
      return SamplerKit.Group(name: name, key: key, layers: layers)
    }
    let kit = SamplerKit(
      groups: groups,
      remarks: ["duel \(duelVersion), \(model): \(origin)", "\(drawn.level), softest layers darkest"])
    let file = folder.appendingPathComponent("\(folder.standardizedFileURL.lastPathComponent).sfz")
    try AtomicFile.write(kit.sfzText, to: file)
    return file
  }
}
