import Foundation
import Metrics
import ModalityKit
import PlaneDatasets
import Torch

/// How samples spread over the modes of a known distribution.
struct ModeCounts {
  /// A sample of high quality lies within so many standard deviations of a mode, as is usual for mixtures of Gaussians (Lin
  /// et al., "PacGAN", 2018). Of the true distribution's samples that is 1 - exp(-9/2) = 98.9 %.
  static let deviations = 3.0

  /// The nearest mode of each sample of high quality, nil for other samples.
  let modes: [Int?]
  /// How many modes there are.
  let modeCount: Int

  /// Finds each sample's mode; nil where the distribution has none.
  init?(_ samples: [PlanePoint], density: (any PlaneDensity)?) {
    guard let density, density.modeCount > 0 else { return nil }
    modeCount = density.modeCount
    modes = samples.map { point in
      guard let nearest = density.nearestMode(to: point), nearest.deviations <= Self.deviations else {
        return nil
      }
      return nearest.index
    }
  }

  /// Samples of high quality.
  var good: Int { modes.count { $0 != nil } }
  /// Modes with at least one sample of high quality.
  var covered: Int { Set(modes.compactMap(\.self)).count }

  /// The counts in words.
  var words: String {
    "\(covered) of \(modeCount) modes, "
      + String(format: "%.1f %% good", 100 * Double(good) / Double(max(modes.count, 1)))
  }
}

/// Scores samples in the plane against real points and, where it is known, their distribution.
struct PlaneScores {
  private let reference: [PlanePoint]
  private let spec: PlaneSpec
  private let density: (any PlaneDensity)?
  private let standardisedReference: Tensor
  private let referenceLogDensities: [Double]
  /// Both nil for fewer than `fewestReference` held-out points.
  private let energy: KernelDistance?
  private let kernel: KernelDistance?
  private let training: Tensor
  private let nearness: NearnessTest
  private let test: PlaneTwoSampleTest

  /// Bandwidths of the Gaussian kernel, in standard deviations of the data: its modes are about the smallest apart.
  static let bandwidths = [0.1, 0.3, 1]

  /// The fewest samples of a row, one more than the neighbours that densities are estimated by, and the fewest held-out points
  /// that unbiased distances of distributions can be taken to.
  static let fewest = NeighbourDivergence.neighbour + 1, fewestReference = 2

  /// Prepares to compare with real points.
  ///
  /// - Parameters:
  ///   - reference: held-out points.
  ///   - training: points that were trained on.
  ///   - spec: of the data.
  ///   - density: of the data, where it is known.
  ///   - test: tells samples from held-out points.
  init(
    reference: [PlanePoint], training: [PlanePoint], spec: PlaneSpec, density: (any PlaneDensity)?,
    test: PlaneTwoSampleTest
  ) throws {
    self.test = test
    self.training = try spec.standardised(training)
    nearness = NearnessTest(
      heldOut: try NearestNeighbours.distances(from: spec.standardised(reference), to: self.training).array())
    self.reference = reference
    self.spec = spec
    self.density = density
    standardisedReference = try spec.standardised(reference)
    referenceLogDensities = density.map { density in reference.map { density.logDensity(at: $0) } } ?? []
    let isEnough = reference.count >= Self.fewestReference
    energy = isEnough ? try KernelDistance(reference: standardisedReference, kernel: .energy) : nil
    kernel =
      isEnough
      ? try KernelDistance(
        reference: standardisedReference, kernel: .gaussian(bandwidths: Self.bandwidths)) : nil
  }

  /// An empty table: modes only where there are modes, divergences only where the density is known.
  func emptyTable() -> EvaluationTable {
    var columns: [EvaluationTable.Column] = []
    if let count = density?.modeCount, count > 0 {
      columns += [
        .init(key: "modes", name: "modes/\(count)", direction: .higher, digits: 0),
        .init(key: "good", name: "good", unit: "%", direction: .higher, digits: 1),
      ]
    }
    columns += [
      .init(key: "energyDistance", name: "energy", direction: .lower, digits: 4),
      .init(key: "kernelDistance", name: "MMD²", direction: .lower, digits: 4),
    ]
    if density != nil {
      columns += [
        .init(key: "divergence", name: "KL(row‖p)", unit: "nats", direction: .lower, digits: 3),
        .init(
          key: "reverseDivergence", name: "KL(p‖row)", unit: "nats", direction: .lower, digits: 3,
          errorNote: "over other draws of the held-out points, the row's samples as given"),
      ]
    }
    return EvaluationTable(columns: columns + [.nearness()] + test.columns)
  }

  /// How to read the columns.
  func notes(target: PlaneTarget?) -> [String] {
    let widths = Self.bandwidths.map { String($0) }.joined(separator: ", ")
    var notes = [
      "Compared with \(reference.count) held-out points; distances in standard deviations of the data.",
      "energy: 2 E‖X - Y‖ - E‖X - X'‖ - E‖Y - Y'‖. MMD²: Gaussian kernels of widths \(widths). Both unbiased: negative half "
        + "of the time where the distributions agree.",
    ]
    notes += test.notes
    guard let density else { return notes }
    if density.modeCount > 0 {
      notes.append("good: within 3 standard deviations of a mode; modes: those with a good sample.")
    }
    notes.append(
      "KL: by the density p of \(target?.rawValue ?? "the target") (\(density.formula)) and the "
        + "\(NeighbourDivergence.neighbour)th nearest neighbours among the row's samples.")
    return notes
  }

  /// The scores of samples in the data's units.
  ///
  /// - Parameters:
  ///   - samples: at least `fewest`, or the row has no scores.
  ///   - strata: how they were drawn.
  ///   - isTraining: whether they are training points.
  func row(
    _ name: String, _ source: EvaluationTable.Source, _ samples: [PlanePoint], seed: UInt64?,
    strata: Strata? = nil, isTraining: Bool = false
  ) throws -> (row: EvaluationTable.Row, test: TwoSampleColumns.Measurement) {
    let strata = strata ?? Strata(count: samples.count)
    var values: [String: EvaluationTable.Cell] = [:]
    var tested = TwoSampleColumns.Measurement()
    if samples.count < Self.fewest || !samples.allSatisfy({ $0.x.isFinite && $0.y.isFinite }) {
      let reason = samples.count < Self.fewest ? "needs \(Self.fewest) samples" : "samples are not finite"
      values = emptyTable().columns.missing(reason: reason)
      tested = test.missing(reason)
    } else {
      tested = try test.measure(samples)
      values = tested.cells
      let tensor = try spec.standardised(samples)
      values["nearnessZ"] =
        isTraining
        ? .missing(reason: "training points are copies of themselves")
        : nearness.cell(try NearestNeighbours.distances(from: tensor, to: training).array())
      for (key, distance) in [("energyDistance", energy), ("kernelDistance", kernel)] {
        values[key] =
          try distance.map { .measured(try $0.measure(tensor, strata: strata)) }
          ?? .missing(reason: "needs \(Self.fewestReference) held-out points")
      }
      if let counts = ModeCounts(samples, density: density) {
        let error = DistinctCount.standardError(of: counts.modes.map { $0 ?? -1 }, strata: strata)
        values["modes"] = .measured(Score(Double(counts.covered), standardError: error))
        values["good"] = .measured(Score(percentageOf: counts.modes.map { $0 != nil }, strata: strata))
      }
      if let density { values.merge(try divergences(samples, density)) { $1 } }
    }
    let row = EvaluationTable.Row(
      name: name, source: source, sampleCount: samples.count, seed: seed, values: values)
    return (row, tested)
  }

  private func divergences(_ samples: [PlanePoint], _ density: any PlaneDensity) throws
    -> [String: EvaluationTable.Cell]
  {
    let tensor = try Self.tensor(samples)
    let logDensities = samples.map { density.logDensity(at: $0) }
    let outside = logDensities.count { $0 == -.infinity }
    let forward: EvaluationTable.Cell =
      outside > 0
      ? .missing(reason: "infinite: \(outside) of \(samples.count) samples lie outside of the support")
      : .measured(try NeighbourDivergence.divergence(of: tensor, logDensities: logDensities))
    let reverse = try NeighbourDivergence.divergence(
      from: Self.tensor(reference), logDensities: referenceLogDensities, to: tensor)
    return ["divergence": forward, "reverseDivergence": .measured(reverse)]
  }

  private static func tensor(_ points: [PlanePoint]) throws -> Tensor {
    try Tensor(points.flatMap { [$0.x, $0.y] }, shape: [points.count, 2])
  }
}
