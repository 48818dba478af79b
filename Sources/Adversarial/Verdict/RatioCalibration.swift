import Foundation

/// Turns a discriminator's logit C into the logarithm of the density ratio: log r = aC + b.
///
/// Platt's logistic regression (1999) of two numbers, on samples that the discriminator has not been trained on. Real and
/// generated samples weigh the same whatever their numbers, as the ratio of densities knows nothing of these. The slope a lies
/// in [0, 1]: a discriminator that has learned by heart is too sure, never too modest, and one whose logits say nothing, or
/// the wrong thing, gets a = 0 and with it the ratio 1.
public struct RatioCalibration: Codable, Hashable, Sendable {
  /// What logits are multiplied by, from 0 to 1; 0 where nothing has been learned.
  public let slope: Double
  /// What is then added.
  public let offset: Double

  /// The calibration that says nothing: the ratio is 1 whatever the logit.
  public static let none = RatioCalibration(slope: 0, offset: 0)

  /// Takes two numbers.
  public init(slope: Double, offset: Double) {
    (self.slope, self.offset) = (slope, offset)
  }

  /// Fits both numbers.
  ///
  /// - Parameters:
  ///   - real: finite logits of real samples, at least one.
  ///   - fake: the same of generated samples.
  public init(real: [Double], fake: [Double]) {
    // The objective is concave in both numbers, and so is what is left of it when the offset is the best for each slope;
    // its derivative is that by the slope alone.
    func slopeDerivative(_ slope: Double) -> (value: Double, offset: Double) {
      let offset = Self.offset(slope: slope, real: real, fake: fake)
      let value =
        real.reduce(0) { $0 + $1 * sigmoid(-slope * $1 - offset) } / Double(real.count)
        - fake.reduce(0) { $0 + $1 * sigmoid(slope * $1 + offset) } / Double(fake.count)
      return (value, offset)
    }
    guard slopeDerivative(0).value > 0 else {
      self = .none
      return
    }
    let slope = falling(from: 0, to: 1) { slopeDerivative($0).value }
    self.init(slope: slope, offset: Self.offset(slope: slope, real: real, fake: fake))
  }

  /// The best offset for a slope, by Newton's method, halved back into a bracket where it leaves it.
  private static func offset(slope: Double, real: [Double], fake: [Double]) -> Double {
    guard slope > 0 else { return 0 }
    let scores = (real: real.map { slope * $0 }, fake: fake.map { slope * $0 })
    let size = (scores.real + scores.fake).reduce(0) { max($0, abs($1)) } + 40
    var (low, high) = (-size, size)
    var offset = 0.0
    for _ in 0..<100 {
      var (value, curvature) = (0.0, 0.0)
      for score in scores.real {
        let miss = sigmoid(-score - offset)
        value += miss / Double(real.count)
        curvature += miss * (1 - miss) / Double(real.count)
      }
      for score in scores.fake {
        let miss = sigmoid(score + offset)
        value -= miss / Double(fake.count)
        curvature += miss * (1 - miss) / Double(fake.count)
      }
      if value > 0 { low = offset } else { high = offset }
      let step = value / max(curvature, .leastNormalMagnitude)
      guard abs(step) > 1e-12 else { break }
      let next = offset + step
      offset = next > low && next < high ? next : (low + high) / 2
    }
    return offset
  }

  /// The logarithm of the density ratio at a logit.
  public func logRatio(_ logit: Double) -> Double { slope * logit + offset }

  /// The mean logistic loss of both kinds in nats, which weigh the same: log 2 where nothing is known.
  public func loss(real: [Double], fake: [Double]) -> Double {
    (real.map { softplus(-logRatio($0)) }.mean + fake.map { softplus(logRatio($0)) }.mean) / 2
  }

  /// How far the number of real samples is from what the ratio expects, in standard deviations: sum(y - D) / sqrt(sum D(1 - D))
  /// over samples of both kinds, where D is the probability of a sample to be real. Within 2 of a ratio that is right (Turner
  /// et al., 2019, "Metropolis-Hastings generative adversarial networks"). Zero of samples that are all certain.
  public func deviation(real: [Double], fake: [Double]) -> Double {
    let prior = log(Double(real.count) / Double(fake.count))
    var (sum, variance) = (0.0, 0.0)
    for (logits, truth) in [(real, 1.0), (fake, 0.0)] {
      for logit in logits {
        let share = sigmoid(logRatio(logit) + prior)
        sum += truth - share
        variance += share * (1 - share)
      }
    }
    return variance > 0 ? sum / variance.squareRoot() : 0
  }
}

/// 1 / (1 + e^-x).
private func sigmoid(_ x: Double) -> Double { x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)) }

/// log(1 + eˣ).
private func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }
