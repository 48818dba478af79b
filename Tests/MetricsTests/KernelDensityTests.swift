import Foundation
import Metrics
import Testing
import Torch

@Suite("Kernel densities")
struct KernelDensityTests {
  @Test("Log-densities are those of the mixture of Gaussians")
  func closedForm() throws {
    let density = try KernelDensity(centres: Tensor([0, 0, 2, 0] as [Double], shape: [2, 2]))
    let values = try density.logDensities(of: Tensor([0, 1] as [Double], shape: [1, 2]), width: 0.5)
    let expected = log((exp(-1 / 0.5) + exp(-5 / 0.5)) / 2) - log(2 * Double.pi * 0.25)
    #expect(abs(values[0] - expected) < 1e-12)
  }

  @Test("Labels see centres of their own alone; a label without any is infinitely unlikely")
  func labels() throws {
    let centres = try Tensor([0, 1, 5] as [Double], shape: [3, 1])
    let density = try KernelDensity(centres: centres, labels: [0, 0, 1])
    let own = try KernelDensity(centres: centres.narrowed(along: 0, start: 0, count: 2))
    let samples = try Tensor([4.0, 4.0, 4.0], shape: [3, 1])
    let values = try density.logDensities(of: samples, labels: [0, 1, 2], width: 1)
    #expect(try abs(values[0] - own.logDensities(of: samples, width: 1)[0]) < 1e-12)
    #expect(abs(values[1] - (-0.5 - log(2 * Double.pi) / 2)) < 1e-12)
    #expect(values[2] == -.infinity)
  }

  @Test("The width that judges a half is the best for the other: that of the distribution, about")
  func crossFitted() throws {
    var stream = RandomStream(seed: 1, name: "test")
    // One centre, so that the best width is the deviation of the samples.
    let density = try KernelDensity(centres: .zeros([1, 3]))
    let samples = try stream.normal([4000, 3]) * 2
    let fit = try density.crossFitted(samples)
    #expect(abs(fit.width - 2) < 0.15)
    let mean = fit.logDensities.reduce(0, +) / 4000
    let best = -3 * (log(2) + 0.5 * log(2 * Double.pi) + 0.5)
    #expect(abs(mean - best) < 0.1)
    // A sample's own width does not depend on it.
    let half = try Tensor((0..<4000).map { $0 % 2 == 0 ? 1.0 : 0.5 }).expandingDimension(at: 1)
    let changed = try density.crossFitted(samples * half)
    #expect(changed.logDensities != fit.logDensities)
    let even = stride(from: 1, to: 4000, by: 2).map { fit.logDensities[$0] }
    let shrunk = try density.crossFitted(samples / half * half)
    #expect(stride(from: 1, to: 4000, by: 2).map { shrunk.logDensities[$0] } == even)
  }

  @Test("Samples at the centres, and centres all in one place, do no harm")
  func degenerate() throws {
    let same = try KernelDensity(centres: .ones([5, 2])).crossFitted(.ones([4, 2]))
    #expect(same.logDensities.allSatisfy(\.isFinite) && same.width.isFinite)
    let few = try Tensor([0, 1, 2, 3] as [Double], shape: [4, 1])
    #expect(try KernelDensity(centres: few).crossFitted(few).logDensities.allSatisfy(\.isFinite))
  }
}
