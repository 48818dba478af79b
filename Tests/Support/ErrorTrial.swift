import Metrics
import Torch

/// How statistics' reported errors compare with the deviation between independent draws: the root of their mean square
/// over it, 1 where they are right.
///
/// - Parameters:
///   - draws: how many; the results' own errors are about 1 / sqrt(2 draws).
///   - measure: draws samples and scores them, by as many statistics each time.
public func errorRatios(draws: Int, measure: (inout RandomStream) throws -> [Score]) rethrows -> [Double] {
  let scores = try (0..<draws).map { draw in
    var stream = RandomStream(seed: 1, step: draw, name: "error trial")
    return try measure(&stream)
  }
  let count = Double(draws)
  return scores[0].indices.map { index in
    let mean = scores.reduce(0) { $0 + $1[index].value } / count
    let squares = scores.reduce(0) { $0 + ($1[index].value - mean) * ($1[index].value - mean) }
    let reported = scores.reduce(0) { sum, scores in
      let error = scores[index].standardError ?? .nan
      return sum + error * error
    }
    return (reported / count / (squares / (count - 1))).squareRoot()
  }
}

/// The same for one statistic.
public func errorRatio(draws: Int, measure: (inout RandomStream) throws -> Score) rethrows -> Double {
  try errorRatios(draws: draws) { [try measure(&$0)] }[0]
}
