import AudioDatasets
import Foundation
import Metrics
import ModalityKit
import Torch

extension Audio {
  /// Held-out clips that the limit is found by, at most, and numbers of all training clips' spectrograms that are compared with.
  private static let limitClips = 2_000, comparedNumbers = 1 << 24
  /// Clips that are in memory at a time.
  private static let readClips = 256

  /// Differences of whole log-mel spectrograms at one level, as `SoundDistance` has them without its shifts, in decibels.
  ///
  /// Statistics of spectrograms, by which the evaluation tells how near rows lie on the whole, told 4 of 10 drum sounds that had
  /// been made again from their codes; the spectrograms themselves tell 9 (docs/guide.md).
  public static func trainingDistances(in dataset: AudioDataset, recipe: AudioRecipe, options: AudioSampling)
    throws -> TrainingDistances?
  {
    let (spec, corpus) = (try recipe.completeSpec(), dataset.corpus)
    let spectrogram = try LogMelSpectrogram(sampleRate: spec.sampleRate)
    func described(_ set: AudioSet, at indices: [Int]) throws -> [Tensor] {
      try withoutGradients {
        try stride(from: 0, to: indices.count, by: readClips).map { start in
          let part = Array(indices[start..<min(start + readClips, indices.count)])
          return try SoundDistance.described(set.clips(at: part, spec: spec), spectrogram)
        }
      }
    }
    let numbers = spectrogram.bands * max(1, spec.length / spectrogram.hop)
    let training = try Tensor.concatenated(
      described(corpus.training, at: corpus.training.spread(max(1, comparedNumbers / numbers))))
    let scale = 20 / log(10) / Double(training.shape[1]).squareRoot()
    func nearest(_ clips: Tensor) throws -> [Double] {
      try (NearestNeighbours.distances(from: clips, to: training) * scale).array()
    }
    let heldOut = try described(corpus.heldOut, at: corpus.heldOut.spread(limitClips)).flatMap(nearest)
    return TrainingDistances(
      measure: "dB between log-mel spectrograms", noun: "clips", compared: training.shape[0],
      total: corpus.training.count, heldOut: heldOut
    ) { samples, _ in
      try nearest(withoutGradients { try SoundDistance.described(samples.mean(along: 2), spectrogram) })
    }
  }
}
