import Failures
import TestSupport
import Testing
import Torch

@testable import Ranks

/// What ranks find together, on threads of this process.
@Suite struct RanksTests {
  @Test func aProcessByItselfExchangesNothing() throws {
    let alone = Ranks.alone
    #expect((alone.index, alone.count, alone.isFirst, alone.areSeveral) == (0, 1, true, false))
    #expect(try alone.together { 3 } == 3)
    #expect(try alone.gather([1, 2]) == [[1, 2]])
    #expect(try alone.agreed("why") == "why")
  }

  @Test func theFirstOneFindsForAll() throws {
    let found = ThreadRanks.run(3) { ranks in
      try ranks.first { [Double(ranks.index), .infinity, 0.1] }
    }
    for result in found { #expect(try result.get() == [0, .infinity, 0.1]) }
    let nothing = ThreadRanks.run(2) { ranks in try ranks.first { nil as Int? } }
    for result in nothing { #expect(try result.get() == nil) }
  }

  @Test func anyOneStopsAll() throws {
    let found = ThreadRanks.run(3) { ranks in try ranks.agreed(ranks.index == 2 ? "signal 15" : nil) }
    for result in found { #expect(try result.get() == "signal 15") }
    for result in ThreadRanks.run(2, { try $0.agreed(nil) }) { #expect(try result.get() == nil) }
  }

  /// At whichever call the others are, and once only.
  @Test func whatOneThrowsIsThrownByAll() {
    let found = ThreadRanks.run(3) { ranks in
      try ranks.together {
        if ranks.index == 1 { throw UserError(.noInput, "drums: no such folder") }
        _ = try ranks.gather([1])
        _ = try ranks.gather([2])
      }
    }
    for (rank, result) in found.enumerated() {
      #expect(
        throws: UserError(.noInput, rank == 1 ? "drums: no such folder" : "rank 1: drums: no such folder")
      ) {
        try result.get()
      }
    }
  }

  @Test func failuresAfterTheLastExchangeAreKnownToo() {
    let found = ThreadRanks.run(2) { ranks in
      try ranks.together { if ranks.isFirst { throw TorchError("disk full") } }
    }
    for result in found { #expect(throws: TorchError.self) { try result.get() } }
  }

  @Test func otherDataOnAnotherRankIsRefused() {
    let found = ThreadRanks.run(2) { ranks in
      try ranks.require(same: ranks.isFirst ? "names" : "words", "the data")
    }
    for result in found {
      #expect {
        try result.get()
      } throws: { "\($0)" == "the data: rank 1 found words, rank 0 names; expected the same on every host" }
    }
  }

  @Test(arguments: [(1, 6, 13), (2, 6, 13), (3, 6, 13), (4, 6, 13), (3, 3, 3), (2, 9, 4)])
  func partsAreTheSameOnAnyNumberOfRanks(count: Int, parts: Int, rows: Int) throws {
    let found = ThreadRanks.run(count) { ranks in ranks.parts(parts, of: rows) }
    let all = try found.flatMap { try $0.get().own }
    #expect(all == Ranks.alone.parts(parts, of: rows).own)
    #expect(all.first?.lowerBound == 0 && all.last?.upperBound == rows)
    #expect(zip(all, all.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    for result in found {
      #expect(try result.get().counts == found.map { try $0.get().own.count })
      #expect(try !result.get().own.isEmpty)
    }
  }

  @Test func rowsOfAllRanksComeInTheirOrder() throws {
    let found = ThreadRanks.run(3) { ranks in
      let own = try Tensor(
        (0..<2 * ranks.index).map { Int64(10 * ranks.index + $0) }, shape: [ranks.index, 2])
      return try ranks.concatenated(own).array(of: Int64.self)
    }
    for result in found { #expect(try result.get() == [10, 11, 20, 21, 22, 23]) }
  }

  @Test func tensorsThatHaveDriftedBecomeTheFirstOnes() throws {
    let found = ThreadRanks.run(2) { ranks in
      let tensors = [try Tensor([1, 2] as [Float]), try Tensor(Float(ranks.index))]
      let hadDrifted = try ranks.unify(tensors)
      return (hadDrifted, try tensors[1].item(), try ranks.unify(tensors))
    }
    for result in found { #expect(try result.get() == (true, 0, false)) }
  }
}

/// Sums over the parts of a batch.
@Suite struct BatchSumTests {
  /// Numbers whose sum depends on the order in which they are added.
  private static let values = [1e16, 3.0, -1e16, 5.0, 0.1, -7.0]

  @Test(arguments: [1, 2, 3]) func totalsAreAddedInTheOrderOfParts(count: Int) throws {
    let found = ThreadRanks.run(count) { ranks in
      var totals = BatchTotals()
      for part in ranks.parts(6, of: 6).own { totals.add("loss", Self.values[part.lowerBound]) }
      if ranks.index == count - 1 { totals.add("only here", .nan) }
      return try totals.summed(over: ranks)
    }
    for result in found {
      let sums = try result.get()
      #expect(sums["loss"] == Self.values.reduce(0, +))
      #expect(sums["only here"]?.isNaN == true)
      #expect(sums.count == 2)
    }
  }

  /// As the engine adds them up for a process by itself, to the bit.
  @Test(arguments: [1, 2, 3]) func gradientsAreAddedInTheOrderOfParts(count: Int) throws {
    let factors: [Double] = [1, 1e7, -1e7, 0.3, 0.7, 1e-3]
    let found = ThreadRanks.run(count) { ranks in
      let parameters = try [Parameter(Tensor([0.1, 0.2, 0.3] as [Float])), Parameter(Tensor(Float(2)))]
      let unused = try Parameter(Tensor(Float(1)))
      var gradients = BatchGradients(of: parameters + [unused], over: ranks)
      let parts = ranks.parts(6, of: 6)
      for part in parts.own {
        let factor = factors[part.lowerBound]
        // The second one is left out by most parts.
        let loss = try (parameters[0].value.squared() * factor).sum()
        let objective = try part.lowerBound == 4 ? loss + parameters[1].value * factor : loss
        try gradients.add(
          Torch.gradients(of: [objective], withRespectTo: (parameters + [unused]).map(\.value)))
      }
      try gradients.finish(counts: parts.counts)
      #expect(unused.grad == nil)
      return try parameters.map { try $0.grad?.array(of: Float.self) }
    }
    var sum: [Float] = [0, 0, 0]
    for factor in factors {
      for (place, value) in ([0.1, 0.2, 0.3] as [Float]).enumerated() {
        sum[place] += 2 * value * Float(factor)
      }
    }
    for result in found { #expect(try result.get() == [sum, [0.7]]) }
  }
}
