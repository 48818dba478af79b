import Torch

/// How far the samples of a batch lie from their mean, near 0 when they are all alike: the root of the mean, over a
/// sample's elements, of their variances.
///
/// A batch may come in parts. The spread is that of the whole, which the mean of the parts' is not: their means differ
/// too, and a part of one sample has no variance. Parts are combined as by Chan, Golub and LeVeque (1983).
struct BatchSpread {
  private var count = 0.0
  /// The mean of the samples so far.
  private var centre: Tensor?
  /// Their squared distances from it, added up; the mean over a sample's elements.
  private var squares = 0.0

  /// Nothing yet.
  init() {}

  /// Takes in a part `[B, ...]` of at least one sample.
  mutating func add(_ part: Tensor) throws {
    try withoutGradients {
      let samples = try part.detached().converted(to: .float32)
      let added = Double(samples.shape[0])
      let mean = try samples.mean(along: 0)
      squares += try samples.variance(along: 0, correction: 0).mean().item() * added
      if let before = centre {
        let gap = try mean - before
        squares += try gap.squared().mean().item() * count * added / (count + added)
        centre = try before + gap * (added / (count + added))
      } else {
        centre = mean
      }
      count += added
    }
  }

  /// The spread; nil of fewer than two samples, which say nothing of how much they vary.
  var deviation: Double? { count > 1 ? (squares / (count - 1)).squareRoot() : nil }
}
