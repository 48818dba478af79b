import Failures
import Files
import Foundation
import TestSupport
import Testing
import Torch

@testable import Adversarial

@Suite struct CheckpointAuditTests {
  private let temporary: TemporaryFolder
  private let store: CheckpointStore

  init() throws {
    temporary = try TemporaryFolder()
    store = CheckpointStore(folder: temporary.url, keeping: 9)
    try store.save(step: 10, pointers: [.start]) { try AtomicFile.write("10", to: $0) }
    try store.save(step: 20, pointers: [.best]) { try AtomicFile.write("20", to: $0) }
    try store.save(step: 30) { try AtomicFile.write("30", to: $0) }
  }

  private func look() -> CheckpointAudit {
    CheckpointAudit(store) {
      guard try InputFile.text(of: $0) != "bad" else {
        throw UserError(.badData, "\($0.relativePath): found nonsense")
      }
    }
  }

  @Test func whatIsGoodIsSaidToBe() {
    let audit = look()
    #expect(audit.isSound)
    #expect(audit.entries.map(\.step) == [10, 20, 30])
    #expect(audit.entries.map(\.names) == [[.start], [.best], [.latest]])
    #expect(audit.entries.allSatisfy { $0.damage == nil && !$0.isLeftOver })
    #expect(audit.latest?.step == 30)
  }

  @Test func damageIsNamedWithoutTheFile() throws {
    try AtomicFile.write("bad", to: store.url(step: 20))
    #expect(look().entries.map(\.damage) == [nil, "found nonsense", nil])
    #expect(!look().isSound)
  }

  @Test func whatIsLeftOverIsNotNeeded() throws {
    try store.point(.latest, to: 20)
    try AtomicFile.write("bad", to: store.url(step: 30))
    let audit = look()
    #expect(audit.entries.map(\.isLeftOver) == [false, false, true])
    #expect(audit.isSound)
    // Unless something names it.
    try store.point(.best, to: 30)
    #expect(!look().isSound)
  }

  @Test func pointersThatLeadNowhereAreNamed() throws {
    try AtomicFile.write("nonsense", to: temporary["best"])
    try FileManager.default.removeItem(at: store.url(step: 10))
    try FileManager.default.removeItem(at: temporary["latest"])
    let audit = look()
    #expect(audit.lostPointers.map(\.pointer) == [.best, .start, .latest])
    #expect(audit.lostPointers[0].reason == "found 'nonsense', expected the name of a checkpoint")
    #expect(audit.lostPointers[1].reason.contains("there is no such file"))
    #expect(audit.latest == nil && !audit.isSound)
  }

  @Test func theNewestGoodOneBeforeAStepIsFound() throws {
    try AtomicFile.write("bad", to: store.url(step: 20))
    func read(_ url: URL) throws -> String {
      let text = try InputFile.text(of: url)
      if text == "bad" { throw UserError(.badData, "") }
      return text
    }
    #expect(store.newest(before: 30, read: read)?.step == 10)
    #expect(store.newest(before: nil, read: read)?.content == "30")
    #expect(store.newest(before: 10, read: read) == nil)
  }

  @Test func aPointerToAFileThatIsGoneDoesNotStopTheNextCheckpoint() throws {
    let store = CheckpointStore(folder: temporary.url, keeping: 1)
    try FileManager.default.removeItem(at: store.url(step: 20))
    try store.save(step: 25) { try AtomicFile.write("25", to: $0) }
    #expect(store.steps == [10, 25, 30])
  }
}

@Suite struct CheckpointDifferenceTests {
  private let temporary: TemporaryFolder

  init() throws { temporary = try TemporaryFolder() }

  /// Writes a file of two tensors and a state.
  private func write(
    _ name: String, _ values: [Float] = [1, 2, 3], count: Int = 1, extra: Bool = false, loss: Double = 0.5
  ) throws -> URL {
    var tensors: [(name: String, tensor: Tensor)] = [
      ("generator.weight", try Tensor(values)), ("generator.step", try Tensor([Int64(count)])),
    ]
    if extra { tensors.append(("generator.bias", try Tensor([Float(0)]))) }
    let state = #"{"step":3,"statistics":{"sum":\#(loss)},"bestScore":\#(values[0])}"#
    try Tensor.writeSafetensors(tensors, metadata: ["duel.state": state], to: temporary[name])
    return temporary[name]
  }

  @Test func equalFilesDoNotDiffer() throws {
    #expect(try CheckpointDifference(between: write("a"), and: write("b")) == nil)
  }

  @Test func theFirstTensorIsNamedAndByHowMuch() throws {
    let found = try CheckpointDifference(between: write("a"), and: write("b", [1, 2.5, 2.75]))
    let difference = try #require(found)
    #expect(difference.tensors == ["generator.weight"] && difference.tensorCount == 2)
    #expect(difference.first?.elements ?? (0, 0) == (2, 3))
    #expect(difference.first?.largest ?? (0, 0, 0) == (0.5, 2, 2.5))
    #expect(difference.numbers.isEmpty && !difference.isHarmless)
  }

  @Test func theOrderIsThatOfTheFile() throws {
    let found = try CheckpointDifference(between: write("a"), and: write("b", [4, 2, 3], count: 2))
    let difference = try #require(found)
    // Wide elements come first.
    #expect(difference.tensors == ["generator.step", "generator.weight"])
    #expect(difference.numbers.map(\.key) == ["duel.state.bestScore"])
  }

  @Test func notANumberIsFartherThanAnyNumber() throws {
    let difference = try CheckpointDifference(between: write("a"), and: write("b", [1, .nan, 1e30]))
    #expect(difference?.first?.largest.difference == .infinity)
  }

  @Test func tensorsOfOtherShapesAndNamesDiffer() throws {
    let shorter = try CheckpointDifference(between: write("a"), and: write("b", [1, 2]))
    #expect(shorter?.first?.words == "is F32 [3], and F32 [2] in the other")
    let longer = try CheckpointDifference(between: write("c"), and: write("d", extra: true))
    #expect(longer?.first?.name == "generator.bias" && longer?.first?.words == "is in the other alone")
    let fewer = try CheckpointDifference(between: write("e", extra: true), and: write("f"))
    #expect(fewer?.first?.words == "is not in the other")
  }

  @Test func onlySumsForTheNextReportAreHarmless() throws {
    let difference = try #require(try CheckpointDifference(between: write("a"), and: write("b", loss: 0.25)))
    #expect(difference.isHarmless)
    #expect(difference.numbers.map(\.key) == ["duel.state.statistics.sum"])
  }
}
