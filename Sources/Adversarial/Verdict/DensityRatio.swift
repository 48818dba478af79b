import Failures
import Foundation

/// What logits of real and of generated samples say of the ratio of their densities, r = p / q.
///
/// Pure functions of numbers, one logit a sample. A discriminator that was trained by the plain logistic loss tends to
/// log r; one of another loss gives a score that only rises with it. So nothing here takes a logit's scale for granted.
public enum DensityRatio {
  /// How much better real samples would be predicted with the discriminator's knowledge than without it.
  public struct Gain: Codable, Hashable, Sendable {
    /// In nats a sample: a lower bound of the divergence KL(p || q), up to the error. Zero or less where nothing was found.
    public var value: Double
    /// One standard deviation over other samples, real and generated.
    public var standardError: Double

    /// Makes a measurement.
    public init(value: Double, standardError: Double) {
      (self.value, self.standardError) = (value, standardError)
    }

    /// Whether the gain lies more than so many errors above zero.
    public func isAbove(errors: Double = 2) -> Bool { value > errors * standardError }

    /// In words, as "0.012 ± 0.004".
    var words: String { "\(shortened(value)) ± \(shortened(standardError))" }
  }

  /// Samples that the weights of generated ones must be worth when a scale is chosen: with fewer, the mean of the weights is
  /// the largest of them.
  private static let fewestEffective = 4.0

  /// The gain of logits on samples that the discriminator has not been trained on.
  ///
  /// The bound of Donsker and Varadhan (1975), E_p[aC] - log E_q[exp(aC)], which is also how much the mean log-likelihood of
  /// real samples rises when the generator's density is multiplied by exp(aC) and normalised. The scale a is not below 0; it
  /// is chosen on every other sample and the gain is measured on the rest, and the other way round, so that logits that say
  /// nothing gain nothing. No more is claimed than the logarithm of the number of generated samples: so many cannot rule
  /// out that the next one has all the weight (McAllester and Stratos, 2020).
  ///
  /// - Parameters:
  ///   - real: logits of real samples.
  ///   - fake: logits of generated samples.
  /// - Returns: zero with an infinite error of fewer than four samples of either kind; a value that is not a number where a
  ///   logit is not finite.
  public static func gain(real: [Double], fake: [Double]) -> Gain {
    guard real.count >= 4, fake.count >= 4 else { return Gain(value: 0, standardError: .infinity) }
    guard real.allSatisfy(\.isFinite), fake.allSatisfy(\.isFinite) else {
      return Gain(value: .nan, standardError: .nan)
    }
    let halves = [0, 1].map { (real: real.everySecond(from: $0), fake: fake.everySecond(from: $0)) }
    var (value, variance) = (0.0, 0.0)
    for half in 0..<2 {
      let scale = scale(real: halves[1 - half].real, fake: halves[1 - half].fake)
      let measured = gain(scale: scale, real: halves[half].real, fake: halves[half].fake)
      value += measured.value / 2
      variance += measured.standardError * measured.standardError / 4
    }
    return Gain(value: min(value, log(Double(fake.count))), standardError: variance.squareRoot())
  }

  /// The gain at a given scale. Its error follows from the influence of each sample: of a real one aC, of a generated one its
  /// weight over the mean weight.
  static func gain(scale: Double, real: [Double], fake: [Double]) -> Gain {
    let scores = real.map { scale * $0 }
    let weights = Weights(logarithms: fake.map { scale * $0 })
    let mean = scores.mean
    let variance =
      scores.variance(about: mean) / Double(real.count)
      + weights.relative.variance(about: 1) / Double(fake.count)
    return Gain(value: mean - weights.logMean, standardError: variance.squareRoot())
  }

  /// The scale at which the gain is largest, of those at which generated samples' weights are worth a few samples.
  ///
  /// - Parameters:
  ///   - real: logits of real samples.
  ///   - fake: logits of generated samples.
  ///   - share: of the generated samples that the weights are to be worth at least.
  static func scale(real: [Double], fake: [Double], effectiveShare share: Double = 0) -> Double {
    let mean = real.mean
    let spread = fake.variance(about: fake.mean).squareRoot()
    // The slope at 0: logits that are no higher on real samples have nothing to say.
    guard mean > fake.mean else { return 0 }
    // Logits of generated samples that are all alike leave every scale possible; the bound on the gain then decides.
    let largest = 30 / max(spread, 1e-3 * (mean - fake.mean))
    let fewest = min(max(fewestEffective, share * Double(fake.count)), Double(fake.count) / 2)
    func weights(_ scale: Double) -> Weights { Weights(logarithms: fake.map { scale * $0 }) }
    // Both fall as the scale grows: the slope of the gain, which is concave, and what the weights are worth.
    return falling(from: 0, to: largest) { scale in
      let weights = weights(scale)
      guard weights.effectiveShare * Double(fake.count) > fewest else { return -1 }
      return mean - zip(weights.relative, fake).reduce(0) { $0 + $1.0 * $1.1 } / Double(fake.count)
    }
  }

  /// The share that weights are worth of as many equal ones, (sum w)² / (n sum w²): Kish's effective sample size over n.
  ///
  /// - Parameter logRatios: logarithms of the weights of at least one sample.
  public static func effectiveShare(logRatios: [Double]) -> Double {
    Weights(logarithms: logRatios).effectiveShare
  }
}

/// Positive weights given by their logarithms, which may lie far beyond what exponentials can hold.
struct Weights {
  /// The logarithm of the weights' mean.
  let logMean: Double
  /// The weights over their mean.
  let relative: [Double]

  /// Takes at least one finite logarithm.
  init(logarithms: [Double]) {
    let largest = logarithms.max() ?? 0
    let scaled = logarithms.map { exp($0 - largest) }
    let mean = scaled.mean
    logMean = largest + log(mean)
    relative = scaled.map { $0 / mean }
  }

  /// Kish's effective sample size over the number of weights.
  var effectiveShare: Double { Double(relative.count) / relative.reduce(0) { $0 + $1 * $1 } }
}

/// Where a function that falls is zero, to the precision of the bounds: an end where it is of one sign.
///
/// - Parameters:
///   - low: where the search begins.
///   - high: where it ends.
///   - function: falls with its argument.
func falling(from low: Double, to high: Double, _ function: (Double) -> Double) -> Double {
  guard function(high) < 0 else { return high }
  var (low, high) = (low, high)
  // Each halving gains a binary digit.
  for _ in 0..<48 {
    let middle = (low + high) / 2
    if function(middle) > 0 { low = middle } else { high = middle }
  }
  return (low + high) / 2
}

extension [Double] {
  /// The mean of at least one number.
  var mean: Double { reduce(0, +) / Double(count) }

  /// The mean squared distance from a centre.
  func variance(about centre: Double) -> Double {
    reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / Double(count)
  }

  /// Every second number, from the first or the second one on.
  func everySecond(from start: Int) -> [Double] { stride(from: start, to: count, by: 2).map { self[$0] } }
}
