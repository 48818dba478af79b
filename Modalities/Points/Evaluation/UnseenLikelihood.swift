import Metrics
import PointDatasets
import Torch

/// Whether clouds make held-out shapes likelier than the training shapes alone do, and how much likelier they make training
/// shapes than held-out ones.
///
/// Nearest neighbours cannot tell a generator that deforms training shapes from one that copies them with noise. A density of
/// Gaussians at its samples can: unseen shapes become likelier only where deformations go where new shapes lie.
struct UnseenLikelihood {
  /// Principal numbers that describe a shape, each of variance 1 among training shapes.
  static let numbers = 32
  /// Clouds that a density is made of, at most: they have to be matched to the mean shape.
  static let limit = 1_000
  /// Training shapes, their points drawn anew, that are compared with held-out ones, at most.
  private static let againLimit = 200
  private static let keys = ["unseen", "gap"]

  /// The columns.
  static let columns: [EvaluationTable.Column] = [
    .init(
      key: "unseen", name: "unseen", unit: "nats", direction: .higher, digits: 2,
      errorNote: "± of unseen: over other draws of as many held-out clouds, each judged by both densities."),
    .init(
      key: "gap", name: "gap", unit: "nats", direction: .lower, digits: 2,
      errorNote: "± of gap: over other draws of as many training and held-out clouds."),
  ]

  private let model: MixtureOfShapes
  private let scales: Tensor
  private let heldOut: (codes: Tensor, labels: [Int]?)
  private let again: (codes: Tensor, labels: [Int]?)?
  /// The density of the training shapes, and the held-out ones' log-densities by it.
  private let training: KernelDensity
  private let reference: KernelDensity.Fit
  /// How many training shapes it is of.
  let centreCount: Int

  /// Prepares the comparison.
  ///
  /// - Parameters:
  ///   - model: what shapes are matched to, fitted to the training clouds.
  ///   - training: the clouds that it was fitted to.
  ///   - again: the same shapes with other points drawn, a tensor like `training`; without, there is no gap.
  ///   - heldOut: at least `PointEvaluation.minimum` clouds.
  init(model: MixtureOfShapes, training: PointClouds, again: Tensor?, heldOut: PointClouds) throws {
    self.model = model
    let hasLabels = training.labels != nil && heldOut.labels != nil
    let kept = min(Self.numbers, model.coordinates.shape[1])
    let coordinates = try model.coordinates.narrowed(along: 1, start: 0, count: kept)
    let deviations = try coordinates.squared().mean(along: 0).squareRoot()
    let least = max(1e-9 * (try deviations.max().item()), Double.leastNormalMagnitude)
    let scales = try deviations.clamped(from: least)
    self.scales = scales
    func labels(_ labels: [Int]?, at indices: [Int]) -> [Int]? {
      hasLabels ? labels.map { labels in indices.map { labels[$0] } } : nil
    }
    let places = EvenSpread.indices(Self.limit, outOf: coordinates.shape[0])
    let indices = places.map { model.fitted[$0] }
    self.training = try KernelDensity(
      centres: coordinates.gathered(at: Tensor(places)) / scales,
      labels: labels(training.labels, at: indices))
    centreCount = places.count
    self.heldOut = (try Self.codes(heldOut.clouds, model, scales), hasLabels ? heldOut.labels : nil)
    // Of shapes that the density has a Gaussian for.
    let chosen = EvenSpread.indices(Self.againLimit, outOf: indices.count).map { indices[$0] }
    self.again = try again.map {
      (try Self.codes($0.gathered(at: Tensor(chosen)), model, scales), labels(training.labels, at: chosen))
    }
    reference = try self.training.crossFitted(self.heldOut.codes, labels: self.heldOut.labels)
  }

  /// "unseen" and "gap" of the training shapes alone.
  func measureTraining() throws -> [String: EvaluationTable.Cell] {
    ["unseen": .measured(Score(0, standardError: 0)), "gap": try gap(training, reference)]
  }

  /// "unseen" and "gap" of generated clouds.
  ///
  /// - "unseen": how much likelier held-out shapes are by the density of the clouds than by that of the training shapes, in nats a
  ///   shape.
  /// - "gap": how much likelier training shapes are, their points drawn anew, than held-out shapes; large where samples are copies.
  ///
  /// - Parameter clouds: finite, of as many points as those that the model was fitted to.
  func measure(_ clouds: PointClouds) throws -> [String: EvaluationTable.Cell] {
    let indices = EvenSpread.indices(Self.limit, outOf: clouds.count)
    let labels = clouds.labels.map { labels in indices.map { labels[$0] } }
    guard heldOut.labels == nil || labels != nil else {
      return Self.columns.missing(reason: "the clouds have no labels")
    }
    let density = try KernelDensity(
      centres: Self.codes(clouds.clouds.gathered(at: Tensor(indices)), model, scales),
      labels: heldOut.labels == nil ? nil : labels)
    let fit = try density.crossFitted(heldOut.codes, labels: heldOut.labels)
    let gains = zip(fit.logDensities, reference.logDensities).compactMap { own, other in
      own.isFinite && other.isFinite ? own - other : nil
    }
    guard gains.count > 1 else { return Self.columns.missing(reason: "no held-out cloud has its labels") }
    return ["unseen": .measured(Score(meanOf: gains)), "gap": try gap(density, fit)]
  }

  private func gap(_ density: KernelDensity, _ fit: KernelDensity.Fit) throws -> EvaluationTable.Cell {
    guard let again else { return .missing(reason: "no shape was drawn again") }
    let seen = try density.logDensities(of: again.codes, labels: again.labels, width: fit.width)
      .filter(\.isFinite)
    let unseen = fit.logDensities.filter(\.isFinite)
    guard seen.count > 1, unseen.count > 1 else { return .missing(reason: "no cloud has its labels") }
    let (first, second) = (Score(meanOf: seen), Score(meanOf: unseen))
    let errors = [first, second].map { $0.standardError ?? 0 }
    return .measured(
      Score(
        first.value - second.value,
        standardError: (errors[0] * errors[0] + errors[1] * errors[1]).squareRoot()))
  }

  /// Principal numbers `[S, K]` of clouds, in units of their deviations.
  private static func codes(_ clouds: Tensor, _ model: MixtureOfShapes, _ scales: Tensor) throws -> Tensor {
    try model.coordinates(of: clouds).narrowed(along: 1, start: 0, count: scales.count) / scales
  }

  /// How to read the columns.
  var notes: [String] {
    [
      "unseen: how much likelier held-out shapes are by Gaussians at the row's clouds than by those at \(centreCount) training"
        + " shapes; gap: how much likelier training shapes are than held-out ones, large for copies. Of \(scales.count) whitened"
        + " principal numbers of matched points, at most \(Self.limit) clouds\(heldOut.labels == nil ? "" : ", label by label");"
        + " widths fitted to the other half of the held-out clouds."
    ]
  }

  /// What a row of the table says about unseen shapes, as a sentence.
  static func sentence(_ cells: [String: EvaluationTable.Cell], name: String) -> String? {
    guard case .measured(let score) = cells["unseen"], let error = score.standardError else { return nil }
    func spelled(_ value: Double) -> String { columns[0].spelled(value) }
    let way = score.value < 0 ? "less likely" : "likelier"
    let doubt = abs(score.value) < 2 * error ? ", which is within two errors" : ""
    return
      "\(name): the generator makes unseen shapes \(spelled(abs(score.value))) ± \(spelled(error)) nats \(way) than its training"
      + " shapes alone do\(doubt)."
  }
}
