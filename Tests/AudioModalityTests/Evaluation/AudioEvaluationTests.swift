import Adversarial
import Failures
import Metrics
import Testing
import Torch

@testable import AudioModality

@Suite("Evaluation of sounds")
struct AudioEvaluationTests {
  private func clips(
    _ name: String, _ source: EvaluationTable.Source, count: Int, seed: UInt64, labelled: Bool = true
  ) throws -> AudioClips {
    let sounds = try SyntheticSounds(count: count, seed: seed)
    return AudioClips(
      name: name, source: source, clips: sounds.clips, labels: labelled ? sounds.labels : nil, seed: seed)
  }

  private func value(_ table: EvaluationTable, _ row: String, _ column: String) throws -> Double {
    try score(table, row, column).value
  }

  private func score(_ table: EvaluationTable, _ row: String, _ column: String) throws -> Score {
    let cell = try #require(table.rows.first { $0.name == row }?.values[column])
    guard case .measured(let score) = cell else {
      Issue.record("\(row), \(column): \(cell)")
      return Score(.nan)
    }
    return score
  }

  private func reason(_ table: EvaluationTable, _ row: String, _ column: String) -> String {
    guard case .missing(let reason) = table.rows.first(where: { $0.name == row })?.values[column] else {
      return "measured"
    }
    return reason
  }

  @Test("Good, copied, broken and few clips are told apart")
  func rows() throws {
    let training = try clips("training", .real, count: 150, seed: 1)
    var stream = RandomStream(seed: 1, name: "test")
    let noise = try ProbeSounds.whiteNoise(60, length: 2048, using: &stream)
    let copies = AudioClips(
      name: "copies", source: .model, clips: try training.clips.narrowed(along: 0, start: 0, count: 60),
      labels: Array((training.labels ?? []).prefix(60)), seed: 3)
    var damaged = try clips("damaged", .model, count: 40, seed: 4)
    damaged.clips = try damaged.clips.filled(where: damaged.clips.greater(than: 0.985), with: .nan)
    let rows = [
      try clips("good", .model, count: 60, seed: 3), copies, damaged,
      AudioClips(
        name: "noise", source: .model, clips: noise, labels: Array(repeating: 0, count: 60), seed: 5),
      try clips("few", .model, count: 2, seed: 6),
    ]
    let table = try AudioEvaluation.table(
      rows: rows, training: training, heldOut: clips("held-out real", .real, count: 60, seed: 2),
      labelNames: SyntheticSounds.names, sampleRate: SyntheticSounds.sampleRate, seed: 0, classifierSteps: 80)
    #expect(
      table.rows.map(\.name) == [
        "held-out real", "good", "copies", "damaged", "noise", "few", "Gaussian mixture, features alone",
      ])
    #expect(table.columns.prefix(2).map(\.key) == ["mmd", "frechet"] && table.columns[1].sampleCount == 40)
    for row in ["held-out real", "good", "copies"] {
      #expect(try value(table, row, "frechet") < value(table, "noise", "frechet") / 10)
      #expect(try value(table, row, "is") > 2.5)
      #expect(try value(table, row, "accuracy") > 90 && value(table, row, "accuracy2") > 90)
      #expect(try value(table, row, "is2") > 2 && value(table, row, "rejected2") < 10)
      #expect(try value(table, row, "selfWorstLabel") > 0.3)
      #expect(try value(table, row, "silent") == 0)
      #expect(try value(table, row, "classFrechet") < value(table, "noise", "classFrechet") / 10)
    }
    #expect(try value(table, "noise", "is") < 1.6 && value(table, "noise", "rejected") > 90)
    #expect(try value(table, "noise", "is2") < 1.6 && value(table, "noise", "rejected2") > 90)
    #expect(try value(table, "noise", "voiced") < value(table, "good", "voiced") / 2)
    #expect(try abs(value(table, "good", "hnr") - value(table, "held-out real", "hnr")) < 3)
    #expect(
      try reason(table, "noise", "hnr") == "no frame is voiced" || value(table, "noise", "hnr") < 3)
    #expect(try abs(value(table, "held-out real", "trainRatio") - 1) < 1e-9)
    #expect(try abs(value(table, "good", "trainRatio") - 1) < 0.3)
    #expect(try value(table, "copies", "trainRatio") < 0.01)
    // 1 by construction, and what varies with the denominator too.
    #expect(try score(table, "held-out real", "trainRatio") == Score(1))
    for (ratio, column) in [("trainRatio", "train"), ("selfRatio", "self")] {
      let (quotient, numerator) = (try score(table, "good", ratio), try score(table, "good", column))
      let relative = try #require(quotient.standardError) / quotient.value
      #expect(relative > 1.1 * (try #require(numerator.standardError)) / numerator.value)
    }
    for column in table.columns where column.errorNote == nil && column.key != "tones" {
      #expect(try score(table, "good", column.key).standardError != nil, "\(column.name)")
    }
    #expect(table.notes.contains(EvaluationTable.errorMeaning))
    #expect(reason(table, "damaged", "frechet").contains("of 40 clips hold samples that are not finite"))
    #expect(reason(table, "few", "frechet") == "needs 40 samples")
    #expect(try value(table, "few", "is") >= 1)
    #expect(reason(table, "Gaussian mixture, features alone", "tones").contains("without a waveform"))
    #expect(try value(table, "Gaussian mixture, features alone", "frechet") < 60)
    #expect(table.notes.count { $0.contains("Self-test passed") } == 2)
    #expect(table.notes.contains { $0.hasPrefix("Sounds of known quality") })
    #expect(table.notes.contains { $0.hasPrefix("Worst label: ") && $0.contains(" (good)") })
    #expect(try value(table, "copies", "nearnessZ") < -3 && abs(value(table, "good", "nearnessZ")) < 3)
    for key in ["toldByFeatures", "toldByNetwork"] {
      let good = try score(table, "good", key)
      #expect(abs(good.value - 50) < 3.5 * (good.standardError ?? 0), "\(key): \(good)")
    }
    #expect(try value(table, "noise", "toldByFeatures") > 95)
    #expect(reason(table, "held-out real", "toldByFeatures").contains("needs 80 held-out samples"))
  }

  @Test("Without labels there are no class scores; an untrained classifier gives none either")
  func unlabelled() throws {
    let real = try clips("real", .real, count: 30, seed: 1, labelled: false)
    let plain = try AudioEvaluation.table(
      rows: [], training: real, heldOut: real, labelNames: [], sampleRate: 8000, seed: 0)
    #expect(reason(plain, "real", "is") == "the data has no labels, or one only")
    let labelled = try clips("real", .real, count: 30, seed: 1)
    let unfit = try AudioEvaluation.table(
      rows: [], training: labelled, heldOut: labelled, labelNames: SyntheticSounds.names, sampleRate: 8000,
      seed: 0, classifierSteps: 0)
    for key in ["is", "mis", "classFrechet", "rejected2", "accuracy2"] {
      #expect(reason(unfit, "real", key).hasPrefix("the classifier failed its self-test: "))
    }
    #expect(reason(plain, "real", "is2") == "the data has no labels, or one only")
    #expect(reason(plain, "real", "selfWorstLabel") == "the data has no labels, or one only")
    #expect(try value(unfit, "real", "frechet") < 1e-6)
  }

  @Test("Real clips that cannot be compared with are refused")
  func refuses() throws {
    let real = try clips("real", .real, count: 30, seed: 1)
    var damaged = real
    damaged.clips = try real.clips / 0.0
    #expect {
      try AudioEvaluation.table(
        rows: [], training: real, heldOut: damaged, labelNames: [], sampleRate: 8000, seed: 0)
    } throws: {
      ($0 as? UserError)?.description.contains("held-out clips: 30 of 30 clips hold samples that are") == true
    }
  }

  @Test("Classifiers are not asked about a few clips, and clips that are training clips make no ratios")
  func fewClips() throws {
    let (real, few) = (
      try clips("real", .real, count: 30, seed: 1), try clips("few", .real, count: 9, seed: 2)
    )
    func table(training: AudioClips, heldOut: AudioClips) throws -> EvaluationTable {
      try AudioEvaluation.table(
        rows: [], training: training, heldOut: heldOut, labelNames: SyntheticSounds.names, sampleRate: 8000,
        seed: 0)
    }
    let fewHeldOut = try table(training: real, heldOut: few)
    #expect(reason(fewHeldOut, "few", "is") == "needs 10 held-out clips, and as many to train on")
    #expect(reason(fewHeldOut, "few", "frechet") == "needs 10 samples")
    #expect(try value(fewHeldOut, "few", "train") > 0 && value(fewHeldOut, "few", "trainRatio") == 1)
    #expect(fewHeldOut.notes.contains { $0.hasPrefix("No class scores: needs 10 ") })
    let same = try table(training: few, heldOut: few)
    #expect(reason(same, "few", "trainRatio") == "held-out clips are training clips")
    #expect(try value(same, "few", "selfRatio") == 1 && value(same, "few", "train") < 1e-4)
  }
}
