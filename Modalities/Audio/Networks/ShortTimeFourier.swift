import Foundation
import Torch

/// Waveforms to spectra of overlapping frames and back, as matrix products with sines and cosines.
///
/// At the sizes of a frame, a few hundred samples, a product with the whole basis is as fast as a fast transform,
/// differentiates twice, and runs on every device. Frames overlap by half and are weighted by a periodic Hann window,
/// whose halves sum to 1: a steady tone comes back at its own level. All is computed in single precision.
struct ShortTimeFourier: Sendable {
  /// Samples in a frame, even.
  let window: Int
  /// Samples between the starts of two frames: half a frame.
  var hop: Int { window / 2 }
  /// Frequencies from 0 to half the sample rate, both included.
  var bins: Int { window / 2 + 1 }

  private let analysis: Tensor
  private let synthesis: Tensor

  /// Makes the two bases.
  ///
  /// - Parameters:
  ///   - window: samples in a frame; a positive even number.
  ///   - device: where the bases are kept.
  init(window: Int, device: Device) throws {
    precondition(window > 0 && window % 2 == 0, "a frame has two halves")
    self.window = window
    let bins = window / 2 + 1
    let step = 2 * Double.pi / Double(window)
    let weights = (0..<window).map { 0.5 - 0.5 * Foundation.cos(step * Double($0)) }
    var forward = [Float](repeating: 0, count: window * 2 * bins)
    var backward = forward
    for bin in 0..<bins {
      // The bins between count twice, for their negative frequencies.
      let share = (bin == 0 || bin == window / 2 ? 1 : 2) / Double(window)
      for time in 0..<window {
        // Reduced before it is multiplied, which keeps the phase exact.
        let phase = step * Double(bin * time % window)
        let (cosine, sine) = (Foundation.cos(phase), Foundation.sin(phase))
        forward[time * 2 * bins + bin] = Float(weights[time] * cosine)
        forward[time * 2 * bins + bins + bin] = Float(-weights[time] * sine)
        backward[bin * window + time] = Float(share * weights[time] * cosine)
        backward[(bins + bin) * window + time] = Float(-share * weights[time] * sine)
      }
    }
    analysis = try Tensor(forward, shape: [window, 2 * bins], device: device)
    synthesis = try Tensor(backward, shape: [2 * bins, window], device: device)
  }

  /// Frames centred on every hop of a wave of so many samples.
  func frameCount(length: Int) -> Int { (length + hop - 1) / hop + 1 }

  /// Spectra `[N, F, 2 K]` of waves `[N, T]`, real parts before imaginary ones, in frames centred on every hop;
  /// beyond its ends a wave is silent.
  func spectra(of waves: Tensor) throws -> Tensor {
    let frames = frameCount(length: waves.shape[1])
    let missing = (frames + 1) * hop - hop - waves.shape[1]
    return try withoutAutocast(on: waves.device) {
      let halves = try waves.converted(to: .float32).padded(hop, missing).reshaped([-1, frames + 1, hop])
      let framed = try Tensor.concatenated(
        [
          halves.narrowed(along: 1, start: 0, count: frames),
          halves.narrowed(along: 1, start: 1, count: frames),
        ], along: 2)
      return try framed.matmul(analysis.moved(to: waves.device))
    }
  }

  /// Squared magnitudes `[N, F, K]` of the spectra of waves `[N, T]`.
  func powers(of waves: Tensor) throws -> Tensor {
    let spectra = try spectra(of: waves)
    return try spectra.narrowed(along: 2, start: 0, count: bins).squared()
      + spectra.narrowed(along: 2, start: bins, count: bins).squared()
  }

  /// Waves `[N, T]` whose frames, centred on every hop, have the spectra `[N, F, 2 K]`.
  func waves(of spectra: Tensor, length: Int) throws -> Tensor {
    let frames = spectra.shape[1]
    precondition(frames == frameCount(length: length), "as many frames as the wave has")
    return try withoutAutocast(on: spectra.device) {
      let framed = try spectra.converted(to: .float32).matmul(synthesis.moved(to: spectra.device))
      // The first half of a frame falls on the second half of the one before it.
      let sum =
        try framed.narrowed(along: 2, start: 0, count: hop).padded(0, 0, 0, 1)
        + framed.narrowed(along: 2, start: hop, count: hop).padded(0, 0, 1, 0)
      return try sum.reshaped([-1, (frames + 1) * hop]).narrowed(along: 1, start: hop, count: length)
    }
  }
}
