import ArgumentParser

/// The root of the command line, made from the current registry.
struct DuelCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "duel",
      abstract: "Trains two networks against each other, and hands out what the winner makes.",
      discussion: """
        Each modality has the same verbs: train, generate, evaluate, info. A first tour:

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
      subcommands: [Train<M>.self, Generate<M>.self, Evaluate<M>.self, Info<M>.self] + M.verbs)
  }
}
