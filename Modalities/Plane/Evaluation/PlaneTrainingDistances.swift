import Metrics
import ModalityKit
import PlaneDatasets
import Torch

extension Plane {
  /// Training points that samples are compared with, and held-out ones that the limit is found by, at most.
  private static let comparedPoints = 100_000, limitPoints = 5_000
  /// Distances that are in memory at a time.
  private static let pairs = 1 << 20

  /// Euclidean distances, in standard deviations of the data.
  public static func trainingDistances(
    in dataset: PlaneDataset, recipe: PlaneRecipe, options: PlainSampling
  ) throws -> TrainingDistances? {
    let (spec, corpus) = (try recipe.completeSpec(), dataset.corpus)
    let training = try spec.standardised(corpus.training.points(spread: comparedPoints))
    let size = max(1, pairs / training.shape[0])
    func nearest(_ points: Tensor) throws -> [Double] {
      let count = points.shape[0]
      return try stride(from: 0, to: count, by: size).flatMap { start -> [Double] in
        let part = try points.narrowed(along: 0, start: start, count: min(size, count - start))
        return try NearestNeighbours.distances(from: part, to: training).array()
      }
    }
    return TrainingDistances(
      measure: "standard deviations", noun: "points", compared: training.shape[0],
      total: corpus.training.count,
      heldOut: try nearest(spec.standardised(corpus.heldOut.points(spread: limitPoints)))
    ) { samples, _ in try nearest(samples) }
  }
}
