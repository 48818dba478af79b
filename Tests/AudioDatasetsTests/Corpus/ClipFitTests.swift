import Failures
import Foundation
import TestSupport
import Testing

@testable import AudioDatasets

/// Lengths of clips that nobody gave.
@Suite struct ClipFitTests {
  /// A tone that fades by 60 dB within some seconds, and silence behind it.
  private func stroke(_ seconds: Double, silence: Double = 0, rate: Int = 44_100) -> [Float] {
    let count = Int(seconds * Double(rate))
    return (0..<count).map { frame in
      let share = Double(frame) / Double(count)
      return Float(pow(10, -3 * share) * sin(0.1 * Double(frame)))
    } + Array(repeating: 0, count: Int(silence * Double(rate)))
  }

  @Test(
    arguments: [
      (44_100, 1.8, 98_304), (44_100, 1.0, 49_152), (8_000, 0.1, 1_024), (8_000, 0.7, 8_192),
      (8_000, 1.1, 12_288), (8_000, 1.6, 16_384), (16_000, 0.3, 8_192),
    ])
  func lengthsAreTheNextOfTheLadder(rate: Int, seconds: Double, frames: Int) {
    #expect(ClipFit().rounded(seconds, sampleRate: rate) == frames)
  }

  @Test func lengthsAreBounded() {
    #expect(ClipFit().rounded(300, sampleRate: 8_000) == 24_576)
    #expect(ClipFit().rounded(300, sampleRate: 44_100) == 131_072)
    #expect(ClipFit(mostFrames: 32_768).rounded(300, sampleRate: 44_100) == 32_768)
    let powers = ClipFit(mostFrames: 16_384, isPowerOfTwo: true)
    #expect([0.2, 0.25, 3].map { powers.rounded($0, sampleRate: 44_100) } == [16_384, 16_384, 16_384])
    #expect(ClipFit(isPowerOfTwo: true).rounded(1, sampleRate: 44_100) == 65_536)
  }

  /// Files of .1 to 2 seconds at 44.1 kHz: nearly all of their sound is in the clips, where 8,192 samples hold much less.
  @Test func nearlyAllOfTheSoundIsInTheClips() throws {
    try withTemporaryFolder { folder in
      for number in 0..<20 {
        try folder.sound("\(number).wav", stroke(0.1 + 0.1 * Double(number)), rate: 44_100)
      }
      let corpus = try AudioCorpus(path: folder.path, options: AudioCorpusOptions())
      #expect((65_536...98_304).contains(corpus.length))
      #expect(corpus.options.length == corpus.length)
      #expect(try corpus.training.sample(at: 0, draw: 0).count == corpus.length)
      let text = corpus.report.description
      #expect(text.contains("files of 0.10 to 2.00 seconds, half of them at most 1.0"), "\(text)")
      let short = try AudioCorpus(path: folder.path, options: AudioCorpusOptions(length: 1_024))
      let found = short.report.description.firstMatch(of: #/samples hold ([0-9.]+) %/#)
      #expect(try (10...90).contains(#require(found.flatMap { Double($0.1) })))
    }
  }

  @Test func silenceAtTheEndDoesNotCount() throws {
    try withTemporaryFolder { folder in
      for number in 0..<4 {
        try folder.sound("\(number).wav", stroke(0.3 - 0.001 * Double(number), silence: 3), rate: 44_100)
      }
      #expect(try AudioCorpus(path: folder.path, options: AudioCorpusOptions()).length == 12_288)
    }
  }

  /// Windows and random parts come from anywhere: about a second is enough of each.
  @Test(arguments: [Slicing.random, .overlapping]) func partsLastAboutASecond(slicing: Slicing) throws {
    try withTemporaryFolder { folder in
      for number in 0..<2 {
        try folder.sound("\(number).wav", noise(30_000, seed: number))
      }
      let corpus = try AudioCorpus(path: folder.path, options: AudioCorpusOptions(slicing: slicing))
      #expect(corpus.length == 8_192)
    }
  }

  @Test func filesThatCannotBeReadDoNotCount() throws {
    try withTemporaryFolder { folder in
      try folder.write("0.wav", "no sound")
      for number in 1..<4 { try folder.sound("\(number).wav", noise(1_500, seed: number)) }
      #expect(try AudioCorpus(path: folder.path, options: AudioCorpusOptions(skipBad: true)).length == 2_048)
    }
  }

  @Test func energyIsThatOfTheRanges() {
    var levels = LevelMap()
    // Cells of 64 frames; the third is cut.
    levels.append(
      Array(repeating: 1, count: 64) + Array(repeating: 2, count: 64) + Array(repeating: 3, count: 32),
      channels: 1)
    let all = 64.0 + 4 * 64 + 9 * 32
    #expect(levels.energyShare(of: [0..<160]) == 1)
    #expect(levels.energyShare(of: []) == 0)
    #expect(abs(levels.energyShare(of: [0..<96]) - (64 + 4 * 32) / all) < 1e-9)
    #expect(abs(levels.energyShare(of: [0..<80, 64..<144, 100..<120]) - (64 + 4 * 64 + 9 * 16) / all) < 1e-9)
    #expect(abs(levels.energyShare(of: [144..<1_000]) - 9 * 16 / all) < 1e-9)
  }
}
