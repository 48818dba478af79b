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
/// Held out are those in folders called `test` where others are in folders called `train`; else of each label's files in
/// order, numbered from 0, those divisible by 10 (but not a label's only file); or those that `options.holdoutPattern` matches;
/// or those of the held-out folder. Of a single file with overlapping
/// windows, those of its last tenth are held out, and those of the tenth before are for validation.
///
/// Memory holds the samples, up to 1 GiB. A larger set is decoded when its samples are asked for, and the same
/// amount of memory holds what was decoded last. Files must not change while a corpus is in use.
public struct AudioCorpus: Corpus {
  /// How files became samples, with the length that they have.
  public let options: AudioCorpusOptions
  /// Frames of a sample.
  public var length: Int { options.frames }
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
  ///   - fit: how long samples become where the options do not say.
  ///   - memoryBudget: bytes of samples to keep in memory.
  /// - Throws: `UserError`: usage for options out of range and malformed regular expressions; no input for files that
  ///   cannot be opened; bad data, with the file's name, for files that cannot be decoded (unless
  ///   `options.skipBad`), files without a label or with one that is not known, and parts without a sample.
  public init(
    path: String, validation: String? = nil, holdout: String? = nil, options: AudioCorpusOptions,
    labels known: [String]? = nil, fit: ClipFit = ClipFit(), memoryBudget: Int = CorpusMemory.standard
  ) throws {
    try options.validate()
    var options = options
    let files = try DataFiles(
      path, validation: validation, holdout: holdout, kind: SoundFile.kind, options: options)
    let sampleRate = try options.sampleRate ?? Self.firstSampleRate(files, skipBad: options.skipBad)
    options.length =
      options.length ?? fit.frames(for: files.paths, options: options, sampleRate: sampleRate)
    let sounds = files.paths.map { [options] in
      Sound(
        FileClipSource(name: $0, sampleRate: sampleRate, channels: options.channels), options: options,
        sampleRate: sampleRate)
    }
    let shelf = try Shelf(sounds, skipsBad: options.skipBad, budget: memoryBudget)
    var reader = SoundReader(options: options, sampleRate: sampleRate)
    let split = try Split(
      files, surveys: shelf.surveys, owners: shelf.owners, words: Sound.words, known: known
    ) { sound, name, report in
      reader.judge(sound, named: name, in: &report)
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

  /// The same with so many clips of each part at most, evenly spread.
  public func thinned(to limit: Int) -> AudioCorpus {
    AudioCorpus(parts.thinned(to: limit), options: options, sampleRate: sampleRate)
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
