import Corpora
import Foundation

/// Kinds of sound that libsndfile does not read, so that they can be named as what they are.
enum ForeignSound {
  /// What files of an extension are, in lower case. Files of pictures are here where people take them for sound.
  private static let names: [String: String] = [
    "m4a": "MPEG-4", "m4b": "MPEG-4", "m4p": "MPEG-4", "m4r": "MPEG-4", "mp4": "MPEG-4", "mov": "QuickTime",
    "3gp": "3GPP", "3ga": "3GPP", "aac": "AAC", "wma": "Windows Media", "asf": "Windows Media",
    "ape": "Monkey's Audio", "wv": "WavPack", "tta": "True Audio", "tak": "TAK", "mpc": "Musepack",
    "mka": "Matroska", "mkv": "Matroska", "webm": "WebM", "weba": "WebM", "amr": "AMR", "awb": "AMR",
    "ac3": "AC-3", "eac3": "AC-3", "dts": "DTS", "ra": "RealAudio", "rm": "RealAudio", "dsf": "DSD",
    "dff": "DSD", "spx": "Speex", "avi": "AVI", "flv": "Flash video",
  ]

  /// Why a file is left out that is of such a kind by its name; nil for others.
  static func reason(_ name: String) -> Omission? {
    guard let ending = ending(of: name), let kind = names[ending] else { return nil }
    let command = "ffmpeg -i NAME.\(ending) NAME.wav converts"
    return Omission("\(kind) file (\(command) it)", many: "\(kind) files (\(command) one)")
  }

  /// What is to be said of a file that libsndfile refuses: what it is and how it becomes one that can be read; nil where that
  /// is not known.
  static func advice(_ path: String, _ source: SoundSource) -> String? {
    guard let kind = kind(of: source.bytes(at: 0, count: 64)) ?? ending(of: path).flatMap({ names[$0] })
    else {
      return nil
    }
    let ending = ending(of: path)
    let stem = ending.map { String(path.dropLast($0.count + 1)) } ?? path
    let target = stem + (ending == "wav" ? "-converted.wav" : ".wav")
    return
      "found \(kind), which libsndfile does not read; ffmpeg -i \(quoted(path)) \(quoted(target)) converts it"
  }

  /// The extension of a path, in lower case; nil without one.
  static func ending(of path: String) -> String? {
    let name = path.split(separator: "/").last ?? ""
    return name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() }
  }

  /// What a file is by its first bytes.
  private static func kind(of head: [UInt8]) -> String? {
    func has(_ text: String, at offset: Int = 0) -> Bool {
      head.dropFirst(offset).starts(with: Array(text.utf8))
    }
    if has("ftyp", at: 4) { return has("qt", at: 8) ? "QuickTime" : has("3g", at: 8) ? "3GPP" : "MPEG-4" }
    if has("MAC ") { return "Monkey's Audio" }
    if has("wvpk") { return "WavPack" }
    if has("TTA1") || has("TTA2") { return "True Audio" }
    if has("tBaK") { return "TAK" }
    if has("MPCK") || has("MP+") { return "Musepack" }
    if has("#!AMR") { return "AMR" }
    if has(".RMF") || head.starts(with: [0x2e, 0x72, 0x61, 0xfd]) { return "RealAudio" }
    if has("DSD ") || has("FRM8") { return "DSD" }
    if has("FLV") { return "Flash video" }
    if has("RIFF"), has("AVI ", at: 8) { return "AVI" }
    if has("OggS"), has("Speex   ", at: 28) { return "Speex" }
    if head.starts(with: [0x1a, 0x45, 0xdf, 0xa3]) { return "Matroska or WebM" }
    if head.starts(with: [0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11]) { return "Windows Media" }
    if head.starts(with: [0x0b, 0x77]) { return "AC-3" }
    if head.starts(with: [0x7f, 0xfe, 0x80, 0x01]) { return "DTS" }
    // ADTS: a sync word of twelve bits, and the layer 0 that MPEG sounds never have.
    if head.count > 1, head[0] == 0xff, head[1] & 0xf6 == 0xf0 { return "AAC" }
    return nil
  }

  /// A path as a shell takes it.
  private static func quoted(_ path: String) -> String {
    let plain = path.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
        || "/._-+,".utf8.contains(byte)
    }
    return plain && !path.hasPrefix("-") ? path : "'\(path.replacingOccurrences(of: "'", with: "'\\''"))'"
  }
}
