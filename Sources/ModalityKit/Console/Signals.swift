import Foundation
import Synchronization

/// Ctrl-C and SIGTERM: the first asks the run to stop after its step, the second ends the process at once.
///
/// Signals belong to the process, hence the only global state of this library. Programs that embed a trainer
/// do not call `install()` and keep their own handling.
public enum Interruption {
  /// A signal that asks for the end.
  public enum Signal: Int32, Sendable, CaseIterable {
    /// Ctrl-C.
    case interrupt = 2
    /// The system's or a scheduler's polite request.
    case terminate = 15

    /// Exit code by the shells' rule: 128 and the signal's number.
    public var exitCode: Int32 { 128 + rawValue }
  }

  /// The number of the first signal received, 0 before.
  private static let received = Atomic<Int32>(0)

  /// The signal that asked this process to stop, if any.
  public static var requested: Signal? { Signal(rawValue: received.load(ordering: .relaxed)) }

  /// Installs the handlers. Earlier requests are forgotten.
  public static func install() {
    received.store(0, ordering: .relaxed)
    for kind in Signal.allCases { signal(kind.rawValue, handle) }
    unblock()
  }

  /// Unblocks the signals: a process inherits the signal mask of the thread that started it.
  private static func unblock() {
    var signals = sigset_t()
    sigemptyset(&signals)
    for kind in Signal.allCases { sigaddset(&signals, kind.rawValue) }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Gives both signals back to the system: the next one ends the process.
  public static func restore() {
    for kind in Signal.allCases { signal(kind.rawValue, SIG_DFL) }
  }

  /// Runs inside a signal: only atomics and `_exit` are allowed here.
  private static let handle: @convention(c) (Int32) -> Void = { number in
    let (isFirst, _) = Interruption.received.compareExchange(expected: 0, desired: number, ordering: .relaxed)
    if !isFirst { _exit(128 + number) }
  }
}

/// The signal that a process gets where a file that it has mapped is no longer there to be read: another process has made it
/// shorter, or its disk has failed.
///
/// Data sets beyond the memory that they may take are mapped. No error can be thrown from reading memory, so the process says
/// why it ends.
enum BusError {
  /// Has the process end with a sentence and the exit code of reading that failed, instead of without a word.
  static func explain() {
    signal(SIGBUS) { _ in
      // Inside a signal nothing may be allocated.
      let text: StaticString =
        "Error: a data file became shorter, or its disk failed, while it was read; put it back, and go on with --resume\n"
      _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
      _exit(74)
    }
  }
}
