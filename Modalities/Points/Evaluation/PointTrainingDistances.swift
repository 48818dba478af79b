import Metrics
import ModalityKit
import PointDatasets
import Torch

extension Points {
  /// Chamfer distances to each training shape over that of the shape's own points, drawn again.
  ///
  /// How near a copy comes depends on the shape: the points of a wide one lie far apart. Of furniture, the plain distance found 9 %
  /// of training shapes whose points were drawn again, this ratio all but 0.5 % (docs/guide.md).
  public static func trainingDistances(in dataset: PointDataset, recipe: PointRecipe, options: PointSampling)
    throws -> TrainingDistances?
  {
    let spec = try recipe.completeSpec()
    return try ShapeRatios(dataset.corpus, points: options.points ?? spec.points).distances(
      among: dataset.corpus.heldOut, total: dataset.corpus.training.count)
  }
}

/// How near clouds lie to training shapes, by what is to be expected of copies of each.
private struct ShapeRatios {
  /// Training shapes that are compared with, and held-out ones that the limit is found by, at most.
  private static let trainingLimit = 5_000, heldOutLimit = 500
  /// Points of a cloud that is compared, at most: the cost grows with their square.
  private static let pointLimit = 512
  /// How often the points of each training shape are drawn again.
  private static let redraws = 2

  /// Points of each cloud that is compared.
  private let points: Int
  /// `[M, 2 N, 3]`: with twice the points, chance counts for less.
  private let training: Tensor
  /// What distances to each are divided by, `[M]`.
  private let scales: Tensor

  init(_ corpus: PointCorpus, points: Int) throws {
    self.points = min(points, Self.pointLimit)
    training = try PointClouds(
      corpus.training, limit: Self.trainingLimit, points: 2 * self.points, named: "training"
    ).clouds
    var sums = [Double](repeating: 0, count: training.shape[0])
    for draw in 1...Self.redraws {
      let again = try PointClouds(
        corpus.training, limit: Self.trainingLimit, points: self.points, named: "again", draw: UInt64(draw)
      ).clouds
      for index in sums.indices {
        sums[index] += try PairedDistances.chamfer(
          again.narrowed(along: 0, start: index, count: 1),
          training.narrowed(along: 0, start: index, count: 1)
        ).distances.item()
      }
    }
    // Clouds without more points than are drawn are the same each time; a few such among others are not all the world's copies.
    let mean = sums.reduce(0, +) / Double(max(sums.count, 1))
    scales = try Tensor(sums.map { mean > 0 ? max($0, mean / 100) / Double(Self.redraws) : 1 })
  }

  func distances(among heldOut: PointSet, total: Int) throws -> TrainingDistances {
    let held = try PointClouds(
      heldOut, limit: Self.heldOutLimit, points: points, named: "held-out", draw: UInt64(Self.redraws) + 1)
    return TrainingDistances(
      measure: "Chamfer distance of \(points) points over that of the shape's own, drawn again",
      noun: "shapes", compared: training.shape[0], total: total, heldOut: try nearest(held.clouds)
    ) { samples, _ in
      try nearest(chosen(samples))
    }
  }

  private func nearest(_ clouds: Tensor) throws -> [Double] {
    guard clouds.shape[0] > 0 else { return [] }
    return try (PairedDistances.chamfer(clouds, training).distances / scales).min(along: 1).array()
  }

  /// The same points of each cloud `[B, N, 3]`, chosen at random: they may be in the order of the mean shape's.
  private func chosen(_ clouds: Tensor) throws -> Tensor {
    let total = clouds.shape[1]
    guard points < total else { return clouds }
    var stream = RandomStream(seed: 0, name: "points compared")
    let places = try Tensor(stream.indices(points, outOf: total))
    return try clouds.transposed(0, 1).gathered(at: places).transposed(0, 1).contiguous()
  }
}
