import TestSupport
import Testing

@testable import AudioDatasets

@Suite struct ConversionInCorpusTests {
  private func samples(
    _ clips: [[Float]], rate: Int = 8000, channels: Int = 1, options: AudioCorpusOptions
  ) throws -> [[Float]] {
    try withTemporaryFolder { folder in
      try folder.sound("0.wav", noise(2000, seed: 99))
      for (index, clip) in clips.enumerated() {
        try folder.sound("\(index + 1).wav", clip, rate: rate, channels: channels)
      }
      return try AudioCorpus(path: folder.path, options: options).training.all()
    }
  }

  @Test func peakIsPerFileAndBeforeCutting() throws {
    let clip = noise(200, seed: 1, level: 0.01) + [0.25]
    let found = try samples([clip], options: AudioCorpusOptions(length: 100))
    #expect(found == [clip.prefix(100).map { $0 * (0.9 / 0.25) }])
  }

  @Test func loudnessOfTheAudiblePartsIsATenth() throws {
    // Half of the file is 40 dB down and must not count.
    let loud = noise(8000, seed: 1, level: 0.5)
    let clip = loud + noise(8000, seed: 2, level: 0.005)
    let found = try samples([clip], options: AudioCorpusOptions(length: 8000, normalisation: .loudness))
    let power = found[0].reduce(0) { $0 + $1 * $1 } / 8000
    #expect(abs(power.squareRoot() - 0.1) < 0.002)
  }

  @Test func loudnessNeverClips() throws {
    var click = noise(8000, seed: 1, level: 0.001)
    click[100] = 0.5
    let found = try samples([click], options: AudioCorpusOptions(length: 8000, normalisation: .loudness))
    #expect(abs((found[0].map(abs).max() ?? 0) - 0.99) < 1e-5)
  }

  @Test func ratesAndChannelsAreUnified() throws {
    let stereo = noise(4000, seed: 1, channels: 2)
    let expected = try AudioClip(samples: stereo, channels: 2, sampleRate: 16_000)
      .mixed(toChannels: 1).resampled(to: 8000).samples
    let mono = try samples(
      [stereo], rate: 16_000, channels: 2, options: AudioCorpusOptions(length: 2000, normalisation: .none))
    #expect(mono == [expected])
    let both = try samples(
      [noise(100, seed: 3)], options: AudioCorpusOptions(length: 100, channels: 2, normalisation: .none))
    #expect(both == [noise(100, seed: 3).flatMap { [$0, $0] }])
  }

  @Test func silenceAroundTheSoundIsTrimmedInStepsOf64Frames() throws {
    let silence = noise(200, seed: 2, level: 0.0005)
    let sound = noise(100, seed: 3, level: 0.5)
    let found = try samples(
      [silence + sound + silence],
      options: AudioCorpusOptions(length: 300, normalisation: .none, trimSilence: true))
    let clip = silence + sound + silence
    // The sound fills frames 200 to 300, the cells from 192 to 320.
    #expect(found == [Array(clip[192..<320]) + Array(repeating: 0, count: 172)])
  }
}
