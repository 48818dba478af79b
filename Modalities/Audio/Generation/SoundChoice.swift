import Adversarial
import AudioDatasets
import Failures
import Foundation
import ModalityKit
import Torch

/// A sound whose latent was chosen rather than drawn.
struct ChosenSound {
  let clip: AudioClip
  let label: Int?
  /// How it was chosen, for the file's comment.
  let remark: String
}

/// The sounds of `generate --like` and `generate --vary`: of latents that are near a sound, or around one.
struct SoundChoice {
  /// Sounds that may be asked for: they are in memory.
  static let limit = 10_000
  /// Draws of a search, and the spread of variations, where none are named.
  static let usualSearch = 2048, usualSpread = 0.3

  let request: GenerationRequest<Audio>
  let options: AudioGenerateOptions

  private var sampler: Sampler<Audio> { request.sampler }

  /// The chosen sounds; nil where the flags choose none, and sounds are drawn.
  ///
  /// Variations have the noise of what they vary, so that they differ from it by their latents alone.
  ///
  /// - Throws: `UserError`: usage where samples are also to be selected or copies left out, or are too many; as `SoundFile.read` for the file of
  ///   `--like`; bad data where it is silent.
  func sounds() throws -> [ChosenSound]? {
    guard options.like != nil || options.vary != nil else { return nil }
    let flag = options.like == nil ? "--vary" : "--like"
    guard sampler.selection == nil else {
      throw UserError(
        .usage, "\(flag): found --select beside it, expected one of them: no sound is drawn at random")
    }
    guard sampler.copies == nil else {
      throw UserError(
        .usage, "\(flag): found --no-copies beside it, expected one of them: no sound is drawn at random")
    }
    guard request.count <= Self.limit else {
      throw UserError(.usage, "\(flag): found \(request.count) sounds, expected at most \(Self.limit)")
    }
    let found = try options.like.map(nearest)
    guard let count = options.vary else {
      return try found.map { found in
        try found.flatMap {
          try chosen(
            $0.latent, label: $0.label, noise: $0.noise, remark: "\(decibels($0.distance)) from \(name)")
        }
      }
    }
    if let base = found?.first {
      return try variations(
        count, around: base.latent, label: base.label, noise: base.noise,
        of: "a sound \(decibels(base.distance)) from \(name)")
    }
    let labels = request.labels.labels(
      ofChunk: 0, size: Audio.chunkSize, classes: sampler.spec.labels.count, seed: request.seed)
    let first = try sampler.latents(count: Audio.chunkSize, seed: request.seed) * request.truncation
    return try variations(
      count, around: first.narrowed(along: 0, start: 0, count: 1), label: labels?[0],
      noise: request.seed, of: "seed \(request.seed)")
  }

  /// The name of the file of `--like`.
  private var name: String { options.like.map { URL(fileURLWithPath: $0).lastPathComponent } ?? "" }

  private func decibels(_ distance: Double) -> String { String(format: "%.1f dB", distance) }

  /// Searches, and says how near it came.
  private func nearest(to path: String) throws -> [SoundSearch.Found] {
    let clip = try AudioClip(likeDataOf: sampler.recipe, path: path)
    let search = SoundSearch(
      sampler: sampler,
      distance: try SoundDistance(to: Tensor(clip.samples), sampleRate: clip.sampleRate), seed: request.seed,
      labels: request.labels, truncation: request.truncation)
    let tries = options.search ?? Self.usualSearch
    let found = try search.nearest(options.vary == nil ? request.count : 1, of: tries)
    let label = found[0].label
    let ofLabel = label.map { ", label \(sampler.spec.labels[$0])" } ?? ""
    let console = Console.current
    console.note(
      "\(name): distances of log-mel spectrograms at one level, by the best shift up to 0.1 s: "
        + found.prefix(10).map { decibels($0.distance) }.joined(separator: ", ")
        + (found.count > 10 ? " and more" : ""))
    console.note(
      "two sounds of this generator\(ofLabel): \(decibels(try search.typicalDistance(label: label))), "
        + "the median of \(SoundSearch.pairs) pairs")
    if let real = try realDistance(search, label: label) {
      console.note("two training clips\(ofLabel): \(decibels(real))")
    }
    return found
  }

  /// The distance of two training clips, where the run's data are still there: they only help to read the others.
  private func realDistance(_ search: SoundSearch, label: Int?) throws -> Double? {
    let folder = request.model.file.deletingLastPathComponent().deletingLastPathComponent()
    guard let data = try? Run<Audio>.open(folder).dataset() else { return nil }
    return try search.typicalDistance(inTraining: data.corpus, label: label)
  }

  /// Sounds on the arcs from a latent to fresh ones, each at a share of its arc: the mix of both by cosine and sine, which is as
  /// likely a latent as they are.
  private func variations(
    _ count: Int, around latent: Tensor, label: Int?, noise: UInt64, of origin: String
  ) throws -> [ChosenSound] {
    let spread = options.spread ?? Self.usualSpread
    let size = Audio.chunkSize
    let remark = "variation of \(origin), spread \(spread)"
    let sounds = try (0..<(count + size - 1) / size).flatMap { chunk in
      let fresh = try sampler.latents(count: size, seed: request.seed, step: chunk, name: "variations")
      return try chosen(
        LatentPath.point(from: latent, to: fresh * request.truncation, share: spread), label: label,
        noise: noise, remark: remark)
    }
    return Array(sounds.prefix(count))
  }

  /// The sounds of latents `[B, Z]`.
  private func chosen(_ latents: Tensor, label: Int?, noise: UInt64, remark: String) throws -> [ChosenSound] {
    let labels = label.map { [Int](repeating: $0, count: latents.shape[0]) }
    let tensor = try sampler.tensor(latents: latents, labels: labels, seed: noise)
    return try Audio.samples(of: tensor, recipe: sampler.recipe).map {
      ChosenSound(clip: $0, label: label, remark: remark)
    }
  }
}
