import Foundation
import TestSupport
import Testing
import Torch

@testable import AudioModality

@Suite struct NeighbourFitsTests {
  /// A voice of ten harmonics that gets louder and softer.
  private func voice(_ hertz: Double, length: Int = 4096) throws -> Tensor {
    try Tensor(
      (0..<length).map { index in
        let time = Double(index) / 8000
        let level = 0.2 * sin(Double.pi * Double(index) / Double(length))
        return Float(
          level * (1...10).reduce(0) { $0 + sin(2 * Double.pi * hertz * Double($1) * time) / Double($1) })
      }, shape: [1, length, 1])
  }

  @Test(arguments: [(150.0, 165.0), (200, 180), (120, 120)])
  func pitchesOfNeighboursAreBroughtTogether(own: Double, other: Double) throws {
    let codec = try ClipCodec(sampleRate: 8000, length: 4096, channels: 1)
    let codes = try codec.encode(Tensor.concatenated([voice(own), voice(other)]))
    let fits = try NeighbourFits(of: codes, neighbours: [[1], [0]], codec: codec)
    let found = try fits.transpositions.array(of: Float.self).map(Double.init)
    #expect(abs(found[0] - log(own / other)) < 0.016, "\(exp(found[0]))")
    #expect(abs(found[1] - log(other / own)) < 0.016, "\(exp(found[1]))")
    // Frames of the same loudness are alike.
    let places = try fits.alignments.selected(0).reshaped([-1]).array(of: Float.self)
    for (frame, place) in places.enumerated() where (20..<40).contains(frame) {
      #expect(abs(place - Float(frame)) < 3)
    }
  }

  /// Half a voice and half another one is a voice half-way between, not two voices.
  @Test func blendsHaveOnePitch() throws {
    let codec = try ClipCodec(sampleRate: 8000, length: 4096, channels: 1)
    let codes = try codec.encode(Tensor.concatenated([voice(150), voice(170)]))
    let fits = try NeighbourFits(of: codes, neighbours: [[1], [0]], codec: codec)
    let variation = try ClipVariation(ClipVariationRecipe(), codec: codec)
    let own = try codes.narrowed(along: 0, start: 0, count: 1)
    let other = try codes.narrowed(along: 0, start: 1, count: 1)
    func blend(_ transpositions: Tensor) throws -> Tensor {
      try variation(
        own,
        like: NeighbourFits.Like(
          codes: other, alignments: fits.alignments.selected(0), transpositions: transpositions),
        amounts: Tensor.zeros([1, ClipVariation.numbers]), strength: Tensor([Float(1)]))
    }
    let middle = try codec.encode(voice((150 * 170.0).squareRoot()))
    let aware = try blend(fits.transpositions.selected(0).reshaped([1, 1])).distance(to: middle)
    let blind = try blend(Tensor.zeros([1, 1])).distance(to: middle)
    #expect(aware < 0.7 * blind, "\(aware), \(blind)")
  }
}
