import Failures
import Files
import Foundation

/// Where results and remarks go: results to standard output, everything else to standard error.
///
/// Commands write here and never to the streams themselves, so that a caller in the same process can listen.
public struct Console: Sendable {
  /// Takes results, for standard output; no line break is added.
  public let result: @Sendable (String) throws -> Void
  /// Takes remarks, for standard error; no line break is added.
  public let remark: @Sendable (String) -> Void
  /// How much is remarked.
  public let level: LogLevel

  /// The console of the commands that run in this task.
  @TaskLocal public static var current = Console.standard

  /// Makes a console from two sinks.
  ///
  /// - Parameters:
  ///   - result: takes results.
  ///   - remark: takes remarks.
  ///   - level: how much is remarked.
  public init(
    result: @escaping @Sendable (String) throws -> Void, remark: @escaping @Sendable (String) -> Void,
    level: LogLevel = .info
  ) {
    self.result = result
    self.remark = remark
    self.level = level
  }

  /// The same with another level.
  func limited(to level: LogLevel) -> Console { Console(result: result, remark: remark, level: level) }

  /// The process's own streams. A result that cannot be written, as on a full disk, throws
  /// `UserError(.inputOutput)`.
  public static let standard = Console(
    result: { text in
      guard Console.write(text, to: STDOUT_FILENO) else {
        throw UserError(.inputOutput, "standard output: cannot write: \(reason(errno))")
      }
    },
    remark: { text in _ = Console.write(text, to: STDERR_FILENO) })

  /// Writes nothing: what the processes of a job that is not the first have.
  static let silent = Console(result: { _ in }, remark: { _ in }, level: .error)

  /// Writes a line of the result.
  public func print(_ line: String) throws { try result(line + "\n") }

  /// Writes a line of remarks.
  ///
  /// - Parameters:
  ///   - line: the remark.
  ///   - level: what it belongs to; it is left out where less is wanted.
  public func note(_ line: String, at level: LogLevel = .info) {
    if level <= self.level { remark(line + "\n") }
  }

  private static func write(_ text: String, to descriptor: Int32) -> Bool {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}

/// Properties of the terminal.
public enum Terminal {
  /// Columns of the terminal behind a file descriptor. COLUMNS overrides what the terminal reports; nil where neither is known,
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
  /// One line that is drawn over and over, of at most this many columns, and whether the terminal shows blocks of Unicode.
  case animated(width: Int, hasBlocks: Bool = false)
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
    return .animated(width: width ?? 80, hasBlocks: isUTF8(environment))
  }

  /// Whether the locale's characters are those of UTF-8, by the first of the variables that is set.
  private static func isUTF8(_ environment: [String: String]) -> Bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    return locale.map { $0.uppercased().replacing("-", with: "").contains("UTF8") } ?? false
  }
}

/// Rows of cells as text, columns aligned at the left.
///
/// The last column is not padded, so lines have no trailing spaces.
func columnText(_ rows: [[String]]) -> String {
  let columns = rows.map(\.count).max() ?? 0
  let widths = (0..<columns).map { column in
    rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0
  }
  return rows.map { row in
    let cells = row.enumerated().map { column, cell in
      column == row.count - 1
        ? cell : cell + String(repeating: " ", count: widths[column] - cell.count + 2)
    }
    let line = cells.joined()
    return String(line.prefix(line.count - line.reversed().prefix { $0 == " " }.count))
  }.joined(separator: "\n")
}

/// The form that every `--json` result shares.
enum ResultJSON {
  /// The version of the keys' meaning; a new key does not raise it.
  static let schemaVersion = 1

  /// One object with its version.
  static func object(_ members: [String: JSONValue]) -> JSONValue {
    .object(members.merging(["schemaVersion": .int(schemaVersion)]) { $1 })
  }

  /// A seed, which may be too large for a JSON number.
  static func number(_ value: UInt64) -> JSONValue {
    Int(exactly: value).map { .int($0) } ?? .string(String(value))
  }
}
