import Foundation
import Ranks

/// Ranks that are threads of this process, for tests of what several processes compute together without starting any.
public final class ThreadRanks: RankExchange {
  /// Where threads lay down what they exchange.
  private final class Board: @unchecked Sendable {
    let count: Int
    private let condition = NSCondition()
    private var laid: [Int: [UInt8]] = [:]
    /// What was laid down in the last round, for threads that have not taken it yet.
    private var complete: [[UInt8]] = []
    private var round = 0

    init(count: Int) { self.count = count }

    func exchange(_ bytes: [UInt8], of rank: Int) throws -> [[UInt8]] {
      condition.lock()
      defer { condition.unlock() }
      let own = round
      laid[rank] = bytes
      if laid.count == count {
        (complete, laid) = ((0..<count).map { laid[$0] ?? [] }, [:])
        round += 1
        condition.broadcast()
        return complete
      }
      // Long beyond anything that a test does: what would be waited for is a thread that has ended.
      let end = Date(timeIntervalSinceNow: 120)
      while round == own { guard condition.wait(until: end) else { throw Lost() } }
      return complete
    }
  }

  /// A rank that does not come.
  public struct Lost: Error {}

  /// This rank's number.
  public let index: Int
  /// Number of ranks.
  public var count: Int { board.count }
  private let board: Board

  /// What ranks have come to.
  private final class Results<Value>: @unchecked Sendable {
    let lock = NSLock()
    var found: [Int: Result<Value, any Error>] = [:]
  }

  private init(_ index: Int, _ board: Board) { (self.index, self.board) = (index, board) }

  /// Every rank's bytes.
  public func gather(_ bytes: [UInt8]) throws -> [[UInt8]] { try board.exchange(bytes, of: index) }

  /// The sum of all vectors, as MPI's exchange adds them up.
  public func sum(_ vectors: [Float], counts: [Int]) throws -> [Float] {
    let all = try gather(vectors.withUnsafeBytes(Array.init)).flatMap { bytes in
      bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    }
    let length = vectors.count / counts[index]
    precondition(all.count == length * counts.reduce(0, +), "as many vectors as were counted")
    return (0..<length).map { place in
      stride(from: place + length, to: all.count, by: length).reduce(all[place]) { $0 + all[$1] }
    }
  }

  /// Nothing: threads end by themselves.
  public func finish() {}
  /// Nothing: the test ends with its process.
  public func abort(code: Int32) {}

  /// Runs a body on every rank at the same time.
  ///
  /// - Returns: what it returned or threw, by rank.
  public static func run<Value: Sendable>(_ count: Int, _ body: @escaping @Sendable (Ranks) throws -> Value)
    -> [Result<Value, any Error>]
  {
    let (board, results, group) = (Board(count: count), Results<Value>(), DispatchGroup())
    for index in 0..<count {
      group.enter()
      let thread = Thread {
        let result = Result { try body(Ranks(ThreadRanks(index, board))) }
        results.lock.withLock { results.found[index] = result }
        group.leave()
      }
      // As a process's first thread has: networks are deep.
      thread.stackSize = 8 << 20
      thread.start()
    }
    group.wait()
    return (0..<count).compactMap { results.found[$0] }
  }
}
