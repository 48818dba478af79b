import Foundation
import Synchronization

/// Threads that share work, as far as there may be any: where a process can have no other thread, as when its address space has
/// ended, the calling thread does everything. libdispatch waits for ever then.
enum Workers {
  /// Starts a thread that nobody waits for.
  ///
  /// - Returns: whether there could be one.
  static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    let job = Unmanaged.passRetained(Job(body))
    #if canImport(Darwin)
      var thread: pthread_t?
      let code = pthread_create(&thread, nil, Job.run, job.toOpaque())
      let started = code == 0 ? thread : nil
    #else
      var thread = pthread_t()
      let code = pthread_create(&thread, nil, Job.run, job.toOpaque())
      let started = code == 0 ? thread : nil
    #endif
    guard let started else {
      job.release()
      return false
    }
    pthread_detach(started)
    return true
  }

  /// Calls a body with each number from 0 on, on all cores, and returns when all calls have.
  ///
  /// - Parameters:
  ///   - count: how many numbers.
  ///   - start: starts a thread, where there may be another one.
  ///   - body: may be called from several threads at a time.
  static func perform(
    _ count: Int, start: (@escaping @Sendable () -> Void) -> Bool = start, _ body: (Int) -> Void
  ) {
    withoutActuallyEscaping(body) { body in
      let share = Share(count: count, body: body)
      let others = DispatchGroup()
      for _ in 1..<max(1, min(count, ProcessInfo.processInfo.activeProcessorCount)) {
        others.enter()
        let isStarted = start {
          share.work()
          others.leave()
        }
        guard isStarted else {
          others.leave()
          break
        }
      }
      share.work()
      others.wait()
      share.end()
    }
  }

  /// What a thread does, for the time until it begins.
  private final class Job {
    private let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    #if canImport(Darwin)
      static let run: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? = { pointer in
        Unmanaged<Job>.fromOpaque(pointer).takeRetainedValue().body()
        return nil
      }
    #else
      static let run: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { pointer in
        if let pointer { Unmanaged<Job>.fromOpaque(pointer).takeRetainedValue().body() }
        return nil
      }
    #endif
  }

  /// Numbers that threads take one after the other.
  private final class Share: @unchecked Sendable {
    // Sendable: the body may be called from any thread, and is let go only when none is left.

    private let count: Int
    private let next = Atomic(0)
    private var body: ((Int) -> Void)?

    init(count: Int, body: @escaping (Int) -> Void) { (self.count, self.body) = (count, body) }

    func work() {
      while true {
        let number = next.add(1, ordering: .relaxed).oldValue
        guard number < count else { return }
        body?(number)
      }
    }

    /// Lets the body go, which must not outlive its caller, while the last thread may still hold this.
    func end() { body = nil }
  }
}
