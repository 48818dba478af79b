import Adversarial
import Torch

/// How near clouds come to the training clouds, by Chamfer distance: copying is not generating.
struct TrainingNearness {
  private let training: Tensor
  /// For each training cloud, how far other draws of its own shape are from it, the farthest of them.
  private let redrawn: [Double]
  /// The mean distance of held-out clouds to their nearest training cloud, with its error.
  private let heldOut: Score

  /// Prepares the comparison.
  ///
  /// - Parameters:
  ///   - training: `[M, N, 3]`.
  ///   - redrawn: the same shapes with other points drawn, a tensor like `training` for each time; may be empty.
  ///   - heldOut: `[R, N, 3]`.
  init(training: Tensor, redrawn: [Tensor], heldOut: Tensor) throws {
    self.training = training
    if redrawn.isEmpty {
      self.redrawn = []
    } else {
      let copies = try Tensor.stacked(redrawn, along: 1)
      self.redrawn = try (0..<training.shape[0]).map { place in
        let shape = try training.narrowed(along: 0, start: place, count: 1)
        return try PairedDistances.chamfer(shape, copies.selected(place)).distances.max().item()
      }
    }
    self.heldOut = Score(
      meanOf: try Self.nearest(heldOut, in: training, except: nil).map(\.distance))
  }

  /// What is measured.
  struct Result {
    /// The mean distance to the nearest training cloud over that of held-out clouds: 1 is what new shapes have, less tells
    /// copies, more that shapes are far from any. The error adds those of both means.
    let ratio: Score
    /// The percentage of clouds no farther from their nearest training cloud than another draw of its shape; nil where no
    /// shapes were drawn again.
    let copies: Score?
  }

  /// Measures clouds.
  ///
  /// - Parameters:
  ///   - clouds: `[S, N, 3]`.
  ///   - places: their own positions where they are training clouds, none of which then is its own neighbour.
  func measure(_ clouds: Tensor, except places: [Int]? = nil) throws -> Result {
    let neighbours = try Self.nearest(clouds, in: training, except: places)
    let mean = Score(meanOf: neighbours.map(\.distance))
    let ratio = mean.value / heldOut.value
    let errors = [mean, heldOut].map { ($0.standardError ?? .nan) / $0.value }
    let error = ratio * (errors[0] * errors[0] + errors[1] * errors[1]).squareRoot()
    let copies = neighbours.count { neighbour in
      neighbour.place.map { !redrawn.isEmpty && neighbour.distance <= redrawn[$0] } ?? false
    }
    return Result(
      ratio: Score(ratio, standardError: error.isFinite ? error : nil),
      copies: redrawn.isEmpty ? nil : Score(percentage: copies, of: neighbours.count))
  }

  private static func nearest(
    _ clouds: Tensor, in training: Tensor, except places: [Int]?
  ) throws -> [Neighbour] {
    var distances = try PairedDistances.chamfer(clouds, training).distances
    if let places {
      let isSelf = try Tensor(places).oneHot(count: training.shape[0]).greater(than: 0)
      distances = try distances.filled(where: isSelf, with: .infinity)
    }
    return try Neighbour.nearest(inRowsOf: distances)
  }
}
