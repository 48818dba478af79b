import Corpora
import Failures
import Files

/// An audio data set: samples of one length, rate and number of channels, in a training, a validation and a held-out
/// part.
///
/// The steps, in this order: files are listed in the byte order of their paths; they are decoded, mixed to
/// `options.channels` and resampled; silence around them is cut off where that is asked for; silent and short ones are
/// left out; whole files are held out, so that no two samples of one file are on both sides; files that repeat
/// another of their part and label, or of the held-out part, are left out. Samples are scaled per file.
///
/// Memory holds the samples, up to 1 GiB. A larger set is decoded when its samples are asked for, and the same
/// amount of memory holds what was decoded last. Files must not change while a corpus is in use.
public final class AudioCorpus: Sendable {
  /// How files became samples.
  public let options: AudioCorpusOptions
  /// Frames per second of all samples.
  public let sampleRate: Int
  /// The names of the labels by index: those that were given, or those of the training part ordered by byte value;
  /// empty without labels.
  public let labelNames: [String]
  /// The samples to train on.
  public let training: AudioSet
  /// The samples to evaluate on: of each label's files in order, numbered from 0, those divisible by 10 (but not a
  /// label's only file); or those that `options.holdoutPattern` matches; or those of the held-out folder. Of a
  /// single file with overlapping windows, those of its last tenth.
  public let heldOut: AudioSet
  /// Samples to choose by while training, none of which is trained on: those that were named, or by `ValidationRule` of
  /// the files that are not held out; of a single file with overlapping windows those of the tenth before the last.
  /// Empty where there are too few.
  public let validation: AudioSet
  /// What was read and left out.
  public let report: AudioCorpusReport
  /// Identifies the content of all parts: 16 hexadecimal digits each of the training, the validation and the held-out
  /// part, with dashes between. Computed from the decoded sound, the labels and the places of the samples in their order, not from
  /// paths. It notices other data; it is no protection against forgery.
  public let fingerprint: String

  /// Reads a sound file, or a folder with sound files at any depth.
  ///
  /// - Parameters:
  ///   - path: the data. In a folder, files whose extension is not that of a sound file are left out.
  ///   - validation: data to choose by while training, instead of files of `path`.
  ///   - holdout: data to hold out, instead of files of `path`.
  ///   - options: how files become samples.
  ///   - known: the labels of a trained model, whose indices the corpus then uses; nil takes those of the data.
  /// - Throws: `UserError`: usage for options out of range and malformed regular expressions; no input for files that
  ///   cannot be opened; bad data, with the file's name, for files that cannot be decoded (unless
  ///   `options.skipBad`), files without a label or with one that is not known, and parts without a sample.
  public convenience init(
    path: String, validation: String? = nil, holdout: String? = nil, options: AudioCorpusOptions,
    labels known: [String]? = nil
  ) throws {
    try self.init(
      path: path, validation: validation, holdout: holdout, options: options, labels: known,
      memoryBudget: SoundShelf.defaultBudget)
  }

  /// As the other, with another limit to the memory for samples, in bytes.
  convenience init(
    path: String, validation: String? = nil, holdout: String? = nil, options: AudioCorpusOptions,
    labels known: [String]? = nil, memoryBudget: Int
  ) throws {
    try options.validate()
    if holdout != nil, options.holdoutPattern != nil {
      throw UserError(.usage, "--holdout-pattern: found beside --holdout, expected one of the two")
    }
    let files = try DataFiles(path, validation: validation, holdout: holdout, options: options)
    let sampleRate = try options.sampleRate ?? files.firstSampleRate(skipBad: options.skipBad)
    let sources = files.paths.map {
      FileClipSource(name: $0, sampleRate: sampleRate, channels: options.channels)
    }
    let shelf = try SoundShelf(sources, options: options, sampleRate: sampleRate, budget: memoryBudget)
    var selection = try SoundSelection(files, surveys: shelf.surveys, options: options, known: known)
    selection.report.sampleRate = sampleRate
    self.init(selection, shelf: shelf, options: options, sampleRate: sampleRate)
  }

  /// Makes both parts of sounds that have been chosen.
  init(_ selection: SoundSelection, shelf: SoundShelf, options: AudioCorpusOptions, sampleRate: Int) {
    let sounds = shelf.surveys.map { survey in
      if case .success(let sound) = survey { return sound as SurveyedSound? }
      return nil
    }
    let labels = selection.labels
    let rule = SliceRule(options)
    func starts(of index: Int, in part: CorpusPart) -> [Int] {
      let all = sounds[index]?.starts ?? []
      return selection.division?.starts(all, length: options.length, in: part) ?? all
    }
    func set(_ part: CorpusPart) -> AudioSet {
      let entries = selection.sounds(in: part).flatMap { sound in
        starts(of: sound, in: part).map { AudioSet.Entry(sound: sound, start: $0) }
      }
      return AudioSet(entries, on: shelf, labels: labels, rule: rule)
    }
    self.options = options
    self.sampleRate = sampleRate
    labelNames = selection.labelNames
    training = set(.training)
    validation = set(.validation)
    heldOut = set(.heldOut)
    fingerprint = CorpusPart.allCases.map { part in
      var hash = SHA256()
      hash.update(
        "\(sampleRate) \(options.channels) \(options.length) \(options.normalisation.rawValue) "
          + "\(options.slicing.rawValue)\n")
      for index in selection.sounds(in: part) {
        guard let sound = sounds[index] else { continue }
        let label = labels[index].map { selection.labelNames[$0] } ?? ""
        hash.update("\(sound.digest) \(sound.sound) \(starts(of: index, in: part)) \(label)\n")
      }
      return String(hash.hexDigest().prefix(16))
    }.joined(separator: "-")
    var report = selection.report
    report.trainingFiles = selection.training.count
    report.heldOutFiles = selection.heldOut.count
    report.trainingCount = training.count
    report.validationCount = validation.count
    report.heldOutCount = heldOut.count
    report.labelCount = labelNames.count
    report.isStreamed = shelf.cache != nil
    let used = CorpusPart.allCases.flatMap { selection.sounds(in: $0) }
    let frames = Set(used).reduce(0) { $0 + (sounds[$1]?.sound.count ?? 0) }
    report.seconds = Double(frames) / Double(sampleRate)
    self.report = report
  }
}
