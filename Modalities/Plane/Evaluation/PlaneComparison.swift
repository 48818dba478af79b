import Metrics
import ModalityKit
import PlaneDatasets
import Torch

extension Plane {
  /// Held-out points, and samples of each row unless another number is asked for, at most.
  private static let usualCount = 2_000
  /// Training points that the mixture is fitted to, at most.
  private static let fittedCount = 5_000

  /// Distances of distributions need two points, tests more.
  public static func evaluationNeeds(hasLabels: Bool) -> [EvaluationNeed] {
    [
      EvaluationNeed(["energy", "MMD²"], heldOut: PlaneScores.fewestReference), .nearness,
      .twoSample(["told by features", "told by network"]),
    ]
  }

  /// Measures models beside real points and a Gaussian mixture.
  public static func evaluate(_ request: EvaluationRequest<Plane>, options: NoSamplingOptions) throws
    -> EvaluationTable
  {
    let (recipe, corpus) = (request.model.recipe, request.dataset.corpus)
    let (spec, density) = (try recipe.completeSpec(), recipe.density)
    let heldOut = corpus.heldOut.points(spread: usualCount)
    let count = request.count ?? max(heldOut.count, PlaneScores.fewest)
    let training = corpus.training.points(spread: fittedCount)
    let scores = try PlaneScores(
      reference: heldOut, training: training, spec: spec, density: density,
      test: PlaneTwoSampleTest(heldOut: heldOut, count: count, spec: spec, seed: request.seed))
    var tests: [TwoSampleColumns.Measurement] = []
    var table = scores.emptyTable()
    table.add(
      try scores.row(
        "training sample", .real, corpus.training.points(spread: count), seed: nil, isTraining: true
      )
      .row)
    for model in request.models {
      let drawn = try request.tensor(of: model, count: count, options: options.sampling)
      let strata = Strata(labels: request.hasEqualLabels ? drawn.labels : nil, count: drawn.count)
      let (row, test) = try scores.row(
        model.name, .model, samples(of: drawn.tensor, recipe: model.model.recipe), seed: request.seed,
        strata: strata)
      table.add(row)
      tests.append(test)
    }
    let components = density.map { $0.modeCount > 1 ? $0.modeCount : 8 } ?? 8
    var stream = RandomStream(seed: request.seed, name: "mixture")
    let mixture = try GaussianMixture(
      spec.standardised(training), components: min(components, corpus.training.count), ridge: 1e-5,
      using: &stream)
    table.add(
      try scores.row(
        "Gaussian mixture, \(components) by EM", .baseline,
        spec.points(mixture.samples(count, using: &stream)),
        seed: request.seed
      ).row)
    table.notes =
      request.gameEffects(in: table) { TwoSampleColumns.Measurement.pairedErrors(tests, $0) }
      + scores.notes(target: spec.target) + [EvaluationTable.errorMeaning]
    return table
  }
}
