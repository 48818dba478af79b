import Corpora
import Failures
import Files

/// A sound file as it was decoded, before anything mixes, resamples, cuts or scales it: what a look at data shows.
public struct MeasuredSound: Sendable {
  /// Frames per second.
  public let sampleRate: Int
  /// How many channels there are.
  public let channels: Int
  /// Frames that were decoded.
  public let frames: Int
  /// Container and encoding in libsndfile's words, as in `WAV (Microsoft), Signed 16 bit PCM`.
  public let formatName: String
  /// The largest sample in size, full scale being 1.
  public let peak: Double
  /// The mean of the samples of all channels.
  public let mean: Double
  /// The mean of their squares.
  public let meanSquare: Double
  /// SHA-256 of the samples in single precision, little-endian, the channels of a frame beside each other: equal for equal sound,
  /// whatever kind of file it is in.
  public let digest: String
  /// What of the file is not among these samples, in the order of `SoundRemark`.
  public let remarks: [SoundRemark]

  /// How long the sound lasts, in seconds.
  public var seconds: Double { Double(frames) / Double(sampleRate) }

  /// Frames that are decoded at a time.
  private static let block = 1 << 16

  /// Decodes a whole file, in memory that does not grow with its length.
  ///
  /// - Throws: `UserError` as `SoundFile.read(_:maximumFrames:)`, whatever the length.
  public init(contentsOf path: String) throws {
    let decoder = try SoundDecoder(path)
    try decoder.checkLength()
    var (count, peak, sum, squares) = (0, Float(0), 0.0, 0.0)
    var hash = SHA256()
    while true {
      let samples = try decoder.decode(frames: Self.block)
      guard !samples.isEmpty else { break }
      count += samples.count
      samples.withUnsafeBytes { hash.update($0) }
      for sample in samples {
        peak = max(peak, abs(sample))
        sum += Double(sample)
        squares += Double(sample) * Double(sample)
      }
    }
    (sampleRate, channels, formatName) = (decoder.sampleRate, decoder.channels, decoder.formatName)
    frames = count / decoder.channels
    guard count > 0 else { throw decoder.damaged("found no sound in the file") }
    if decoder.hasExactLength, let announced = decoder.announcedFrames, frames < announced {
      throw decoder.damaged("the header announces \(announced) frames, found \(frames)")
    }
    (self.peak, mean, meanSquare) = (Double(peak), sum / Double(count), squares / Double(count))
    (digest, remarks) = (hash.hexDigest(), decoder.remarks)
  }

  /// Decodes a file or the sound files of a folder, without dividing them.
  ///
  /// - Parameters:
  ///   - path: the data.
  ///   - validation: data to choose by, which is read too.
  ///   - holdout: data to hold out, which is read too.
  ///   - options: where labels come from and what is held out.
  /// - Throws: `UserError`: usage for options that make no sense, no input for paths that are not there, bad data for folders
  ///   without a sound file and where none could be decoded.
  public static func survey(
    _ path: String, validation: String? = nil, holdout: String? = nil, options: AudioCorpusOptions
  ) throws -> FileSurvey<MeasuredSound> {
    try options.validate()
    let files = try DataFiles(
      path, validation: validation, holdout: holdout, kind: SoundFile.kind, options: options)
    return try FileSurvey(files) { [.success(try MeasuredSound(contentsOf: $0))] }
  }
}
