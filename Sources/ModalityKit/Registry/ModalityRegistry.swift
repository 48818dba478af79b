import ArgumentParser
import Failures

/// The media that an executable knows, and the command line made from them.
///
/// The list is explicit, in the executable: nothing registers itself. Each modality becomes a subcommand with the verbs
/// train, generate, evaluate and info; at the root stand modalities, doctor and demo.
///
/// ```swift
/// try ModalityRegistry([Text.self]).main()
/// ```
public struct ModalityRegistry: Sendable {
  /// The media in the order of the help.
  public let modalities: [any Modality.Type]
  /// What `doctor` looks at beside the engine and the disk.
  public let checks: [DoctorCheck]

  /// The registry whose commands run in this task: ArgumentParser asks command types, not values, for their
  /// subcommands.
  @TaskLocal static var current = ModalityRegistry()

  /// Registers media.
  ///
  /// - Parameters:
  ///   - modalities: the media, in the order of the help.
  ///   - checks: what `doctor` looks at beside the engine and the disk, such as the libraries of a medium.
  /// - Throws: `RegistryError` when a name is ill-formed, taken by another medium or by a command of the root.
  public init(_ modalities: [any Modality.Type], checks: [DoctorCheck] = []) throws(RegistryError) {
    var seen: Set<String> = []
    for modality in modalities {
      let name = modality.name
      let isPlain = name.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber) }
      guard isPlain, name.first?.isLetter == true else { throw .illFormed(name) }
      guard !Self.reserved.contains(name) else { throw .reserved(name) }
      guard seen.insert(name).inserted else { throw .duplicate(name) }
    }
    self.modalities = modalities
    self.checks = checks
  }

  private init() {
    modalities = []
    checks = []
  }

  /// Names that the root uses itself.
  static let reserved: Set<String> = ["modalities", "doctor", "demo", "help"]

  /// The medium of a name.
  func modality(named name: String) -> (any Modality.Type)? { modalities.first { $0.name == name } }

  /// One command for each medium.
  var commands: [any ParsableCommand.Type] { modalities.map { Self.command(for: $0) } }

  private static func command<M: Modality>(for modality: M.Type) -> any ParsableCommand.Type {
    ModalityCommand<M>.self
  }
}

/// A programmer's mistake in a list of media.
public enum RegistryError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A name that is not lower-case letters and digits, a letter first.
  case illFormed(String)
  /// Two media of one name.
  case duplicate(String)
  /// A name that the root uses for a command of its own.
  case reserved(String)

  /// One sentence that names the medium.
  public var description: String {
    switch self {
    case .illFormed(let name):
      "modality '\(name)': a name is lower-case letters and digits, a letter first"
    case .duplicate(let name): "modality '\(name)': registered twice"
    case .reserved(let name): "modality '\(name)': the name of a command of the root"
    }
  }
}
