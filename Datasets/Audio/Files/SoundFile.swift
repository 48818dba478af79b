import Corpora
import Failures

/// What a sound file's header says, checked against the file's size.
public struct SoundFileInformation: Sendable, Equatable {
  /// Frames that the header announces; counted by decoding where it announces none, as FLAC from a pipe does.
  public let frames: Int
  /// Frames per second, 1 to 768,000.
  public let sampleRate: Int
  /// Channels, 1 to 64.
  public let channels: Int
  /// Container and encoding in libsndfile's words, as in `WAV (Microsoft), Signed 16 bit PCM`.
  public let formatName: String
  /// Title, software and comment, where the file has them.
  public let tags: AudioTags
}

/// Reading and writing of sound files through libsndfile.
///
/// Everything that libsndfile decodes is read: WAV, FLAC, Ogg Vorbis, Opus, AIFF, CAF, AU and many more, MP3 where the
/// library was built with it. No header's word is trusted with memory: samples are decoded in blocks, and what a header
/// announces is compared with the size of the file; a length that its writer did not know, as one that writes to a pipe, goes
/// to the end of the file. The frames of an MP3 are counted; of one without an announcement the decoder's delay, its first 529 frames
/// of output, is left out. All streams of a chained Ogg or FLAC file are read. A file that was cut off is refused where its header
/// states a length; of an Ogg or MP3 without its end, and of whatever else of a file is not read, `MeasuredSound.remarks` tells.
public enum SoundFile {
  /// How many frames `read(_:maximumFrames:)` takes unless it is told otherwise: 2^28, 1 GiB of samples in mono, which
  /// is 101 minutes at 44.1 kHz.
  public static let defaultMaximumFrames = 1 << 28

  /// Decodes a whole file.
  ///
  /// - Throws: `UserError(.noInput)` when the file is absent or no plain file, `.badData` when it is not a sound file,
  ///   damaged, cut off, empty, longer than `maximumFrames`, holds a sample that is not finite, or has a rate outside
  ///   1 to 768,000 or channels outside 1 to 64; `.inputOutput` when the disk fails. The message names the file.
  public static func read(_ path: String, maximumFrames: Int = defaultMaximumFrames) throws -> AudioClip {
    let decoder = try SoundDecoder(path)
    try decoder.checkLength()
    if let frames = decoder.announcedFrames, frames > maximumFrames {
      throw decoder.damaged("found \(frames) frames, expected at most \(maximumFrames)")
    }
    let samples = try decoder.decode(frames: maximumFrames)
    if samples.count / decoder.channels == maximumFrames, try !decoder.decode(frames: 1).isEmpty {
      throw decoder.damaged("found more than \(maximumFrames) frames, the most that is taken")
    }
    guard !samples.isEmpty else { throw decoder.damaged("found no sound in the file") }
    if decoder.hasExactLength, let frames = decoder.announcedFrames, samples.count < frames * decoder.channels
    {
      throw decoder.damaged(
        "the header announces \(frames) frames, found \(samples.count / decoder.channels)")
    }
    return AudioClip(samples: samples, channels: decoder.channels, sampleRate: decoder.sampleRate)
  }

  /// Decodes `count` frames from frame `start` on; fewer, down to none, where the file ends before.
  ///
  /// - Precondition: neither number is negative.
  /// - Throws: `UserError` as `read(_:maximumFrames:)`, though what is damaged elsewhere in the file may go unnoticed.
  public static func read(_ path: String, from start: Int, count: Int) throws -> AudioClip {
    precondition(start >= 0 && count >= 0, "a place and a number of frames are never negative")
    let decoder = try SoundDecoder(path)
    try decoder.checkLength()
    let samples = try decoder.seek(to: start) ? decoder.decode(frames: count) : []
    return AudioClip(samples: samples, channels: decoder.channels, sampleRate: decoder.sampleRate)
  }

  /// Reads a file's header only, unless the header does not say how long the sound is.
  ///
  /// - Throws: `UserError` as `read(_:maximumFrames:)`, for what the header and the file's size can show.
  public static func information(_ path: String) throws -> SoundFileInformation {
    let decoder = try SoundDecoder(path)
    try decoder.checkLength()
    let frames = try decoder.announcedFrames ?? decoder.countFrames()
    guard frames > 0 else { throw decoder.damaged("found no sound in the file") }
    return SoundFileInformation(
      frames: frames, sampleRate: decoder.sampleRate, channels: decoder.channels,
      formatName: decoder.formatName,
      tags: decoder.tags)
  }
}

extension SoundFile {
  /// Extensions of what libsndfile reads, in lower case. Other files in a folder (notes, tables, pictures) are not
  /// sound files.
  static let extensions: Set<String> = [
    "aif", "aifc", "aiff", "au", "avr", "bwf", "caf", "fap", "flac", "htk", "iff", "mat", "mp1", "mp2", "mp3",
    "mpga",
    "mpc2k",
    "nist", "oga", "ogg", "opus", "paf", "pvf", "rf64", "sd2", "sds", "sf", "snd", "sph", "svx", "voc", "w64",
    "wav", "wave", "wve", "xi",
  ]

  /// Which files of a folder are sound files, by their extensions.
  static let kind = DataFiles.Kind(
    noun: "sound file", expected: "WAV, FLAC, Ogg, AIFF or others", reason: ForeignSound.reason
  ) { name, _ in
    ForeignSound.ending(of: name).map(extensions.contains) ?? false
  }
}
