import Adversarial
import ArgumentParser
import BenchmarkSupport
import Torch

/// Times training and generation of the classic audio networks, beside PyTorch eager where a Python has it.
@main struct AudioBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audio-benchmark",
    abstract: "Time the classic audio networks beside the same networks in PyTorch eager.",
    discussion: """
      Each round times every task once for each contestant, one contestant after the other, so that a machine that \
      is busy for a while is busy for all. Reported are medians over the rounds, and how often PyTorch's median \
      holds ours.
      """)

  @Option(help: "A Python with torch; without one only Duel is timed.") var python: String?
  @Option(help: "The script that plays PyTorch's part.") var peer = "Benchmarks/peers/classic_step.py"
  @Option(help: "Threads of either.") var threads = 2
  @Option(parsing: .upToNextOption, help: "Widths of the networks.") var widths = [16, 32]
  @Option(help: "Frames of a sound.") var length = 8192
  @Option(help: "Sounds of a batch.") var batch = 32
  @Option(help: "Frames of a second.") var sampleRate = 8000
  @Option(help: "Rounds.") var rounds = 7
  @Option(parsing: .upToNextOption, help: "What is timed, for a profiler: \(Task.list).")
  var tasks = Task.allCases

  mutating func run() throws {
    try Engine.setThreads(threads)
    let script = self.peer
    let peer = try python.map { try Peer(python: $0, script: script) }
    print(
      "classic, \(length) samples, batch \(batch), \(threads) threads, \(Engine.cpuCapability), "
        + "libtorch \(Engine.version), medians of \(rounds) rounds\n")
    print(
      "| width | task | Duel float32 | Duel bfloat16 | PyTorch float32 | ratio float32 | ratio bfloat16 |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for width in widths {
      let contestants = try [Precision.float32, .bfloat16].map {
        try Contestant(width: width, length: length, batch: batch, precision: $0)
      }
      let counts = try peer?.prepare(length: length, width: width, threads: threads)
      if let counts, counts != contestants[0].parameterCounts {
        throw ValidationError("parameters: PyTorch has \(counts), Duel \(contestants[0].parameterCounts)")
      }
      var times = [[Task: [Double]]](repeating: [:], count: 3)
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
      for row in Row.all where row.seconds(times[0]) != nil {
        print(row.line(width: width, times: times, rate: soundRate(of: row)))
      }
    }
  }

  /// Seconds of sound that a row's task makes, nil where it trains.
  private func soundRate(of row: Row) -> Double? {
    guard let count = row.task.sounds else { return nil }
    return Double(count * length) / Double(sampleRate)
  }
}

/// What is timed.
enum Task: String, CaseIterable, ExpressibleByArgument {
  /// Five critic updates with a gradient penalty and one update of the generator.
  case iteration
  /// One of each.
  case shortIteration = "short-iteration"
  /// One sound, ten times over, of which a tenth counts.
  case generateOne = "generate-one"
  /// 64 sounds at once.
  case generateMany = "generate-many"

  static let list = allCases.map(\.rawValue).joined(separator: ", ")

  /// Sounds made; nil for training.
  var sounds: Int? {
    switch self {
    case .iteration, .shortIteration: nil
    case .generateOne: 1
    case .generateMany: 64
    }
  }
}

/// A line of the table.
struct Row {
  let name: String
  let task: Task
  /// Seconds from a contestant's rounds.
  let seconds: ([Task: [Double]]) -> Double?

  static var all: [Row] {
    [
      Row(name: "generator iteration, 5 critic updates", task: .iteration) { median($0[.iteration]) },
      Row(name: "critic update", task: .iteration) { times in
        guard let long = times[.iteration], let short = times[.shortIteration] else { return nil }
        return median(zip(long, short).map { ($0 - $1) / 4 })
      },
      Row(name: "generation, batch 1", task: .generateOne) { median($0[.generateOne]) },
      Row(name: "generation, batch 64", task: .generateMany) { median($0[.generateMany]) },
    ]
  }

  func line(width: Int, times: [[Task: [Double]]], rate: Double?) -> String {
    let values = times.map(seconds)
    func time(_ seconds: Double?) -> String {
      guard let seconds else { return "-" }
      if let rate { return "\(spelled(rate / seconds, digits: 0)) s of sound/s" }
      return "\(spelled(1000 * seconds, digits: 1)) ms"
    }
    func ratio(_ seconds: Double?) -> String {
      guard let seconds, let peer = values[2] else { return "-" }
      return spelled(peer / seconds, digits: 2)
    }
    let cells = [String(width), name] + values.map(time) + values.prefix(2).map(ratio)
    return "| " + cells.joined(separator: " | ") + " |"
  }
}
