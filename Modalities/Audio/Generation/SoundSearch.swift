import Adversarial
import AudioDatasets
import Failures
import Foundation
import ModalityKit
import Torch

/// How far sounds are from one sound: the root mean square difference of log-mel spectrograms, in decibels.
///
/// Spectrograms are those of `LogMelSpectrogram`, 40 bands with a floor. The mean is over the cells (a band of a frame) in which the
/// sound is audible, above the floor, so that silence behind short sounds does not make all of them near; differences in other cells
/// add to it. Levels are made equal before, to a root mean square of
/// 0.1 over the clip, so that a quiet sound may be near a loud one. Shifts of up to 96 ms (six hops) either way, by half a
/// hop, are tried, and the least distance counts; what is shifted in is silence. 0 is the same sound;
/// what is far and what is near depends on the sound, so distances stand beside those of two sounds of one label.
struct SoundDistance {
  /// Hops that a sound may be shifted by, either way.
  static let shifts = 6
  private static let level = 0.1

  private let spectrogram: LogMelSpectrogram
  /// Spectrograms of the sound shifted by each amount, `[S, frames * bands]`, and the squares of their lengths `[1, S]`.
  private let shifted: Tensor
  private let squares: Tensor
  /// Cells in which the sound is audible.
  private let audible: Double

  /// Measures to a clip `[T]`, which is not silent.
  init(to clip: Tensor, sampleRate: Int) throws {
    spectrogram = try LogMelSpectrogram(sampleRate: sampleRate)
    let step = spectrogram.hop / 2
    let most = 2 * Self.shifts * step
    let length = clip.shape[0]
    let padded = try clip.reshaped([1, length]).padded(most, most)
    let clips = try stride(from: 0, through: 2 * most, by: step).map {
      try padded.narrowed(along: 1, start: $0, count: length)
    }
    shifted = try Self.described(Tensor.concatenated(clips), spectrogram)
    squares = try shifted.squared().sum(along: 1).reshaped([1, clips.count])
    let unshifted = try shifted.selected(clips.count / 2)
    audible = max(try unshifted.greater(than: log(2)).converted(to: .float64).sum().item(), 1)
  }

  /// Distances of clips `[N, T]`, as many samples as the sound has, in decibels.
  func callAsFunction(_ clips: Tensor) throws -> [Double] {
    try withoutGradients {
      try clips.mappedInBatches { clips in
        let described = try Self.described(clips, spectrogram)
        let products = try described.matmul(shifted.transposed(0, 1))
        let all = try described.squared().sum(along: 1, keepingDimensions: true) + squares - products * 2
        return try (all.min(along: 1).clamped(from: 0) / audible).squareRoot()
          * (20 / log(10))
      }
    }.converted(to: .float64).array()
  }

  /// Spectrograms of clips at the common level, `[N, frames * bands]` in double precision: distances of near sounds are small
  /// differences of large numbers.
  static func described(_ clips: Tensor, _ spectrogram: LogMelSpectrogram) throws -> Tensor {
    let size = try clips.squared().mean(along: 1, keepingDimensions: true).squareRoot().clamped(from: 1e-6)
    let bands = try spectrogram(clips / size * level).converted(to: .float64)
    return try bands.reshaped([clips.shape[0], bands.shape[1] * bands.shape[2]])
  }
}

/// Latents of a generator whose sounds are near a given one, by search: no generator has a way back from sound to latent.
///
/// A sound also depends on the noise inside the generator, so each chunk of draws has noise of its own.
struct SoundSearch {
  /// A latent with its sound's distance.
  struct Found {
    /// `[1, Z]`.
    var latent: Tensor
    let label: Int?
    /// The seed whose first sample has the sound's noise.
    let noise: UInt64
    /// In decibels.
    var distance: Double
  }

  /// Latents that are refined at most; what is wanted beyond stays as it was drawn. And how many at least: the nearest draw
  /// need not lead to the nearest sound.
  static let refined = 16, refinedAtLeast = 4
  /// Rounds of small steps, each with a chunk of steps around every latent.
  static let rounds = 32
  /// The share of the way to a fresh latent that a step goes, in the first and in the last round.
  static let firstShare = 0.35, lastShare = 0.04
  /// Pairs of sounds whose distances are what distances are compared with.
  static let pairs = 32
  /// Iterations for phases while searching: what is compared are levels of bands, which phases hardly change.
  static let phaseIterations = 8

  let sampler: Sampler<Audio>
  let distance: SoundDistance
  let seed: UInt64
  let labels: LabelChoice
  let truncation: Double

  /// The sampler that searches: thousands of sounds are made and thrown away.
  private func searching() throws -> Sampler<Audio> {
    guard sampler.generator.overCodes != nil else { return sampler }
    return try Sampler(
      sampler.generator, recipe: sampler.recipe, device: sampler.device,
      options: AudioSampling(phaseIterations: Self.phaseIterations), selection: sampler.selection)
  }

  /// Waveforms `[N, T]` of one channel.
  private func sounds(_ latents: Tensor, _ labels: [Int]?, noise: UInt64, by sampler: Sampler<Audio>) throws
    -> Tensor
  {
    try sampler.tensor(latents: latents, labels: labels, seed: noise).mean(along: 2)
  }

  private func fresh(_ count: Int, step: Int, name: String = "latents") throws -> Tensor {
    try sampler.latents(count: count, seed: seed, step: step, name: name) * truncation
  }

  /// The nearest of some latents that are drawn as for samples, each then moved nearer by small random steps; nearest first.
  ///
  /// - Parameters:
  ///   - count: how many are wanted.
  ///   - tries: latents drawn, rounded up to whole chunks; at least `count`.
  func nearest(_ count: Int, of tries: Int) throws -> [Found] {
    var found: [Found] = []
    let size = Audio.chunkSize
    let searching = try searching()
    let chunks = (max(tries, count) + size - 1) / size
    WorkLine.begin("searching", total: chunks + Self.rounds)
    for chunk in 0..<chunks {
      defer { WorkLine.advance() }
      let latents = try fresh(size, step: chunk)
      let labels = labels.labels(
        ofChunk: chunk, size: size, classes: sampler.spec.labels.count, seed: seed)
      var stream = RandomStream(seed: seed, step: chunk, name: "noise seeds")
      let noise = stream.next()
      for (row, value) in try distance(sounds(latents, labels, noise: noise, by: searching)).enumerated() {
        found.append(
          Found(
            latent: try latents.narrowed(along: 0, start: row, count: 1), label: labels?[row],
            noise: noise, distance: value))
      }
      found = Array(found.sorted { $0.distance < $1.distance }.prefix(max(count, Self.refinedAtLeast)))
    }
    for round in 0..<Self.rounds {
      try refine(&found, round: round, by: searching)
      WorkLine.advance()
    }
    // As far as the sounds are that are written.
    for index in found.indices {
      let labels = found[index].label.map { [$0] }
      found[index].distance = try distance(
        sounds(found[index].latent, labels, noise: found[index].noise, by: sampler))[0]
    }
    return Array(found.sorted { $0.distance < $1.distance }.prefix(count))
  }

  /// One round of steps: of each latent the nearest proposal replaces it, where it is nearer.
  private func refine(_ found: inout [Found], round: Int, by searching: Sampler<Audio>) throws {
    let progress = Double(round) / Double(Self.rounds - 1)
    let share = Self.firstShare * pow(Self.lastShare / Self.firstShare, progress)
    for index in 0..<min(found.count, Self.refined) {
      let base = found[index]
      let proposals = try LatentPath.point(
        from: base.latent,
        to: fresh(Audio.chunkSize, step: round * Self.refined + index, name: "steps"), share: share)
      let labels = base.label.map { [Int](repeating: $0, count: Audio.chunkSize) }
      let distances = try distance(sounds(proposals, labels, noise: base.noise, by: searching))
      guard let best = distances.indices.min(by: { distances[$0] < distances[$1] }),
        distances[best] < base.distance
      else { continue }
      found[index].latent = try proposals.narrowed(along: 0, start: best, count: 1)
      found[index].distance = distances[best]
    }
  }

  /// The median distance of two samples of a label.
  func typicalDistance(label: Int?) throws -> Double {
    try Self.medianOfPairs(
      sampler.tensor(
        count: 2 * Self.pairs, seed: seed, labels: label.map { .one($0) } ?? .any, truncation: truncation
      ).tensor.mean(along: 2), sampleRate: sampler.spec.sampleRate)
  }

  /// The median distance of two training clips of a label; nil where there are fewer than two of it that are not silent.
  func typicalDistance(inTraining corpus: AudioCorpus, label: Int?) throws -> Double? {
    let part = corpus.training
    let indices = (0..<part.count).filter { label == nil || part.label(at: $0) == label }
    let spread = EvenSpread.indices(2 * Self.pairs, outOf: indices.count).map { indices[$0] }
    let spec = sampler.spec
    let clips = try spread.map { try part.sample(at: $0, draw: 0) }
      .filter { clip in clip.contains { abs($0) >= Float(WaveformScores.silence) } }
    guard clips.count >= 2 else { return nil }
    // Neighbours in a folder are often takes of one sound, so halves are paired.
    let half = clips.count / 2
    let paired = (0..<half).flatMap { [clips[$0], clips[half + $0]] }
    let tensor = try Tensor(paired.flatMap(\.self), shape: [2 * half, spec.length, spec.channels])
    return try Self.medianOfPairs(tensor.mean(along: 2), sampleRate: spec.sampleRate)
  }

  /// The median distance of clips number 0 and 1, 2 and 3, and so on.
  private static func medianOfPairs(_ clips: Tensor, sampleRate: Int) throws -> Double {
    let distances = try (0..<clips.shape[0] / 2).map { pair in
      try SoundDistance(to: clips.selected(2 * pair), sampleRate: sampleRate)(
        clips.narrowed(along: 0, start: 2 * pair + 1, count: 1))[0]
    }
    return distances.sorted()[distances.count / 2]
  }
}

extension AudioClip {
  /// A sound file as a run's data are read: mixed, at the recipe's rate, without the silence before it where data are trimmed; its
  /// beginning, filled up with zeros.
  ///
  /// - Throws: `UserError` that names the file, where it cannot be read or its beginning is silent.
  init(likeDataOf recipe: AudioRecipe, path: String) throws {
    let spec = try recipe.completeSpec()
    var clip = try SoundFile.read(path).mixed(toChannels: 1).resampled(to: spec.sampleRate)
    if recipe.data.trimSilence { clip.samples.removeFirst(clip.soundRange.lowerBound) }
    let samples = Array(clip.samples.prefix(spec.length))
    guard samples.contains(where: { abs($0) >= Float(WaveformScores.silence) }) else {
      throw UserError(
        .badData,
        "\(path): found silence in the first \(spec.duration) seconds, expected a sound")
    }
    self.init(
      samples: samples + [Float](repeating: 0, count: spec.length - samples.count),
      sampleRate: spec.sampleRate)
  }
}
