import Torch

/// The order in which real samples are seen: one random permutation an epoch, a function of the seed alone.
///
/// The place in the order is the number of samples seen, so nothing of it is stored in a checkpoint.
struct DataOrder {
  private let count: Int
  private let seed: UInt64
  /// The two epochs that were asked for last: at an epoch's end what is read ahead belongs to the next one.
  private var kept: [(epoch: Int, permutation: [Int])] = []

  /// Orders `count` samples, at least 1.
  init(count: Int, seed: UInt64) {
    precondition(count > 0, "there is no order of no samples")
    self.count = count
    self.seed = seed
  }

  /// Places of the samples number `position ..< position + length` in the endless sequence of epochs.
  mutating func indices(from position: Int, count length: Int) -> [Int] {
    var indices: [Int] = []
    indices.reserveCapacity(length)
    var place = position
    while indices.count < length {
      let start = place % count
      let taken = min(count - start, length - indices.count)
      indices += permutation(of: place / count)[start..<start + taken]
      place += taken
    }
    return indices
  }

  private mutating func permutation(of epoch: Int) -> [Int] {
    if let known = kept.first(where: { $0.epoch == epoch }) { return known.permutation }
    var stream = RandomStream(seed: seed, step: epoch, name: "data order")
    let permutation = stream.indices(count, outOf: count)
    kept = kept.suffix(1) + [(epoch, permutation)]
    return permutation
  }
}
