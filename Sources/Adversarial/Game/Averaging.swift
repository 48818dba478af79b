import Failures
import Foundation
import Torch

private let lerpInPlace = Operator("aten::_foreach_lerp_", "Scalar")

/// A second network that follows the first: its parameters are a moving average, its buffers are copies.
///
/// The generator that people use is the averaged one (Yazıcı et al., 2019): a player's own parameters circle around
/// the balance. Buffers are copied since an average of unit vectors, such as spectral norm's, is no unit vector. The
/// averaged network's own state is all there is to save.
public struct ExponentialMovingAverage {
  private let parameters: [(source: Parameter, average: Parameter)]
  private let buffers: [(source: Buffer, average: Buffer)]

  /// Pairs two networks of the same architecture on one device, and leaves both as they are.
  ///
  /// - Throws: `TorchError` when names or shapes differ.
  public init(of source: any Module, in average: any Module) throws {
    let names = (source.namedParameters.map(\.name), average.namedParameters.map(\.name))
    let bufferNames = (source.namedBuffers.map(\.name), average.namedBuffers.map(\.name))
    guard names.0 == names.1, bufferNames.0 == bufferNames.1 else {
      throw TorchError("moving average: the two networks have members of different names")
    }
    parameters = zip(source.parameters, average.parameters).map { ($0, $1) }
    buffers = zip(source.namedBuffers, average.namedBuffers).map { ($0.buffer, $1.buffer) }
    for (index, pair) in parameters.enumerated() where pair.source.value.shape != pair.average.value.shape {
      throw TorchError(
        "moving average: \(names.0[index]) is \(pair.source.value.shape) and \(pair.average.value.shape)")
    }
  }

  /// Makes the second network a copy of the first.
  public func start() throws { try update(decay: 0) }

  /// Moves each averaged parameter to `decay` times itself plus `1 - decay` times its source, and copies the buffers.
  public func update(decay: Double) throws {
    try withoutGradients {
      if !parameters.isEmpty {
        _ = try lerpInPlace.call(
          [
            .tensors(parameters.map(\.average.value)), .tensors(parameters.map(\.source.value)),
            .double(1 - decay),
          ], capacity: 0)
      }
      for (source, average) in buffers { average.value = try source.value.cloned() }
    }
  }
}

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
