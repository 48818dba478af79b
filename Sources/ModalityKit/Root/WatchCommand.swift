import ArgumentParser
import Failures
import Foundation
import Reports
import Synchronization
import Torch

/// Serves the page of runs while they are trained.
struct WatchCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "watch",
      abstract: "Shows runs in the browser while they are trained, and steers their latents.",
      discussion: """
        Prints an address of this machine's own, 127.0.0.1, with a random token in it: open it in a browser. Curves \
        and samples come as training writes them; sliders move the latents of the newest checkpoint. It reads the \
        runs' folders and changes nothing. Ctrl-C ends it.
        """)
  }

  @Argument(
    help: ArgumentHelp("The folder of a run, or a folder of runs.", valueName: "folder"),
    completion: .directory)
  var folder: String

  @Option(help: ArgumentHelp("The port; 0 for any that is free.", valueName: "number"))
  var port: UInt16 = 0

  @Option(help: ArgumentHelp("Threads that draw steered samples.", valueName: "count"))
  var threads = 1

  @Flag(name: .customLong("open"), help: "Open the page in the browser.")
  var isOpened = false

  func validate() throws {
    guard (1...256).contains(threads) else {
      throw ValidationError("--threads \(threads): expected 1 to 256")
    }
  }

  /// How far this process steps back behind others: a training on the same machine goes first.
  private static let niceness: Int32 = 10

  func run() throws {
    let desk = SteeringDesk(ModalityRegistry.current)
    let runs = try LiveRuns(URL(fileURLWithPath: folder), desk: desk)
    _ = try Engine.choose(threads: threads, device: "cpu")
    _ = nice(Self.niceness)
    let server = PageServer(
      page: { try await runs.page() }, events: { await runs.listen() }, steer: { await desk.answer($0) })
    let ending = Ending()
    let (console, port, isOpened) = (Console.current, self.port, self.isOpened)
    Interruption.install()
    defer { Interruption.restore() }
    let serving = Task {
      do {
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await runs.follow() }
          group.addTask {
            try await server.run(port: port, token: PageServer.newToken()) { address in
              try? console.print(address.absoluteString)
              if isOpened { try? PageOptions.show(address) }
            }
          }
          try await group.next()
          group.cancelAll()
        }
        ending.reach(nil)
      } catch {
        ending.reach(error)
      }
    }
    while !ending.isReached, Interruption.requested == nil { usleep(100_000) }
    serving.cancel()
    if let error = ending.error, Interruption.requested == nil {
      throw UserError(.cannotCreate, "--port \(port): cannot serve there: \(error.localizedDescription)")
    }
    if let signal = Interruption.requested, signal == .terminate { throw ExitCode(signal.exitCode) }
  }
}

/// How serving ended, between the task that serves and the thread that waits for it.
private final class Ending: Sendable {
  private let state = Mutex<(isReached: Bool, error: (any Error)?)>((false, nil))

  var isReached: Bool { state.withLock { $0.isReached } }
  var error: (any Error)? { state.withLock { $0.error } }

  func reach(_ error: (any Error)?) { state.withLock { $0 = (true, error) } }
}
