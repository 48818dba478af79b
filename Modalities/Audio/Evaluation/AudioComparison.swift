import Adversarial
import AudioDatasets
import Failures
import Foundation
import ModalityKit
import Torch

/// The evaluation of an audio model: rows for held-out sounds, the model, other runs beside it, and a Gaussian mixture,
/// all measured alike.
struct AudioComparison {
  /// Training clips that metrics compare with, at most; a larger set is thinned evenly.
  private static let trainingLimit = 5_000
  /// Held-out clips that are looked at, at most.
  private static let heldOutLimit = 2_000
  /// Clips of each generator unless asked otherwise: scores of fewer are mostly noise.
  private static let generatedCount = 1_000

  private let request: EvaluationRequest<Audio>
  private let options: AudioEvaluateOptions
  private let model: TrainedAudio

  /// Prepares to measure.
  init(_ request: EvaluationRequest<Audio>, options: AudioEvaluateOptions) throws {
    self.request = request
    self.options = options
    model = try TrainedAudio(request.model)
  }

  /// Measures everything.
  ///
  /// - Throws: `UserError` where a run beside the model makes other sounds, or there are too few clips.
  func table() throws -> EvaluationTable {
    let corpus = request.dataset.corpus
    var rows = [try generated(model, named: "this model (\(description(of: request.model)))")]
    if let warmStart = request.warmStart {
      rows.append(
        try generated(TrainedAudio(warmStart), named: "warm start (\(description(of: warmStart)))"))
    }
    for path in options.beside {
      let other = try TrainedModel<Audio>(
        contentsOf: URL(fileURLWithPath: path), device: request.model.device)
      let audio = try TrainedAudio(other)
      guard audio.format == model.format else {
        throw UserError(
          .badData,
          "--beside \(path): found \(audio.format.summary), expected the model's \(model.format.summary)")
      }
      rows.append(
        try generated(
          audio, named: "\(URL(fileURLWithPath: path).lastPathComponent) (\(description(of: other)))"))
    }
    var table = try AudioEvaluation.table(
      rows: rows, training: real(corpus.training, limit: Self.trainingLimit, named: "training"),
      heldOut: real(corpus.heldOut, limit: Self.heldOutLimit, named: "held-out real"),
      labelNames: model.format.labels, sampleRate: model.format.sampleRate, seed: request.seed)
    for (part, set, limit) in [
      ("Training", corpus.training, Self.trainingLimit), ("Held out", corpus.heldOut, Self.heldOutLimit),
    ] where set.count > limit {
      table.notes.append("\(part): \(limit) of \(set.count) clips, evenly spread.")
    }
    if let note = options.labels.note(classes: model.format.labels.count) { table.notes.append(note) }
    if options.truncation != 1 { table.notes.append("Latents were multiplied by \(options.truncation).") }
    return table
  }

  private func description(of model: TrainedModel<Audio>) -> String {
    "\(model.recipe.network.rawValue), step \(model.step)"
  }

  /// Clips of a generator, with labels in the training data's shares unless the options say otherwise.
  func generated(_ audio: TrainedAudio, named name: String) throws -> AudioClips {
    let count = request.count ?? Self.generatedCount
    let training = request.dataset.corpus.training
    let labels = options.labels.choice(
      of: (0..<training.count).lazy.map { training.label(at: $0) }, classes: audio.format.labels.count)
    let drawn = try audio.sampler.tensor(
      count: count, seed: request.seed, labels: labels, truncation: options.truncation)
    return AudioClips(
      name: name, source: .model, clips: try drawn.clips.mean(along: 2), labels: drawn.labels,
      areLabelsFixed: options.labels.areEqual, seed: request.seed)
  }

  private func real(_ set: AudioSet, limit: Int, named name: String) throws -> AudioClips {
    let places = EvenSpread.places(limit, outOf: set.count)
    let format = model.format
    var samples: [Float] = []
    samples.reserveCapacity(places.count * format.length * format.channels)
    for place in places {
      samples += try set.sample(at: place, draw: UInt64(place) &* 0x9E37_79B9_7F4A_7C15)
    }
    let clips = try Tensor(samples, shape: [places.count, format.length, format.channels]).mean(along: 2)
    return AudioClips(
      name: name, source: .real, clips: clips,
      labels: format.labels.isEmpty ? nil : places.map { set.label(at: $0) ?? 0 }, seed: nil)
  }
}

extension AudioFormatRecipe {
  /// In words, for messages.
  var summary: String {
    let names = labels.isEmpty ? "no labels" : "labels \(labels.joined(separator: ", "))"
    return "\(length) samples at \(sampleRate) Hz, channels: \(channels), \(names)"
  }
}
