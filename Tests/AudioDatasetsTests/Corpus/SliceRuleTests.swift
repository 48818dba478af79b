import Testing

@testable import AudioDatasets

@Suite struct SliceRuleTests {
  private func rule(
    _ slicing: Slicing, overlap: Double = 0, short: ShortClips = .pad
  ) -> SliceRule {
    SliceRule(AudioCorpusOptions(length: 100, slicing: slicing, overlap: overlap, short: short))
  }

  @Test(
    arguments: [
      (0..<400, 0, .pad, [0, 100, 200, 300]),
      (0..<401, 0, .pad, [0, 100, 200, 300, 400]),
      (0..<401, 0, .drop, [0, 100, 200, 300]),
      (50..<250, 0.5, .pad, [50, 100, 150]),
      (50..<260, 0.5, .pad, [50, 100, 150, 200]),
      (50..<260, 0.5, .drop, [50, 100, 150]),
      (0..<100, 0.5, .pad, [0]),
      (7..<100, 0.5, .pad, [7]),
      (7..<100, 0.5, .drop, []),
      (7..<7, 0, .pad, []),
    ] as [(Range<Int>, Double, ShortClips, [Int])])
  func windowsCoverTheSound(sound: Range<Int>, overlap: Double, short: ShortClips, starts: [Int]) {
    #expect(rule(.overlapping, overlap: overlap, short: short).starts(in: sound) == starts)
  }

  @Test(arguments: [Slicing.first, .random])
  func otherSlicingsHaveOneSamplePerSound(slicing: Slicing) {
    #expect(rule(slicing).starts(in: 5..<1000) == [5])
    #expect(rule(slicing).starts(in: 5..<20) == [5])
    #expect(rule(slicing, short: .drop).starts(in: 5..<20) == [])
  }

  @Test func cropsAreFunctionsOfTheWordAndReachEveryPlace() {
    let starts = (0..<2000).map { rule(.random).crop($0, of: 10..<120, loud: nil, peakFrame: 50) }
    #expect(Set(starts) == Set(10...20))
    #expect(starts == (0..<2000).map { rule(.random).crop($0, of: 10..<120, loud: nil, peakFrame: 50) })
    #expect(rule(.random).crop(3, of: 10..<60, loud: nil, peakFrame: 50) == 10)
    #expect(rule(.random).crop(3, of: 10..<110, loud: nil, peakFrame: 50) == 10)
  }

  /// One loud frame among 100,000: random places would nearly always be silent.
  @Test(arguments: [0, 99_999, 50_000])
  func cropsAreNeverSilent(peak: Int) {
    var levels = LevelMap()
    var samples = [Float](repeating: 0, count: 100_000)
    samples[peak] = -0.5
    levels.append(samples, channels: 1)
    #expect(levels.peakFrame == peak)
    for word in 0..<200 {
      let start = rule(.random).crop(
        UInt64(word), of: 0..<100_000, loud: levels.loudCells, peakFrame: levels.peakFrame)
      #expect(levels.loudCells.areIn(start..<start + 100))
      #expect(start >= 0 && start <= 99_900)
    }
  }

  @Test func levelsDoNotDependOnThePiecesTheyComeIn() {
    let samples = noise(1000, seed: 4, channels: 2)
    var whole = LevelMap()
    whole.append(samples, channels: 2)
    var pieces = LevelMap()
    for start in stride(from: 0, to: 2000, by: 74) {
      pieces.append(Array(samples[start..<min(2000, start + 74)]), channels: 2)
    }
    #expect(pieces.frames == 1000)
    #expect(pieces.peak == whole.peak)
    #expect(pieces.peakFrame == whole.peakFrame)
    #expect(pieces.loudCells == whole.loudCells)
    #expect(pieces.loudRange == whole.loudRange)
    let loudness = [pieces, whole].map { $0.loudness(sampleRate: 8000, channels: 2) }
    #expect(abs(loudness[0] - loudness[1]) < 1e-5)
    #expect(abs(loudness[1] - 0.5 / Float(3).squareRoot()) < 0.02)
  }
}
