import Adversarial
import Torch

/// How a statistic's reported errors compare with the deviation between independent draws: the root of their mean square
/// over it, 1 where they are right.
///
/// - Parameters:
///   - draws: how many; the result's own error is about 1 / sqrt(2 draws).
///   - seed: of the streams that draws come from.
///   - measure: draws samples and scores them.
public func errorRatio(
  draws: Int, seed: UInt64 = 1, measure: (inout RandomStream) throws -> Score
) rethrows -> Double {
  let scores = try (0..<draws).map { draw in
    var stream = RandomStream(seed: seed, step: draw, name: "error trial")
    return try measure(&stream)
  }
  let count = Double(draws)
  let mean = scores.reduce(0) { $0 + $1.value } / count
  let squares = scores.reduce(0) { $0 + ($1.value - mean) * ($1.value - mean) }
  let reported = scores.reduce(0) { $0 + ($1.standardError ?? .nan) * ($1.standardError ?? .nan) } / count
  return (reported / (squares / (count - 1))).squareRoot()
}
