import Adversarial
import ArgumentParser
import ModalityKit
import PlaneDatasets
import Torch

/// The flags of `duel plane evaluate`, beside those that all media share.
public struct PlaneEvaluateOptions: ParsableArguments {
  @OptionGroup var labels: EvaluationLabels

  /// No flags given.
  public init() {}
}

extension Plane {
  /// Held-out points and samples of each row, unless another number is asked for.
  private static let usualCount = 2_000

  /// Measures a trained generator beside real points, itself before the game and a Gaussian mixture.
  public static func evaluate(_ request: EvaluationRequest<Plane>, options: PlaneEvaluateOptions) throws
    -> EvaluationTable
  {
    let (model, corpus) = (request.model, request.dataset)
    let spec = try model.recipe.completeSpec()
    let density = model.recipe.density
    let count = request.count ?? min(usualCount, corpus.heldOut.count)
    let heldOut = evenly(corpus.heldOut.points, usualCount)
    let scores = try PlaneScores(reference: heldOut, spec: spec, density: density)
    var table = scores.emptyTable()
    let training = evenly(corpus.training.points, count)
    table.add(try scores.row("training sample", .real, training, seed: nil))

    let choice = options.labels.choice(of: corpus.training.labels, classes: spec.labels.count)
    func row(_ name: String, _ generator: any Generator) throws -> EvaluationTable.Row {
      let sampler = PlaneSampler(generator, recipe: model.recipe, spec: spec, device: model.device)
      let drawn = try sampler.samples(count: count, seed: request.seed, labels: choice)
      let strata = options.labels.areEqual ? Strata(labels: drawn.labels, count: count) : Strata(count: count)
      return try scores.row(
        name, .model, spec.points(drawn.samples), seed: request.seed, strata: strata)
    }
    table.add(try row("this model, step \(model.step)", model.generator))
    table.add(
      try row("before the game", PlaneGenerator(model.recipe, seed: model.seed, device: model.device)))

    let components = min(density.map { $0.modeCount > 1 ? $0.modeCount : 8 } ?? 8, corpus.training.count)
    var clusters = RandomStream(seed: request.seed, name: "clusters of the mixture")
    let mixture = try GaussianMixture(
      spec.standardised(evenly(corpus.training.points, 5_000)), components: components, ridge: 1e-5,
      using: &clusters)
    var draws = RandomStream(seed: request.seed, name: "draws of the mixture")
    let drawn = try spec.points(mixture.samples(count, using: &draws))
    table.add(try scores.row("Gaussian mixture, \(components) by EM", .baseline, drawn, seed: request.seed))
    table.notes = notes(
      heldOut: heldOut.count, density: density, target: spec.target,
      labels: options.labels.note(classes: spec.labels.count))
    return table
  }

  private static func evenly(_ points: [PlanePoint], _ limit: Int) -> [PlanePoint] {
    EvenSpread.places(limit, outOf: points.count).map { points[$0] }
  }

  private static func notes(
    heldOut: Int, density: (any PlaneDensity)?, target: PlaneTarget?, labels: String?
  ) -> [String] {
    var notes = [
      "Compared with \(heldOut) held-out points; distances in standard deviations of the data.",
      "energy: 2 E‖X - Y‖ - E‖X - X'‖ - E‖Y - Y'‖. MMD²: Gaussian kernels of widths "
        + PlaneScores.bandwidths.map { String($0) }.joined(separator: ", ")
        + ". Both unbiased: negative half of the time where the distributions agree.",
    ]
    if let density {
      if density.modeCount > 0 {
        notes.append(
          "good: within 3 standard deviations of a mode, 98.9 % of a Gaussian; modes: those with a good sample."
        )
      }
      notes.append(
        "KL: by the density of \(target?.rawValue ?? "the target") (\(density.formula)) and the "
          + "\(NeighbourDivergence.neighbour)th nearest neighbours among the row's samples.")
    }
    return notes + [labels, EvaluationTable.errorMeaning].compactMap(\.self)
  }
}
