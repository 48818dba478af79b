import Torch

/// The order in which real samples are seen: one random permutation an epoch, a function of the seed alone.
///
/// The place in the order is the number of samples seen, so nothing of it is stored in a checkpoint.
struct DataOrder {
  private let count: Int
  private let seed: UInt64
  private var epoch = -1
  private var permutation: [Int] = []

  /// Orders `count` samples, at least 1.
  init(count: Int, seed: UInt64) {
    precondition(count > 0, "there is no order of no samples")
    self.count = count
    self.seed = seed
  }

  /// Places of the samples number `position ..< position + length` in the endless sequence of epochs.
  mutating func indices(from position: Int, count length: Int) -> [Int] {
    (position..<position + length).map { place in
      prepare(epoch: place / count)
      return permutation[place % count]
    }
  }

  private mutating func prepare(epoch wanted: Int) {
    guard wanted != epoch else { return }
    var stream = RandomStream(seed: seed, step: wanted, name: "data order")
    permutation = stream.indices(count, outOf: count)
    epoch = wanted
  }
}
