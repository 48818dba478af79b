import Ranks
import Torch

/// Means of what the steps since the last report measured.
///
/// Sums are part of a checkpoint, so that a training that goes on reports what it would have reported.
struct Statistics: Codable, Equatable, Sendable {
  private struct Entry: Codable, Equatable, Sendable {
    var name: String
    var sum: Double
    var count: Int
  }

  private var entries: [Entry] = []

  /// Adds a measurement under a name.
  mutating func add(_ name: String, _ value: Double) {
    if let index = entries.firstIndex(where: { $0.name == name }) {
      entries[index].sum += value
      entries[index].count += 1
    } else {
      entries.append(Entry(name: name, sum: value, count: 1))
    }
  }

  /// The means, in the order in which the names first came, and a fresh start.
  mutating func drain() -> [(name: String, value: Double)] {
    defer { entries = [] }
    return entries.map { ($0.name, $0.sum / Double($0.count)) }
  }
}

/// Names of what the trainer measures, and their short forms in the status line.
extension ScalarName {
  /// The warm-up's own loss.
  public static let warmUpLoss = "warmUp.loss"
  /// The discriminator's adversarial loss, penalties left out.
  public static let discriminatorLoss = "discriminator.loss"
  /// What the discriminator's learning rate was multiplied by, below 1 where it wins.
  public static let balance = "discriminator.balance"
  /// What the generator's learning rate was multiplied by, below 1 where the discriminator knows little.
  public static let following = "generator.following"
  /// The generator's adversarial loss, before its weight.
  public static let generatorLoss = "generator.loss"
  /// The loss on real data that holds the generator in place, before its weight.
  public static let anchor = "generator.anchor"
  /// Strength of an adaptive augmentation, from 0 to 1.
  public static let augmentation = "discriminator.augmentation"
  /// The averaged generator's score on validation data: the lower, the better.
  public static let validation = "validation"

  /// The logistic loss of the verdict on the samples that it is trained on.
  public static let verdictLoss = "verdict.loss"
  /// Its accuracy on these, from 0 to 1.
  public static let verdictAccuracy = "verdict.accuracy"
  /// Its calibrated loss on samples that nothing is trained on; log 2 where it has found nothing.
  public static let verdictHeldOutLoss = "verdict.heldOutLoss"
  /// Its gain on these in the end, in nats a sample.
  public static let verdictGain = "verdict.gain"
  /// Standard error of that gain.
  public static let verdictGainError = "verdict.gainError"

  /// A penalty's value, its weight included, in steps where it applies.
  public static func penalty(_ kind: Penalty.Kind) -> String { "penalty.\(kind.rawValue)" }

  /// The label in the status line, nil for what is not shown there.
  static func label(of name: String) -> String? {
    switch name {
    case warmUpLoss, verdictLoss: "loss"
    case verdictHeldOutLoss: "held out"
    case verdictGain: "gain"
    case discriminatorLoss: "D"
    case generatorLoss: "G"
    case discriminatorAccuracy: "acc"
    case heldOutAccuracy: "held out"
    case heldOutGain: "gain"
    case augmentation: "aug"
    case anchor: "anchor"
    case validation: "val"
    default: name.hasPrefix("penalty.") ? String(name.dropFirst("penalty.".count)) : nil
    }
  }
}

/// How far the samples of a batch lie from their mean, near 0 when they are all alike: the root of the mean, over a
/// sample's elements, of their variances.
///
/// A batch may come in parts. The spread is that of the whole, which the mean of the parts' is not: their means differ
/// too, and a part of one sample has no variance. Parts are combined as by Chan, Golub and LeVeque (1983).
struct BatchSpread {
  /// A part's samples, their mean, and their squared distances from it, added up; the mean over a sample's elements.
  private var parts: [(count: Double, centre: Tensor, squares: Double)] = []

  /// Nothing yet.
  init() {}

  /// Takes in a part `[B, ...]` of at least one sample.
  mutating func add(_ part: Tensor) throws {
    try withoutGradients {
      let samples = try part.detached().converted(to: .float32)
      let (count, mean) = (Double(samples.shape[0]), try samples.mean(along: 0))
      // The engine's own variance takes one number after the other.
      let squares = try (samples - mean).squared().mean().item() * count
      parts.append((count, mean, squares))
    }
  }

  /// Takes in the next parts.
  mutating func add(_ other: BatchSpread) { parts += other.parts }

  /// The spread of the parts of all ranks; nil of fewer than two samples, which say nothing of how much they vary.
  func deviation(over ranks: Ranks) throws -> Double? {
    try withoutGradients {
      var all = parts
      if ranks.areSeveral {
        let numbers = try ranks.concatenated(
          Tensor(parts.flatMap { [$0.count, $0.squares] }, shape: [parts.count, 2]))
        let centres = try ranks.concatenated(Tensor.stacked(parts.map(\.centre), along: 0))
        let values = try numbers.array(of: Double.self)
        all = try (0..<centres.shape[0]).map {
          (values[2 * $0], try centres.selected($0), values[2 * $0 + 1])
        }
      }
      guard var whole = all.first else { return nil }
      for part in all.dropFirst() {
        let (gap, count) = (try part.centre - whole.centre, whole.count + part.count)
        whole.squares += part.squares + (try gap.squared().mean().item()) * whole.count * part.count / count
        whole.centre = try whole.centre + gap * (part.count / count)
        whole.count = count
      }
      return whole.count > 1 ? (whole.squares / (whole.count - 1)).squareRoot() : nil
    }
  }
}
