import Adversarial
import Failures
import Foundation
import Reports
import Torch

/// Samples of a run's newest generator, of latents that are moved along a few directions.
protocol LatentSteering {
  /// Draws samples.
  ///
  /// - Parameters:
  ///   - seed: determines the latents that are moved, and all other draws.
  ///   - values: how far to go in each direction, in standard deviations of the prior.
  /// - Throws: `UserError` where there is no checkpoint yet, or it is damaged.
  func frame(seed: UInt64, values: [Double]) throws -> PreviewFrame
}

/// The steering of a medium's run.
final class ModalitySteering<M: Modality>: LatentSteering {
  private let folder: URL
  /// The generator that was drawn from last; checkpoints that are written meanwhile take its place.
  private var loaded: (file: URL, model: TrainedModel<M>)?

  init(_ folder: URL) { self.folder = folder }

  func frame(seed: UInt64, values: [Double]) throws -> PreviewFrame {
    let model = try newest()
    let sampler = try model.sampler(M.GenerateOptions.parse([]).sampling)
    let latents = try sampler.latents(count: M.previewCount, seed: seed)
    let directions = try Self.directions(values.count, of: latents.shape[1])
    let moved = try zip(values, directions).reduce(latents) { try $0 + $1.1 * $1.0 }
    let classes = sampler.spec.labels.count
    let labels = classes > 0 ? (0..<M.previewCount).map { $0 % classes } : nil
    let samples = try sampler.samples(latents: moved, labels: labels, seed: seed)
    return PreviewFrame(
      step: model.keptStep,
      items: try M.previewItems(of: samples, recipe: model.recipe).map { PreviewFrame.Item($0) })
  }

  private func newest() throws -> TrainedModel<M> {
    let file = try CheckpointStore.resolve(folder)
    if let loaded, loaded.file == file { return loaded.model }
    let model = try TrainedModel<M>(contentsOf: file)
    loaded = (file, model)
    return model
  }

  /// Directions `[1, Z]` at right angles to each other, of length 1, always the same of a dimension.
  private static func directions(_ count: Int, of dimension: Int) throws -> [Tensor] {
    var stream = RandomStream(seed: 0, step: 0, name: "directions")
    var directions: [Tensor] = []
    for _ in 0..<min(count, dimension) {
      var direction = try stream.normal([1, dimension])
      for other in directions { direction = try direction - other * (direction * other).sum() }
      directions.append(try direction / direction.squared().sum().squareRoot())
    }
    return directions
  }
}

extension PreviewFrame.Item {
  /// An item of a preview as a page shows it.
  init(_ item: PreviewItem) {
    switch item.content {
    case .text(let lines):
      let kind: Kind = (item.fileName as NSString).pathExtension == "csv" ? .plane : .text
      self.init(name: item.fileName, kind: kind, text: lines.joined(separator: "\n"))
    case .sound: self.init(name: item.fileName, kind: .sound, type: "audio/wav", bytes: item.fileBytes)
    case .picture:
      self.init(
        name: item.fileName, kind: .picture, type: "image/png", bytes: item.fileBytes,
        alternative: item.fileName)
    case .cloud:
      self.init(name: item.fileName, kind: .cloud, type: "application/octet-stream", bytes: item.fileBytes)
    }
  }
}

/// The steering of every run that a page shows, one request after the other.
actor SteeringDesk {
  /// Directions that one can go in.
  static let directions = 4
  /// How far one can go, in standard deviations of the prior.
  static let reach = 3.0

  private let registry: ModalityRegistry
  private var runs: [String: any LatentSteering] = [:]

  init(_ registry: ModalityRegistry) { self.registry = registry }

  /// Makes a run known.
  func add(_ run: ReportedRun, id: String) {
    guard runs[id] == nil, let modality = registry.modality(named: run.description.modality) else { return }
    runs[id] = Self.steering(of: modality, run.folder.url)
  }

  private static func steering<M: Modality>(of modality: M.Type, _ folder: URL) -> any LatentSteering {
    ModalitySteering<M>(folder)
  }

  /// An answer's JSON: a frame, or an error in a sentence.
  private struct Refusal: Encodable {
    let error: String
  }

  /// Answers a query: `run`, `seed` and `values`, numbers with commas between them.
  func answer(_ query: [String: String]) -> String {
    do {
      guard let run = query["run"].flatMap({ runs[$0] }) else {
        throw UserError(.usage, "run: found no such run")
      }
      guard let seed = query["seed"].flatMap({ UInt64($0) }) else {
        throw UserError(.usage, "seed: expected a whole number")
      }
      let values = (query["values"] ?? "").split(separator: ",").map { Double($0) ?? .nan }
      guard values.count <= Self.directions, values.allSatisfy({ abs($0) <= Self.reach }) else {
        throw UserError(
          .usage, "values: expected at most \(Self.directions) numbers from -\(Self.reach) to \(Self.reach)")
      }
      return try ReportPage.json(run.frame(seed: seed, values: values))
    } catch {
      let text = (error as? UserError)?.message ?? (error as? TorchError)?.message ?? "\(error)"
      return (try? ReportPage.json(Refusal(error: text))) ?? "{}"
    }
  }
}
