import Foundation

/// How progress is shown.
public enum ProgressStyle: Hashable, Sendable {
  /// One line that is drawn over and over, of at most this many columns.
  case animated(width: Int)
  /// A line of its own, at most once in this many seconds.
  case plain(interval: Double)

  /// The style for standard error.
  public static func forStandardError() -> Self {
    let isTerminal = isatty(STDERR_FILENO) == 1
    return detect(
      environment: ProcessInfo.processInfo.environment, isTerminal: isTerminal, terminalWidth: terminalWidth()
    )
  }

  /// Animated on a terminal that can do it, when neither CI nor NO_COLOR asks otherwise. COLUMNS wins over
  /// what the terminal says of its width; 80 when nobody knows.
  public static func detect(environment: [String: String], isTerminal: Bool, terminalWidth: Int?) -> Self {
    let isAsked = environment["CI"].map(\.isEmpty) ?? true && environment["NO_COLOR"].map(\.isEmpty) ?? true
    guard isTerminal, isAsked, environment["TERM"] != "dumb" else { return .plain(interval: 10) }
    let columns = environment["COLUMNS"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
    return .animated(width: columns ?? terminalWidth ?? 80)
  }

  private static func terminalWidth() -> Int? {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}
