import Adversarial
import ArgumentParser
import BenchmarkSupport
import Foundation
import Torch

/// Times training and sampling of text, beside PyTorch eager where a Python has it.
@main struct TextBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "text-benchmark",
    abstract: "Time the networks of text beside the same networks in PyTorch eager.",
    discussion: """
      The preset small on lines like captions: 36 to 64 symbols, 50 in the mean. Each round times every task once for \
      each contestant, one contestant after the other, so that a machine that is busy for a while is busy for all. Reported \
      are medians over the rounds, and how often PyTorch's median holds ours.
      """)

  @Option(help: "A Python with torch; without one only Duel is timed.") var python: String?
  @Option(help: "The script that plays PyTorch's part.") var peer = "Benchmarks/peers/text_step.py"
  @Option(help: "Threads of either.") var threads = 2
  @Option(help: "Lines of a batch.") var batch = 64
  @Option(help: "Rounds.") var rounds = 9

  mutating func run() throws {
    try Engine.setThreads(threads)
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("captions-\(getpid()).txt")
    defer { try? FileManager.default.removeItem(at: file) }
    try Captions.lines(4_000).joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
    let contestants = try [Precision.float32, .bfloat16].map {
      try Contestant(lines: file, batch: batch, precision: $0)
    }
    let script = self.peer
    let peer = try python.map { try Peer(python: $0, script: script) }
    let sizes = contestants[0].sizes
    let counts = try peer?.ask("prepare \(sizes[0]) \(sizes[1]) \(threads)").map(Int.init)
    if let counts, counts != contestants[0].parameterCounts {
      throw ValidationError("parameters: PyTorch has \(counts), Duel \(contestants[0].parameterCounts)")
    }
    var times = [[Task: [Double]]](repeating: [:], count: 3)
    // The first round warms caches, allocators and kernels up.
    for round in 0...rounds {
      for task in Task.allCases {
        var seconds = try contestants.map { try $0.seconds(of: task) }
        if let peer { seconds.append(try peer.ask(task.question(batch: batch))[0]) }
        guard round > 0 else { continue }
        for (index, value) in seconds.enumerated() { times[index][task, default: []].append(value) }
      }
    }
    print(
      "batch \(batch), \(threads) threads, \(Engine.cpuCapability), libtorch \(Engine.version), "
        + "medians of \(rounds) rounds\n")
    print("| task | Duel float32 | Duel bfloat16 | PyTorch float32 | ratio float32 | ratio bfloat16 |")
    print("| --- | --- | --- | --- | --- | --- |")
    for task in Task.allCases { print(task.row(times.map { median($0[task]) })) }
  }
}

/// What is timed.
enum Task: CaseIterable {
  /// One update by the likelihood.
  case warmUp
  /// One update of the discriminator and one of the generator.
  case duel
  /// Lines at once.
  case sample

  private var name: String {
    switch self {
    case .warmUp: "step of the warm-up"
    case .duel: "step of the duel"
    case .sample: "\(Contestant.samples) lines"
    }
  }

  /// What the peer is asked.
  func question(batch: Int) -> String {
    switch self {
    case .warmUp: "warm \(batch)"
    case .duel: "duel \(batch)"
    case .sample: "sample \(Contestant.samples)"
    }
  }

  /// A line of the table.
  func row(_ seconds: [Double?]) -> String {
    let cells = seconds.map { $0.map { "\(spelled($0 * 1_000, digits: 1)) ms" } ?? "-" }
    let ratios = seconds.prefix(2).map { own in
      if let own, let peer = seconds[2] { spelled(peer / own, digits: 2) } else { "-" }
    }
    return "| \(([name] + cells + ratios).joined(separator: " | ")) |"
  }
}
