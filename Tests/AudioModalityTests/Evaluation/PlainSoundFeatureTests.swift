import Foundation
import Testing
import Torch

@testable import AudioModality

@Suite("Plain features of sounds")
struct PlainSoundFeatureTests {
  private let rate = 8000

  private func features(_ clips: [[Float]]) throws -> [[Double]] {
    let tensor = try Tensor(clips.flatMap { $0 }, shape: [clips.count, clips[0].count])
    return try PlainSoundFeatures(sampleRate: rate)(tensor).unbound().map { try $0.array(of: Double.self) }
  }

  @Test("A tone is periodic and loud in one band, noise is neither; silence has levels of the floor")
  func kinds() throws {
    var stream = RandomStream(seed: 1, name: "test")
    let noise = try (stream.normal([4000]) * 0.1).array(of: Float.self)
    let tone = (0..<4000).map { Float(0.5 * sin(2 * Double.pi * 440 * Double($0) / 8000)) }
    let found = try features([tone, noise, [Float](repeating: 0, count: 4000)])
    #expect(found.allSatisfy { $0.count == 54 && $0.allSatisfy(\.isFinite) })
    // Mean periodicity, then flatness, then the spectrum's centre.
    #expect(found[0][40] > 0.95 && found[1][40] < 0.5)
    #expect(found[0][42] < -4 && found[1][42] > -1.5)
    #expect(abs(found[0][44] - 0.11) < 0.02 && abs(found[1][44] - 0.5) < 0.05)
    // A half of full scale is -6 dB; a band adds what the window spreads. The crest of a sine is 3 dB.
    #expect(abs((found[0][..<20].max() ?? 0) + 3) < 4)
    #expect(abs(found[0][46] - 3) < 0.1 && abs(found[0][47] + 6) < 0.1)
    #expect(found[2][..<20].allSatisfy { $0 == PlainSoundFeatures.floor } && found[2][51] == 1)
    // In the middle of the clip.
    #expect(abs(found[0][52] - 0.48) < 0.02)
  }

  @Test("Gain changes levels and nothing else; clips shorter than a frame have features")
  func gain() throws {
    let tone = (0..<4000).map { Float(0.5 * sin(2 * Double.pi * 300 * Double($0) / 8000)) }
    let found = try features([tone, tone.map { $0 / 2 }])
    #expect(abs(found[0][40] - found[1][40]) < 1e-3 && abs(found[0][47] - found[1][47] - 6.02) < 0.01)
    #expect(try features([Array(tone.prefix(50))])[0].allSatisfy(\.isFinite))
  }
}
