import Corpora
import Failures

/// One part of an audio corpus. A sample has `length * channels` scaled values, interleaved; its draw decides the place of
/// a random crop, and is otherwise ignored. A crop is silent from end to end only where nearly all of its sound is.
public typealias AudioSet = SampleSet<[Float]>

/// An audio data set: samples of one length, rate and number of channels, in a training, a validation and a held-out
/// part.
///
/// The steps, in this order: files are listed in the byte order of their paths; they are decoded, mixed to
/// `options.channels` and resampled; silence around them is cut off where that is asked for; silent and short ones are
/// left out; whole files are held out, so that no two samples of one file are on both sides; files that repeat
/// another of their part and label, or of the held-out part, are left out. Samples are scaled per file.
///
/// Held out are, of each label's files in order, numbered from 0, those divisible by 10 (but not a label's only file); or
/// those that `options.holdoutPattern` matches; or those of the held-out folder. Of a single file with overlapping
/// windows, those of its last tenth are held out, and those of the tenth before are for validation.
///
/// Memory holds the samples, up to 1 GiB. A larger set is decoded when its samples are asked for, and the same
/// amount of memory holds what was decoded last. Files must not change while a corpus is in use.
public struct AudioCorpus: Corpus {
  /// How files became samples.
  public let options: AudioCorpusOptions
  /// Frames per second of all samples.
  public let sampleRate: Int
  /// The samples.
  public let parts: CorpusParts<AudioSet>

  /// Reads a sound file, or a folder with sound files at any depth.
  ///
  /// - Parameters:
  ///   - path: the data. In a folder, files whose extension is not that of a sound file are left out.
  ///   - validation: data to choose by while training, instead of files of `path`.
  ///   - holdout: data to hold out, instead of files of `path`.
  ///   - options: how files become samples.
  ///   - known: the labels of a trained model, whose indices the corpus then uses; nil takes those of the data.
  ///   - memoryBudget: bytes of samples to keep in memory.
  /// - Throws: `UserError`: usage for options out of range and malformed regular expressions; no input for files that
  ///   cannot be opened; bad data, with the file's name, for files that cannot be decoded (unless
  ///   `options.skipBad`), files without a label or with one that is not known, and parts without a sample.
  public init(
    path: String, validation: String? = nil, holdout: String? = nil, options: AudioCorpusOptions,
    labels known: [String]? = nil, memoryBudget: Int = CorpusMemory.standard
  ) throws {
    try options.validate()
    let files = try DataFiles(
      path, validation: validation, holdout: holdout, kind: SoundFile.kind, options: options)
    let sampleRate = try options.sampleRate ?? Self.firstSampleRate(files, skipBad: options.skipBad)
    let sounds = files.paths.map {
      Sound(
        FileClipSource(name: $0, sampleRate: sampleRate, channels: options.channels), options: options,
        sampleRate: sampleRate)
    }
    let shelf = try Shelf(sounds, skipsBad: options.skipBad, budget: memoryBudget)
    var reader = SoundReader(options: options, sampleRate: sampleRate)
    let split = try Split(
      files, surveys: shelf.surveys, owners: shelf.owners, words: Sound.words, known: known
    ) { sound, report in
      reader.judge(sound, in: &report)
    } divide: { items, partition, report in
      guard case .everyTenth = files.rule, items.count == 1 else { return }
      guard let division = shelf.surveys(of: items).first.flatMap({ SoundDivision($0, options: options) })
      else { return }
      reader.division = division
      report.holdoutRule = "the last tenth of the only file"
      partition = Partition(
        training: partition.training, validation: division.validation == nil ? [] : items, heldOut: items)
    }
    self.init(CorpusParts(split, on: shelf, reader: reader), options: options, sampleRate: sampleRate)
  }

  init(_ parts: CorpusParts<AudioSet>, options: AudioCorpusOptions, sampleRate: Int) {
    (self.parts, self.options, self.sampleRate) = (parts, options, sampleRate)
  }

  /// The rate of the first file, or with `skipBad` of the first that has one.
  ///
  /// - Throws: `UserError` of the first file.
  private static func firstSampleRate(_ files: DataFiles, skipBad: Bool) throws -> Int {
    var first: UserError?
    for path in files.paths {
      do {
        return try SoundFile.information(path).sampleRate
      } catch let failure as UserError {
        guard skipBad else { throw failure }
        first = first ?? failure
      }
    }
    throw first ?? UserError(.badData, "\(files.source): found no sound file")
  }
}

/// How loud a file's samples are made.
public enum Normalisation: String, Codable, CaseIterable, Sendable {
  /// The largest sample of the file becomes 0.9 in size.
  case peak
  /// The root mean square of the file's audible parts becomes 0.1 (20 dB below full scale), or less where its
  /// largest sample would pass 0.99.
  case loudness
  /// Samples stay as they are in the file.
  case none
}

/// Which parts of a file become samples.
public enum Slicing: String, Codable, CaseIterable, Sendable {
  /// One sample per file: its beginning.
  case first
  /// One sample per file: a part that every visit draws anew.
  case random
  /// Windows from beginning to end, that share a part of their length with the next one.
  case overlapping
}

/// What happens to a file, or to a last window, that is shorter than a sample.
public enum ShortClips: String, Codable, CaseIterable, Sendable {
  /// Zeros are appended.
  case pad
  /// It is left out.
  case drop
}

/// How sound files become samples. Together with the files it determines the corpus entirely, so a recipe
/// stores it.
public struct AudioCorpusOptions: CorpusOptions {
  /// Frames per second that files are resampled to, or nil for the rate of the first file (JSON: `null`).
  public var sampleRate: Int?
  /// Frames in a sample.
  public var length: Int
  /// Channels of a sample: files with another number are mixed.
  public var channels: Int
  /// How loud a file's samples are made.
  public var normalisation: Normalisation
  /// Which parts of a file become samples.
  public var slicing: Slicing
  /// The share of a window that the next one repeats, for overlapping windows.
  public var overlap: Double
  /// What happens to files shorter than a sample.
  public var short: ShortClips
  /// Whether silence before and after the sound is cut off: all that stays 50 dB or more below the file's peak,
  /// in steps of 64 frames.
  public var trimSilence: Bool
  /// Where labels (conditions) come from, as `LabelRule` reads it; nil for none.
  public var labels: String?
  /// A regular expression for the paths below the folder of files that are held out.
  public var holdoutPattern: String?
  /// Whether files that cannot be decoded are left out and counted, instead of being an error.
  public var skipBad: Bool

  /// Frames per second that may be asked for.
  public static let sampleRateRange = 1_000...384_000
  /// Frames that a sample may have.
  public static let lengthRange = 16...16_777_216
  /// Channels that a sample may have.
  public static let channelsRange = 1...8
  /// The shares of a window that the next one may repeat.
  public static let overlapRange = 0.0...0.95

  /// Options with defaults that suit short recordings of single sounds.
  public init(
    sampleRate: Int? = nil, length: Int = 8192, channels: Int = 1, normalisation: Normalisation = .peak,
    slicing: Slicing = .first, overlap: Double = 0, short: ShortClips = .pad, trimSilence: Bool = false,
    labels: String? = nil, holdoutPattern: String? = nil, skipBad: Bool = false
  ) {
    self.sampleRate = sampleRate
    self.length = length
    self.channels = channels
    self.normalisation = normalisation
    self.slicing = slicing
    self.overlap = overlap
    self.short = short
    self.trimSilence = trimSilence
    self.labels = labels
    self.holdoutPattern = holdoutPattern
    self.skipBad = skipBad
  }

  /// Checks the ranges and the regular expressions.
  ///
  /// - Throws: `UserError` (usage) that names the option, its value and what was expected.
  public func validate() throws {
    try expect("sampleRate", sampleRate, in: Self.sampleRateRange)
    try expect("length", length, in: Self.lengthRange)
    try expect("channels", channels, in: Self.channelsRange)
    try expect("overlap", overlap, in: Self.overlapRange)
    try validateRules()
  }

  /// Frames from the start of an overlapping window to the start of the next.
  var hop: Int { max(1, Int((Double(length) * (1 - overlap)).rounded())) }
}
