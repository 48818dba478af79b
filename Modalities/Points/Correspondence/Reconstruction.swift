import Adversarial
import PointDatasets
import Torch

/// Turns shapes into codes and back, to tell what codes can express.
struct Reconstruction {
  /// Choices of a shape's points that are matched and averaged; of a few shapes more can be had than in training.
  private static let draws = 4

  private let codec: ShapeCodec
  private let frame: PointFrame
  private let seed: UInt64

  /// What became of a shape.
  struct Result {
    /// A choice of its points, in the model's frame.
    let given: PointCloud
    /// The cloud that its code makes.
    let made: PointCloud
    /// The Chamfer distance of the two.
    let distance: Double
    /// That of the choice and another one of the same shape.
    let redrawn: Double
  }

  /// Prepares to reconstruct shapes with a model's codec, in its frame, points being drawn by a seed.
  init(codec: ShapeCodec, frame: PointFrame, seed: UInt64) {
    (self.codec, self.frame, self.seed) = (codec, frame, seed)
  }

  /// Reconstructs a shape in any place and of any size.
  func callAsFunction(of shape: PointCloud) throws -> Result {
    let normalised = frame.normalised(shape)
    let mean = try codec.shape
    var stream = RandomStream(seed: seed, name: "reconstruction")
    func tensor() throws -> Tensor {
      let points = mean.points.shape[0]
      return try Tensor(
        normalised.drawn(points, draw: stream.next()).coordinates, shape: [1, points, 3])
    }
    let (given, again) = (try tensor(), try tensor())
    let draws = try Tensor.concatenated([given] + (1..<Self.draws).map { _ in try tensor() })
    let matched = try mean.matched(draws.converted(to: .float64))
      .mean(along: 0, keepingDimensions: true).converted(to: .float32)
    let made = try withoutGradients {
      try codec.decode(codec.encode(matched.moved(to: mean.points.device))).moved(to: .cpu)
    }
    return Result(
      given: try PointCloud.clouds(of: given)[0], made: try PointCloud.clouds(of: made)[0],
      distance: try PairedDistances.chamfer(given, made).distances.item(),
      redrawn: try PairedDistances.chamfer(given, again).distances.item())
  }
}
