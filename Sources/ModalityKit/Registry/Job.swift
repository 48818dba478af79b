import Failures
import Foundation
import Ranks
import Synchronization
import Torch

/// The part of this process in a job of several, such as `mpirun -n 4 duel audio train` starts.
///
/// `train` shares its batches among all of them. Of any other command there is one, in the first process; the others end at
/// once. Only the first process speaks to people.
enum Job {
  /// The processes that the command of this task runs in.
  @TaskLocal static var ranks = Ranks.alone

  /// Runs a command line in the job that this process belongs to, or by itself where it belongs to none.
  ///
  /// - Parameters:
  ///   - words: the command line.
  ///   - command: runs it, with a console of the process's own.
  /// - Returns: the exit code.
  static func run(_ words: [String], command: (Console) -> Int32) -> Int32 {
    guard let job = RankJob() else { return command(.standard) }
    guard words.dropFirst().first == "train" else { return job.index == 0 ? command(.standard) : 0 }
    do {
      let ranks = try Ranks.join(waiting: explainWaiting)
      try chooseThreads(job)
      let code = $ranks.withValue(ranks) { command(ranks.isFirst ? .standard : .silent) }
      ranks.isLost ? ranks.abort(code: code) : ranks.finish()
      return code
    } catch {
      // Each process says it: which hosts lack something is what people need to know.
      Console.standard.note("Error: \(error)", at: .error)
      return (error as? UserError)?.category.rawValue ?? 1
    }
  }

  /// Gives each process its share of its host's processors, unless it has been given less.
  private static func chooseThreads(_ job: RankJob) throws {
    let (present, usable) = (
      ProcessInfo.processInfo.processorCount, ProcessInfo.processInfo.activeProcessorCount
    )
    let share = job.threads(processors: present)
    try Engine.setThreads(min(share, usable))
    guard usable < share, job.index == 0 else { return }
    Console.standard.note(
      "note: this process may use \(usable) of \(present) processors; with 'mpirun --bind-to none' each would have \(share)"
    )
  }

  private static let hasExplained = Atomic(false)

  /// Says why nothing happens after Ctrl-C: a step ends when all processes end it.
  private static let explainWaiting: @convention(c) (Double) -> Void = { seconds in
    guard seconds > 0.3, Interruption.requested != nil, !hasExplained.exchange(true, ordering: .relaxed)
    else { return }
    Console.standard.note(
      "waiting for the other ranks to end the step; if one was lost, the run goes on from its last checkpoint by --resume",
      at: .error)
  }
}
