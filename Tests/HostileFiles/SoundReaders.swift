import AudioDatasets
import CSndfile
import Failures
import Foundation
import TestSupport

extension HostileReaders {
  /// Sounds of every kind that the installed libsndfile writes.
  static func sounds(bulk isBulk: Bool) throws -> [HostileReader] {
    let folder = try TemporaryFolder()
    let kinds: [(name: String, formats: [Int])] = [
      (
        "WAV",
        [
          SF_FORMAT_WAV | SF_FORMAT_PCM_16, SF_FORMAT_WAV | SF_FORMAT_FLOAT,
          SF_FORMAT_WAV | SF_FORMAT_IMA_ADPCM, SF_FORMAT_WAVEX | SF_FORMAT_PCM_U8,
          SF_FORMAT_WAV | SF_FORMAT_MS_ADPCM, SF_FORMAT_WAV | SF_FORMAT_GSM610,
        ]
      ),
      ("RF64 and W64", [SF_FORMAT_RF64 | SF_FORMAT_PCM_24, SF_FORMAT_W64 | SF_FORMAT_PCM_16]),
      (
        "AIFF",
        [
          SF_FORMAT_AIFF | SF_FORMAT_PCM_16, SF_FORMAT_AIFF | SF_FORMAT_DOUBLE,
          SF_FORMAT_AIFF | SF_FORMAT_IMA_ADPCM,
        ]
      ),
      (
        "AU",
        [SF_FORMAT_AU | SF_FORMAT_ULAW, SF_FORMAT_AU | SF_FORMAT_G721_32, SF_FORMAT_AU | SF_FORMAT_G723_24]
      ),
      ("CAF", [SF_FORMAT_CAF | SF_FORMAT_PCM_16, SF_FORMAT_CAF | SF_FORMAT_ALAC_16]),
      ("FLAC", [SF_FORMAT_FLAC | SF_FORMAT_PCM_16, SF_FORMAT_FLAC | SF_FORMAT_PCM_S8]),
      ("Ogg", [SF_FORMAT_OGG | SF_FORMAT_VORBIS, SF_FORMAT_OGG | SF_FORMAT_OPUS]),
      // SF_FORMAT_MPEG and SF_FORMAT_MPEG_LAYER_III, which older headers do not have.
      ("MP3", [0x23_0000 | 0x82]),
      (
        "other sounds",
        [
          SF_FORMAT_VOC | SF_FORMAT_PCM_U8, SF_FORMAT_SVX | SF_FORMAT_PCM_16,
          SF_FORMAT_NIST | SF_FORMAT_PCM_16, SF_FORMAT_PAF | SF_FORMAT_PCM_16,
          SF_FORMAT_IRCAM | SF_FORMAT_PCM_16, SF_FORMAT_MAT4 | SF_FORMAT_PCM_16,
          SF_FORMAT_MAT5 | SF_FORMAT_PCM_16, SF_FORMAT_PVF | SF_FORMAT_PCM_16,
          SF_FORMAT_HTK | SF_FORMAT_PCM_16,
          SF_FORMAT_AVR | SF_FORMAT_PCM_16, SF_FORMAT_XI | SF_FORMAT_DPCM_16,
          SF_FORMAT_MPC2K | SF_FORMAT_PCM_16, SF_FORMAT_WVE | SF_FORMAT_ALAW,
        ]
      ),
    ]
    let words = [
      "RIFF", "RIFX", "WAVE", "fmt ", "data", "LIST", "fact", "ds64", "FORM", "AIFC", "COMM", "SSND", "caff",
      "desc", "pakt", "kuki", "chan",
      ".snd", "fLaC", "OggS", "\u{1}vorbis", "OpusHead", "OpusTags", "ID3", "smpl", "inst", "bext", "cart",
      "PEAK", "INFO", "cue ",
    ]
    var readers: [HostileReader] = []
    for (name, formats) in kinds {
      let samples = try formats.compactMap { try sound(of: $0, frames: 500, in: folder) }
      guard !samples.isEmpty else { continue }
      let finish: (@Sendable ([UInt8]) -> [UInt8])? = name == "Ogg" ? { @Sendable in Packing.ogg($0) } : nil
      let large = isBulk ? try formats.compactMap { try sound(of: $0, frames: 100_000, in: folder) } : []
      readers.append(
        HostileReader(
          name, fileName: "sound", samples: samples, bulk: large, words: words,
          finish: finish, allowance: AllocationLimit.soundAllowance, read: listen))
    }
    return readers
  }

  /// Reads header, a part, and all, and changes the rate as a data set does; a file that is refused once need not be read again.
  private static func listen(_ path: String) throws -> Int {
    let information = try SoundFile.information(path)
    _ = try SoundFile.read(path, from: information.frames / 2, count: 16)
    let clip = try SoundFile.read(path)
    do {
      // Data sets change the rate of a block at a time.
      let block = AudioClip(
        samples: Array(clip.samples.prefix(1024 * clip.channels)), channels: clip.channels,
        sampleRate: clip.sampleRate)
      _ = try block.mixed(toChannels: 1).resampled(to: 16_000)
      return 4 * clip.samples.count
    } catch let failure as UserError {
      // A clip has no name; whoever reads a file gives it one.
      throw UserError(failure.category, "\(path): \(failure.message)")
    }
  }

  /// A sound as libsndfile writes it; nil where it cannot.
  private static func sound(of format: Int, frames: Int, in folder: TemporaryFolder) throws -> [UInt8]? {
    // Kinds that know one channel only, or one rate.
    for (channels, rate) in [(2, 8000), (1, 8000), (2, 44_100), (1, 16_000)] {
      var info = SF_INFO()
      (info.samplerate, info.channels, info.format) = (Int32(rate), Int32(channels), Int32(format))
      guard sf_format_check(&info) != 0, let file = sf_open(folder["sound"].path, Int32(SFM_WRITE), &info)
      else { continue }
      sf_set_string(file, Int32(SF_STR_TITLE), "a title")
      let samples = (0..<channels * frames).map { Float($0 % 200) / 200 - 0.5 }
      let written = sf_writef_float(file, samples, Int64(frames))
      guard sf_close(file) == 0, written == frames else { continue }
      return try [UInt8](Data(contentsOf: folder["sound"]))
    }
    return nil
  }
}
