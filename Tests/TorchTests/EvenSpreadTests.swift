import Testing
import Torch

@Suite struct EvenSpreadTests {
  @Test func someOfManyAreSpread() {
    #expect(EvenSpread.indices(4, outOf: 10) == [0, 2, 5, 7])
    #expect(EvenSpread.indices(1, outOf: 10) == [0])
  }

  @Test func allOfFewAreTaken() {
    #expect(EvenSpread.indices(10, outOf: 3) == [0, 1, 2])
    #expect(EvenSpread.indices(10, outOf: 0) == [])
    #expect(EvenSpread.indices(0, outOf: 3) == [])
  }
}
