import Foundation
import Torch

/// Ways from one latent to another.
public enum LatentPath {
  /// The point at a share of the way along the arc between two latents of one shape `[..., Z]`, row by row (White, "Sampling
  /// generative networks", 2016).
  ///
  /// On the straight line between two normal latents, points half-way are shorter than nearly all latents that a generator
  /// has seen; on the arc they are as long as the ends. Lengths are interpolated linearly.
  ///
  /// - Parameters:
  ///   - start: where the way begins.
  ///   - end: where it ends.
  ///   - share: 0 for the start, 1 for the end.
  public static func point(from start: Tensor, to end: Tensor, share: Double) throws -> Tensor {
    func length(_ x: Tensor) throws -> Tensor {
      try x.squared().sum(along: -1, keepingDimensions: true).squareRoot().clamped(from: 1e-12)
    }
    let (startLength, endLength) = (try length(start), try length(end))
    let (from, to) = (try start / startLength, try end / endLength)
    let cosine = try (from * to).sum(along: -1, keepingDimensions: true).clamped(from: -1, to: 1)
    let angle = try cosine.arcCosine()
    // Where both point the same way, or exactly opposite ways, the straight line is as good as any arc.
    let sine = try angle.sine()
    let isStraight = try sine.less(than: 1e-6)
    let safe = try sine.clamped(from: 1e-6)
    let first = try isStraight.select(
      sine.onesLike() * (1 - share), else: (angle * (1 - share)).sine() / safe)
    let second = try isStraight.select(sine.onesLike() * share, else: (angle * share).sine() / safe)
    let size = try startLength * (1 - share) + endLength * share
    return try (from * first + to * second) * size
  }
}
