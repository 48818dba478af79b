import Failures
import Files
import Foundation
import TestSupport
import Testing

@testable import Adversarial

@Suite struct MetricsLogTests {
  private func report(_ step: Int, seconds: Double) -> TrainingEvent {
    .report(
      TrainingReport(
        step: step, phase: "duel",
        scalars: [
          Scalar("generator.loss", Double(step) / 8), Scalar("a", .nan), Scalar("discriminator.loss", -2),
        ],
        rate: 5, seconds: seconds, waiting: 0.25))
  }

  @Test func writesALineForEachReport() throws {
    let temporary = try TemporaryFolder()
    let file = temporary["metrics.jsonl"]
    let log = try MetricsLog(file: file)
    try log.receive(.started(totalSteps: 10))
    try log.receive(report(4, seconds: 0.5))
    try log.receive(.stepped(step: 5))
    let line =
      #"{"step":4,"phase":"duel","generator.loss":0.5,"a":"NaN","#
      + #""discriminator.loss":-2.0,"seconds":0.5,"rate":5.0,"waiting":0.25}"#
    #expect(try InputFile.text(of: file) == line + "\n")
  }

  @Test func aKilledAndResumedRunHasTheSameLines() throws {
    let temporary = try TemporaryFolder()
    let (whole, killed) = (temporary["whole"], temporary["killed"])
    let log = try MetricsLog(file: whole)
    try log.receive(.started(totalSteps: 60))
    for step in stride(from: 10, through: 60, by: 10) { try log.receive(report(step, seconds: 1)) }
    for (from, to) in [(0, 50), (30, 60), (60, 60)] {
      let log = try MetricsLog(file: killed)
      try log.receive(from == 0 ? .started(totalSteps: 60) : .resumed(step: from, totalSteps: 60))
      for step in stride(from: from + 10, through: to, by: 10) { try log.receive(report(step, seconds: 1)) }
      let handle = try FileHandle(forWritingTo: killed)
      try handle.seekToEnd()
      try handle.write(contentsOf: Data(#"{"step":"#.utf8))
      try handle.close()
    }
    try MetricsLog(file: killed).receive(.resumed(step: 60, totalSteps: 60))
    #expect(try InputFile.bytes(of: killed) == InputFile.bytes(of: whole))
    #expect(try temporary.names == ["killed", "whole"])
  }

  @Test(arguments: [
    "{\"step\":1}\nhello\n", "{\"step\":1}\n{\"stop\":2}\n", "{\"step\":1}\n[2]\n", "{\"step\":1}\n\n",
  ])
  func linesThatAreNotOursAreNamed(text: String) throws {
    let temporary = try TemporaryFolder()
    try AtomicFile.write(text, to: temporary["metrics.jsonl"])
    let error = #expect(throws: UserError.self) {
      try MetricsLog(file: temporary["metrics.jsonl"]).receive(.resumed(step: 5, totalSteps: 9))
    }
    #expect(error?.category == .badData)
    #expect(error?.message.contains("metrics.jsonl, line 2: ") == true)
    #expect(try InputFile.text(of: temporary["metrics.jsonl"]) == text)
  }

  @Test func foldersThatTakeNoFileAreRefused() {
    let error = #expect(throws: UserError.self) {
      try MetricsLog(file: URL(fileURLWithPath: "/proc/metrics.jsonl"))
    }
    #expect(error?.category == .cannotCreate)
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"))) func aFullDiskIsAnError() throws {
    let temporary = try TemporaryFolder()
    let log = try MetricsLog(file: temporary["metrics.jsonl"])
    let full = open("/dev/full", O_WRONLY)
    #expect(dup2(full, log.descriptor) >= 0)
    close(full)
    let error = #expect(throws: UserError.self) { try log.receive(report(1, seconds: 1)) }
    #expect(error?.category == .inputOutput)
  }
}
