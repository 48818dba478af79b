import Foundation
import Testing
import Torch

@testable import AudioModality

@Suite("Scores of waveforms")
struct WaveformScoreTests {
  private let length = 4096

  private func clips(_ waves: [(Int) -> Double]) throws -> Tensor {
    try Tensor(
      waves.flatMap { wave in (0..<length).map { Float(wave($0)) } }, shape: [waves.count, length])
  }

  @Test("Silence, clipping and offsets are counted")
  func counts() throws {
    let sine = { (time: Int) in sin(Double(time) * 0.1) }
    let scores = try WaveformScores(
      clips([
        { _ in 0 }, { 0.0005 * sine($0) }, { max(-1, min(1, 3 * sine($0))) }, { 0.4 * sine($0) + 0.2 },
        // A peak of exactly full scale is not clipping.
        { $0 == 100 ? 1 : 0.3 * sine($0) },
      ]))
    #expect(scores.silent.value == 40)
    #expect(scores.clipped.value == 20)
    #expect(abs(scores.offset.value - 20 / 5.0) < 0.2)
  }

  @Test("Tones at multiples of a 64th of the rate stand out, the same between them do not")
  func tones() throws {
    var stream = RandomStream(seed: 1, name: "test")
    let noise = try stream.normal([40, length]) * 0.1
    // Every 64th sample carries a click: all multiples at once.
    let grid = try clips([{ $0 % 64 == 0 ? 0.5 : 0 }])
    let other = try clips([{ $0 % 60 == 0 ? 0.5 : 0 }])
    let plain = try #require(try WaveformScores(noise).tones)
    let marked = try #require(try WaveformScores(noise + grid).tones)
    let between = try #require(try WaveformScores(noise + other).tones)
    #expect(abs(plain.value) < 4 * (try #require(plain.standardError)))
    #expect(marked.value > 10)
    #expect(abs(between.value) < 2)
  }

  @Test("Silent or short clips tell nothing of tones")
  func nothing() throws {
    #expect(try WaveformScores(Tensor.zeros([3, length])).tones == nil)
    let short = try WaveformScores(Tensor.ones([3, 2]) * 0.5)
    #expect(short.tones == nil && short.clipped.value == 0 && abs(short.offset.value - 50) < 1e-6)
  }
}
