import Failures
import Files
import Synchronization
import Torch

/// The processes that train one run together, seen from one of them.
///
/// Every rank runs the same program over the same data and holds the same networks. What is split among them is the batch:
/// each computes the gradients of its rows, and all take the sum. Draws are those of the whole batch, cut to a rank's rows, so
/// that several ranks compute what one does, up to the order in which numbers are added; and they are added in the order of
/// ranks, so that several ranks compute what one rank computes that takes its batch in as many parts, to the bit where each has
/// as many threads.
///
/// Every rank makes the same calls in the same order. Each call but `sum` also carries failures: what one rank throws inside
/// `together` is thrown by all of them, at whichever call they are.
public final class Ranks: Sendable {
  /// A process by itself, which exchanges nothing.
  public static let alone = Ranks(nil)

  let exchange: (any RankExchange)?
  /// Whether a failure was exchanged: nothing more is, then.
  private let isBroken = Atomic(false)
  private let hasFailed = Atomic(false)
  /// Whether the exchange itself has failed, so that other ranks may wait for this one.
  public var isLost: Bool { hasFailed.load(ordering: .relaxed) }

  /// Takes an exchange; nil for a process by itself.
  public init(_ exchange: (any RankExchange)?) { self.exchange = exchange }

  /// Joins the job that started this process; a process that was started by itself is `alone`.
  ///
  /// - Parameters:
  ///   - patience: seconds that a rank waits for the others before it takes them for lost.
  ///   - waiting: called now and then while a rank waits, with the seconds so far; it must return at once.
  /// - Throws: `UserError` where the environment tells of a job but MPI cannot be used.
  public static func join(patience: Double = 1800, waiting: (@convention(c) (Double) -> Void)? = nil) throws
    -> Ranks
  {
    guard let job = RankJob() else { return .alone }
    return Ranks(try MPIExchange(job, patience: patience, waiting: waiting))
  }

  /// This rank's number, from 0.
  public var index: Int { exchange?.index ?? 0 }
  /// Number of ranks.
  public var count: Int { exchange?.count ?? 1 }
  /// Whether this rank is the one that writes files and speaks to people.
  public var isFirst: Bool { index == 0 }
  /// Whether there are others.
  public var areSeveral: Bool { count > 1 }
  /// What processes of this machine could exchange bytes by, as in `Open MPI v4.1.4`; nil where nothing is installed.
  public static var availableLibrary: String? { MPIExchange.available }

  /// The parts that a batch is computed in, so that each rank has at least one of them, and the same number where that can be.
  ///
  /// - Parameter least: parts that a process by itself would take.
  public func parts(atLeast least: Int) -> Int { least >= count ? least : count }

  /// This rank's parts of a batch of some rows, which it computes one after the other.
  ///
  /// - Parameters:
  ///   - rows: of the whole batch; at least as many as there are ranks.
  ///   - parts: of the whole batch, over all ranks; no more than rows are taken.
  /// - Returns: the rows of each, and how many parts each rank has.
  public func parts(_ parts: Int, of rows: Int) -> (own: [Range<Int>], counts: [Int]) {
    let starts = EvenSpread.indices(parts, outOf: rows) + [rows]
    let all = zip(starts, starts.dropFirst()).map { $0..<$1 }
    let shares = (0..<count).map { $0 * all.count / count..<($0 + 1) * all.count / count }
    return (Array(all[shares[index]]), shares.map(\.count))
  }

  // MARK: Failing together

  /// Runs a part of the program that all ranks run. Where it throws on one of them, it throws on all: there what was thrown, on
  /// the others a `UserError` that names the rank, of the same category. All ranks have come to its end when it returns.
  public func together<Result>(_ body: () throws -> Result) throws -> Result {
    guard areSeveral else { return try body() }
    let result: Result
    do {
      result = try body()
    } catch {
      try? announce(error)
      throw error
    }
    _ = try gather([])
    return result
  }

  /// Tells the other ranks of a failure, unless they know of one.
  private func announce(_ error: any Error) throws {
    guard let exchange, !isBroken.exchange(true, ordering: .relaxed) else { return }
    let category = (error as? UserError)?.category.rawValue ?? 0
    _ = try exchange.gather(
      [1] + withUnsafeBytes(of: category.littleEndian, Array.init) + Array("\(error)".utf8))
  }

  /// Every rank's bytes, in the order of ranks.
  ///
  /// - Throws: what another rank has thrown instead of coming here.
  public func gather(_ bytes: [UInt8]) throws -> [[UInt8]] {
    guard let exchange else { return [bytes] }
    guard !isBroken.load(ordering: .relaxed) else { throw UserError(.inputOutput, "another rank has failed") }
    let all: [[UInt8]]
    do {
      all = try exchange.gather([0] + bytes)
    } catch {
      // The others cannot be told by what has failed.
      isBroken.store(true, ordering: .relaxed)
      hasFailed.store(true, ordering: .relaxed)
      throw error
    }
    if let rank = all.firstIndex(where: { $0.first != 0 }) {
      isBroken.store(true, ordering: .relaxed)
      throw Self.failure(all[rank].dropFirst(), of: rank)
    }
    return all.map { Array($0.dropFirst()) }
  }

  private static func failure(_ bytes: ArraySlice<UInt8>, of rank: Int) -> any Error {
    let code = bytes.withUnsafeBytes {
      $0.count >= 4 ? Int32(littleEndian: $0.loadUnaligned(as: Int32.self)) : 0
    }
    let text = "rank \(rank): " + String(decoding: bytes.dropFirst(4), as: UTF8.self)
    guard let category = UserError.Category(rawValue: code) else { return TorchError(text) }
    return UserError(category, text)
  }

  // MARK: One for all

  /// What the first rank finds; the others do not look.
  ///
  /// - Throws: what it throws there, on all ranks.
  public func first<Value: Codable>(_ body: () throws -> Value) throws -> Value {
    guard areSeveral else { return try body() }
    let own = try isFirst ? body() : nil
    let all = try gather(own.map { Array(try JSONValue(encoding: [$0]).text.utf8) } ?? [])
    if let own { return own }
    let sent: [Value] = try JSONValue(parsing: all[0]).decoded()
    guard let value = sent.first else { throw TorchError("the first rank has sent nothing") }
    return value
  }

  /// Why to stop; the first rank's cause that has one, for all of them.
  public func agreed(_ cause: String?) throws -> String? {
    guard areSeveral else { return cause }
    return try gather(cause.map { Array($0.utf8) } ?? []).first { !$0.isEmpty }.map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  /// Checks that all ranks have found the same.
  ///
  /// - Parameters:
  ///   - text: what this rank has found.
  ///   - what: what it is, as "the data".
  /// - Throws: `UserError` of category bad data on all of them where one has found something else.
  public func require(same text: String, _ what: String) throws {
    guard areSeveral else { return }
    let all = try gather(Array(text.utf8))
    guard let other = all.firstIndex(where: { $0 != all[0] }) else { return }
    throw UserError(
      .badData,
      "\(what): rank \(other) found \(String(decoding: all[other], as: UTF8.self)), rank 0 "
        + "\(String(decoding: all[0], as: UTF8.self)); expected the same on every host")
  }

  // MARK: The end

  /// Leaves the job, as all ranks do: after success, or after a failure that all know of.
  public func finish() { exchange?.finish() }

  /// Ends the job of all ranks, some of which may wait for this one forever.
  public func abort(code: Int32) { exchange?.abort(code: code) }
}
