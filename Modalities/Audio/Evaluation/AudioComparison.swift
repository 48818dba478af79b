import AudioDatasets
import Failures
import Foundation
import Metrics
import ModalityKit
import Torch

/// The evaluation of audio models: rows for held-out sounds, the models of a request, and a Gaussian mixture, all measured
/// alike.
struct AudioComparison {
  /// Training clips that metrics compare with, at most; a larger set is thinned evenly.
  private static let trainingLimit = 5_000
  /// Held-out clips that are looked at, at most.
  private static let heldOutLimit = 2_000
  /// Clips of each generator unless asked otherwise: scores of fewer are mostly noise.
  private static let generatedCount = 1_000

  private let request: EvaluationRequest<Audio>
  private let spec: AudioSpec

  /// Prepares to measure.
  init(_ request: EvaluationRequest<Audio>) throws {
    self.request = request
    spec = try request.model.recipe.completeSpec()
  }

  /// Measures everything.
  ///
  /// - Throws: `UserError` where there are too few clips.
  func table() throws -> EvaluationTable {
    let corpus = request.dataset.corpus
    let rows = try request.models.map { row in
      let drawn = try request.tensor(of: row, count: Self.generatedCount, options: PlainSampling())
      return AudioClips(
        name: row.name, source: .model, clips: try drawn.tensor.mean(along: 2), labels: drawn.labels,
        areLabelsFixed: request.hasEqualLabels, seed: request.seed)
    }
    var table = try AudioEvaluation.table(
      rows: rows, training: real(corpus.training, limit: Self.trainingLimit, named: "training"),
      heldOut: real(corpus.heldOut, limit: Self.heldOutLimit, named: "held-out real"),
      labelNames: spec.labels, sampleRate: spec.sampleRate, seed: request.seed)
    table.notes += request.gameEffects(in: table)
    table.notes += [
      ("Training", corpus.training, Self.trainingLimit), ("Held out", corpus.heldOut, Self.heldOutLimit),
    ]
    .compactMap { part, set, limit in
      EvaluationRequest<Audio>.thinningNote(part, looked: limit, of: set.count, samples: "clips")
    }
    return table
  }

  private func real(_ set: AudioSet, limit: Int, named name: String) throws -> AudioClips {
    let places = EvenSpread.places(limit, outOf: set.count)
    var samples: [Float] = []
    samples.reserveCapacity(places.count * spec.length * spec.channels)
    for place in places {
      samples += try set.sample(at: place, draw: UInt64(place) &* 0x9E37_79B9_7F4A_7C15)
    }
    let clips = try Tensor(samples, shape: [places.count, spec.length, spec.channels]).mean(along: 2)
    return AudioClips(
      name: name, source: .real, clips: clips,
      labels: spec.labels.isEmpty ? nil : places.map { set.label(at: $0) ?? 0 }, seed: nil)
  }
}
