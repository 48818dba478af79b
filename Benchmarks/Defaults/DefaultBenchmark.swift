import ArgumentParser
import BenchmarkSupport
import Torch

/// Times training steps and sampling of the networks that users have who choose none, beside PyTorch eager where a Python has it.
@main struct DefaultBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "default-benchmark",
    abstract: "Time the default networks of audio and points beside the same networks in PyTorch eager.",
    discussion: """
      Steps go through the trainer of `duel MEDIUM train` with the preset small and the built-in data, as many at once as \
      from one penalty to the next; samples through the sampler of `duel MEDIUM generate`. Each round times every task \
      once for each contestant, one directly after the other. Reported are medians over the rounds, and how often \
      PyTorch's median holds ours.
      """)

  @Option(help: "A Python with torch; without one only Duel is timed.") var python: String?
  @Option(help: "The script that plays PyTorch's part.") var peer = "Benchmarks/peers/default_step.py"
  @Option(help: "Threads of either.") var threads = 2
  @Option(help: "Rounds.") var rounds = 7
  @Option(parsing: .upToNextOption, help: "Networks: \(Subject.list).") var networks = Subject.allCases
  @Option(parsing: .upToNextOption, help: "What is timed, for a profiler: \(Task.list).")
  var tasks = Task.allCases
  @Option(
    parsing: .upToNextOption, help: "Contestants, for a profiler: 0 in single precision, 1 in bfloat16.")
  var precisions = [0, 1]

  mutating func run() throws {
    try Engine.setThreads(threads)
    let script = self.peer
    let peer = try python.map { try Peer(python: $0, script: script) }
    print(
      "\(threads) threads, \(Engine.cpuCapability), libtorch \(Engine.version), medians of \(rounds) rounds\n"
    )
    print(
      "| networks | task | Duel float32 | Duel bfloat16 | PyTorch float32 | ratio float32 | ratio bfloat16 |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for network in networks { try time(network, beside: peer) }
  }

  private func time(_ network: Subject, beside peer: Peer?) throws {
    let (contestants, batch, sizes) = try network.prepared()
    let words = sizes.map(String.init).joined(separator: " ")
    let counts = try peer?.ask("prepare \(network) \(threads) \(words)").map(Int.init)
    if let counts, counts != contestants[0].parameterCounts {
      throw ValidationError("parameters: PyTorch has \(counts), Duel \(contestants[0].parameterCounts)")
    }
    var times = [[Task: [Double]]](repeating: [:], count: 3)
    // The first round warms caches, allocators and kernels up.
    for round in 0...rounds {
      for task in tasks {
        for index in precisions {
          let seconds = try ContinuousClock().measure { try task.run(contestants[index], of: network) }
          if round > 0 { times[index][task, default: []].append(seconds / .seconds(1)) }
        }
        guard let seconds = try peer?.ask(task.question(of: network, batch: batch))[0] else { continue }
        if round > 0 { times[2][task, default: []].append(seconds) }
      }
    }
    for task in tasks { print(task.row(of: network, times.map { median($0[task]) })) }
  }
}

/// What is timed.
enum Task: String, CaseIterable, ExpressibleByArgument {
  /// Steps from one penalty to the next, of which one counts.
  case step
  /// One sample.
  case one
  /// 64 samples at once.
  case many

  static let list = allCases.map(\.rawValue).joined(separator: ", ")

  private var count: Int { self == .one ? 1 : 64 }

  /// Does it once.
  func run(_ contestant: any Contestant, of network: Subject) throws {
    switch self {
    case .step: try contestant.train(steps: network.steps)
    case .one, .many: try contestant.sample(count: count)
    }
  }

  /// What the peer is asked.
  func question(of network: Subject, batch: Int) -> String {
    self == .step ? "step \(batch) \(network.steps)" : "sample \(count)"
  }

  /// A line of the table.
  func row(of network: Subject, _ seconds: [Double?]) -> String {
    let steps = self == .step ? Double(network.steps) : 1
    let cells = seconds.map { $0.map { "\(spelled($0 / steps * 1_000, digits: 1)) ms" } ?? "-" }
    let ratios = seconds.prefix(2).map { own in
      if let own, let peer = seconds[2] { spelled(peer / own, digits: 2) } else { "-" }
    }
    let name = self == .step ? "training step" : "\(count) \(network.noun)"
    return "| \(([network.rawValue, name] + cells + ratios).joined(separator: " | ")) |"
  }
}
