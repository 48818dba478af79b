import Foundation

/// The job of several processes that this one was started in, as the environment tells.
public struct RankJob: Equatable, Sendable {
  /// What started it, as a user knows it: `mpirun` or `srun`.
  public let launcher: String
  /// This process's number, from 0.
  public let index: Int
  /// Number of processes.
  public let count: Int
  /// Number of processes on this host, where it is known.
  public let onHost: Int?

  /// Reads an environment.
  ///
  /// - Returns: nil for a process that was started alone, or as the only one.
  public init?(environment: [String: String] = ProcessInfo.processInfo.environment) {
    func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
    if let count = number("OMPI_COMM_WORLD_SIZE"), let index = number("OMPI_COMM_WORLD_RANK") {
      (launcher, self.index, self.count) = ("mpirun", index, count)
      onHost = number("OMPI_COMM_WORLD_LOCAL_SIZE")
    } else if let count = number("SLURM_STEP_NUM_TASKS"), let index = number("SLURM_PROCID") {
      // SLURM_NTASKS is also set where a batch script runs a command without srun.
      (launcher, self.index, self.count) = ("srun", index, count)
      onHost = environment["SLURM_STEP_TASKS_PER_NODE"].flatMap {
        Self.tasks(onNode: number("SLURM_NODEID") ?? 0, in: $0)
      }
    } else {
      return nil
    }
    guard count > 1, (0..<count).contains(index) else { return nil }
  }

  /// The tasks of a node in Slurm's spelling, such as `4(x2),3`: four on each of two nodes, three on one more.
  static func tasks(onNode node: Int, in text: String) -> Int? {
    var first = 0
    for part in text.split(separator: ",") {
      let words = part.split(separator: "(")
      guard let tasks = words.first.flatMap({ Int($0) }) else { return nil }
      let nodes = words.count > 1 ? Int(words[1].filter(\.isNumber)) ?? 1 : 1
      if node < first + nodes { return tasks }
      first += nodes
    }
    return nil
  }

  /// Threads that each process should use, so that those of a host share its processors.
  ///
  /// - Parameter processors: of this host.
  public func threads(processors: Int) -> Int { max(1, processors / max(onHost ?? count, 1)) }
}
