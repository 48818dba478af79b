import Failures
import Foundation
import Testing

@testable import AudioDatasets

@Suite struct DrumMachineTests {
  private let machine = DrumMachine()

  private func power(_ samples: ArraySlice<Float>) -> Double {
    samples.reduce(0) { $0 + Double($1 * $1) } / Double(max(1, samples.count))
  }

  /// The share of the energy in a band, from a plain Fourier transform of the first `count` samples.
  private func share(_ clip: AudioClip, _ band: Range<Double>, count: Int = 1024) -> Double {
    var (inside, total) = (0.0, 0.0)
    for bin in 1..<count / 2 {
      var (real, imaginary) = (0.0, 0.0)
      for index in 0..<count {
        let angle = 2 * Double.pi * Double(bin * index % count) / Double(count)
        real += Double(clip.samples[index]) * cos(angle)
        imaginary += Double(clip.samples[index]) * sin(angle)
      }
      let energy = real * real + imaginary * imaginary
      total += energy
      if band.contains(Double(bin * clip.sampleRate) / Double(count)) { inside += energy }
    }
    return inside / total
  }

  @Test func soundsAreFunctionsOfSeedAndIndex() {
    for index in 0..<10 {
      let clip = machine.clip(index, sampleRate: 8000, length: 2000)
      #expect(clip == DrumMachine().clip(index, sampleRate: 8000, length: 2000))
      #expect(clip != machine.clip(index + 5, sampleRate: 8000, length: 2000))
      #expect(clip != DrumMachine(seed: 1).clip(index, sampleRate: 8000, length: 2000))
      // A longer one goes on where the shorter one fades, at the same level but for its peak.
      #expect(clip.frameCount == 2000 && clip.channels == 1)
    }
  }

  @Test(arguments: [(8000, 8192), (44_100, 16_384), (1000, 64)])
  func soundsFillTheirRangeAndNeverClip(rate: Int, length: Int) {
    for index in 0..<25 {
      let samples = machine.clip(index, sampleRate: rate, length: length).samples
      let peak = samples.map(abs).max() ?? 0
      #expect(samples.count == length)
      #expect(samples.allSatisfy { $0.isFinite })
      #expect(peak > 0.2499 && peak < 0.9001)
      let mean = samples.reduce(0, +) / Float(length)
      #expect(abs(mean) < 0.05)
      #expect(abs(samples[length - 1]) < 1e-6)
    }
  }

  @Test func kindsTakeTurns() {
    #expect((0..<6).map { machine.drum(at: $0) } == [.kick, .snare, .hat, .clap, .tom, .kick])
    #expect(Drum.labelNames == ["clap", "hat", "kick", "snare", "tom"])
  }

  /// Where the energy of each kind is, at 8 kHz, for a number of sounds.
  @Test(arguments: [
    (Drum.kick, 20.0..<400, 0.6), (.tom, 60..<900, 0.9), (.hat, 1500..<4000, 0.8), (.clap, 400..<4000, 0.85),
    (.snare, 120..<4000, 0.9),
  ])
  func kindsSoundAsTheyShould(drum: Drum, band: Range<Double>, least: Double) {
    for index in 0..<30 where machine.drum(at: index) == drum {
      let clip = machine.clip(index, sampleRate: 8000, length: 4096)
      #expect(share(clip, band) > least, "\(index)")
    }
  }

  @Test func soundsDieAway() {
    for index in 0..<50 {
      let samples = machine.clip(index, sampleRate: 8000, length: 8192).samples
      #expect(power(samples[7000...]) < 1e-3 * power(samples[..<1000]), "\(index)")
    }
  }

  /// Parameters depend on neither rate nor length: half of the rate gives much the same low tones.
  @Test func ratesChangeTheRenderingOnly() throws {
    for index in [0, 5, 4, 9] {
      let low = machine.clip(index, sampleRate: 8000, length: 4096)
      let high = try machine.clip(index, sampleRate: 32_000, length: 16_384).resampled(to: 8000)
      let product = zip(low.samples, high.samples).reduce(0) { $0 + Double($1.0 * $1.1) }
      let norm = (power(low.samples[...]) * power(high.samples[...])).squareRoot() * 4096
      #expect(product / norm > 0.9, "\(index)")
    }
  }

  @Test func corpusHasExactLabels() throws {
    let options = AudioCorpusOptions(length: 1000)
    let corpus = try AudioCorpus.drums(options: options, training: 25, validation: 10, heldOut: 10)
    #expect(corpus.sampleRate == 8000)
    #expect(corpus.labelNames == Drum.labelNames)
    #expect((corpus.training.count, corpus.heldOut.count) == (25, 10))
    for index in 0..<25 {
      #expect(corpus.training.label(at: index) == [2, 3, 1, 0, 4][index % 5])
      let plain = machine.clip(index, sampleRate: 8000, length: 1000).samples
      let peak = plain.map(abs).max() ?? 1
      #expect(try corpus.training.sample(at: index, draw: 3) == plain.map { $0 * (0.9 / peak) })
    }
    let all = try corpus.training.all() + corpus.validation.all() + corpus.heldOut.all()
    #expect(Set(all).count == 45)
    let known = try AudioCorpus.drums(
      options: options, labels: ["tom", "x", "snare", "kick", "hat", "clap"], training: 5, heldOut: 5)
    #expect(known.training.labels == [3, 2, 4, 5, 0])
    #expect(throws: UserError.self) { try AudioCorpus.drums(options: options, labels: ["kick"]) }
    #expect(
      corpus.report.description
        == "drums: 45 sound files; 6 seconds of sound at 8000 Hz, mono; 25 samples of 1000 "
        + "frames to train on, 10 for validation (apart), 10 held out (drawn apart), 5 labels (clap, hat, kick, snare, tom)."
    )
  }

  @Test func corpusTakesTheFormOfTheOptions() throws {
    let options = AudioCorpusOptions(
      sampleRate: 16_000, length: 500, channels: 2, normalisation: .none, slicing: .random, short: .drop)
    let corpus = try AudioCorpus.drums(options: options, training: 5, validation: 5, heldOut: 5)
    let mono = machine.clip(3, sampleRate: 16_000, length: 500).samples
    #expect(try corpus.training.sample(at: 3, draw: 1) == mono.flatMap { [$0, $0] })
    let streamed = try AudioCorpus.drums(
      options: options, labels: nil, training: 5, validation: 5, heldOut: 5, seed: 0, memoryBudget: 4000)
    #expect(streamed.fingerprint == corpus.fingerprint)
    let (found, expected) = (try streamed.training.all(), try corpus.training.all())
    #expect(found == expected)
    #expect(
      try AudioCorpus.drums(options: options, training: 5, validation: 5, heldOut: 5, seed: 1).fingerprint
        != corpus.fingerprint)
  }
}
