import ArgumentParser
import Failures
import Foundation
import Torch

/// The media that an executable knows, and the command line made from them.
///
/// The list is explicit, in the executable: nothing registers itself. Each modality becomes a subcommand with the verbs
/// train, generate, evaluate, info and inspect; at the root stand commands that work with runs of any medium, modalities, doctor and
/// demo.
///
/// ```swift
/// try ModalityRegistry([Text.self]).main()
/// ```
public struct ModalityRegistry: Sendable {
  /// The media in the order of the help.
  public let modalities: [any Modality.Type]
  /// What `doctor` checks beside the engine and the disk.
  public let checks: [DoctorCheck]

  /// The registry whose commands run in this task: ArgumentParser asks command types, not values, for their
  /// subcommands.
  @TaskLocal static var current = ModalityRegistry()

  /// Registers media.
  ///
  /// - Parameters:
  ///   - modalities: the media, in the order of the help.
  ///   - checks: what `doctor` checks beside the engine and the disk, such as the libraries of a medium.
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
  static let reserved: Set<String> = [
    "modalities", "doctor", "demo", "report", "compare", "watch", "verify", "help",
  ]

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

/// The command line that runs in this task, as a run notes it: a demo runs other commands than the process was given.
enum CommandWords {
  /// The words, the program's name first.
  @TaskLocal static var current: [String] = []
}

extension ModalityRegistry {
  /// Runs the process's command line and ends the process with its exit code.
  public func main() -> Never {
    let words = Array(CommandLine.arguments.dropFirst())
    // Starting anew takes a quarter of a second, which only long commands are worth.
    if words.contains(where: { ["train", "evaluate", "demo", "verify"].contains($0) }) {
      WaitPolicy.restartPassively()
    }
    BusError.explain()
    let code = Job.run(words) { run(words, console: $0) }
    // Nothing is left to be done but to take the engine's tables apart, which takes longer than a short command.
    fflush(nil)
    _exit(code)
  }

  /// Runs a command line in this process.
  ///
  /// - Parameters:
  ///   - arguments: the words after the program's name.
  ///   - console: takes what the command writes.
  /// - Returns: the exit code: 0; 64 for a wrong command line; the category of a `UserError`; 130 and 143 after an
  ///   interruption that was saved; 1 for anything else that failed.
  public func run(_ arguments: [String], console: Console = .standard) -> Int32 {
    ModalityRegistry.$current.withValue(self) {
      Console.$current.withValue(console) {
        CommandWords.$current.withValue(["duel"] + arguments) {
          do {
            try Job.ranks.together {
              var command = try DuelCommand.parseAsRoot(arguments)
              try command.run()
            }
            return 0
          } catch {
            return report(error, to: console)
          }
        }
      }
    }
  }

  /// Writes what a command threw, help included, and gives the exit code.
  private func report(_ error: any Error, to console: Console) -> Int32 {
    switch error {
    case let error as UserError:
      console.note("Error: \(error.message)", at: .error)
      return error.category.rawValue
    case let error as TorchError:
      console.note("Error: \(error.isOutOfMemory ? "out of memory: " : "")\(error.message)", at: .error)
      return 1
    default:
      let code = DuelCommand.exitCode(for: error).rawValue
      let message = DuelCommand.fullMessage(for: error)
      guard !message.isEmpty else { return code }
      if code != 0 {
        console.note(message, at: .error)
        return code
      }
      // Help, the version and completion scripts come as errors too.
      do {
        try console.print(message)
        return 0
      } catch {
        return report(error, to: console)
      }
    }
  }
}

/// The root of the command line, made from the current registry.
struct DuelCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "duel",
      abstract: "Trains two networks against each other, and hands out what the winner makes.",
      discussion: """
        Each modality has the same verbs: train, generate, evaluate, info, inspect. A first tour:

          duel demo
          duel text train --data names.txt --out runs/names
          duel text generate runs/names --count 10
          duel text evaluate runs/names

        Results go to standard output, progress and remarks to standard error. Exit codes: 0 success, 1 failure, \
        64 wrong command line, 65 wrong data or checkpoint, 66 missing input, 73 output cannot be created, \
        74 reading or writing failed, 130 and 143 stopped by Ctrl-C or SIGTERM after saving.
        """,
      version: duelVersion,
      groupedSubcommands: [
        CommandGroup(name: "Modality", subcommands: ModalityRegistry.current.commands),
        CommandGroup(
          name: "Runs",
          subcommands: [ReportCommand.self, CompareCommand.self, WatchCommand.self, VerifyCommand.self]),
        CommandGroup(
          name: "Other", subcommands: [ModalitiesCommand.self, DoctorCommand.self, DemoCommand.self]),
      ])
  }
}

/// The version of the command and of what it writes into runs and files.
public let duelVersion = "0.1.0"

/// A medium's subcommand with the shared verbs.
struct ModalityCommand<M: Modality>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: M.name, abstract: M.summary,
      subcommands: [
        Train<M>.self, Generate<M>.self, Evaluate<M>.self, Info<M>.self, Inspect<M>.self,
      ] + M.verbs)
  }
}

/// How idle threads of the engine wait for work.
///
/// libtorch's OpenMP lets threads spin between operators. On a machine that other programs use too, each then waits for
/// threads that the others keep from running: 300 small steps on two busy cores were measured to take more than 60 s,
/// and 18 s with threads that wait passively. `duel` itself settles this before anything is loaded (`CStart`), at less than a tenth of
/// the cost; here it is for executables of others that run a registry.
enum WaitPolicy {
  private static let variable = "OMP_WAIT_POLICY"

  /// Starts this process's program anew, under the same process number, with threads that wait passively. OpenMP reads
  /// its environment before `main`, so there is no other moment. Returns where that has been done, where the user has
  /// chosen a policy, or where it is not possible.
  static func restartPassively() {
    #if os(Linux)
      guard getenv(variable) == nil, setenv(variable, "passive", 1) == 0 else { return }
      var words = CommandLine.arguments.map { strdup($0) }
      words.append(nil)
      execv("/proc/self/exe", words)
      words.forEach { free($0) }
    #endif
  }
}
