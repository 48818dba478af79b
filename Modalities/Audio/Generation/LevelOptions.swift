import ArgumentParser
import AudioDatasets
import ModalityKit

/// The flags of how loud sounds are written.
struct LevelOptions: ParsableArguments {
  /// What sounds have alike.
  enum Rule: String, CaseIterable, ExpressibleByArgument {
    /// The true peak.
    case peak
    /// The loudness by EBU R 128.
    case loudness
  }

  /// The loudness where none is named, in LUFS: EBU R 128's own, which nearly all sounds can have.
  static let usualLoudness = -23.0

  @Option(
    help: "What all sounds have alike: their true peak, -1 dBTP, or their loudness by EBU R 128.")
  var normalize: Rule?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      The loudness of each sound by EBU R 128, -60 to 0; less where its true peak would pass -1 dBTP. Implies --normalize \
      loudness. (default: -23)
      """, valueName: "LUFS"))
  var loudness: Double?

  func validate() throws {
    guard let loudness else { return }
    guard LevelTarget.loudnessRange.contains(loudness) else {
      throw ValidationError("--loudness \(loudness): expected -60 to 0 LUFS")
    }
    if normalize == .peak {
      throw ValidationError("--loudness: found --normalize peak beside it, expected one of them")
    }
  }

  /// What was asked for; nil for levels as they are.
  var target: LevelTarget? {
    switch normalize {
    case nil: loudness.map { .loudness($0) }
    case .peak: .peak(LevelTarget.highestPeak)
    case .loudness: .loudness(loudness ?? Self.usualLoudness)
    }
  }
}

/// Brings clips to a level, each by itself, and counts those that cannot be brought there.
struct Levelling {
  /// The level; nil leaves clips as they are.
  let target: LevelTarget?
  private var silent = 0
  private var limited = 0
  private var count = 0

  init(to target: LevelTarget?) { self.target = target }

  /// The clip at the level; a silent one as it is.
  mutating func callAsFunction(_ clip: AudioClip) throws -> AudioClip {
    guard let target else { return clip }
    count += 1
    let level = try SoundLevel(of: clip)
    guard let gain = target.gain(for: level) else {
      silent += 1
      return clip
    }
    if case .loudness(let wanted) = target, let loudness = level.loudness, gain < wanted - loudness {
      limited += 1
    }
    return clip.amplified(by: gain)
  }

  /// What could not be done, as a sentence; nil where all could.
  var remark: String? {
    var parts: [String] = []
    if limited > 0, case .loudness(let wanted) = target {
      parts.append(
        "\(limited) of \(count) sounds are quieter than \(wanted) LUFS, as their true peaks reach "
          + "-1 dBTP before")
    }
    if silent > 0 { parts.append("\(silent) of \(count) sounds are silent and stay as they are") }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }
}
