import Metrics
import Testing
import Torch

@testable import TextModality

@Suite("Novelty and distance to training lines")
struct NoveltyTests {
  private static func encode(_ text: String) -> [Int32] {
    text.unicodeScalars.map { Int32($0.value) }
  }

  @Test("Unique share counts different samples")
  func unique() {
    #expect(Novelty.uniqueShare([[1], [2], [1], [], []]).value == 60)
    #expect(Novelty.uniqueShare([[1]]) == Score(100))
    // Two pairs among a thousand lines.
    let lines = (0..<998).map { [Int32($0)] } + [[0], [1]]
    let share = Novelty.uniqueShare(lines)
    #expect(share.value == 99.8 && abs((share.standardError ?? 0) - 2.0.squareRoot() / 10) < 0.01)
  }

  @Test("Copy share counts every copy, and no near miss")
  func copies() {
    let training: Set<[Int32]> = [[1, 2], [3]]
    let samples: [[Int32]] = [[1, 2], [1, 2], [3], [1], [2, 1]]
    #expect(Novelty.copyShare(samples, of: training) == Score(percentage: 3, of: 5))
    #expect(Novelty.copyShare(samples) { $0.count == 1 } == Score(percentage: 2, of: 5))
  }

  @Test(
    "Edit distances of known pairs",
    arguments: [
      ("kitten", "sitting", 3), ("saturday", "sunday", 3), ("", "", 0), ("", "abc", 3),
      ("intention", "execution", 5), ("flaw", "lawn", 2), ("emma", "emma", 0), ("ab", "ba", 2),
    ])
  func known(left: String, right: String, distance: Int) {
    #expect(EditDistance.between(Self.encode(left), Self.encode(right)) == distance)
    #expect(EditDistance.between(Self.encode(right), Self.encode(left)) == distance)
  }

  /// The textbook recurrence.
  private static func slowDistance(_ left: [Int32], _ right: [Int32]) -> Int {
    var row = Array(0...right.count)
    for (index, symbol) in left.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for position in right.indices {
        let substituted = diagonal + (symbol == right[position] ? 0 : 1)
        diagonal = row[position + 1]
        row[position + 1] = min(substituted, diagonal + 1, row[position] + 1)
      }
    }
    return row[right.count]
  }

  private static func line(_ length: Int, using generator: inout some RandomNumberGenerator) -> [Int32] {
    (0..<length).map { _ in 1 + Int32(generator.index(below: 3)) }
  }

  @Test(
    "Bit-parallel distances equal the textbook's, across word boundaries",
    arguments: [1, 7, 63, 64, 65, 127, 128, 129, 200])
  func words(length: Int) {
    var generator = RandomStream(seed: UInt64(length), name: "test")
    for other in [0, 1, 30, 64, 100, 150] {
      let left = Self.line(length, using: &generator)
      let right = Self.line(other, using: &generator)
      #expect(EditDistance.between(left, right) == Self.slowDistance(left, right))
    }
  }

  @Test("The quick search finds what comparing with every line finds")
  func exhaustive() {
    var generator = RandomStream(seed: 11, name: "test")
    let training = (0..<150).map { _ in Self.line(generator.index(below: 12), using: &generator) }
    let nearest = NearestLine(training: training)
    for _ in 0..<60 {
      let line = Self.line(generator.index(below: 14), using: &generator)
      let expected = training.map { other in
        Double(Self.slowDistance(line, other)) / Double(max(line.count, other.count, 1))
      }
      #expect(nearest.distance(to: line) == expected.min())
    }
  }

  @Test("Distances to a few names")
  func names() {
    let nearest = NearestLine(training: ["emma", "olivia", "ava"].map { Self.encode($0) })
    #expect(nearest.distance(to: Self.encode("emma")) == 0)
    #expect(nearest.distance(to: Self.encode("emmy")) == 0.25)
    #expect(nearest.distance(to: Self.encode("olivier")) == 2.0 / 7)
    #expect(nearest.distance(to: Self.encode("zzzz")) == 1)
    #expect(nearest.distance(to: []) == 1)
    let samples = ["emma", "emmy", "zzzz"].map { Self.encode($0) }
    var generator = RandomStream(seed: 1, name: "test")
    let all = nearest.measure(samples, using: &generator)
    #expect(all.median.value == 0.25 && all.mean == Score(meanOfSamples: [0, 0.25, 1]))
    #expect(nearest.measure(samples, limit: 2, using: &generator).median.value == 0.125)
    #expect(nearest.measure(samples, limit: 1, using: &generator).median == Score(0))
  }
}
