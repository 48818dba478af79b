import CSndfile
import Failures
import Files
import Foundation

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
