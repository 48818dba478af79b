import Foundation

/// What the screen of a person is like.
public enum Terminal {
  /// Columns of the terminal behind a file descriptor. COLUMNS wins over what the terminal says; nil when nobody knows,
  /// as for a pipe.
  public static func width(
    of descriptor: Int32, environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> Int? {
    if let columns = environment["COLUMNS"].flatMap({ Int($0) }), columns > 0 { return columns }
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}

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
