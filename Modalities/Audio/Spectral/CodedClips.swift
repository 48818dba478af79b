import Adversarial
import AudioDatasets
import Corpora
import Foundation
import Metrics
import Torch

/// Training clips as exemplars of a `SpectralGenerator`: their codes, the clips most like each, and how much they are to be
/// varied.
///
/// A pure function of the clips and the recipe, with fixed seeds, so that a resumed training computes the same.
struct CodedClips: Sendable {
  /// Clips that are encoded at a time.
  private static let chunkSize = 64
  /// Clips whose statistics are kept, at most.
  private static let described = 5_000
  /// Codes drawn to fit the strength of variations.
  private static let drawn = 256
  /// The range of strengths that still sounds like the clips.
  private static let strengths = 0.2...2.0

  /// Codes of the exemplars in 255 steps, `[E, F, N]`.
  let exemplars: Tensor
  /// Their labels, `[E]`; nil without.
  let labels: Tensor?
  /// Exemplars most like each, of its label, `[E, K]`; itself where there is no other.
  let neighbours: Tensor
  /// How neighbours fit exemplars.
  let fits: NeighbourFits
  /// The peak that nearly all clips have, `[1]`; 0 where they have none in common.
  let peak: Tensor
  /// The strength at which variations lie as far from the nearest clip as clips from each other, `[1]`.
  let strength: Tensor
  /// Statistics of the training clips.
  let statistics: CodeStatistics

  /// Encodes clips of a set, evenly spread over it, and fits what follows from them.
  ///
  /// - Throws: `UserError` for files that have vanished or changed; `TorchError` when memory ends.
  init(_ set: AudioSet, codec: ClipCodec, variation: ClipVariationRecipe, spec: AudioSpec) throws {
    guard let sizes = spec.codes else {
      throw TorchError("the recipe has no sizes of codes: no data has completed it")
    }
    // Of all clips statistics are kept: how far a clip lies from the others depends on how many there are.
    let all = EvenSpread.indices(max(Self.described, sizes.exemplars), outOf: set.count)
    let chosen = Set(EvenSpread.indices(sizes.exemplars, outOf: all.count))
    let indices = all.enumerated().filter { chosen.contains($0.offset) }.map(\.element)
    var (parts, statistics, peaks): ([Tensor], [Tensor], [Float]) = ([], [], [])
    for start in stride(from: 0, to: all.count, by: Self.chunkSize) {
      let range = start..<min(start + Self.chunkSize, all.count)
      let clips = try Self.clips(of: set, at: all[range], spec: spec)
      peaks += try clips.clipPeaks().reshaped([-1]).array(of: Float.self)
      let codes = try codec.encode(clips)
      statistics.append(try CodeStatistics.raw(codes))
      let kept = range.filter { chosen.contains($0) }.map { $0 - start }
      if !kept.isEmpty { parts.append(try codes.gathered(at: Tensor(kept))) }
    }
    let codes = try Tensor.concatenated(parts)
    self.statistics = try CodeStatistics(raw: Tensor.concatenated(statistics))
    exemplars = try CodeSteps.steps(of: codes)
    let numbers = spec.labels.isEmpty ? nil : indices.map { set.label(at: $0) ?? 0 }
    labels = try numbers.map { try Tensor($0) }
    let nearest = try Self.neighbours(of: codes, labels: numbers, count: sizes.neighbours)
    neighbours = try Tensor(nearest.flatMap(\.self), shape: [indices.count, sizes.neighbours])
    fits = try NeighbourFits(of: codes, neighbours: nearest, codec: codec)
    peak = try Tensor([Float(Self.commonPeak(peaks))])
    strength = try Self.strength(
      codes, statistics: self.statistics, neighbours: nearest, fits: fits,
      variation: ClipVariation(variation, codec: codec))
  }

  /// The peak of all but a tenth of the clips, to 1 %, as where each file was normalised and fits a clip; else 0.
  static func commonPeak(_ peaks: [Float]) -> Double {
    let middle = Double(peaks.sorted()[peaks.count / 2])
    let near = peaks.count { abs(Double($0) - middle) <= 0.01 * middle }
    return middle > 0 && near * 10 >= peaks.count * 9 ? middle : 0
  }

  private static func clips(of set: AudioSet, at indices: ArraySlice<Int>, spec: AudioSpec) throws -> Tensor {
    var samples: [Float] = []
    samples.reserveCapacity(indices.count * spec.length * spec.channels)
    for index in indices {
      var stream = RandomStream(seed: 0, step: index, name: "exemplars")
      samples += try set.sample(at: index, draw: stream.next())
    }
    return try Tensor(samples, shape: [indices.count, spec.length, spec.channels])
  }

  /// For each code the ones most like it, whatever their speed: of the same label, by means over eighths of the clip.
  private static func neighbours(of codes: Tensor, labels: [Int]?, count: Int) throws -> [[Int]] {
    let (total, frames, numbers) = (codes.shape[0], codes.shape[1], codes.shape[2])
    let coarse = try codes.reshaped([total, 8, frames / 8, numbers]).mean(along: 2).reshaped([total, -1])
    var nearest = [[Int]](repeating: [], count: total)
    for members in Dictionary(grouping: 0..<total, by: { labels?[$0] ?? 0 }).values {
      let own = try coarse.gathered(at: Tensor(members))
      try PairwiseBlocks.squaredDistances(own, own) { rows, squares in
        let isSelf = try Tensor(Array(rows)).expandingDimension(at: 1)
          .equals(Tensor(Array(0..<members.count)))
        let found = min(count, members.count - 1)
        let best =
          found > 0
          ? try squares.filled(where: isSelf, with: .infinity).bottom(found).indices.array(of: Int64.self)
          : []
        for (number, row) in rows.enumerated() {
          let others = best[number * found..<(number + 1) * found].map { members[Int($0)] }
          nearest[members[row]] = (0..<count).map {
            others.isEmpty ? members[row] : others[$0 % others.count]
          }
        }
      }
    }
    return nearest
  }

  /// Where variations lie as far from the nearest clip, on average, as clips do from each other: as new as one clip is
  /// beside the others. Bounded, as few clips lie far apart.
  private static func strength(
    _ codes: Tensor, statistics own: CodeStatistics, neighbours: [[Int]], fits: NeighbourFits,
    variation: ClipVariation
  ) throws -> Tensor {
    guard codes.shape[0] > 1 else { return try Tensor([Float(1)]) }
    let target = try NearestNeighbours.distances(within: own.reference).mean().item()
    var stream = RandomStream(seed: 0, name: "strength of variations")
    let chosen = (0..<drawn).map { _ in stream.index(below: codes.shape[0]) }
    let slots = chosen.map { _ in stream.index(below: neighbours[0].count) }
    let others = zip(chosen, slots).map { neighbours[$0][$1] }
    let rows = try Tensor(zip(chosen, slots).map { $0 * neighbours[0].count + $1 })
    let like = try fits.gathered(at: rows, codes: codes.gathered(at: Tensor(others)))
    let amounts = try stream.normal([drawn, ClipVariation.numbers])
    var (low, high) = (strengths.lowerBound, strengths.upperBound)
    for _ in 0..<7 {
      let middle = (low * high).squareRoot()
      let varied = try variation(
        codes.gathered(at: Tensor(chosen)), like: like, amounts: amounts, strength: Tensor([Float(middle)]))
      let distance = try NearestNeighbours.distances(from: own(varied), to: own.reference).mean().item()
      if distance < target { low = middle } else { high = middle }
    }
    return try Tensor([Float((low * high).squareRoot())])
  }
}

/// Codes in 255 steps of .3 dB, so that exemplars take a byte a number.
enum CodeSteps {
  private static let step = 2.5 / 255

  /// Codes as steps.
  static func steps(of codes: Tensor) throws -> Tensor {
    try ((codes + 1) * (1 / step)).rounded().clamped(from: 0, to: 255).converted(to: .uint8)
  }

  /// Steps as codes; silence comes back exactly.
  static func codes(of steps: Tensor) throws -> Tensor { try steps.converted(to: .float32) * step - 1 }
}

/// Plain statistics of codes: for each number of a frame its mean, its standard deviation and its mean absolute change from
/// frame to frame, standardised by those of a reference. What is 35 dB below full scale counts as silence.
struct CodeStatistics: Sendable {
  private static let quiet = 0.0
  /// The reference's means and deviations, `[D]`.
  let mean: Tensor, deviation: Tensor
  /// The reference's statistics, `[N, D]` in double precision.
  let reference: Tensor

  /// Takes statistics that are not standardised yet as the reference.
  init(raw: Tensor) throws {
    mean = try raw.mean(along: 0)
    deviation = try raw.variance(along: 0, correction: 0).squareRoot().clamped(from: 1e-3)
    reference = try (raw - mean) / deviation
  }

  /// Statistics of other codes.
  func callAsFunction(_ codes: Tensor) throws -> Tensor { try (Self.raw(codes) - mean) / deviation }

  /// Statistics `[N, D]` of many codes in double precision, not standardised.
  static func raw(_ codes: Tensor) throws -> Tensor {
    try codes.mappedInBatches { try raw($0, dtype: .float64) }
  }

  /// Statistics `[N, D]` of codes, not standardised; differentiable.
  static func raw(_ codes: Tensor, dtype: DType) throws -> Tensor {
    let audible = try codes.converted(to: dtype).clamped(from: quiet)
    let frames = audible.shape[1]
    let changes =
      try audible.narrowed(along: 1, start: 1, count: frames - 1)
      - audible.narrowed(along: 1, start: 0, count: frames - 1)
    let means = try audible.mean(along: 1, keepingDimensions: true)
    // The engine's own variance takes one number after the other.
    let variances = try (audible - means).squared().mean(along: 1)
    return try Tensor.concatenated(
      [
        // A band that is silent throughout has a slope too.
        means.squeezingDimension(at: 1), (variances + 1e-8).squareRoot(), changes.absolute().mean(along: 1),
      ], along: 1)
  }
}
