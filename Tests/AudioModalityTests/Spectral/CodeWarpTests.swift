import Foundation
import TestSupport
import Testing
import Torch

@testable import AudioModality

@Suite struct CodeWarpTests {
  /// On a CPU an operator of ours makes the weights, elsewhere the engine's do.
  @Test(arguments: [1, 3, 40], [false, true])
  func theOperatorDoesAsTheEngine(count: Int, transposed: Bool) throws {
    var stream = RandomStream(seed: 1, name: "positions")
    let drawn = try stream.uniform([3, 30]) * Double(count + 8) - 4
    let whole = try Tensor.arange(-3, 27).converted(to: .float32).reshaped([1, 30])
    let far = try Tensor([-.infinity, .infinity, -1e30, 1e30] as [Float], shape: [1, 4])
    for positions in [drawn, whole, far] {
      let (own, engines) = try (
        CodeWarp.interpolation(at: positions, count: count, transposed: transposed),
        CodeWarp.interpolation(at: positions, count: count, transposed: transposed, byEngine: true)
      )
      #expect(own.shape == engines.shape)
      #expect(try own.distance(to: engines) < 1e-6)
    }
  }

  @Test func aCodeAtItsOwnFramesIsItself() throws {
    let codec = try ClipCodec(sampleRate: 8000, length: 3000, channels: 2)
    var stream = RandomStream(seed: 1, name: "codes")
    let codes = try stream.uniform([2, codec.frames, codec.numbers]) * 1.5 - 1
    let warp = try CodeWarp(codec)
    let frames = try Tensor.arange(0, Double(codec.frames)).converted(to: .float32)
    let still = try warp.inTime(codes, at: frames.expanded(to: [2, codec.frames]))
    #expect(try still.distance(to: codes) < 1e-5)
    let later = try warp.inTime(codes, at: frames.expanded(to: [2, codec.frames]) + 1)
    let moved = try codes.narrowed(along: 1, start: 1, count: codec.frames - 1)
    #expect(try later.narrowed(along: 1, start: 0, count: codec.frames - 1).distance(to: moved) < 1e-5)
    // What lies beyond is silence.
    #expect(try abs(later.selected(codec.frames - 1, along: 1).max().item() + 1) < 1e-6)
  }
}
