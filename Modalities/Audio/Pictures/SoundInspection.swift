import AudioDatasets
import Corpora
import Failures
import Files
import Foundation
import ModalityKit

extension Inspection {
  /// What is read of sound files.
  ///
  /// - Parameters:
  ///   - source: the data.
  ///   - options: where labels come from and what is held out.
  /// - Throws: `UserError` as `MeasuredSound.survey`.
  init(sounds source: DataSource, options: AudioCorpusOptions) throws {
    let survey = try MeasuredSound.survey(
      source.path ?? "", validation: source.validation, holdout: source.holdout, options: options)
    self.init(survey, noun: "sounds")
    let sounds = survey.entries
    facts = Self.facts(sounds.map(\.item))
    rows =
      [["sound", "label", "rate", "channels", "seconds", "peak", "level"]]
      + sounds.map { entry in
        let sound = entry.item
        return [
          entry.name, entry.label ?? "", "\(sound.sampleRate)", "\(sound.channels)",
          Self.number(sound.seconds), Self.number(sound.peak), Self.level(sound),
        ]
      }
    members["sounds"] = .array(sounds.map(Self.json))
    let shown = Self.spread(sounds, atMost: Self.mostShown)
    guard let rate = shown.first?.item.sampleRate else { return }
    picture = {
      let clips = try shown.map { entry in
        let frames = Int(Self.longestShown * Double(entry.item.sampleRate))
        return try SoundFile.read(entry.path, from: 0, count: frames).resampled(to: rate)
      }
      return try ClipPicture.draw(clips, names: shown.map(\.name))
    }
  }

  /// Sounds of a picture, and the seconds of each that it shows.
  private static var mostShown: Int { 20 }
  private static var longestShown: Double { 10 }

  private static func facts(_ sounds: [MeasuredSound]) -> [Fact] {
    let silent = sounds.count { $0.peak == 0 }
    let over = sounds.count { $0.peak > 1 }
    let total = sounds.reduce(0) { $0 + $1.seconds }
    var facts = [
      Fact("rate", counts(sounds.map { "\($0.sampleRate) Hz" })),
      Fact("channels", counts(sounds.map { "\($0.channels)" })),
      Fact("format", counts(sounds.map(\.formatName))),
      Fact("seconds", range(sounds.map(\.seconds), text: number) + "; \(number(total)) in all"),
      Fact("frames", range(sounds.map { Double($0.frames) }) { "\(Int($0))" }),
      Fact("peak", range(sounds.map(\.peak), text: number)),
    ]
    if silent > 0 { facts.append(Fact("", "\(silent) of nothing but zeros")) }
    if over > 0 { facts.append(Fact("", "\(over) beyond full scale")) }
    return facts
  }

  private static func number(_ value: Double) -> String { String(format: "%.3f", value) }

  /// The root mean square in decibels below full scale.
  private static func level(_ sound: MeasuredSound) -> String {
    sound.meanSquare > 0 ? String(format: "%.1f dB", 10 * log10(sound.meanSquare)) : "silent"
  }

  private static func json(_ entry: FileSurvey<MeasuredSound>.Entry) -> JSONValue {
    let sound = entry.item
    var members: [String: JSONValue] = [
      "file": .string(entry.file), "rate": .int(sound.sampleRate), "channels": .int(sound.channels),
      "frames": .int(sound.frames), "duration": JSONValue(number: sound.seconds),
      "format": .string(sound.formatName), "peak": JSONValue(number: sound.peak),
      "mean": JSONValue(number: sound.mean), "meanSquare": JSONValue(number: sound.meanSquare),
      "digest": .string(sound.digest), "notes": .array(sound.remarks.map { .string($0.words) }),
    ]
    members["label"] = entry.label.map { .string($0) }
    return .object(members)
  }
}
