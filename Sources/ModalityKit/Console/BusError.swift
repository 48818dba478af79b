import Foundation

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
