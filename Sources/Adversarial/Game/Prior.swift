import Failures
import Foundation
import Torch

/// The distribution that latents are drawn from.
///
/// Every coordinate has mean 0 and variance 1 whatever the family, so networks need no other scale for another prior.
/// Spelled `normal`, `uniform`, `truncated-normal:BOUND`, `gaussian-mixture:COMPONENTS:SPREAD`, `gamma:SHAPE`,
/// `poisson:RATE`.
public enum Prior: TextForm {
  /// Standard normal coordinates.
  case normal
  /// Coordinates uniform between -1 and 1, times √3.
  case uniform
  /// Normal coordinates of which those beyond ±`bound` are not taken, divided by their standard deviation,
  /// √(1 - 2 bound φ(bound) / (2 Φ(bound) - 1)).
  case truncatedNormal(bound: Double)
  /// One of `components` equally likely normal distributions per latent. Their means lie on a sphere of radius
  /// `spread` · √dimension, in units of a component's standard deviation, at places that are the same for every run;
  /// each coordinate is then shifted and divided by the mixture's exact mean and standard deviation.
  case gaussianMixture(components: Int, spread: Double)
  /// Gamma coordinates of a shape k and scale 1, less k and divided by √k: skewed to the right, with least value -√k.
  case gamma(shape: Double)
  /// Poisson counts of a rate λ, less λ and divided by √λ: multiples of 1/√λ from -√λ.
  case poisson(rate: Double)

  /// Draws `count` latents `[count, dimension]` of single precision. The draws are made on the CPU whatever the
  /// device, so a run is the same on each.
  public func draw(
    count: Int, dimension: Int, using stream: inout RandomStream, device: Device = .cpu
  ) throws -> Tensor {
    let shape = [count, dimension]
    let drawn: Tensor
    switch self {
    case .normal: drawn = try stream.normal(shape)
    case .uniform: drawn = try (stream.uniform(shape) * 2 - 1) * 3.0.squareRoot()
    case .truncatedNormal(let bound): drawn = try Prior.truncatedNormal(shape, bound: bound, using: &stream)
    case .gaussianMixture(let components, let spread):
      drawn = try Prior.mixture(shape, components: components, spread: spread, using: &stream)
    case .gamma(let k):
      let draws = try stream.draw(shape) { shape, seed in
        try gammaOperator(.tensor(Tensor.full(shape, value: k)), .seed(seed))
      }
      drawn = try (draws - k) / k.squareRoot()
    case .poisson(let rate):
      let draws = try stream.draw(shape) { shape, seed in
        try poissonOperator(.tensor(Tensor.full(shape, value: rate)), .seed(seed))
      }
      drawn = try (draws - rate) / rate.squareRoot()
    }
    return try drawn.moved(to: device)
  }

  /// The inverse of the distribution function at uniform numbers: no draw is rejected, so their number is known.
  private static func truncatedNormal(_ shape: [Int], bound: Double, using stream: inout RandomStream) throws
    -> Tensor
  {
    let mass = erf(bound / 2.0.squareRoot())
    let density = exp(-bound * bound / 2) / (2 * Double.pi).squareRoot()
    let deviation = (1 - 2 * bound * density / mass).squareRoot()
    let centred = try (stream.uniform(shape).converted(to: .float64) * 2 - 1) * mass
    // Far out the mass rounds to 1 and its inverse to infinity.
    let normal = try (centred.inverseErrorFunction() * 2.0.squareRoot()).clamped(from: -bound, to: bound)
    return try (normal / deviation).converted(to: .float32)
  }

  private static func mixture(
    _ shape: [Int], components: Int, spread: Double, using stream: inout RandomStream
  ) throws -> Tensor {
    var fixed = RandomStream(seed: 0, name: "prior.gaussian-mixture")
    let directions = try fixed.normal([components, shape[1]])
    let lengths = try directions.squared().mean(along: 1, keepingDimensions: true).squareRoot()
    let means = try directions / lengths * spread
    let centred = try means - means.mean(along: 0, keepingDimensions: true)
    let deviations = try (centred.squared().mean(along: 0, keepingDimensions: true) + 1).squareRoot()
    let chosen = try (stream.uniform([shape[0]]) * Double(components)).floor().converted(to: .int64)
    return try (centred.gathered(at: chosen) + stream.normal(shape)) / deviations
  }

  /// The spelling.
  public var description: String {
    switch self {
    case .normal: "normal"
    case .uniform: "uniform"
    case .truncatedNormal(let bound): "truncated-normal:\(spelled(bound))"
    case .gaussianMixture(let components, let spread): "gaussian-mixture:\(components):\(spelled(spread))"
    case .gamma(let shape): "gamma:\(spelled(shape))"
    case .poisson(let rate): "poisson:\(spelled(rate))"
    }
  }

  /// Reads a spelling.
  public init(parsing text: String) throws {
    let words = text.split(separator: ":", omittingEmptySubsequences: false)
    func value(_ index: Int, _ name: String, from low: Double, to high: Double) throws -> Double {
      let value = try number(words[index], named: "the \(name)", in: text)
      guard (low...high).contains(value) else {
        throw UserError(
          .usage,
          "'\(text)': the \(name) is \(spelled(value)), expected \(spelled(low)) to \(spelled(high))")
      }
      return value
    }
    switch (words.first, words.count) {
    case ("normal", 1): self = .normal
    case ("uniform", 1): self = .uniform
    case ("truncated-normal", 2): self = .truncatedNormal(bound: try value(1, "bound", from: 0.01, to: 100))
    case ("gaussian-mixture", 3):
      guard let components = Int(words[1]), (1...1_000_000).contains(components) else {
        throw UserError(.usage, "'\(text)': found '\(words[1])' components, expected 1 to 1000000")
      }
      self = .gaussianMixture(components: components, spread: try value(2, "spread", from: 0, to: 1000))
    case ("gamma", 2): self = .gamma(shape: try value(1, "shape", from: 0.01, to: 1_000_000))
    case ("poisson", 2): self = .poisson(rate: try value(1, "rate", from: 0.01, to: 1_000_000))
    default:
      throw UserError(
        .usage,
        "'\(text)': expected normal, uniform, truncated-normal:BOUND, gaussian-mixture:COMPONENTS:SPREAD, "
          + "gamma:SHAPE or poisson:RATE")
    }
  }
}

private let gammaOperator = Operator("aten::_standard_gamma")
private let poissonOperator = Operator("aten::poisson")
