import TestSupport
import Testing

@testable import Torch

/// Draws for rows of a batch are those rows of the draws for the whole.
@Suite struct BatchRowsTests {
  private static let rows = [
    BatchRows(all: 7), BatchRows([2..<3], of: 7), BatchRows([0..<2, 5..<7], of: 7), BatchRows([3..<7], of: 7),
  ]

  /// Each way to draw a tensor, two in a row, samples first and in the middle.
  private static let draws: [@Sendable (inout RandomStream, Int) throws -> Tensor] = [
    { try $0.normal([$1, 5]) }, { try $0.uniform([$1]) }, { try $0.gumbel([3, $1, 2], samplesAlong: 1).transposed(0, 1) },
    { stream, count in try stream.draw([count, 2]) { shape, seed in try Tensor.full(shape, value: Double(seed % 1000)) } },
    { stream, count in
      let x = try Tensor.ones([count, 4])
      return try x.dropout(0.5, using: &stream)
    },
    { stream, count in
      var dropout: RandomStream? = stream
      defer { if let dropout { stream = dropout } }
      return try Tensor.ones([count, 6, 3]).sequenceDropout(0.5, using: &dropout)
    },
  ]

  @Test(arguments: rows, draws.indices) func rowsAreThoseOfTheWhole(rows: BatchRows, draw: Int) throws {
    func pair(_ rows: BatchRows?) throws -> [Tensor] {
      var stream = RandomStream(seed: 3, step: 2, name: "noise", rows: rows)
      return try (0..<2).map { _ in try Self.draws[draw](&stream, rows?.count ?? 7) }
    }
    for (part, whole) in try zip(pair(rows), pair(nil)) {
      #expect(try part.isEqual(to: rows.cut(from: whole)))
    }
  }

  @Test(arguments: rows) func wordsAreOneASampleOrOneAPass(rows: BatchRows) {
    var whole = RandomStream(seed: 3, name: "words")
    var part = RandomStream(seed: 3, name: "words", rows: rows)
    let all = whole.words(7)
    #expect(part.words(rows.count) == rows.indices.map { all[$0] })
    #expect(part.next() == whole.next())
  }

  /// A part of a batch may be trimmed to its own longest sequence.
  @Test func dropoutOfSequencesDoesNotDependOnTheirLength() throws {
    func dropped(_ length: Int) throws -> Tensor {
      var stream: RandomStream? = RandomStream(seed: 1, name: "dropout")
      return try Tensor.ones([50, length, 7]).sequenceDropout(0.4, using: &stream)
    }
    let long = try dropped(33)
    for length in [1, 8, 20] {
      #expect(try dropped(length).isEqual(to: long.narrowed(along: 1, start: 0, count: length)))
    }
    let kept = try long.greater(than: 0).converted(to: .float32).mean().item()
    #expect(abs(kept - 0.6) < 0.02)
  }

  @Test func rowsOfTwoBatches() {
    let rows = BatchRows([1..<3], of: 4)
    #expect(rows.doubled == BatchRows([1..<3, 5..<7], of: 8))
    #expect(rows.doubled.indices == [1, 2, 5, 6])
    #expect(BatchRows(all: 4).isWhole && BatchRows(all: 4).doubled.count == 8)
    #expect(!rows.isWhole && BatchRows([0..<2, 2..<4], of: 4).count == 4)
  }

  @Test func anotherNumberOfSamplesIsAnError() throws {
    var stream = RandomStream(seed: 1, name: "noise", rows: BatchRows([1..<3], of: 4))
    let message = "a random draw of shape [5, 2]: expected 2 samples along dimension 0"
    #expect(throws: TorchError(message)) { _ = try stream.normal([5, 2]) }
    #expect(throws: TorchError.self) { _ = try BatchRows(all: 4).cut(from: Tensor.ones([3])) }
  }
}
