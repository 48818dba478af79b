import Synchronization
import Testing

@testable import Corpora

@Suite struct WorkersTests {
  @Test(arguments: [0, 1, 2, 1000])
  func eachNumberIsTakenOnce(count: Int) {
    let taken = Mutex([Int]())
    Workers.perform(count) { number in taken.withLock { $0.append(number) } }
    #expect(taken.withLock { $0.sorted() } == Array(0..<count))
  }

  @Test func withoutAnotherThreadTheCallerDoesEverything() {
    let taken = Mutex([Int]())
    let asked = Mutex(0)
    Workers.perform(50) { _ in
      asked.withLock { $0 += 1 }
      return false
    } _: { number in
      taken.withLock { $0.append(number) }
    }
    #expect(taken.withLock { $0 } == Array(0..<50))
    #expect(asked.withLock { $0 } <= 1)
  }

  @Test func aCacheWithoutThreadsDecodesWhenABlockIsWanted() throws {
    let cache = BlockCache<Int>(budget: 1 << 20, workers: 2, start: { _ in false }) { [Float($0)] }
    cache.prefetch((0..<4).map { ($0, 4) })
    #expect(try cache.samples(2).samples == [2])
    #expect(try cache.samples(3).samples == [3])
  }
}
