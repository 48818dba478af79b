import Failures
import Foundation
import Testing
import Torch

@testable import Adversarial

@Suite struct PriorTests {
  static let priors: [Prior] = [
    .normal, .uniform, .truncatedNormal(bound: 0.5), .truncatedNormal(bound: 2), .truncatedNormal(bound: 50),
    .gaussianMixture(components: 8, spread: 3), .gaussianMixture(components: 1, spread: 2),
    .gamma(shape: 0.5),
    .gamma(shape: 4), .poisson(rate: 0.7), .poisson(rate: 6),
  ]

  private func draw(_ prior: Prior, count: Int, dimension: Int = 1, seed: UInt64 = 3) throws -> [Double] {
    var stream = RandomStream(seed: seed, name: "latents")
    let latents = try prior.draw(count: count, dimension: dimension, using: &stream)
    #expect(latents.shape == [count, dimension] && latents.dtype == .float32)
    return try latents.converted(to: .float64).array(of: Double.self)
  }

  /// Mean 0 and variance 1 in every coordinate, within five standard errors.
  @Test(arguments: priors) func coordinatesAreStandardised(prior: Prior) throws {
    let (count, dimension) = (20_000, 3)
    let values = try draw(prior, count: count, dimension: dimension)
    for coordinate in 0..<dimension {
      let own = stride(from: coordinate, to: values.count, by: dimension).map { values[$0] }
      let mean = own.reduce(0, +) / Double(count)
      let squares = own.map { ($0 - mean) * ($0 - mean) }
      let variance = squares.reduce(0, +) / Double(count)
      let fourth = squares.map { $0 * $0 }.reduce(0, +) / Double(count)
      #expect(abs(mean) < 5 / Double(count).squareRoot(), "mean \(mean)")
      #expect(abs(variance - 1) < 5 * ((fourth - 1) / Double(count)).squareRoot(), "variance \(variance)")
    }
  }

  /// Third and fourth moments tell the families apart: of a standardised gamma of shape k they are 2/√k and 3 + 6/k.
  @Test(arguments: [
    (Prior.normal, 0.0, 3.0), (.uniform, 0, 1.8), (.truncatedNormal(bound: 50), 0, 3),
    (.gamma(shape: 4), 1, 4.5),
    (.poisson(rate: 4), 0.5, 3.25),
  ])
  func higherMomentsFollowTheFamily(prior: Prior, third: Double, fourth: Double) throws {
    let values = try draw(prior, count: 40_000)
    for (power, expected) in [(3.0, third), (4.0, fourth)] {
      let terms = values.map { pow($0, power) }
      let mean = terms.reduce(0, +) / Double(terms.count)
      let variance = terms.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(terms.count)
      #expect(abs(mean - expected) < 5 * (variance / Double(terms.count)).squareRoot(), "\(power): \(mean)")
    }
  }

  /// Kolmogorov and Smirnov's distance to the distribution function, at most 1.95/√n in 999 draws of 1000.
  @Test(arguments: [
    Prior.normal, .uniform, .truncatedNormal(bound: 0.5), .truncatedNormal(bound: 2), .gamma(shape: 1),
  ])
  func quantilesFollowTheDistributionFunction(prior: Prior) throws {
    func normal(_ x: Double) -> Double { (1 + erf(x / 2.0.squareRoot())) / 2 }
    func distribution(_ x: Double) -> Double {
      switch prior {
      case .uniform: return min(max((x / 3.0.squareRoot() + 1) / 2, 0), 1)
      case .truncatedNormal(let bound):
        let density = exp(-bound * bound / 2) / (2 * Double.pi).squareRoot()
        let mass = 2 * normal(bound) - 1
        let raw = x * (1 - 2 * bound * density / mass).squareRoot()
        return min(max((normal(raw) - normal(-bound)) / mass, 0), 1)
      case .gamma: return 1 - exp(-max(x + 1, 0))
      default: return normal(x)
      }
    }
    let values = try draw(prior, count: 10_000).sorted()
    let count = Double(values.count)
    let distance = values.enumerated().map { index, value in
      max(
        abs(distribution(value) - Double(index) / count), abs(distribution(value) - Double(index + 1) / count)
      )
    }.max()
    #expect(try #require(distance) < 1.95 / count.squareRoot())
  }

  @Test func poissonDrawsAreCounts() throws {
    let counts = try draw(.poisson(rate: 4), count: 20_000).map { $0 * 2 + 4 }
    #expect(counts.allSatisfy { abs($0 - $0.rounded()) < 1e-5 && $0 > -0.5 })
    // P(0) = e^-4, P(4) = 4⁴/4! e^-4.
    for (count, share) in [(0.0, exp(-4.0)), (4, 256.0 / 24 * exp(-4))] {
      let seen = Double(counts.filter { $0.rounded() == count }.count) / 20_000
      #expect(abs(seen - share) < 5 * (share * (1 - share) / 20_000).squareRoot())
    }
  }

  /// Far apart, the components are told apart by where a latent lies; each is as likely as the others.
  @Test func mixturesHaveTheirComponents() throws {
    let values = try draw(.gaussianMixture(components: 4, spread: 50), count: 4_000, dimension: 2)
    var centres: [(x: Double, y: Double, count: Int)] = []
    for index in 0..<4_000 {
      let (x, y) = (values[2 * index], values[2 * index + 1])
      if let near = centres.firstIndex(where: { abs($0.x - x) + abs($0.y - y) < 0.35 }) {
        centres[near].count += 1
      } else {
        centres.append((x, y, 1))
      }
    }
    #expect(centres.count == 4)
    #expect(centres.allSatisfy { abs(Double($0.count) - 1000) < 5 * 750.0.squareRoot() })
  }

  @Test(arguments: priors) func drawsDependOnTheStreamAlone(prior: Prior) throws {
    let first = try draw(prior, count: 50, dimension: 4)
    #expect(try draw(prior, count: 50, dimension: 4) == first)
    #expect(try draw(prior, count: 50, dimension: 4, seed: 4) != first)
    // One stream goes on: the second draw is another.
    var stream = RandomStream(seed: 3, name: "latents")
    _ = try prior.draw(count: 50, dimension: 4, using: &stream)
    let second = try prior.draw(count: 50, dimension: 4, using: &stream)
    #expect(try second.converted(to: .float64).array(of: Double.self) != first)
    #expect(first.allSatisfy { $0.isFinite })
  }

  @Test(arguments: priors) func spellingsReadBack(prior: Prior) throws {
    #expect(try Prior(parsing: prior.description) == prior)
    let json = try JSONEncoder().encode([prior])
    #expect(String(decoding: json, as: UTF8.self) == "[\"\(prior)\"]")
    #expect(try JSONDecoder().decode([Prior].self, from: json) == [prior])
  }

  @Test(arguments: [
    "", "gauss", "normal:1", "truncated-normal", "truncated-normal:0", "truncated-normal:x",
    "gaussian-mixture:0:1", "gaussian-mixture:8", "gaussian-mixture:8:-1", "gamma:0", "gamma:nan",
    "poisson:-1",
  ])
  func wrongSpellingsAreNamed(text: String) {
    #expect {
      _ = try Prior(parsing: text)
    } throws: {
      ($0 as? UserError)?.category == .usage && String(describing: $0).contains("'\(text)'")
    }
  }
}
