import ArgumentParser

/// How much standard error says: what is above a level is left out.
public enum LogLevel: String, CaseIterable, Comparable, Sendable, ExpressibleByArgument {
  /// What ends a command, and what it cannot do without saying.
  case error
  /// What looks wrong, too.
  case warning
  /// Progress, previews, decisions and where things are, too.
  case info
  /// What was read and written, and how long it took, too.
  case debug

  /// Whether one says less than the other.
  public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }

  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// The flags of what standard error says, shared by the verbs that take time.
struct LogOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      What standard error says: error, nothing else; warning, also what looks wrong; info, also progress and remarks; debug, \
      also what is read and written and how long it takes. (default: info; error with --json of train)
      """, valueName: "level"))
  var logLevel: LogLevel?

  @Flag(name: .shortAndLong, help: "Show no progress and say nothing but errors: --log-level error.")
  var quiet = false

  func validate() throws {
    guard quiet, let logLevel, logLevel != .error else { return }
    throw ValidationError("--quiet and --log-level \(logLevel.rawValue) exclude each other")
  }

  /// The level that was asked for.
  ///
  /// - Parameter usual: where none was.
  func level(unless usual: LogLevel = .info) -> LogLevel { quiet ? .error : logLevel ?? usual }

  /// The same as words of a command line.
  var words: [String] { quiet ? ["--quiet"] : logLevel.map { ["--log-level", $0.rawValue] } ?? [] }

  /// Does a command's work with a console of the level, and with its progress on standard error.
  func watching(_ body: () throws -> Void) throws {
    try Console.$current.withValue(Console.current.limited(to: level())) {
      try WorkLine.watching(body)
    }
  }
}
