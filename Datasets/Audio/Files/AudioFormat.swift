import CSndfile

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
