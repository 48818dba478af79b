import Corpora
import Failures

extension DataFiles {
  /// Lists the sound files of a data set.
  ///
  /// - Throws: `UserError`: no input for paths that are not there, bad data for folders without a sound file and files
  ///   without a label.
  init(_ path: String, validation: String? = nil, holdout: String?, options: AudioCorpusOptions) throws {
    let kind = Kind(noun: "sound file", expected: "WAV, FLAC, Ogg, AIFF or others") { name, _ in
      SoundNames.isSound(name)
    }
    try self.init(
      path, validation: validation, holdout: holdout, kind: kind, labels: try LabelRule(options.labels))
  }

  /// The rate of the first file, or with `skipBad` of the first that has one.
  ///
  /// - Throws: `UserError` of the first file.
  func firstSampleRate(skipBad: Bool) throws -> Int {
    var first: UserError?
    for path in paths {
      do {
        return try SoundFile.information(path).sampleRate
      } catch let failure as UserError {
        guard skipBad else { throw failure }
        first = first ?? failure
      }
    }
    throw first ?? UserError(.badData, "\(source): found no sound file")
  }
}
