import Foundation
import TestSupport
import Testing
import Torch

@testable import Adversarial

/// Logits of samples of two Gaussians whose means are `shift` standard deviations apart: their exact log ratio, times a
/// factor.
func gaussianLogits(
  shift: Double, real: Int, fake: Int, factor: Double = 1, draw: Int = 0
) throws -> (real: [Double], fake: [Double]) {
  var stream = RandomStream(seed: 3, step: draw, name: "gaussians")
  func numbers(_ count: Int) throws -> [Double] {
    try stream.normal([count]).array(of: Float.self).map(Double.init)
  }
  func logits(_ points: [Double]) -> [Double] { points.map { factor * (shift * $0 - shift * shift / 2) } }
  return (logits(try numbers(real).map { $0 + shift }), logits(try numbers(fake)))
}

@Suite("Density ratio")
struct DensityRatioTests {
  @Test("Two Gaussians gain their divergence, whatever the scale of the logits", arguments: [0.02, 1, 50])
  func gaussians(factor: Double) throws {
    let logits = try gaussianLogits(shift: 0.8, real: 2_000, fake: 2_000, factor: factor)
    let gain = DensityRatio.gain(real: logits.real, fake: logits.fake)
    #expect(abs(gain.value - 0.32) < 3 * gain.standardError)
    // The variances of log r and of r over their numbers.
    let expected = ((0.64 + exp(0.64) - 1) / 2_000).squareRoot()
    #expect(abs(gain.standardError / expected - 1) < 0.25)
    #expect(gain.isAbove())
  }

  @Test("The error is the deviation between independent draws")
  func error() throws {
    let gains = try (0..<80).map { draw in
      let logits = try gaussianLogits(shift: 0.6, real: 300, fake: 600, draw: draw)
      return DensityRatio.gain(real: logits.real, fake: logits.fake)
    }
    let mean = gains.map(\.value).mean
    let deviation = gains.map(\.value).variance(about: mean).squareRoot()
    let reported = gains.map { $0.standardError * $0.standardError }.mean.squareRoot()
    #expect(abs(reported / deviation - 1) < 0.3)
    #expect(abs(mean - 0.18) < 0.025)
  }

  @Test("Samples of one distribution gain nothing beyond two errors but rarely, and never much")
  func nothing() throws {
    let gains = try (0..<80).map { draw in
      let logits = try gaussianLogits(shift: 0.6, real: 1, fake: 600, draw: draw)
      // Generated samples in two parts: both are of one distribution.
      return DensityRatio.gain(
        real: Array(logits.fake.prefix(300)), fake: Array(logits.fake.suffix(300)))
    }
    #expect(gains.count { $0.isAbove() } <= 4)
    #expect(gains.allSatisfy { $0.value < 0.04 })
  }

  @Test("At a scale of 1 the numbers are those of the formulas")
  func formulas() {
    let gain = DensityRatio.gain(scale: 1, real: [log(2), log(4)], fake: [0, log(3), log(5), log(7)])
    #expect(abs(gain.value - (log(8) / 2 - log(4))) < 1e-12)
    // Variances: of log 2 and log 4, (log 2)² / 4, over 2; of weights 1/4, 3/4, 5/4, 7/4 about 1, 5/16, over 4.
    let variance = log(2) * log(2) / 8 + 5.0 / 64
    #expect(abs(gain.standardError - variance.squareRoot()) < 1e-12)
  }

  @Test(
    "Logits far beyond what exponentials hold are no trouble, and no more is claimed than samples can vouch for"
  )
  func extremes() {
    let apart = DensityRatio.gain(
      real: (0..<100).map { 1e6 + Double($0) }, fake: (0..<100).map { -1e6 - Double($0) })
    #expect(abs(apart.value - log(100)) < 1e-9)
    let constant = DensityRatio.gain(
      real: [Double](repeating: 3, count: 10), fake: [Double](repeating: -3, count: 10))
    #expect(abs(constant.value - log(10)) < 1e-9)
    let equal = DensityRatio.gain(
      real: [Double](repeating: 3, count: 10), fake: [Double](repeating: 3, count: 10))
    #expect(equal == DensityRatio.Gain(value: 0, standardError: 0) && !equal.isAbove())
  }

  @Test("Logits that are higher on generated samples gain nothing")
  func wrongWay() throws {
    let logits = try gaussianLogits(shift: 0.8, real: 500, fake: 500)
    #expect(DensityRatio.gain(real: logits.fake, fake: logits.real).value == 0)
  }

  @Test("Too few samples say nothing, and a logit that is no number makes no number")
  func malformed() {
    let few = DensityRatio.gain(real: [1, 2, 3], fake: [0, 0, 0, 0])
    #expect(few.value == 0 && few.standardError == .infinity && !few.isAbove())
    #expect(DensityRatio.gain(real: [1, 2, 3, .nan], fake: [0, 0, 0, 0]).value.isNaN)
    #expect(DensityRatio.gain(real: [1, 2, 3, 4], fake: [0, 0, 0, .infinity]).value.isNaN)
  }

  @Test("Weights are worth what Kish says")
  func effective() {
    #expect(DensityRatio.effectiveShare(logRatios: [5, 5, 5]) == 1)
    #expect(abs(DensityRatio.effectiveShare(logRatios: [0, log(3)]) - 16.0 / 20) < 1e-12)
    #expect(abs(DensityRatio.effectiveShare(logRatios: [0, 2_000, 0, 0]) - 0.25) < 1e-12)
  }
}

@Suite("Calibration of ratios")
struct RatioCalibrationTests {
  @Test("Logits that are twice too sure are halved; those that are too modest stay")
  func slopes() throws {
    let sure = try gaussianLogits(shift: 1, real: 4_000, fake: 4_000, factor: 2)
    let calibration = RatioCalibration(real: sure.real, fake: sure.fake)
    #expect(abs(calibration.slope - 0.5) < 0.04)
    #expect(abs(calibration.offset) < 0.05)
    #expect(abs(calibration.deviation(real: sure.real, fake: sure.fake)) < 1e-6)
    let modest = try gaussianLogits(shift: 1, real: 4_000, fake: 4_000, factor: 0.5)
    #expect(RatioCalibration(real: modest.real, fake: modest.fake).slope == 1)
  }

  @Test("An offset is found, whatever the numbers of both kinds")
  func offset() throws {
    let logits = try gaussianLogits(shift: 1, real: 4_000, fake: 1_000)
    let calibration = RatioCalibration(real: logits.real.map { $0 + 3 }, fake: logits.fake.map { $0 + 3 })
    #expect(abs(calibration.logRatio(3)) < 0.15)
    #expect(
      abs(calibration.deviation(real: logits.real.map { $0 + 3 }, fake: logits.fake.map { $0 + 3 })) < 2)
  }

  @Test("Labels that say nothing calibrate to next to nothing, wrong ones to nothing")
  func nothing() throws {
    let logits = try gaussianLogits(shift: 2, real: 2_000, fake: 2_000)
    var stream = RandomStream(seed: 1, name: "shuffled")
    let all = logits.real + logits.fake
    let order = stream.indices(all.count, outOf: all.count)
    let (real, fake) = (order.prefix(2_000).map { all[$0] }, order.suffix(2_000).map { all[$0] })
    #expect(RatioCalibration(real: real, fake: fake).slope < 0.05)
    let wrong = RatioCalibration(real: logits.fake, fake: logits.real)
    #expect(wrong == .none && wrong.logRatio(100) == 0)
    #expect(abs(wrong.loss(real: logits.real, fake: logits.fake) - log(2)) < 1e-12)
  }

  @Test("Samples that are told apart without fail keep their logits")
  func separated() {
    let calibration = RatioCalibration(real: [50, 60], fake: [-40, -900])
    #expect(calibration.slope == 1 && abs(calibration.offset) < 60)
    #expect(calibration.loss(real: [50, 60], fake: [-40, -900]) < 1e-12)
  }

  @Test("The loss and the deviation are those of the formulas")
  func formulas() {
    let calibration = RatioCalibration(slope: 0.5, offset: log(2))
    // Probabilities 2/3 and 4/5 of real samples and 2/3 of a generated one, with equal weights; with two to one 4/5, 8/9, 4/5.
    let loss = ((log(1.5) + log(1.25)) / 2 + log(3)) / 2
    #expect(abs(calibration.loss(real: [0, 2 * log(2)], fake: [0]) - loss) < 1e-12)
    let deviation = (0.2 + 1.0 / 9 - 0.8) / (0.16 + 8.0 / 81 + 0.16).squareRoot()
    #expect(abs(calibration.deviation(real: [0, 2 * log(2)], fake: [0]) - deviation) < 1e-12)
  }
}
