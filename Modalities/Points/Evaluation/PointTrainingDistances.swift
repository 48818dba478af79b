import Metrics
import ModalityKit
import PointDatasets
import Torch

extension Points {
  /// Training shapes that samples are compared with, and held-out ones that the limit is found by, at most.
  private static let comparedShapes = 10_000, limitShapes = 1_000
  /// Points of a cloud that is compared, at most: the cost grows with their square.
  private static let comparedPoints = 512

  /// Chamfer distances, of clouds of a few points each.
  public static func trainingDistances(in dataset: PointDataset, recipe: PointRecipe, options: PointSampling)
    throws -> TrainingDistances?
  {
    let (spec, corpus) = (try recipe.completeSpec(), dataset.corpus)
    let points = min(options.points ?? spec.points, comparedPoints)
    let rule = spec.frame.normalisation
    let training = try PointClouds(
      corpus.training, limit: comparedShapes, points: points, named: "training"
    ).normalised(rule).clouds
    let heldOut = try PointClouds(
      corpus.heldOut, limit: limitShapes, points: points, named: "held-out", draw: 1
    ).normalised(rule).clouds
    return TrainingDistances(
      measure: "Chamfer distance of \(points) points", noun: "shapes", compared: training.shape[0],
      total: corpus.training.count, heldOut: try nearest(heldOut, training)
    ) { samples, _ in
      let clouds = try PointClouds(name: "samples", source: .model, clouds: chosen(points, of: samples))
      return try nearest(clouds.normalised(rule).clouds, training)
    }
  }

  private static func nearest(_ clouds: Tensor, _ training: Tensor) throws -> [Double] {
    guard clouds.shape[0] > 0 else { return [] }
    return try PairedDistances.chamfer(clouds, training).distances.min(along: 1).array()
  }

  /// The same points of each cloud `[B, N, 3]`, chosen at random: they may be in the order of the mean shape's.
  private static func chosen(_ points: Int, of clouds: Tensor) throws -> Tensor {
    let total = clouds.shape[1]
    guard points < total else { return clouds }
    var stream = RandomStream(seed: 0, name: "points compared")
    let places = try Tensor(stream.indices(points, outOf: total))
    return try clouds.transposed(0, 1).gathered(at: places).transposed(0, 1).contiguous()
  }
}
