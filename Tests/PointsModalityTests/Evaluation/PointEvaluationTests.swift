import Adversarial
import Failures
import Metrics
import PointDatasets
import TestSupport
import Testing
import Torch

@testable import PointsModality

@Suite("The evaluation of clouds")
struct PointEvaluationTests {
  private static let points = 24

  /// Shapes of four small balls each in random places, drawn some times over.
  private func shapes(_ count: Int, draws: Int = 1, seed: UInt64) throws -> [Tensor] {
    var stream = RandomStream(seed: seed, name: "test")
    let centres = try stream.uniform([count, 4, 3]).gathered(
      at: Tensor((0..<Self.points).map { $0 % 4 }), along: 1)
    return try (0..<draws).map { _ in try centres + stream.normal([count, Self.points, 3]) * 0.03 }
  }

  private func row(_ name: String, _ clouds: Tensor) -> PointClouds {
    PointClouds(name: name, source: .model, clouds: clouds, seed: 1)
  }

  private func value(_ table: EvaluationTable, _ row: String, _ column: String) -> Double {
    guard case .measured(let score) = table.rows.first(where: { $0.name == row })?.values[column] else {
      return .nan
    }
    return score.value
  }

  @Test("Good, copied, identical, collapsed and damaged rows come out as they should")
  func table() throws {
    let training = try shapes(60, draws: 4, seed: 1)
    let heldOut = try shapes(30, seed: 2)[0]
    let collapsed = try heldOut.narrowed(along: 0, start: 3, count: 1).expanded(to: heldOut.shape)
    let table = try PointEvaluation.table(
      rows: [
        row("good", try shapes(40, seed: 3)[0]), row("identical", heldOut), row("collapsed", collapsed),
        row("copied", try training[3].narrowed(along: 0, start: 0, count: 30)),
        row("few", try heldOut.narrowed(along: 0, start: 0, count: 5)), row("damaged", heldOut / 0.0),
      ],
      training: row("training", training[0]), redrawn: [training[1], training[2]],
      heldOut: row("held-out", heldOut), normalisation: .box, seed: 4)
    #expect(
      table.rows.map(\.source) == [.real] + [.model, .model, .model, .model, .model, .model, .baseline])
    for metric in ["CD", "EMD"] {
      #expect(abs(value(table, "good", "accuracy" + metric) - 50) < 25)
      #expect(value(table, "identical", "coverage" + metric) == 100)
      #expect(value(table, "identical", "mmd" + metric) < 1e-6)
      #expect(value(table, "identical", "accuracy" + metric) == 0)
      #expect(value(table, "collapsed", "coverage" + metric) < 4)
      #expect(value(table, "collapsed", "accuracy" + metric) > 60)
      #expect(value(table, "good", "mmd" + metric) > 0.01)
    }
    #expect(value(table, "identical", "jsd") < 1e-9)
    #expect(value(table, "collapsed", "jsd") > value(table, "good", "jsd"))
    #expect(value(table, "copied", "copies") > 75 && value(table, "good", "copies") < 25)
    #expect(value(table, "copied", "trainRatio") < value(table, "good", "trainRatio"))
    #expect(abs(value(table, "identical", "trainRatio") - 1) < 1e-6)
    #expect(value(table, "Gaussian mixture of matched shapes", "accuracyEMD").isFinite)
    #expect(value(table, "few", "jsd").isNaN && value(table, "damaged", "jsd").isNaN)
    for row in table.rows {
      for column in table.columns {
        guard case .measured(let score) = row.values[column.key] else { continue }
        #expect(score.standardError != nil, "\(row.name), \(column.name)")
      }
    }
    #expect(
      table.columns.filter { $0.errorNote != nil }.map(\.key)
        == ["mmdCD", "mmdEMD", "nearnessZ", "unseen", "gap", "toldByFeatures", "toldByNetwork"])
    #expect(value(table, "training sample", "unseen") == 0 && value(table, "identical", "unseen") > 0)
    #expect(value(table, "identical", "gap") < value(table, "copied", "gap"))
    #expect(value(table, "copied", "nearnessZ") < -3 && abs(value(table, "good", "nearnessZ")) < 3)
    let notes = table.notes.joined(separator: "\n")
    #expect(notes.contains(EvaluationTable.errorMeaning))
    #expect(
      notes.contains("30 clouds of each row against 30 held-out ones, 24 points each, normalisation box"))
    #expect(notes.contains("at the least total, exact; bounds left "))
    #expect(table.columns.allSatisfy { !$0.name.contains("~") })
  }

  @Test(
    "Copies are found at the rate that is stated, whatever the size of their shapes, and new shapes are none")
  func copies() throws {
    // Sizes from 1 to 5: each shape has a distance between draws of its own.
    let count = 300
    let sizes = try Tensor((0..<count).map { 1 + Double($0) / 75 }).reshaped([count, 1, 1])
    let draws = try shapes(count, draws: 6, seed: 1).map { try ($0 * sizes).converted(to: .float32) }
    let nearness = try TrainingNearness(
      training: draws[0], redrawn: Array(draws[1...4]), heldOut: shapes(20, seed: 2)[0])
    func share(_ nearness: TrainingNearness, _ clouds: Tensor) throws -> Double? {
      guard case .measured(let score) = try nearness.measure(clouds)["copies"] else { return nil }
      return score.value
    }
    let copies = try #require(try share(nearness, draws[5]))
    // Four standard errors of 300 copies.
    #expect(abs(copies - 95) < 5, "\(copies) % of exact copies")
    #expect(try share(nearness, draws[0]) == 100)
    let fresh = try (shapes(count, seed: 3)[0] * sizes).converted(to: .float32)
    #expect(try share(nearness, fresh) == 0)
    let single = try TrainingNearness(
      training: draws[0], redrawn: [draws[1]], heldOut: shapes(20, seed: 2)[0])
    #expect(try share(single, draws[5]) == nil)
  }

  @Test("Clouds of many points are matched approximately, and the table says so")
  func approximate() throws {
    var stream = RandomStream(seed: 5, name: "test")
    let centres = try stream.normal([20, 1, 3])
    let clouds = try centres + stream.normal([20, PairedDistances.exactPoints + 1, 3])
    let table = try PointEvaluation.table(
      rows: [], training: row("training", try clouds.narrowed(along: 0, start: 0, count: 10)),
      heldOut: row("held-out", try clouds.narrowed(along: 0, start: 10, count: 10)), normalisation: .none,
      seed: 1)
    let names = table.columns.map(\.name)
    #expect(names.filter { $0.hasSuffix("~") } == ["1-NNA-EMD~", "COV-EMD~", "MMD-EMD~"])
    #expect(value(table, "training sample", "mmdEMD") > 0.1)
    let note = try #require(table.notes.first { $0.hasPrefix("EMD: ") })
    #expect(note.contains("approximate by auction, at most "))
    #expect(note.contains(" % above the exact; bounds left "))
  }

  @Test("Equal seeds give equal tables")
  func determinism() throws {
    func table() throws -> EvaluationTable {
      try PointEvaluation.table(
        rows: [row("good", try shapes(14, seed: 3)[0])], training: row("training", shapes(20, seed: 1)[0]),
        heldOut: row("held-out", shapes(12, seed: 2)[0]), normalisation: .none, seed: 4)
    }
    #expect(try table() == table())
  }

  @Test("A few clouds have means of distances, a single one no error, and none that says what it cannot know")
  func few() throws {
    let (training, heldOut) = (try shapes(9, draws: 3, seed: 1), try shapes(9, seed: 2)[0])
    func table(_ trained: Int, _ held: Int) throws -> EvaluationTable {
      func first(_ count: Int, _ clouds: Tensor) throws -> Tensor {
        try clouds.narrowed(along: 0, start: 0, count: count)
      }
      return try PointEvaluation.table(
        rows: [row("good", shapes(9, seed: 3)[0])], training: row("training", first(trained, training[0])),
        redrawn: training.dropFirst().map { try first(trained, $0) },
        heldOut: row("held-out", first(held, heldOut)), normalisation: .box, seed: 4)
    }
    for (trained, held) in [(1, 1), (9, 1), (9, 2), (9, 9), (1, 9)] {
      let table = try table(trained, held)
      #expect(table.rows.count == (trained > 1 ? 3 : 2))
      for row in table.rows {
        #expect(row.sampleCount == min(trained, held))
        for key in ["mmdCD", "mmdEMD", "jsd"] {
          guard case .measured(let score) = row.values[key] else {
            Issue.record("\(row.name) has no \(key)")
            continue
          }
          #expect(score.value.isFinite && (score.standardError == nil) == (min(trained, held) < 4))
        }
        for key in ["accuracyCD", "coverageEMD", "nearnessZ"] {
          guard case .missing = row.values[key] else {
            Issue.record("\(row.name) has \(key)")
            continue
          }
        }
      }
      #expect(value(table, "training sample", "trainRatio").isFinite == (trained > 1))
      #expect(value(table, "good", "trainRatio").isFinite)
    }
  }

  @Test("Real clouds that are none, damaged or of another size are refused")
  func refusals() throws {
    let good = row("real", try shapes(12, seed: 1)[0])
    let bad = [
      row("real", try good.clouds.narrowed(along: 0, start: 0, count: 0)),
      row("real", try good.clouds / 0.0), row("real", try Tensor.zeros([12, 7, 3])),
    ]
    for clouds in bad {
      let error = #expect(throws: UserError.self) {
        try PointEvaluation.table(
          rows: [], training: clouds, heldOut: good, normalisation: .box, seed: 1)
      }
      #expect(error?.category == .badData && error?.message.hasPrefix("training clouds: ") == true)
    }
  }

  @Test("Clouds are brought into a box or sphere one by one")
  func normalised() throws {
    let clouds = row(
      "clouds", try Tensor([0, 0, 0, 4, 2, 0, 3, 3, 3, 3, 3, 3] as [Float], shape: [2, 2, 3]))
    let boxed = try clouds.normalised(.box).clouds.array(of: Float.self)
    #expect(boxed == [-1, -0.5, 0, 1, 0.5, 0, 0, 0, 0, 0, 0, 0])
    let round = try clouds.normalised(.sphere).clouds
    #expect(abs(try round.selected(0).squared().sum(along: 1).max().item() - 1) < 1e-6)
    #expect(try clouds.normalised(.none).clouds.isEqual(to: clouds.clouds))
  }
}
