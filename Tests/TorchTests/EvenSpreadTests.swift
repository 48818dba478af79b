import Torch
import Testing

@Suite struct EvenSpreadTests {
  @Test func someOfManyAreSpread() {
    #expect(EvenSpread.places(4, outOf: 10) == [0, 2, 5, 7])
    #expect(EvenSpread.places(1, outOf: 10) == [0])
  }

  @Test func allOfFewAreTaken() {
    #expect(EvenSpread.places(10, outOf: 3) == [0, 1, 2])
    #expect(EvenSpread.places(10, outOf: 0) == [])
    #expect(EvenSpread.places(0, outOf: 3) == [])
  }
}
