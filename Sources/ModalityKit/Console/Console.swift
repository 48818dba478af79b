import Failures
import Files
import Foundation

/// Where results and remarks go: results to standard output, everything else to standard error.
///
/// Commands write here and never to the streams themselves, so that a caller in the same process can listen.
public struct Console: Sendable {
  /// Takes text of the result; no line break is added.
  public let result: @Sendable (String) throws -> Void
  /// Takes text for the person at the terminal; no line break is added.
  public let remark: @Sendable (String) -> Void

  /// The console of the commands that run in this task.
  @TaskLocal public static var current = Console.standard

  /// Makes a console from two sinks.
  public init(
    result: @escaping @Sendable (String) throws -> Void, remark: @escaping @Sendable (String) -> Void
  ) {
    self.result = result
    self.remark = remark
  }

  /// The process's own streams. A result that cannot be written, as on a full disk, throws
  /// `UserError(.inputOutput)`.
  public static let standard = Console(
    result: { text in
      guard Console.write(text, to: STDOUT_FILENO) else {
        throw UserError(.inputOutput, "standard output: cannot write: \(reason(errno))")
      }
    },
    remark: { text in _ = Console.write(text, to: STDERR_FILENO) })

  /// Writes a line of the result.
  public func print(_ line: String) throws { try result(line + "\n") }

  /// Writes a line for the person at the terminal.
  public func note(_ line: String) { remark(line + "\n") }

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
