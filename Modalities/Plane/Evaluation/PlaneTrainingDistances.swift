import Metrics
import ModalityKit
import PlaneDatasets
import Torch

extension Plane {
  /// Training points that samples are compared with, and held-out ones that the limit is found by, at most.
  private static let comparedPoints = 100_000, limitPoints = 5_000

  /// Euclidean distances, in standard deviations of the data.
  public static func trainingDistances(
    in dataset: PlaneDataset, recipe: PlaneRecipe, options: PlainSampling
  ) throws -> TrainingDistances? {
    let (spec, corpus) = (try recipe.completeSpec(), dataset.corpus)
    let training = try spec.standardised(corpus.training.points(spread: comparedPoints))
    let heldOut = try spec.standardised(corpus.heldOut.points(spread: limitPoints))
    return TrainingDistances(
      measure: "standard deviations", noun: "points", compared: training.shape[0],
      total: corpus.training.count,
      heldOut: try NearestNeighbours.distances(from: heldOut, to: training).array()
    ) { samples, _ in
      try NearestNeighbours.distances(from: samples, to: training).array()
    }
  }
}
