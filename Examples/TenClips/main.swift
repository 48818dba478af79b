import AudioModality
import ModalityKit

// Ten clips of a run of `duel audio train`: `TenClips RUN` writes 0.wav to 9.wav.
let run = try Run<Audio>.open(CommandLine.arguments[1])
for (number, clip) in try run.sampler().samples(count: 10, seed: 1).enumerated() {
  try clip.write(to: "\(number).wav")
}
