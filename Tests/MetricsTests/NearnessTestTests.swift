import Foundation
import Metrics
import RandomNumbers
import TestSupport
import Testing
import Torch

@Suite("Copying by nearest-training distances")
struct NearnessTestTests {
  @Test("By hand, ties and all; nearer is below 0")
  func byHand() {
    // Of 3 · 4 pairs one of 2 and 1 is farther, and one ties: 1.5 of 12, where 6 are expected.
    let found = NearnessTest(heldOut: [1, 3, 4, 5]).measure([1, 0, 2])
    let variance = 3.0 * 4 / 12 * (8 - 6.0 / (7 * 6))
    #expect(abs(found.value - (1.5 - 6) / variance.squareRoot()) < 1e-12)
    #expect(found.standardError == 1)
    #expect(NearnessTest(heldOut: [2, 2]).measure([2, 2, 2]).value == 0)
    #expect(NearnessTest(heldOut: [1, 2]).measure([3, 4]).value > 0)
  }

  @Test("Distances of one distribution have deviation 1, with ties too")
  func null() {
    var numbers = SplitMix64(seed: 1)
    for levels in [4.0, 1e9] {
      let values = (0..<300).map { _ in
        let draws = (0..<70).map { _ in (numbers.unit() * levels).rounded() }
        return NearnessTest(heldOut: Array(draws[..<40])).measure(Array(draws[40...])).value
      }
      let mean = Score(meanOf: values)
      let deviation = (mean.standardError ?? 0) * 300.0.squareRoot()
      #expect(abs(mean.value) < 0.2 && abs(deviation - 1) < 0.13, "\(mean.value) \(deviation)")
    }
  }

  @Test("Held-out samples compare a half with the other; few distances give no number")
  func cells() {
    let test = NearnessTest(heldOut: (0..<40).map { Double($0 * 7 % 40) })
    guard case .measured(let own) = test.cell(nil) else {
      Issue.record("missing")
      return
    }
    #expect(abs(own.value) < 2)
    #expect(test.cell([1, 2]) == .missing(reason: "needs 10 distances of both kinds"))
    #expect(NearnessTest(heldOut: [1]).cell(nil) == .missing(reason: "needs 10 distances of both kinds"))
  }
}
