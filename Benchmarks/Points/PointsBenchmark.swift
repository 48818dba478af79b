import Adversarial
import ArgumentParser
import BenchmarkSupport
import Torch

/// Times training of r-GAN's networks and sampling of point clouds, beside PyTorch eager where a Python has it.
@main struct PointsBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "points-benchmark",
    abstract: "Time networks of point clouds beside such networks in PyTorch eager.",
    discussion: """
      Each round times every task once for each contestant, one contestant after the other, so that a machine that \
      is busy for a while is busy for all. Reported are medians over the rounds, and how often PyTorch's median \
      holds ours. Training is that of r-GAN (mlp) on either side. Sampling is that of the network of --sampled, beside \
      l-GAN's latent generator and fully connected decoder in PyTorch.
      """)

  @Option(help: "A Python with torch; without one only Duel is timed.") var python: String?
  @Option(help: "The script that plays PyTorch's part.") var peer = "Benchmarks/peers/points_step.py"
  @Option(help: "Threads of either.") var threads = 2
  @Option(help: "Points of a cloud.") var points = 512
  @Option(help: "Clouds of a batch.") var batch = 50
  @Option(help: "The network whose sampling is timed.") var sampled = "latent"
  @Option(help: "Generator iterations before anything is timed: critics of trained networks differ.")
  var warmUp = 1
  @Option(help: "Rounds.") var rounds = 7
  @Option(parsing: .upToNextOption, help: "What is timed, for a profiler: \(Task.list).")
  var tasks = Task.allCases

  mutating func run() throws {
    try Engine.setThreads(threads)
    let script = self.peer
    let peer = try python.map { try Peer(python: $0, script: script) }
    let contestants = try [Precision.float32, .bfloat16].map {
      try Contestant(points: points, batch: batch, sampled: sampled, precision: $0)
    }
    let counts = try peer?.ask("prepare \(points) \(threads)").map(Int.init)
    if let counts, counts != contestants[0].parameterCounts {
      throw ValidationError("parameters: PyTorch has \(counts), Duel \(contestants[0].parameterCounts)")
    }
    var times = [[Task: [Double]]](repeating: [:], count: 3)
    for _ in 0..<warmUp { for contestant in contestants { _ = try contestant.seconds(of: .iteration) } }
    // The first round warms caches, allocators and kernels up.
    for round in 0...rounds {
      for task in tasks {
        for (index, contestant) in contestants.enumerated() {
          let seconds = try contestant.seconds(of: task)
          if round > 0 { times[index][task, default: []].append(seconds) }
        }
        guard let seconds = try peer?.seconds(of: task, batch: batch) else { continue }
        if round > 0 { times[2][task, default: []].append(seconds) }
      }
    }
    print(
      "\(points) points, batch \(batch), \(threads) threads, \(Engine.cpuCapability), libtorch \(Engine.version), "
        + "medians of \(rounds) rounds\n")
    print("| task | Duel float32 | Duel bfloat16 | PyTorch float32 | ratio float32 | ratio bfloat16 |")
    print("| --- | --- | --- | --- | --- | --- |")
    for row in Row.all(sampled: sampled) where row.seconds(times[0]) != nil { print(row.line(times)) }
  }
}

/// What is timed.
enum Task: String, CaseIterable, ExpressibleByArgument {
  /// Five critic updates with a gradient penalty and one update of the generator.
  case iteration
  /// One of each.
  case shortIteration = "short-iteration"
  /// Clouds at once.
  case sample

  static let list = allCases.map(\.rawValue).joined(separator: ", ")
  /// Clouds of one sampling.
  static let samples = 512
}

extension Peer {
  /// Seconds of one task.
  func seconds(of task: Task, batch: Int) throws -> Double {
    switch task {
    case .iteration: try ask("step \(batch) 5")[0]
    case .shortIteration: try ask("step \(batch) 1")[0]
    case .sample: try ask("sample \(Task.samples)")[0]
    }
  }
}

/// A line of the table.
struct Row {
  let name: String
  let task: Task
  /// Seconds from a contestant's rounds.
  let seconds: ([Task: [Double]]) -> Double?

  static func all(sampled: String) -> [Row] {
    [
      Row(name: "mlp: generator iteration, 5 critic updates", task: .iteration) { median($0[.iteration]) },
      Row(name: "mlp: critic update", task: .iteration) { times in
        guard let long = times[.iteration], let short = times[.shortIteration] else { return nil }
        return median(zip(long, short).map { ($0 - $1) / 4 })
      },
      Row(name: "sampling: \(sampled) beside l-GAN's decoder", task: .sample) { median($0[.sample]) },
    ]
  }

  func line(_ times: [[Task: [Double]]]) -> String {
    let values = times.map(seconds)
    func time(_ seconds: Double?) -> String {
      guard let seconds else { return "-" }
      if task == .sample { return "\(spelled(Double(Task.samples) / seconds, digits: 0)) clouds/s" }
      return "\(spelled(1000 * seconds, digits: 1)) ms"
    }
    func ratio(_ seconds: Double?) -> String {
      guard let seconds, let peer = values[2] else { return "-" }
      return spelled(peer / seconds, digits: 2)
    }
    return "| " + ([name] + values.map(time) + values.prefix(2).map(ratio)).joined(separator: " | ") + " |"
  }
}
