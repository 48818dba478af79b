/// Something that `duel doctor` looks at.
///
/// An executable adds checks of what its media need, such as a system library; the engine and the disk are looked
/// at in each case.
public struct DoctorCheck: Sendable {
  /// What a look found; the text goes on after the name.
  public enum Outcome: Hashable, Sendable {
    /// All is well.
    case ok(String)
    /// Work is possible, but something is missing or slow.
    case warning(String)
    /// Something that training needs does not work.
    case failed(String)

    /// The word in front of the line.
    var word: String {
      switch self {
      case .ok: "ok"
      case .warning: "warning"
      case .failed: "failed"
      }
    }

    /// What was found.
    var text: String {
      switch self {
      case .ok(let text), .warning(let text), .failed(let text): text
      }
    }
  }

  /// What is looked at, in a word or two.
  public let name: String
  /// Looks; what it throws counts as failed.
  public let look: @Sendable () throws -> Outcome

  /// Makes a check.
  public init(_ name: String, look: @escaping @Sendable () throws -> Outcome) {
    self.name = name
    self.look = look
  }

  /// The outcome, whatever happens.
  func outcome() -> Outcome {
    do { return try look() } catch { return .failed("\(error)") }
  }
}
