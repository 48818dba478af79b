import Corpora
import Failures

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
  /// One sample per file: a random part, drawn anew at every visit.
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
  /// Frames in a sample, or nil for what suits the files (`ClipFit`, JSON: `null`).
  public var length: Int?
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

  /// Frames in a sample of data that says nothing else, such as the built-in set.
  public static let usualLength = 8192
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
    sampleRate: Int? = nil, length: Int? = nil, channels: Int = 1, normalisation: Normalisation = .peak,
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
  var hop: Int { max(1, Int((Double(frames) * (1 - overlap)).rounded())) }

  /// Frames in a sample.
  var frames: Int { length ?? Self.usualLength }
}
