import Foundation
import TestSupport
import Testing
import Torch

@testable import Metrics

@Suite("Gaussian mixtures")
struct GaussianMixtureTests {
  private var stream = RandomStream(seed: 6, name: "test")

  @Test("One component is the Gaussian of the samples' mean and covariance")
  mutating func single() throws {
    let features = try Tensor([1.0, 0, -1, 0, 0, 2, 0, -2], shape: [4, 2])
    let mixture = try GaussianMixture(features, components: 1, ridge: 0, using: &stream)
    #expect(try mixture.means.distance(to: Tensor([0.0, 0], shape: [1, 2])) < 1e-12)
    // Variances 1/2 and 2, divided by N: the density at the mean is 1 / (2 pi sqrt(1)).
    let density = try mixture.logDensities(of: Tensor([0.0, 0, 1, 2], shape: [2, 2])).array(of: Double.self)
    #expect(abs(density[0] + log(2 * Double.pi)) < 1e-9)
    #expect(abs(density[1] - density[0] + 1 + 1) < 1e-9)
  }

  @Test("Two clouds are found, the likelihood never falls, and draws look like the samples")
  mutating func clouds() throws {
    let wide = try stream.normal([300, 2]) * Tensor([2, 0.5] as [Float])
    let features = try Tensor.concatenated([wide, stream.normal([100, 2]) + 8])
    let mixture = try GaussianMixture(features, components: 2, using: &stream)
    let shares = try mixture.weights.array(of: Double.self).sorted()
    #expect(abs(shares[0] - 0.25) < 0.01)
    #expect(zip(mixture.history, mixture.history.dropFirst()).allSatisfy { $1 >= $0 - 1e-4 })
    let draws = try mixture.samples(400, using: &stream)
    #expect(draws.shape == [400, 2])
    let near = try FrechetDistance(reference: features).measure(draws, using: &stream).value
    #expect(near < 0.6)
    #expect(try ManifoldScores(real: features, generated: draws).coverage.value > 0.8)
    // Draws come in random order, not component by component.
    let firsts = try draws.selected(0, along: 1).array(of: Double.self).prefix(40)
    #expect(firsts.contains { $0 > 5 } && firsts.contains { $0 < 5 })
  }

  @Test("Samples that all agree give a narrow component, not a failure")
  mutating func degenerate() throws {
    let mixture = try GaussianMixture(Tensor.ones([10, 3]), components: 2, using: &stream)
    #expect(try mixture.samples(5, using: &stream).distance(to: Tensor.ones([5, 3])) < 1e-4)
  }
}
