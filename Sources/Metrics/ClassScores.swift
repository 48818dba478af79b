import Foundation
import Torch

/// Scores from a classifier's predictions for generated samples.
///
/// They mean something only beside the same classifier's scores of held-out real samples: scores of different
/// classifiers must never be compared. All of them are smooth functions of means over samples, so their errors are those of
/// a jackknife, for the classifier and its training labels as given.
public struct ClassScores: Sendable {
  /// Probabilities below this count as this where their logarithm is taken.
  public static let floor = 1e-10

  /// How many classes there are.
  public let classCount: Int
  /// How many samples there are.
  public let sampleCount: Int
  /// Probabilities, a row a sample.
  private let probabilities: [Double]
  /// Their logarithms.
  private let logarithms: [Double]
  /// Sum of p log p of each sample.
  private let negentropies: [Double]

  /// Takes predictions.
  ///
  /// - Parameter probabilities: `[N, C]`, rows that sum to 1; at least one.
  public init(probabilities: Tensor) throws {
    precondition(probabilities.rank == 2 && probabilities.shape[0] > 0, "a score needs predictions")
    let table = try probabilities.converted(to: .float64)
    let logs = try table.clamped(from: Self.floor).log()
    self.probabilities = try table.array()
    logarithms = try logs.array()
    negentropies = try (table * logs).sum(along: 1).array()
    (sampleCount, classCount) = (probabilities.shape[0], probabilities.shape[1])
  }

  /// The inception score (Salimans et al., 2016): exp of the mean divergence KL(p(y|x) ‖ p(y)), with p(y) the mean of
  /// the predictions; between 1 and the number of classes.
  ///
  /// - Parameters:
  ///   - strata: how the samples were drawn; all alike by default.
  ///   - generator: deals the samples to the jackknife's groups.
  public func inceptionScore(
    strata: Strata? = nil, using generator: inout some RandomNumberGenerator
  ) -> Score {
    score(strata, using: &generator) { inceptionScore(of: $0) }
  }

  /// The inception score as papers print it: the mean over equal groups of samples, each with a p(y) of its own.
  ///
  /// The error is that of the mean over groups. Small groups score lower.
  ///
  /// - Parameters:
  ///   - groups: how many; at most the number of samples, of which a rest is left out.
  ///   - generator: deals the samples to the groups.
  public func inceptionScore(groups: Int, using generator: inout some RandomNumberGenerator) -> Score {
    precondition((1...sampleCount).contains(groups), "\(groups) groups of \(sampleCount) samples")
    let order = generator.indices(sampleCount, outOf: sampleCount)
    let size = sampleCount / groups
    return Score(
      meanOf: (0..<groups).map { inceptionScore(of: Array(order[($0 * size)..<(($0 + 1) * size)])) })
  }

  /// The inception score with p(y) from other samples than those scored (SaShiMi's evaluation): the predictions of one
  /// half of the samples against the mean prediction of the other.
  ///
  /// - Parameter generator: deals the samples to the halves, then resamples both.
  public func splitInceptionScore(using generator: inout some RandomNumberGenerator) -> Score {
    precondition(sampleCount > 1, "halves need two samples")
    let order = generator.indices(sampleCount, outOf: sampleCount)
    let size = sampleCount / 2
    let (first, second) = (Array(order[..<size]), Array(order[size...]))
    let error = Bootstrap.standardError(count: second.count, using: &generator) { indices in
      cross(indices.prefix(size).map { first[$0 % size] }, indices.map { second[$0] })
    }
    return Score(cross(first, second), standardError: error)
  }

  /// The modified inception score (Gurumurthy et al., 2017): exp of the mean KL between the predictions of two samples,
  /// over all ordered pairs of different samples, of which the usual 10,000 random pairs are an estimate. It also rises
  /// with variety inside classes.
  ///
  /// - Parameters:
  ///   - strata: how the samples were drawn; all alike by default.
  ///   - generator: deals the samples to the jackknife's groups.
  public func modifiedInceptionScore(
    strata: Strata? = nil, using generator: inout some RandomNumberGenerator
  ) -> Score {
    precondition(sampleCount > 1, "pairs need two samples")
    return score(strata, using: &generator) { indices in
      let n = Double(indices.count)
      let (mean, meanLog) = (self.mean(probabilities, indices), self.mean(logarithms, indices))
      let crossEntropy = -zip(mean, meanLog).reduce(0) { $0 + $1.0 * $1.1 }
      let negentropy = indices.reduce(0) { $0 + negentropies[$1] } / n
      // The n pairs of a sample with itself add nothing to the sum over n² pairs.
      return exp((negentropy + crossEntropy) * n / (n - 1))
    }
  }

  /// The AM score (Zhou et al., 2018): KL(training labels ‖ mean prediction) plus the mean entropy of the predictions, in
  /// nats; 0 at best.
  ///
  /// - Parameters:
  ///   - trainingShares: the share of each class in the training set, as many as classes, 0 for a reject class.
  ///   - strata: how the samples were drawn; all alike by default.
  ///   - generator: deals the samples to the jackknife's groups.
  public func amScore(
    trainingShares: [Double], strata: Strata? = nil, using generator: inout some RandomNumberGenerator
  ) -> Score {
    precondition(trainingShares.count == classCount, "a share for each class")
    return score(strata, using: &generator) { indices in
      let mean = self.mean(probabilities, indices)
      let divergence = zip(trainingShares, mean).reduce(0) { sum, pair in
        pair.0 > 0 ? sum + pair.0 * (log(pair.0) - log(max(pair.1, Self.floor))) : sum
      }
      return divergence - indices.reduce(0) { $0 + negentropies[$1] } / Double(indices.count)
    }
  }

  /// The share of samples whose most likely class is their label, in percent.
  ///
  /// - Parameters:
  ///   - labels: one for each sample.
  ///   - strata: how the samples were drawn; all alike by default.
  public func accuracy(labels: [Int], strata: Strata? = nil) -> Score {
    precondition(labels.count == sampleCount, "a label for each sample")
    return Score(
      percentageOf: zip(predictions, labels).map { $0 == $1 },
      strata: strata ?? Strata(count: sampleCount))
  }

  /// The most likely class of each sample, the first of equals.
  public var predictions: [Int] {
    (0..<sampleCount).map { sample in
      let row = probabilities[(sample * classCount)..<((sample + 1) * classCount)]
      let best = row.max() ?? 0
      return (row.firstIndex(of: best) ?? row.startIndex) - row.startIndex
    }
  }

  private func inceptionScore(of indices: [Int]) -> Double { cross(indices, indices) }

  /// exp of the mean KL of some samples' predictions to the mean prediction of others.
  private func cross(_ indices: [Int], _ others: [Int]) -> Double {
    let logs = mean(probabilities, others).map { log(max($0, Self.floor)) }
    let crossEntropy = -zip(mean(probabilities, indices), logs).reduce(0) { $0 + $1.0 * $1.1 }
    let negentropy = indices.reduce(0) { $0 + negentropies[$1] } / Double(indices.count)
    return exp(negentropy + crossEntropy)
  }

  private func mean(_ table: [Double], _ indices: [Int]) -> [Double] {
    var sums = [Double](repeating: 0, count: classCount)
    for index in indices {
      for column in 0..<classCount { sums[column] += table[index * classCount + column] }
    }
    return sums.map { $0 / Double(indices.count) }
  }

  private func score(
    _ strata: Strata?, using generator: inout some RandomNumberGenerator, _ statistic: ([Int]) -> Double
  ) -> Score {
    let value = statistic(Array(0..<sampleCount))
    let jackknife = Jackknife(strata ?? Strata(count: sampleCount), using: &generator)
    return Score(
      value, standardError: jackknife.map { $0.standardError(whole: value, statistic: statistic) })
  }
}
