import ArgumentParser
import Failures
import Foundation
import Torch

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
    if words.contains(where: { ["train", "evaluate", "demo"].contains($0) }) {
      WaitPolicy.restartPassively()
    }
    exit(run(words))
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
            var command = try DuelCommand.parseAsRoot(arguments)
            try command.run()
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
      console.note("Error: \(error.message)")
      return error.category.rawValue
    case let error as TorchError:
      console.note("Error: \(error.isOutOfMemory ? "out of memory: " : "")\(error.message)")
      return 1
    default:
      let code = DuelCommand.exitCode(for: error).rawValue
      let message = DuelCommand.fullMessage(for: error)
      guard !message.isEmpty else { return code }
      if code != 0 {
        console.note(message)
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
