import Failures
import Files

/// The sound files of a corpus and their labels, before any has been decoded.
struct SoundFiles: Sendable {
  /// What the data is called.
  let source: String
  /// What the held-out data is called, where it is apart.
  let holdout: String?
  /// Paths to open: those of the data, then those of the held-out data.
  private(set) var paths: [String] = []
  /// Paths below their folder.
  private(set) var names: [String] = []
  /// The label of each, nil without labels.
  private(set) var labels: [String?] = []
  /// The place from which on files come from the held-out data.
  private(set) var separate = 0
  /// Files whose names are not those of sound files.
  private(set) var others = 0

  /// Lists the data and reads the labels from the names.
  ///
  /// - Throws: `UserError`: no input for paths that are not there, bad data for folders without a sound file and files
  ///   without a label.
  init(_ path: String, holdout: String?, options: AudioCorpusOptions) throws {
    source = path
    self.holdout = holdout
    let rule = try LabelRule(options.labels)
    try add(path, rule)
    separate = paths.count
    if let holdout { try add(holdout, rule) }
  }

  private mutating func add(_ path: String, _ rule: LabelRule) throws {
    let listing = try FolderListing(path)
    var found = 0
    for (name, file) in zip(listing.names, listing.files) {
      // A file that was named is meant to be one, whatever its name.
      guard !listing.isFolder || SoundNames.isSound(name) else {
        others += 1
        continue
      }
      found += 1
      paths.append(file)
      names.append(name)
      labels.append(try rule.label(of: name, path: file))
    }
    guard found > 0 else {
      throw UserError(
        .badData,
        "\(path): found no sound file among \(listing.names.count) files, expected WAV, FLAC, Ogg, AIFF or others"
      )
    }
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
