import Foundation
import Synchronization
import Testing

@testable import Torch

/// Parts of something that several threads compute.
@Suite struct ThreadTeamTests {
  private struct Refusal: Error, Equatable {
    let number: Int
  }

  @Test(arguments: [1, 2, 3, 8]) func valuesComeInTheOrderOfElements(parts: Int) throws {
    let team = ThreadTeam(parts: parts)
    #expect(team.size == min(parts, Engine.threads))
    for count in [0, 1, 2, 7] {
      #expect(try team.map(Array(0..<count)) { $0 * $0 } == (0..<count).map { $0 * $0 })
    }
  }

  @Test func whatTheFirstElementThrowsIsThrown() throws {
    let team = ThreadTeam(parts: 2)
    let computed = Atomic(0)
    #expect(throws: Refusal(number: 3)) {
      try team.map(Array(0..<6)) { number in
        computed.add(1, ordering: .relaxed)
        if number >= 3 { throw Refusal(number: number) }
      }
    }
    // A failure of one part leaves no other thread behind at work on values that are gone.
    #expect(computed.load(ordering: .relaxed) >= 4)
  }

  /// The whole process's number stays; each part's operators have their share.
  @Test func threadsAreSharedOut() throws {
    // Of one thread both parts have the whole, one after the other.
    let before = Engine.threads
    let team = ThreadTeam(parts: 2)
    let found = try team.map([0, 1]) { _ in Engine.threads }
    #expect(found == [before / team.size, before / team.size])
    #expect(Engine.threads == before)
    // A team that is asked again has the same threads, whose number may have been settled otherwise in between.
    #expect(try team.map([0, 1]) { _ in Engine.threads } == found)
  }

  /// Modes and gradients of one part are none of another's.
  @Test func partsDoNotSeeEachOther() throws {
    let (team, weight) = (ThreadTeam(parts: 4), try Tensor([2, 3] as [Float]).asLeaf())
    let found = try team.map(Array(1...8)) { number in
      if number.isMultiple(of: 2) {
        return try withoutGradients { try (weight * Double(number)).requiresGrad ? [] : [Float(number)] }
      }
      let loss = try (weight.squared() * Double(number)).sum()
      return try gradients(of: [loss], withRespectTo: [weight])[0]?.array(of: Float.self) ?? []
    }
    let expected: [[Float]] = (1...8).map { number in
      let factor = Float(number)
      return number.isMultiple(of: 2) ? [factor] : [4 * factor, 6 * factor]
    }
    #expect(found == expected)
    #expect(weight.grad == nil)
  }
}
