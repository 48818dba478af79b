import Corpora
import Failures
import Foundation
import TestSupport
import Testing

@testable import AudioDatasets

/// Sets larger than the memory they may take.
@Suite struct StreamedCorpusTests {
  /// 20 files of 500 to 880 frames, 40,000 bytes or so of samples.
  private func fill(_ folder: TemporaryFolder) throws {
    for seed in 0..<20 {
      try folder.sound(
        "\(seed + 10).wav", noise(500 + 20 * seed, seed: seed), rate: seed % 2 == 0 ? 8000 : 11_025)
    }
  }

  @Test(arguments: Slicing.allCases)
  func samplesAreThoseOfASetInMemory(slicing: Slicing) throws {
    try withTemporaryFolder { folder in
      try fill(folder)
      let options = AudioCorpusOptions(
        sampleRate: 8000, length: 100, channels: 2, slicing: slicing, overlap: 0.3, trimSilence: true)
      let kept = try AudioCorpus(path: folder.path, options: options)
      #expect(!kept.report.isStreamed)
      for budget in [0, 5000, 14_000] {
        let streamed = try AudioCorpus(path: folder.path, options: options, memoryBudget: budget)
        #expect(streamed.report.isStreamed)
        #expect(streamed.fingerprint == kept.fingerprint)
        for (ours, theirs) in [(streamed.training, kept.training), (streamed.heldOut, kept.heldOut)] {
          #expect(ours.count == theirs.count)
          ours.prefetch(Array(0..<ours.count), draws: Array(repeating: 5, count: ours.count))
          let (found, expected) = (try ours.all(draw: 5), try theirs.all(draw: 5))
          #expect(found == expected)
        }
        #expect(streamed.training.waitingSeconds > 0)
        #expect(kept.training.waitingSeconds == 0)
      }
    }
  }

  @Test func longFilesAreTheSameInMemoryAndOutOfIt() throws {
    try withTemporaryFolder { folder in
      // Three blocks at 22.05 kHz, two at 16 kHz.
      try folder.sound("a.wav", noise(30_000, seed: 1), rate: 22_050, format: .wav)
      try folder.sound("b.wav", noise(600_000, seed: 2), rate: 22_050, format: .wav)
      for slicing in Slicing.allCases {
        let options = AudioCorpusOptions(sampleRate: 16_000, length: 20_000, slicing: slicing)
        let kept = try AudioCorpus(path: folder.path, options: options)
        let streamed = try AudioCorpus(path: folder.path, options: options, memoryBudget: 50_000)
        #expect(!kept.report.isStreamed)
        #expect(streamed.report.isStreamed)
        #expect(streamed.fingerprint == kept.fingerprint)
        let (found, expected) = (try streamed.training.all(draw: 9), try kept.training.all(draw: 9))
        #expect(found == expected)
      }
    }
  }

  /// What is decoded in blocks is what resampling the whole gives, up to the filter's tails.
  @Test(
    arguments: [
      (8000, 8000, .wavFloat), (44_100, 8000, .wavFloat), (8000, 11_025, .flac), (44_100, 8000, .ogg),
      (8000, 8000, .ogg),
    ] as [(Int, Int, AudioFormat)])
  func blocksJoin(sourceRate: Int, rate: Int, format: AudioFormat) throws {
    try withTemporaryFolder { folder in
      let path = try folder.sound("a", noise(40_000, seed: 1), rate: sourceRate, format: format)
      let layout = BlockLayout(
        sourceFrames: 40_000, sourceRate: sourceRate, rate: rate, largestBlock: 6000)
      #expect(layout.count > 5)
      let source = FileClipSource(name: path, sampleRate: rate, channels: 1)
      let blocks = try (0..<layout.count).map { try source.samples(block: $0, of: layout) }
      #expect(blocks.dropLast().allSatisfy { $0.count == layout.block })
      let whole = try SoundFile.read(path).resampled(to: rate).samples
      let joined = blocks.flatMap(\.self)
      #expect(abs(joined.count - whole.count) <= 1)
      let worst = zip(joined, whole).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(worst < 1e-4, "\(worst)")
    }
  }

  @Test func memoryStaysBelowTheBudget() throws {
    try withTemporaryFolder { folder in
      try fill(folder)
      let options = AudioCorpusOptions(sampleRate: 8000, length: 100, slicing: .random)
      let shelf = try SoundShelf(
        DataFiles(folder.path, holdout: nil, options: options).paths.map {
          FileClipSource(name: $0, sampleRate: 8000, channels: 1)
        }, options: options, sampleRate: 8000, budget: 8000)
      let cache = try #require(shelf.cache)
      for round in 0..<3 {
        shelf.prefetch((0..<20).map { ($0, 0, 100) })
        for index in 0..<20 { _ = try shelf.samples(of: (index * 7 + round) % 20, from: 0, count: 100) }
      }
      #expect(cache.peakBytes <= 8000)
      #expect(cache.peakBytes > 4000)
    }
  }

  @Test func whatWasPrefetchedIsNotWaitedFor() throws {
    let decoded = Counter()
    let cache = BlockCache(budget: 1000, workers: 1) { (key: SoundBlock) in
      decoded.add(key.sound)
      return Array(repeating: Float(key.sound), count: 25)
    }
    let keys = (0..<10).map { SoundBlock(sound: $0, block: 0) }
    cache.prefetch(([keys[0]] + keys).map { ($0, 100) })
    // Half of the budget: five blocks, in order. The rest is decoded when it is asked for.
    while cache.keptBytes < 500 { usleep(100) }
    #expect(decoded.values == [0, 1, 2, 3, 4])
    for key in keys.prefix(5) { #expect(try cache.samples(key).waited == 0) }
    for key in keys.suffix(5) { #expect(try cache.samples(key).waited > 0) }
    #expect(cache.keptBytes == 1000)
    // The block used least recently gives way: of 0 to 9, number 1 after 0 has been used again.
    _ = try cache.samples(keys[0])
    _ = try cache.samples(.init(sound: 10, block: 0))
    #expect(try cache.samples(keys[0]).waited == 0)
    #expect(try cache.samples(keys[2]).waited == 0)
    #expect(try cache.samples(keys[1]).waited > 0)
    #expect(cache.keptBytes == 1000)
  }

  @Test func failuresOfPrefetchingAppearWhenTheSampleIsWanted() throws {
    try withTemporaryFolder { folder in
      try fill(folder)
      let options = AudioCorpusOptions(sampleRate: 8000, length: 100)
      let corpus = try AudioCorpus(path: folder.path, options: options, memoryBudget: 1000)
      try FileManager.default.removeItem(atPath: folder.path + "/11.wav")
      try folder.sound("12.wav", noise(50, seed: 3))
      corpus.training.prefetch([0, 1])
      let gone = #expect(throws: UserError.self) { try corpus.training.sample(at: 0, draw: 0) }
      #expect(gone?.category == .noInput)
      #expect(gone?.message.hasPrefix(folder.path + "/11.wav") == true)
      #expect(throws: UserError(.badData, "\(folder.path)/12.wav: the file has changed since it was opened"))
      {
        try corpus.training.sample(at: 1, draw: 0)
      }
    }
  }

  @Test func threadsMayShareASet() throws {
    try withTemporaryFolder { folder in
      try fill(folder)
      let options = AudioCorpusOptions(sampleRate: 8000, length: 100, slicing: .random)
      let streamed = try AudioCorpus(path: folder.path, options: options, memoryBudget: 6000).training
      let kept = try AudioCorpus(path: folder.path, options: options).training
      let wrong = Counter()
      DispatchQueue.concurrentPerform(iterations: 200) { turn in
        streamed.prefetch([(turn + 1) % 18, (turn + 2) % 18], draws: [0, 0])
        let (index, crop) = (turn * 5 % 18, UInt64(turn))
        if (try? streamed.sample(at: index, draw: crop)) != (try? kept.sample(at: index, draw: crop)) {
          wrong.add(turn)
        }
      }
      #expect(wrong.values == [])
    }
  }
}

/// Numbers that several threads add.
private final class Counter: @unchecked Sendable {
  private let lock = NSLock()
  private var all: [Int] = []
  func add(_ value: Int) { lock.withLock { all.append(value) } }
  var values: [Int] { lock.withLock { all } }
}
