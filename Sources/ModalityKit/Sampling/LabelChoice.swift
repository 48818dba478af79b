import Adversarial
import Failures
import Torch

/// Which labels a conditional generator is asked for.
public enum LabelChoice: Hashable, Sendable {
  /// Each as likely as the others.
  case any
  /// One after the other: sample n has label n modulo their number.
  case each
  /// At random in proportion to these counts, one for each label.
  case shares([Int])
  /// All samples the one of this index.
  case one(Int)

  /// Reads the value of a flag `--label`: a label's name, or `each`; nil stands for any.
  ///
  /// - Throws: `UserError` (usage) for an unknown label.
  public init(_ text: String?, labels: [String]) throws {
    guard let text else {
      self = .any
      return
    }
    if let index = labels.firstIndex(of: text) {
      self = .one(index)
    } else if text == "each", !labels.isEmpty {
      self = .each
    } else {
      let known =
        labels.isEmpty ? "none: the model has no labels" : labels.joined(separator: ", ") + ", or each"
      throw UserError(.usage, "--label \(text): no such label; known: \(known)")
    }
  }

  /// At random in the shares that labels have in a set.
  ///
  /// - Parameters:
  ///   - labels: that of each of its samples, nil without.
  ///   - classes: how many labels there are.
  public static func shares(of labels: some Sequence<Int?>, classes: Int) -> LabelChoice {
    var counts = [Int](repeating: 0, count: classes)
    for case let label? in labels { counts[label] += 1 }
    return counts.contains { $0 > 0 } ? .shares(counts) : .any
  }

  /// The labels of a chunk of samples; nil where a model has none.
  ///
  /// - Parameters:
  ///   - chunk: its number, from 0.
  ///   - size: samples in every chunk.
  ///   - classes: how many labels the model has.
  ///   - seed: what determines draws.
  public func labels(ofChunk chunk: Int, size: Int, classes: Int, seed: UInt64) -> [Int]? {
    guard classes > 0 else { return nil }
    var stream = RandomStream(seed: seed, step: chunk, name: "labels")
    return (0..<size).map { row in
      switch self {
      case .any: stream.index(below: classes)
      case .each: (chunk * size + row) % classes
      case .shares(let counts): stream.index(inProportionTo: counts)
      case .one(let index): index
      }
    }
  }

  /// The one label of a whole series of samples, such as a walk through the latents: the first one unless another is
  /// chosen, nil where a model has none.
  ///
  /// - Parameters:
  ///   - text: the value of a flag `--label`.
  ///   - labels: the model's.
  /// - Throws: `UserError` (usage) for an unknown label, and for `each`.
  public static func single(_ text: String?, labels: [String]) throws -> Int? {
    switch try LabelChoice(text, labels: labels) {
    case .any, .shares: labels.isEmpty ? nil : 0
    case .one(let index): index
    case .each: throw UserError(.usage, "--label each: expected one label")
    }
  }
}
