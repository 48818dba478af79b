import Foundation
import Metrics
import ModalityKit
import PlaneDatasets
import Torch

/// Two-sample tests of points in the plane: by plain features, and by a network like the discriminator's default.
struct PlaneTwoSampleTest {
  /// Updates of a training, at most: about three seconds of one core.
  private static let steps = 300

  private let spec: PlaneSpec
  private let tests: TwoSampleColumns

  /// Prepares to compare with held-out points.
  init(heldOut: [PlanePoint], count: Int, spec: PlaneSpec, seed: UInt64) throws {
    self.spec = spec
    var classifier = FreshClassifier(steps: Self.steps)
    classifier.batchSize = 128
    tests = try TwoSampleColumns(
      heldOut: Self.samples(spec.standardised(heldOut)), count: count,
      networks: [
        TwoSampleColumns.Network(classifier: classifier) {
          try PlaneDiscriminator(PlaneNetworkRecipe(), labels: 0, using: &$0)
        }
      ], seed: seed, device: .cpu)
  }

  /// "toldByFeatures" and "toldByNetwork".
  var columns: [EvaluationTable.Column] { tests.columns }

  /// Tests finite points.
  func measure(_ points: [PlanePoint]) throws -> TwoSampleColumns.Measurement {
    try tests.measure(Self.samples(spec.standardised(points)))
  }

  /// A row that cannot be tested.
  func missing(_ reason: String) -> TwoSampleColumns.Measurement { tests.missing(reason) }

  /// How to read the columns.
  var notes: [String] {
    tests.notes(
      features: "coordinates, their squares and product, radius, and waves of angle, radius and coordinates")
  }

  /// Features `[N, 30]` of standardised points `[N, 2]` that know nothing of where modes are.
  static func features(_ points: Tensor) throws -> Tensor {
    let points = try points.converted(to: .float64)
    let (x, y) = (
      try points.narrowed(along: 1, start: 0, count: 1), try points.narrowed(along: 1, start: 1, count: 1)
    )
    let radius = try points.squared().sum(along: 1, keepingDimensions: true).clamped(from: 1e-12).squareRoot()
    var parts = [points, try points.squared(), try x * y, radius, try radius.squared()]
    // Cosine and sine of the angle, then of its doubles.
    var (cosine, sine) = (try x / radius, try y / radius)
    for _ in 0..<3 {
      parts += [cosine, sine]
      (cosine, sine) = (try cosine.squared() - sine.squared(), try cosine * sine * 2)
    }
    for frequency in [2.0, 4, 8] {
      let angles = try Tensor.concatenated([points, radius], along: 1) * frequency
      parts += [try angles.sine(), try angles.cosine()]
    }
    return try Tensor.concatenated(parts, along: 1)
  }

  private static func samples(_ points: Tensor) throws -> TwoSampleColumns.Samples {
    TwoSampleColumns.Samples(features: try features(points), inputs: try points.converted(to: .float32))
  }
}
