import TestSupport
import Testing
import Torch

@testable import AudioModality

@Suite struct StyledBlockTests {
  /// Zeros between the frames, and the filter (1, 3, 3, 1) / 4 over both; frames at the ends repeat.
  @Test(arguments: [1, 2, 5]) func doubledFramesAreFiltered(count: Int) throws {
    let x = try SmallAudio.normal([2, count, 3]).converted(to: .float64)
    let found = try x.doubledFrames()
    #expect(found.shape == [2, 2 * count, 3])
    let (before, after) = (try x.array(of: Double.self), try found.array(of: Double.self))
    for batch in 0..<2 {
      for channel in 0..<3 {
        var stuffed = [Double](repeating: 0, count: 2 * (count + 2))
        for frame in -1...count {
          let place = min(max(frame, 0), count - 1)
          stuffed[2 * (frame + 1)] = before[(batch * count + place) * 3 + channel]
        }
        for frame in 0..<2 * count {
          // Even and odd outputs see two taps each of the four.
          let sum = [0.25, 0.75, 0.75, 0.25].enumerated().reduce(0.0) { $0 + $1.1 * stuffed[frame + $1.0] }
          #expect(abs(after[(batch * 2 * count + frame) * 3 + channel] - sum) < 1e-12)
        }
      }
    }
  }

  @Test func constantsAndSlopesSurviveDoubling() throws {
    let ramp = try Tensor([0, 4, 8, 12] as [Float], shape: [1, 4, 1])
    #expect(try ramp.doubledFrames().array(of: Float.self) == [0, 1, 3, 5, 7, 9, 11, 12])
    let level = try Tensor.full([1, 3, 2], value: 0.5)
    #expect(try level.doubledFrames().isEqual(to: Tensor.full([1, 6, 2], value: 0.5)))
  }

  @Test func derivativesOfDoubling() throws {
    try checkGradients(at: [SmallAudio.normal([2, 3, 2])]) { try $0[0].doubledFrames().squared() }
  }

  @Test func derivativesOfModulation() throws {
    var stream = RandomStream(seed: 1, name: "layer")
    let modulation = try Modulation(style: 2, channels: 3, using: &stream)
    try checkGradients(of: modulation, at: [stream.normal([2, 4, 3]), stream.normal([2, 2])]) {
      try modulation($0[0], style: $0[1])
    }
  }

  @Test(arguments: [2, 3]) func derivativesOfABlock(outputs: Int) throws {
    var stream = RandomStream(seed: 1, name: "layer")
    let block = try StyledBlock(inputs: 2, outputs: outputs, kernel: 3, style: 2, using: &stream)
    try checkGradients(
      of: block, at: [stream.normal([1, 3, 2]), stream.normal([1, 2]), stream.normal([1, 3, 1])]
    ) { try block($0[0], style: $0[1], noise: $0[2]) }
  }

  /// Each frame is brought to unit size before it is styled.
  @Test func modulationForgetsTheLevel() throws {
    var stream = RandomStream(seed: 1, name: "layer")
    let modulation = try Modulation(style: 2, channels: 8, using: &stream)
    let (x, style) = (try stream.normal([1, 4, 8]), try stream.normal([1, 2]))
    let (quiet, loud) = (try modulation(x, style: style), try modulation(x * 100, style: style))
    #expect(try quiet.distance(to: loud) < 1e-4)
    #expect(try modulation(x, style: style * -1).distance(to: quiet) > 0.01)
  }
}
