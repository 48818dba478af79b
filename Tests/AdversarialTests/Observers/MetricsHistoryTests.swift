import Adversarial
import Failures
import Foundation
import TestSupport
import Testing

@Suite struct MetricsHistoryTests {
  private func history(_ text: String) throws -> MetricsHistory {
    try withTemporaryFolder { folder in
      try folder.write("metrics.jsonl", text)
      return try MetricsHistory(contentsOf: folder["metrics.jsonl"])
    }
  }

  @Test func readsWhatTheLogWrites() throws {
    let folder = try TemporaryFolder()
    let file = folder["metrics.jsonl"]
    let log = try MetricsLog(file: file)
    for step in [2, 4] {
      try log.receive(
        .report(
          TrainingReport(
            step: step, phase: "duel",
            scalars: [Scalar("generator.loss", Double(step) / 10), Scalar("bad", .nan)],
            rate: 3, seconds: Double(step))))
    }
    let history = try MetricsHistory(contentsOf: file)
    #expect(history.series["generator.loss"]?.steps == [2, 4])
    #expect(history.series["generator.loss"]?.values == [0.2, 0.4])
    #expect(history.series["bad"]?.values.allSatisfy(\.isNaN) == true)
    #expect(history.lastStep == 4 && history.lastPhase == "duel" && history.seconds == 4)
    #expect(history.series["seconds"] == nil && history.series["rate"]?.last == 3)
  }

  /// Each process counts from 0.
  @Test func secondsOfAllProcessesAreAdded() throws {
    let lines = [(1, 5.0), (2, 9), (3, 1), (4, 2)].map { "{\"step\":\($0),\"seconds\":\($1)}" }
    #expect(try history(lines.joined(separator: "\n") + "\n").seconds == 11)
  }

  @Test func aLineCutShortDoesNotCount() throws {
    #expect(try history("{\"step\":1,\"a\":2}\n{\"step\":2,\"a").series["a"]?.steps == [1])
    #expect(
      try MetricsHistory(contentsOf: URL(fileURLWithPath: "/nowhere/metrics.jsonl")) == MetricsHistory())
  }

  @Test(arguments: ["[1]\n", "{\"step\":2}\n{\"step\":1}\n", "{}\n", "{\"step\":1.5}\n", "{\n"])
  func whatIsNoReportIsNamed(text: String) {
    #expect { try history(text) } throws: { error in
      guard let error = error as? UserError else { return false }
      return error.category == .badData && error.message.contains("metrics.jsonl, line")
    }
  }
}
