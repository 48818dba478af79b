import Foundation
import TestSupport
import Testing
import Torch

@testable import AudioModality

@Suite struct ClipVariationTests {
  private let codec: ClipCodec
  private let warp: CodeWarp

  init() throws {
    codec = try ClipCodec(sampleRate: 8000, length: 4096, channels: 1)
    warp = try CodeWarp(codec)
  }

  /// Codes that are silent but for one frame's band.
  private func point(frame: Int, band: Int) throws -> Tensor {
    var values = [Float](repeating: -1, count: codec.frames * codec.bands)
    values[frame * codec.bands + band] = 0.5
    return try Tensor(values, shape: [1, codec.frames, codec.bands])
  }

  private func places(_ count: Int) throws -> Tensor {
    try Tensor.arange(0, Double(count)).converted(to: .float32).reshaped([1, count])
  }

  @Test func positionsSayWhereFramesComeFrom() throws {
    let code = try point(frame: 10, band: 5)
    let times = try places(codec.frames)
    #expect(try warp.inTime(code, at: times).distance(to: code) < 1e-6)
    #expect(try warp.inTime(code, at: times - 3).distance(to: point(frame: 13, band: 5)) < 1e-6)
    // Half-way between two values of one, Catmull-Rom splines have 9/16 of each and -1/16 of those beside them.
    let half = try (warp.inTime(code, at: times - 0.5) + 1).narrowed(along: 2, start: 5, count: 1)
    let found = try half.narrowed(along: 1, start: 9, count: 4).array(of: Float.self)
    for (value, share) in zip(found, [-0.0625, 0.5625, 0.5625, -0.0625]) {
      #expect(abs(Double(value) - 1.5 * share) < 1e-5)
    }
    // What is moved beyond the edge is gone, and silence moves in.
    let gone = try warp.inTime(code, at: times + 20)
    #expect(try gone.isEqual(to: Tensor.full(code.shape, value: -1)))
  }

  @Test func frequenciesAreMultiplied() throws {
    for (from, to) in [(10, 14), (30, 22), (20, 20)] {
      let factor = try Tensor(
        [Float(codec.scale.hertz(at: Double(to)) / codec.scale.hertz(at: Double(from)))], shape: [1, 1])
      let found = try warp.inFrequency(point(frame: 3, band: from), by: factor)
      #expect(Int(try found.selected(3, along: 1).reshaped([-1]).argmax(along: 0).item()) == to)
    }
  }

  @Test func louderIsLouderAndSilenceStays() throws {
    let code = try point(frame: 10, band: 5)
    let louder = try warp.louder(code, by: Tensor([Float(6)]).reshaped([1, 1, 1, 1]))
    let change = try louder - code
    #expect(try abs(change.max().item() * CodeWarp.decibels - 6) < 1e-3)
    #expect(try abs(change.sum().item() * CodeWarp.decibels - 6) < 1e-2)
    #expect(abs(CodeWarp.decibels - 34.74) < 0.01)
  }

  @Test func nothingVariesAtStrengthZero() throws {
    let variation = try ClipVariation(ClipVariationRecipe(), codec: codec)
    let codes = try SmallAudio.normal([3, codec.frames, codec.bands]).clamped(from: -1)
    func varied(_ strength: Float, seed: UInt64 = 3) throws -> Tensor {
      try variation(
        codes,
        like: NeighbourFits.Like(
          codes: codes.flipped(along: 0), alignments: places(codec.frames).expanded(to: [3, codec.frames]),
          transpositions: Tensor.zeros([3, 1])),
        amounts: SmallAudio.normal([3, ClipVariation.numbers], seed: seed), strength: Tensor([strength]))
    }
    #expect(try varied(0).distance(to: codes) < 5e-3)
    #expect(try varied(1).distance(to: codes) > varied(0.3).distance(to: codes))
    #expect(try varied(1).distance(to: varied(1, seed: 4)) > 0.1)
    #expect(try varied(2).isFinite().all().item() == 1)
    #expect(try varied(2).min().item() >= -1)
  }

  @Test func cheapestPathsAreFound() {
    // A sound beside itself, and one whose frames come two at a time.
    func costs(_ first: [Int], _ second: [Int]) -> ArraySlice<Float> {
      first.flatMap { a in second.map { b in Float((a - b) * (a - b)) } }[...]
    }
    let plain = [0, 1, 2, 3, 4, 5, 6, 7]
    #expect(TimeWarping.positions(costs: costs(plain, plain), frames: 8) == plain.map { Float($0) })
    let slow = [0, 0, 1, 1, 2, 2, 3, 3]
    #expect(
      TimeWarping.positions(costs: costs([0, 1, 2, 3, 3, 3, 3, 3], slow), frames: 8).prefix(3)
        == [0.5, 2.5, 4.5])
  }
}
