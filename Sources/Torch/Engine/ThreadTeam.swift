import CTorch

/// Threads that compute independent parts of something side by side, each with its share of the engine's threads.
///
/// A second thread helps one operator little where tensors are small, since all threads wait for each other at its end. Two
/// chains of operators on a thread each wait for each other only when both are done.
public final class ThreadTeam {
  /// Parts that are computed at the same time.
  public let size: Int
  /// Nil before it is first needed.
  private var team: OpaquePointer?
  private let threads: Int

  /// A team that computes as many parts at a time as there are, but no more than the engine has threads.
  ///
  /// - Parameter parts: how many parts there are to compute, at least 1.
  public init(parts: Int) {
    threads = Engine.threads
    size = max(1, min(parts, threads))
  }

  deinit { ct_team_free(team) }

  /// What a body makes of each element, in their order.
  ///
  /// `withoutGradients` and `withAutocast` hold for the thread that calls them; the body calls them itself.
  /// - Parameters:
  ///   - elements: what to compute; all of them at the same time, where they are no more than `size`.
  ///   - body: called from several threads at a time. It may read what others read, and must change nothing but its own.
  /// - Throws: what the body has thrown for the first element that it threw for.
  public func map<Element, Value>(_ elements: [Element], _ body: (Element) throws -> Value) throws -> [Value]
  {
    guard size > 1, elements.count > 1 else { return try elements.map(body) }
    if team == nil { team = ct_team_new(Int32(size)) }
    guard let team else { return try elements.map(body) }
    var results = [Result<Value, any Error>?](repeating: nil, count: elements.count)
    results.withUnsafeMutableBufferPointer { results in
      // Each call writes to its own place.
      let results = results
      withoutActuallyEscaping({ (number: Int) in results[number] = Result { try body(elements[number]) } }) {
        call in
        let calls = Calls(call)
        ct_team_run(
          team, Int32(elements.count), Int32(max(threads / size, 1)),
          { context, number in
            guard let context else { return }
            Unmanaged<Calls>.fromOpaque(context).takeUnretainedValue().call(Int(number))
          }, Unmanaged.passUnretained(calls).toOpaque())
        withExtendedLifetime(calls) {}
      }
    }
    return try results.map { result in
      guard let result else { throw TorchError("a part was not computed") }
      return try result.get()
    }
  }

  /// What threads are handed as a pointer.
  private final class Calls {
    let call: (Int) -> Void
    init(_ call: @escaping (Int) -> Void) { self.call = call }
  }
}

extension Engine {
  /// Runs a body whose operators use so many threads on the calling thread, whatever the process is set to.
  package static func withOwnThreads<Value>(_ count: Int, _ body: () throws -> Value) rethrows -> Value {
    let before = threads
    ct_set_own_threads(Int32(count))
    defer { ct_set_own_threads(Int32(before)) }
    return try body()
  }
}
