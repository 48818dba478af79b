import Failures
import Foundation
import Synchronization
import Testing

@testable import Corpora

/// An item of numbers; every sample is two neighbours of them.
private struct Row: ItemSurvey {
  let digest: String
  let starts: [Int]
}

/// A source whose items are rows of numbers; an empty row cannot be used.
private final class Rows: ShelfSource {
  let name: String
  let rows: [[Float]]
  let reads = Mutex(0)
  let isChanged: Bool

  init(_ name: String, _ rows: [[Float]], isChanged: Bool = false) {
    (self.name, self.rows, self.isChanged) = (name, rows, isChanged)
  }

  func survey(skipsBad: Bool, reserve: (Int) -> Bool) throws -> [SurveyedItem<Row>] {
    try rows.enumerated().map { index, row in
      guard !row.isEmpty else {
        let failure = UserError(.badData, "\(name)[\(index)]: found no number")
        guard skipsBad else { throw failure }
        return SurveyedItem(.failure(failure))
      }
      let survey = Row(digest: "\(index) \(row)", starts: Array(stride(from: 0, to: row.count - 1, by: 2)))
      return SurveyedItem(.success(survey), blocks: reserve(row.count) ? [row] : [])
    }
  }

  func block(_ number: Int, of survey: Row) throws -> [Float] {
    reads.withLock { $0 += 1 }
    let index = Int(survey.digest.prefix { $0 != " " }) ?? 0
    return isChanged ? [] : rows[index]
  }
}

/// Two neighbours, and the draw.
private struct Pairs: SampleReader {
  func blocks(of survey: Row, start: Int, draw: UInt64?) -> [(number: Int, count: Int)] { [(0, 4)] }

  func sample(
    of survey: Row, start: Int, draw: UInt64, block: (Int) throws -> [Float]
  ) throws -> [Float]? {
    let row = try block(0)
    return start + 1 < row.count ? [row[start], row[start + 1], Float(draw)] : nil
  }

  typealias Source = Rows
  var form: String { "pairs" }
  func identity(of survey: Row, starts: [Int]) -> String { "\(survey.digest) \(starts)" }
  func describe(_ surveys: [Row], in report: inout CorpusReport) {
    report.found = CorpusReport.counted(report.items, "row")
    report.unit = " pairs"
    report.details = [", of \(surveys.count) rows"]
  }
}

@Suite struct ShelfTests {
  private func rows(_ count: Int, from first: Int = 0) -> [[Float]] {
    (first..<first + count).map { row in (0..<4).map { Float(10 * row + $0) } }
  }

  private func shelf(_ sources: [Rows], skipsBad: Bool = false, budget: Int = 1000) throws -> Shelf<Rows> {
    try Shelf(sources, skipsBad: skipsBad, budget: budget)
  }

  private func parts(_ shelf: Shelf<Rows>) throws -> CorpusParts<SampleSet<[Float]>> {
    let count = shelf.surveys.count
    let split = try Split(
      training: count - 2, heldOut: 1, labels: (0..<count).map { $0 % 2 == 0 ? "even" : "odd" }, known: nil,
      own: ["even", "odd"], report: CorpusReport(source: "rows")
    ) { "row \($0)" }
    return CorpusParts(split, on: shelf, reader: Pairs())
  }

  private func all(_ set: SampleSet<[Float]>) throws -> [[Float]] {
    try (0..<set.count).map { try set.sample(at: $0, draw: 7) }
  }

  @Test func samplesAndLabelsFollowTheItems() throws {
    let parts = try parts(shelf([Rows("a", rows(3)), Rows("b", rows(2, from: 3))]))
    #expect(
      try all(parts.training) == [
        [0, 1, 7], [2, 3, 7], [10, 11, 7], [12, 13, 7], [20, 21, 7], [22, 23, 7],
      ])
    #expect(try all(parts.heldOut) == [[30, 31, 7], [32, 33, 7]])
    #expect(try all(parts.validation) == [[40, 41, 7], [42, 43, 7]])
    #expect(parts.training.labels(at: [0, 2, 3, 5]) == [0, 1, 1, 0])
    #expect(
      parts.report.description
        == "rows: 5 rows; 6 pairs to train on, 2 for validation (apart), 2 held out (drawn apart), of 5 rows, "
        + "2 labels (even, odd).")
  }

  @Test func thinnedPartsAreEvenlySpread() throws {
    let parts = try parts(shelf([Rows("a", rows(3)), Rows("b", rows(2, from: 3))]))
    let few = parts.thinned(to: 3)
    #expect(try all(few.training) == [[0, 1, 7], [10, 11, 7], [20, 21, 7]])
    #expect(try few.training.labels(at: [0, 1, 2]) == [0, 1, 0] && all(few.heldOut) == all(parts.heldOut))
    #expect(few.fingerprint == parts.fingerprint && few.labelNames == parts.labelNames)
  }

  @Test func whatDoesNotFitInMemoryIsReadAgain() throws {
    let kept = try parts(shelf([Rows("a", rows(6))]))
    let source = Rows("a", rows(6))
    let streamed = try parts(shelf([source], budget: 40))
    #expect(streamed.report.isStreamed && !kept.report.isStreamed)
    #expect(streamed.fingerprint == kept.fingerprint)
    #expect(try all(streamed.training) == all(kept.training))
    #expect(source.reads.withLock { $0 } == 4)
    #expect(streamed.training.waitingSeconds > 0 && kept.training.waitingSeconds == 0)
    streamed.training.prefetch([0, 1])
    #expect(try streamed.training.sample(at: 0) == [0, 1, 0])
  }

  @Test func changedSourcesAreNoticed() throws {
    let parts = try parts(shelf([Rows("a", rows(4), isChanged: true)], budget: 0))
    #expect(throws: UserError(.badData, "a: the file has changed since it was opened")) {
      try parts.training.sample(at: 0)
    }
  }

  @Test func theFirstFaultIsThrownOrAllAreNoted() throws {
    let sources = [Rows("a", rows(2)), Rows("b", rows(1) + [[]]), Rows("c", [[], [1, 2]])]
    #expect(throws: UserError(.badData, "b[1]: found no number")) { try shelf(sources) }
    let noted = try shelf(sources, skipsBad: true)
    #expect(noted.owners == [0, 0, 1, 1, 2, 2])
    #expect(noted.surveys(of: Array(0..<6)).count == 4)
    #expect(throws: UserError(.badData, "c[0]: found no number")) { try noted.block(0, of: 4) }
  }
}
