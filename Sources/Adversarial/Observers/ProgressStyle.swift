import Foundation

/// How progress is shown.
public enum ProgressStyle: Hashable, Sendable {
  /// One line that is drawn over and over, of at most this many columns.
  case animated(width: Int)
  /// A line of its own, at most once in this many seconds.
  case plain(interval: Double)

  /// The style for standard error.
  public static func forStandardError() -> Self {
    let environment = ProcessInfo.processInfo.environment
    return detect(
      environment: environment, isTerminal: isatty(STDERR_FILENO) == 1,
      width: Terminal.width(of: STDERR_FILENO, environment: environment))
  }

  /// Animated on a terminal that can do it, when neither CI nor NO_COLOR asks otherwise; 80 columns wide when nobody
  /// knows the width.
  static func detect(environment: [String: String], isTerminal: Bool, width: Int?) -> Self {
    let isAsked = environment["CI"].map(\.isEmpty) ?? true && environment["NO_COLOR"].map(\.isEmpty) ?? true
    guard isTerminal, isAsked, environment["TERM"] != "dumb" else { return .plain(interval: 10) }
    return .animated(width: width ?? 80)
  }
}
