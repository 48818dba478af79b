import AudioDatasets
import Metrics
import ModalityKit
import Torch

extension Audio {
  /// Training clips that samples are compared with, and held-out ones that the limit is found by, at most.
  private static let comparedClips = 50_000, limitClips = 2_000
  /// Clips that are in memory at a time.
  private static let readClips = 256

  /// Distances of standardised log-mel statistics.
  public static func trainingDistances(in dataset: AudioDataset, recipe: AudioRecipe, options: AudioSampling)
    throws -> TrainingDistances?
  {
    let (spec, corpus) = (try recipe.completeSpec(), dataset.corpus)
    func described(_ set: AudioSet, limit: Int, by describe: (Tensor) throws -> Tensor) throws -> [Tensor] {
      let indices = set.spread(limit)
      return try stride(from: 0, to: indices.count, by: readClips).map { start in
        let part = Array(indices[start..<min(start + readClips, indices.count)])
        return try describe(set.clips(at: part, spec: spec))
      }
    }
    let features = try LogMelFeatures(sampleRate: spec.sampleRate) {
      try described(corpus.training, limit: comparedClips, by: $0)
    }
    let heldOut = try described(corpus.heldOut, limit: limitClips) { clips in
      try NearestNeighbours.distances(from: features(clips), to: features.training)
    }.flatMap { try $0.array(of: Double.self) }
    return TrainingDistances(
      measure: "log-mel statistics", noun: "clips", compared: features.training.shape[0],
      total: corpus.training.count, heldOut: heldOut
    ) { samples, _ in
      try NearestNeighbours.distances(from: features(samples.mean(along: 2)), to: features.training).array()
    }
  }
}
