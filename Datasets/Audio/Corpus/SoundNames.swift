/// Which files of a folder are sound files, by their names.
enum SoundNames {
  /// Extensions of what libsndfile reads, in lower case. Other files in a folder (notes, tables, pictures) are not
  /// sound files.
  static let extensions: Set<String> = [
    "aif", "aifc", "aiff", "au", "avr", "caf", "fap", "flac", "htk", "iff", "mat", "mp1", "mp2", "mp3",
    "mpc2k",
    "nist", "oga", "ogg", "opus", "paf", "pvf", "rf64", "sd2", "sds", "sf", "snd", "sph", "svx", "voc", "w64",
    "wav", "wave", "wve", "xi",
  ]

  /// Whether a name ends in an extension of a sound file.
  static func isSound(_ name: String) -> Bool {
    guard let dot = name.lastIndex(of: ".") else { return false }
    return extensions.contains(name[name.index(after: dot)...].lowercased())
  }
}
