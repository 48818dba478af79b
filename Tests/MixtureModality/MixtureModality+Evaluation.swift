import Foundation
import Metrics
import ModalityKit
import Torch

extension MixtureModality {
  /// Shares of good points and covered modes, beside held-out points and one Gaussian of the data's scale.
  public static func evaluate(_ request: EvaluationRequest<Self>, options: NoSamplingOptions) throws
    -> EvaluationTable
  {
    let count = request.count ?? 500
    var table = EvaluationTable(columns: [
      .init(key: "modes", name: "modes", direction: .higher, digits: 0),
      .init(key: "good", name: "good", unit: "%", direction: .higher, digits: 1),
    ])
    table.add(row("held-out real", .real, request.dataset.heldOut, seed: nil))
    for model in request.models {
      let drawn = try request.tensor(of: model, count: count, options: PlainSampling()).tensor
      table.add(
        row(model.name, .model, try samples(of: drawn, recipe: model.model.recipe), seed: request.seed))
    }
    var stream = RandomStream(seed: request.seed, name: "one Gaussian")
    let noise = try points(stream.normal([count, 2]), scale: request.dataset.scale)
    table.add(row("one Gaussian", .baseline, noise, seed: request.seed))
    table.notes += request.gameEffects(in: table)
    return table
  }

  static func points(_ tensor: Tensor, scale: Double) throws -> [MixtureData.Point] {
    let numbers = try (tensor * scale).converted(to: .float32).array(of: Float.self)
    return stride(from: 0, to: numbers.count, by: 2).map { .init(numbers[$0], numbers[$0 + 1]) }
  }

  /// A point is good within four standard deviations of a centre; a mode is covered by a good point.
  private static func row(
    _ name: String, _ source: EvaluationTable.Source, _ points: [MixtureData.Point], seed: UInt64?
  ) -> EvaluationTable.Row {
    let nearest = points.compactMap { point in
      MixtureData.centres.firstIndex { centre in
        let offset = point - centre
        return (offset * offset).sum() < 16 * MixtureData.spread * MixtureData.spread
      }
    }
    return EvaluationTable.Row(
      name: name, source: source, sampleCount: points.count, seed: seed,
      values: [
        "modes": .measured(
          Score(
            Double(Set(nearest).count),
            standardError: DistinctCount.standardError(of: nearest, strata: Strata(count: nearest.count)))),
        "good": .measured(Score(percentage: nearest.count, of: points.count)),
      ])
  }
}
