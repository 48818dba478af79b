/// A failure that a user can cause and can mend: a wrong flag, a damaged file, a folder that cannot be written.
///
/// The message names the file and line, or the flag, then what was found and what was expected. The command line
/// prints it and exits with the category's raw value, the codes of BSD's `sysexits.h`. Programmers' errors are
/// preconditions instead.
public struct UserError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of thing went wrong; the raw value is the exit code of the process.
  public enum Category: Int32, Sendable, CaseIterable {
    /// A flag or a combination of flags makes no sense.
    case usage = 64
    /// An input or a checkpoint exists but its content is wrong.
    case badData = 65
    /// An input does not exist or cannot be read.
    case noInput = 66
    /// An output cannot be created.
    case cannotCreate = 73
    /// Reading or writing failed half-way, as on a full disk.
    case inputOutput = 74
  }

  /// What kind of thing went wrong.
  public let category: Category
  /// One sentence for the user: where, what was found, what was expected.
  public let message: String

  /// Makes a failure of a category with its message.
  public init(_ category: Category, _ message: String) {
    self.category = category
    self.message = message
  }

  /// The message alone.
  public var description: String { message }
}
