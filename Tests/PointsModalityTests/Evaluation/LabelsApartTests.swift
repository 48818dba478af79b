import Metrics
import PointDatasets
import TestSupport
import Testing
import Torch

@testable import PointsModality

@Suite("Tables of each label apart")
struct LabelsApartTests {
  private static let points = 16

  /// Balls of a size that the label decides, with a label each.
  private func clouds(_ count: Int, labels: Int = 2, seed: UInt64) throws -> (clouds: Tensor, labels: [Int]) {
    var stream = RandomStream(seed: seed, name: "test")
    let own = (0..<count).map { $0 % labels }
    let sizes = try Tensor(own.map { 1 + 2 * Double($0) }).reshaped([count, 1, 1])
    let stretch = try stream.uniform([count, 1, 3]) + 0.5
    let clouds = try stream.normal([count, Self.points, 3]) * sizes * stretch
    return (try clouds.converted(to: .float32), own)
  }

  private func row(_ name: String, _ made: (clouds: Tensor, labels: [Int])) -> PointClouds {
    PointClouds(name: name, source: .model, clouds: made.clouds, labels: made.labels, seed: 1)
  }

  private func score(_ table: EvaluationTable, _ row: Int, _ column: String) throws -> Score {
    guard case .measured(let score) = try #require(table.rows[row].values[column]) else {
      throw UnmeasuredCell()
    }
    return score
  }

  private struct UnmeasuredCell: Error {}

  @Test("A label's scores are those of its clouds by themselves")
  func alone() throws {
    let (held, made) = (try clouds(60, seed: 1), try clouds(60, seed: 2))
    let training = try clouds(80, seed: 3)
    let table = try PointEvaluation.table(
      rows: [row("made", made)], training: row("training", training), heldOut: row("held", held),
      labelNames: ["small", "large"], normalisation: .none, seed: 4)
    #expect(table.parts.map(\.title) == ["small", "large"])
    for (label, part) in table.parts.enumerated() {
      let rows = part.table.rows
      #expect(rows.map(\.name) == table.rows.map(\.name))
      #expect(rows.map(\.source) == [.real, .model, .baseline])
      let count = rows[0].sampleCount
      #expect(rows.allSatisfy { $0.sampleCount == count } && (10...30).contains(count))
      // The same clouds, measured by themselves.
      func chosen(_ made: (clouds: Tensor, labels: [Int])) throws -> Tensor {
        let members = made.labels.indices.filter { made.labels[$0] == label }
        return try made.clouds.gathered(
          at: Tensor(EvenSpread.indices(count, outOf: members.count).map { members[$0] }))
      }
      let (own, real) = (try chosen(made), try chosen(held))
      func neighbours(_ first: Tensor, _ second: Tensor?, earthMover: Bool) throws -> [Neighbour] {
        if earthMover {
          var search = try second.map { try EarthMoverSearch(first, $0) } ?? EarthMoverSearch(within: first)
          return try search.nearestInRows()
        }
        let distances = try PairedDistances.chamfer(first, second ?? first).distances
        return try Neighbour.nearest(inRowsOf: distances, within: second == nil)
      }
      for (key, earthMover) in [("accuracyCD", false), ("accuracyEMD", true)] {
        var stream = RandomStream(seed: 1, name: "test")
        let scores = try TwoSampleScores(
          generatedToGenerated: neighbours(own, nil, earthMover: earthMover),
          generatedToReal: neighbours(own, real, earthMover: earthMover),
          realToGenerated: neighbours(real, own, earthMover: earthMover),
          realToReal: neighbours(real, nil, earthMover: earthMover), distances: nil, using: &stream)
        let found = try score(part.table, 1, key)
        #expect(abs(found.value - scores.accuracy.value) < 1e-9, "\(key)")
        #expect(found.standardError != nil)
      }
      let nearness = try TrainingNearness(training: training.clouds, redrawn: [], heldOut: real)
      guard case .measured(let ratio) = try nearness.measure(own)["trainRatio"] else {
        throw UnmeasuredCell()
      }
      #expect(try abs(score(part.table, 1, "trainRatio").value - ratio.value) < 1e-9)
      // Fewer than forty are not told from held-out ones.
      guard case .missing = part.table.rows[1].values["toldByFeatures"] else { throw UnmeasuredCell() }
    }
    #expect(table.notes.contains { $0.hasPrefix("Each label apart: ") })
  }

  @Test("Labels of few clouds are named instead, and clouds without labels have no tables")
  func few() throws {
    let (held, made) = (try clouds(40, seed: 1), try clouds(40, labels: 4, seed: 2))
    let few = held.labels.indices.map { $0 < 4 ? 1 : 0 }
    let table = try PointEvaluation.table(
      rows: [row("made", (made.clouds, few))], training: row("training", try clouds(60, seed: 3)),
      heldOut: row("held", held), labelNames: ["small", "large"], normalisation: .none, seed: 4)
    #expect(table.parts.map(\.title) == ["small"])
    #expect(table.notes.contains { $0.hasSuffix("clouds of them: large (4).") })
    let plain = try PointEvaluation.table(
      rows: [PointClouds(name: "made", source: .model, clouds: made.clouds)],
      training: PointClouds(name: "training", source: .real, clouds: made.clouds),
      heldOut: PointClouds(name: "held", source: .real, clouds: held.clouds), normalisation: .none, seed: 4)
    #expect(plain.parts.isEmpty)
  }

  @Test("Of labels that many clouds have, plain features tell those that are wrong")
  func told() throws {
    let (held, training) = (try clouds(100, seed: 1), try clouds(300, seed: 3))
    var made = try clouds(100, seed: 2)
    // Large ones are flat.
    let flat = try Tensor(made.labels.flatMap { [1, 1, $0 == 1 ? 0.05 : 1] }).reshaped([100, 1, 3])
    made.clouds = try (made.clouds * flat).converted(to: .float32)
    let table = try PointEvaluation.table(
      rows: [row("made", made)], training: row("training", training), heldOut: row("held", held),
      labelNames: ["small", "large"], normalisation: .none, seed: 4)
    let told = try table.parts.map { try score($0.table, 1, "toldByFeatures").value }
    let near = try table.parts.map { try score($0.table, 1, "accuracyEMD").value }
    #expect(told[0] < 75 && told[1] > 90 && near[1] > near[0])
  }
}
