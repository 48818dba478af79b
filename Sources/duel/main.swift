import AudioDatasets
import AudioModality
import Foundation
import ModalityKit
import Pictures
import PlaneModality
import PointsModality
import TextModality

// The command line is made from this list; see docs/adding-a-modality.md.
let soundFiles = DoctorCheck("sound files") {
  let writable = Set(SoundFileLibrary.writableFormats.map(\.fileExtension))
  let usual = ["wav", "flac", "oga"].filter(writable.contains).joined(separator: ", ")
  let text = "\(SoundFileLibrary.version) writes \(usual.isEmpty ? "no usual format" : usual)"
  return writable.contains("wav") ? .ok(text) : .failed(text)
}

let resampling = DoctorCheck("sample rates") {
  let silence = AudioClip(samples: Array(repeating: 0, count: 8000), sampleRate: 8000)
  let count = try silence.resampled(to: 16_000).frameCount
  let text = "\(ResamplingLibrary.version) changes sample rates"
  return count == 16_000 ? .ok(text) : .failed("\(text): a second at 16 kHz has \(count) frames")
}

let loudness = DoctorCheck("loudness") {
  let tone = AudioClip(samples: (0..<48_000).map { sin(0.125 * Float($0)) }, sampleRate: 48_000)
  let measured = try SoundLevel(of: tone).loudness ?? -.infinity
  let text = "\(LoudnessLibrary.version) measures loudness"
  return abs(measured + 3) < 0.2 ? .ok(text) : .failed("\(text): a tone of -3 LUFS has \(measured)")
}

let pictures = DoctorCheck("pictures") {
  let bytes = try Picture(width: 2, height: 2).pngData().count
  return .ok("\(PictureLibrary.version) writes pictures, 4 pixels in \(bytes) bytes")
}

try ModalityRegistry(
  [Plane.self, Text.self, Audio.self, Points.self], checks: [soundFiles, resampling, loudness, pictures]
)
.main()
