import CSndfile
import Failures
import Files
import Foundation

/// A kind of sound file that Duel writes.
public enum AudioFormat: String, CaseIterable, Codable, Sendable {
  /// WAV with 16-bit samples: what everything can play.
  case wav
  /// WAV with 24-bit samples.
  case wav24 = "wav-24"
  /// WAV with 32-bit floating-point samples: nothing is rounded and nothing clamped.
  case wavFloat = "wav-float"
  /// FLAC with 16-bit samples: the same samples as `wav`, in about half the bytes.
  case flac
  /// Ogg Vorbis at quality 0.6: small, and only close to what went in.
  case ogg

  /// The usual file name extension, without the dot.
  public var fileExtension: String {
    switch self {
    case .wav, .wav24, .wavFloat: "wav"
    case .flac: "flac"
    case .ogg: "ogg"
    }
  }

  /// libsndfile's word for container and encoding.
  var code: Int {
    switch self {
    case .wav: SF_FORMAT_WAV | SF_FORMAT_PCM_16
    case .wav24: SF_FORMAT_WAV | SF_FORMAT_PCM_24
    case .wavFloat: SF_FORMAT_WAV | SF_FORMAT_FLOAT
    case .flac: SF_FORMAT_FLAC | SF_FORMAT_PCM_16
    case .ogg: SF_FORMAT_OGG | SF_FORMAT_VORBIS
    }
  }

  /// Bytes of one sample where that is fixed; nil for compressed kinds.
  var bytesPerSample: Int? {
    switch self {
    case .wav: 2
    case .wav24: 3
    case .wavFloat: 4
    case .flac, .ogg: nil
    }
  }
}

/// What a sound file says about itself beside the sound. Every kind of file that Duel writes has room for it.
public struct AudioTags: Sendable, Equatable {
  /// A name for the sound.
  public var title: String?
  /// What made the file. libsndfile puts its own name and version behind it.
  public var software: String?
  /// Anything else, such as the seed and the step that a generated sound comes from.
  public var comment: String?

  /// Makes tags; those left out are absent from the file.
  public init(title: String? = nil, software: String? = nil, comment: String? = nil) {
    self.title = title
    self.software = software
    self.comment = comment
  }
}

extension SoundFile {
  /// Writes a clip to a file, which appears whole or not at all. Equal clips, formats and tags give equal bytes under
  /// one version of the libraries.
  ///
  /// 16-bit and 24-bit samples are `x * 2^15` or `x * 2^23`, rounded to the nearest and clamped, so a sample that is
  /// read from such a file is written back as the same number. Ogg Vorbis gets samples clamped to [-1, 1]. `.wavFloat`
  /// keeps every sample as it is.
  ///
  /// - Throws: `UserError(.badData)` when the clip is empty or holds a sample that is not finite, `.cannotCreate` when
  ///   the format cannot hold the clip's rate, channels or length, or the folder takes no new file, `.inputOutput` when
  ///   writing fails half-way, as on a full disk.
  public static func write(
    _ clip: AudioClip, to url: URL, format: AudioFormat = .wav, tags: AudioTags? = nil
  ) throws {
    let bytes = try bytes(of: clip, format: format, tags: tags, name: url.relativePath)
    try AtomicFile.write(to: url) { try $0.write(bytes) }
  }

  /// The bytes of the file that a clip is written as; `name` is the file's in messages.
  ///
  /// - Throws: `UserError(.badData)` when the clip is empty or holds a sample that is not finite, `.cannotCreate` when
  ///   the format cannot hold the clip's rate, channels or length.
  public static func bytes(
    of clip: AudioClip, format: AudioFormat = .wav, tags: AudioTags? = nil, name: String
  ) throws -> [UInt8] {
    guard !clip.samples.isEmpty else { throw UserError(.badData, "\(name): found no sound to write") }
    if let bad = clip.samples.firstIndex(where: { !$0.isFinite }) {
      let frame = bad / clip.channels
      throw UserError(
        .badData, "\(name): found the sample \(clip.samples[bad]) in frame \(frame), expected a finite one")
    }
    if let width = format.bytesPerSample, clip.samples.count > Int(UInt32.max - 65_536) / width {
      throw UserError(
        .cannotCreate, "\(name): found \(clip.frameCount) frames, more than a WAV file can hold")
    }
    let encoder = try SoundEncoder(clip, format: format, name: name)
    if let tags { try encoder.set(tags) }
    switch format {
    case .wav, .flac: try encoder.write16(clip.samples)
    case .wav24: try encoder.write24(clip.samples)
    case .wavFloat: try encoder.writeFloat(clip.samples, limit: .infinity)
    case .ogg: try encoder.writeFloat(clip.samples, limit: 1)
    }
    var bytes = try encoder.finish()
    if format == .ogg { OggStream.fixSerialNumber(in: &bytes) }
    return bytes
  }
}

extension AudioClip {
  /// Writes the clip to a file of the kind that its name says, as `SoundFile.write`.
  ///
  /// - Throws: `UserError` as `SoundFile.write`, and `.cannotCreate` for an extension of no format.
  public func write(to path: String) throws {
    let url = URL(fileURLWithPath: path)
    let known = AudioFormat.allCases
    guard let format = known.first(where: { $0.fileExtension == url.pathExtension.lowercased() }) else {
      let extensions = Set(known.map(\.fileExtension)).sorted().joined(separator: ", ")
      throw UserError(.cannotCreate, "\(path): found no format of that extension, expected \(extensions)")
    }
    try SoundFile.write(self, to: url, format: format)
  }
}
