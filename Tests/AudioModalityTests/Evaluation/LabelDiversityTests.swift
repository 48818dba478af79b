import Metrics
import Testing
import Torch

@testable import AudioModality

@Suite("Variety of each label")
struct LabelDiversityTests {
  private let labels = (0..<60).map { $0 % 3 }

  private func features(_ seed: UInt64) throws -> Tensor {
    var stream = RandomStream(seed: seed, name: "test")
    return try stream.normal([60, 8])
  }

  private func diversity(_ rows: [[Int]?]) throws -> LabelDiversity {
    try LabelDiversity(training: features(1), labels: labels, rows: rows, labelCount: 3, seed: 0)
  }

  @Test("A label that has become one sound is found, however varied the others are")
  func collapse() throws {
    let scales = try Tensor(labels.map { $0 == 1 ? 0.05 as Float : 1 }, shape: [60, 1])
    let narrow = try diversity([labels]).measure(features(2) * scales, labels: labels)
    let worst = try #require(narrow.worst)
    #expect(worst.label == 1)
    #expect(abs(worst.ratio.value - 0.05) < 0.02)
    #expect(narrow.cell == .measured(worst.ratio) && worst.ratio.standardError != nil)
    let even = try #require(try diversity([labels]).measure(features(3), labels: labels).worst)
    #expect(even.ratio.value > 0.7 && even.ratio.value <= 1.1)
  }

  @Test("What cannot be compared says why")
  func reasons() throws {
    let one = try LabelDiversity(training: features(1), labels: nil, rows: [], labelCount: 0, seed: 0)
    #expect(
      try one.measure(features(2), labels: nil).cell
        == .missing(reason: "the data has no labels, or one only"))
    #expect(
      try diversity([]).measure(features(2), labels: nil).cell == .missing(reason: "no labels were asked for")
    )
    let few = try features(2).narrowed(along: 0, start: 0, count: 6)
    #expect(
      try diversity([labels]).measure(few, labels: [0, 1, 2, 0, 1, 2]).cell
        == .missing(reason: "needs 8 clips of a label"))
  }

  @Test(
    "A row of few clips does not keep others from being compared, and fewer clips are compared of all where one has fewer"
  )
  func counts() throws {
    let fewer = Array(repeating: 0, count: 30) + Array(repeating: 1, count: 10)
    let diversity = try diversity([labels, fewer, [2]])
    let all = try #require(try diversity.measure(features(3), labels: labels).worst)
    #expect(all.ratio.value > 0.6)
    #expect(
      try diversity.measure(features(3).narrowed(along: 0, start: 0, count: 40), labels: fewer).worst != nil)
  }
}
