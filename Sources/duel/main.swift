import AudioDatasets
import AudioModality
import ModalityKit
import PointsModality
import TextModality

// The command line is made from this list; see docs/adding-a-modality.md.
let soundFiles = DoctorCheck("sound files") {
  let writable = Set(SoundFileLibrary.writableFormats.map(\.fileExtension))
  let usual = ["wav", "flac", "oga"].filter(writable.contains).joined(separator: ", ")
  let text = "\(SoundFileLibrary.version) writes \(usual.isEmpty ? "no usual format" : usual)"
  return writable.contains("wav") ? .ok(text) : .failed(text)
}

try ModalityRegistry([Text.self, Audio.self, Points.self], checks: [soundFiles]).main()
