import Failures

/// Where the label of a file comes from.
public enum LabelRule {
  /// Files have no labels.
  case none
  /// The name of the file without its last extension, and without `.gz` behind that.
  case file
  /// The name of the subfolder.
  case folder
  /// The first group of an expression that is searched in the file's name.
  case expression(Regex<AnyRegexOutput>, pattern: String)

  /// The text that asks for no labels, where one has to be given.
  public static let noneText = "none"
  /// The text that asks for the name of the file.
  public static let fileText = "file"
  /// The text that asks for the name of the subfolder.
  public static let folderText = "folder"

  /// Reads the option `--labels`: nil or `none` for no labels, `file`, `folder`, or a regular expression.
  ///
  /// - Throws: `UserError` (usage) for a malformed regular expression.
  public init(_ text: String?) throws {
    switch text {
    case nil, Self.noneText: self = .none
    case Self.fileText: self = .file
    case Self.folderText: self = .folder
    case .some(let pattern):
      self = .expression(try regularExpression(pattern, option: "--labels"), pattern: pattern)
    }
  }

  /// The label of a file, nil without labels.
  ///
  /// - Parameters:
  ///   - name: its path below the folder, or its name.
  ///   - path: what messages call it.
  /// - Throws: `UserError`: bad data when the rule finds no label, usage when the expression has no group.
  public func label(of name: String, path: String) throws -> String? {
    switch self {
    case .none: return nil
    case .file:
      let file = Self.fileName(in: name)
      guard let dot = file.lastIndex(of: "."), dot > file.startIndex else { return String(file) }
      return String(file[..<dot])
    case .folder:
      let parts = name.split(separator: "/")
      guard parts.count > 1 else {
        throw UserError(
          .badData,
          "\(path): found a file outside of any subfolder, expected a subfolder that names its label")
      }
      return String(parts[0])
    case .expression(let expression, let pattern):
      let file = Self.fileName(in: name)
      guard let match = file.firstMatch(of: expression) else { throw Self.mismatch(path, pattern) }
      guard match.output.count > 1 else {
        throw UserError(.usage, "--labels: found '\(pattern)' without a group, expected one in parentheses")
      }
      guard let group = match.output[1].substring, !group.isEmpty else { throw Self.mismatch(path, pattern) }
      return String(group)
    }
  }

  /// The last part of a path. How a file is compressed says nothing about what is in it.
  private static func fileName(in path: String) -> Substring {
    let name = path.split(separator: "/").last ?? ""
    return name.hasSuffix(".gz") ? name.dropLast(3) : name
  }

  private static func mismatch(_ path: String, _ pattern: String) -> UserError {
    UserError(.badData, "\(path): found no label in the file's name, expected a match of '\(pattern)'")
  }
}

/// Compiles a regular expression that a user wrote.
///
/// - Throws: `UserError` (usage) that names the option.
func regularExpression(_ pattern: String, option: String) throws -> Regex<AnyRegexOutput> {
  do {
    return try Regex(pattern)
  } catch {
    throw UserError(.usage, "\(option): found '\(pattern)', expected a regular expression (\(error))")
  }
}
