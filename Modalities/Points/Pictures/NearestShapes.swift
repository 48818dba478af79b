import Adversarial
import Foundation
import Metrics
import ModalityKit
import PointDatasets
import Torch

/// Training shapes, to be shown beside the samples that lie nearest to them: whoever looks sees what is new and what is a copy.
struct NearestShapes {
  /// Training shapes that are searched, at most, evenly spread over the set.
  private static let limit = 5_000
  /// Points of a cloud that are compared, at most: the cost grows with their square.
  private static let compared = 256

  /// The points that are shown, `[M, N, 3]`.
  private let clouds: Tensor
  /// Those that are compared, `[M, n, 3]`.
  private let thinned: Tensor

  /// Draws points of training shapes.
  ///
  /// - Parameters:
  ///   - set: the training part.
  ///   - points: of each cloud that is shown.
  /// - Throws: `UserError` for files that have vanished or changed; `TorchError` when memory ends.
  init(_ set: PointSet, points: Int) throws {
    clouds = try PointClouds(set, limit: Self.limit, points: points, named: "training").clouds
    thinned = try PlainCloudFeatures.thinned(clouds, to: Self.compared)
  }

  /// The training shapes of the run that a model is of.
  ///
  /// - Throws: `UserError` where the model lies in no run, or the run's data is no longer there or has changed.
  init(of model: TrainedModel<Points>, points: Int?) throws {
    let folder = model.file.deletingLastPathComponent().deletingLastPathComponent()
    WorkLine.begin("reading the data")
    let corpus = try Run<Points>.open(folder).dataset().corpus
    try self.init(corpus.training, points: points ?? model.recipe.completeSpec().points)
  }

  /// The training shape at the least Chamfer distance from a cloud.
  func nearest(to cloud: PointCloud) throws -> PointCloud {
    let sample = try PlainCloudFeatures.thinned(
      Tensor(cloud.coordinates, shape: [1, cloud.count, 3]), to: Self.compared)
    let distances = try PairedDistances.chamfer(sample, thinned).distances
    let place = try Int((distances * -1).argmax(along: 1).item())
    return try PointCloud.clouds(of: clouds.narrowed(along: 0, start: place, count: 1))[0]
  }

  /// Each of some clouds with its nearest training shape behind it.
  func pairs(_ samples: [PointCloud]) throws -> [PointCloud] {
    WorkLine.begin("comparing", total: samples.count)
    return try samples.flatMap { sample in
      defer { WorkLine.advance() }
      return [sample, try nearest(to: sample)]
    }
  }

  /// Columns of a sheet of so many pairs, which is about square and keeps pairs together.
  static func columns(pairs: Int) -> Int {
    let square = Int(Double(2 * pairs).squareRoot().rounded(.up))
    return square + square % 2
  }
}
