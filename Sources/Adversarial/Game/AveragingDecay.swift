import Failures
import Foundation

/// How much of a moving average a step keeps: a pure function of the step and of the batch.
///
/// Spelled `0.999`, or `half-life:10000`, or with a ramp-up `half-life:10000:0.05`.
public enum AveragingDecay: TextForm {
  /// The same share at each step, in [0, 1).
  case fixed(Double)
  /// Half of the average is replaced in so many samples, whatever the batch's size (Karras et al., 2020). With a
  /// `rampUp` share the half-life is at most that share of the samples seen so far, so that an early average forgets
  /// the untrained network; StyleGAN takes 0.05.
  case halfLife(samples: Double, rampUp: Double?)

  /// The share that is kept at a step, in [0, 1).
  ///
  /// - Parameters:
  ///   - step: steps done before this one.
  ///   - batchSize: real samples in a step, over all accumulated batches.
  public func value(at step: Int, batchSize: Int) -> Double {
    switch self {
    case .fixed(let decay): return decay
    case .halfLife(let samples, let rampUp):
      let seen = Double(step) * Double(batchSize)
      let halfLife = min(samples, rampUp.map { $0 * seen } ?? samples)
      return halfLife > 0 ? pow(0.5, Double(batchSize) / halfLife) : 0
    }
  }

  /// The spelling.
  public var description: String {
    switch self {
    case .fixed(let decay): spelled(decay)
    case .halfLife(let samples, let rampUp):
      "half-life:\(spelled(samples))" + (rampUp.map { ":\(spelled($0))" } ?? "")
    }
  }

  /// Reads a spelling.
  public init(parsing text: String) throws {
    let words = text.split(separator: ":", omittingEmptySubsequences: false)
    if words.count == 1, let decay = Double(text) {
      guard decay >= 0, decay < 1 else {
        throw UserError(.usage, "'\(text)': expected a share from 0 up to but not including 1")
      }
      self = .fixed(decay)
      return
    }
    guard words.first == "half-life", words.count == 2 || words.count == 3 else {
      throw UserError(.usage, "'\(text)': expected a share, half-life:SAMPLES or half-life:SAMPLES:SHARE")
    }
    let samples = try number(words[1], named: "the half-life", in: text)
    guard samples > 0 else {
      throw UserError(.usage, "'\(text)': expected a half-life above 0 samples")
    }
    let rampUp = words.count == 3 ? try number(words[2], named: "the ramp-up", in: text) : nil
    if let rampUp, rampUp <= 0 { throw UserError(.usage, "'\(text)': expected a ramp-up above 0") }
    self = .halfLife(samples: samples, rampUp: rampUp)
  }
}
