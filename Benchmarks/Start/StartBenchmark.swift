import ArgumentParser
import BenchmarkSupport
import Foundation

/// Times `duel MEDIUM generate RUN --count 1` from the start of the process to its end, beside a Python that imports torch, makes
/// such a network and samples once.
@main struct StartBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start-benchmark",
    abstract: "Time from the start of a process to its first sample, beside PyTorch.",
    discussion: """
      Trains each medium's default networks for two steps first, where the folder of --runs has no such run. Seconds are \
      medians over the rounds of the time on the wall and of both cores' work. The machine decides much of it: a busy one \
      takes longer.
      """)

  @Option(help: "A Python with torch; without one only Duel is timed.") var python: String?
  @Option(help: "The script that plays PyTorch's part.") var peer = "Benchmarks/peers/first_sample.py"
  @Option(help: "The release build of duel.") var duel = ".build/release/duel"
  @Option(help: "Where the runs are kept; a folder that is not there is made.") var runs = ".build/start-runs"
  @Option(help: "Rounds.") var rounds = 9
  @Option(parsing: .upToNextOption, help: "Networks: \(Start.list).") var networks = Start.allCases

  mutating func run() throws {
    print("| networks | Duel, wall | Duel, work | PyTorch, wall | PyTorch, work | ratio |")
    print("| --- | --- | --- | --- | --- | --- |")
    for network in networks {
      let folder = "\(runs)/\(network.rawValue)"
      if !FileManager.default.fileExists(atPath: folder + "/run.json") {
        _ = try measure(
          duel, network.training + ["--steps", "2", "--no-verdict", "--quiet", "--out", folder])
      }
      let samples = "\(runs)/samples-\(network.rawValue)\(network == .text ? ".txt" : "")"
      var times: [[(wall: Double, work: Double)]] = [[], []]
      // The first round brings the files into memory.
      for round in 0...rounds {
        let own = try measure(
          duel, [network.medium, "generate", folder, "--count", "1", "--quiet", "--out", samples])
        if round > 0 { times[0].append(own) }
        guard let python else { continue }
        let other = try measure(python, [peer, network.rawValue])
        if round > 0 { times[1].append(other) }
      }
      let values = times.flatMap { [median($0.map(\.wall)), median($0.map(\.work))] }
      var cells = values.map { $0.map { "\(spelled($0, digits: 2)) s" } ?? "-" }
      if let own = values[0], let other = values[2] {
        cells.append(spelled(other / own, digits: 1))
      } else {
        cells.append("-")
      }
      print("| \(([network.rawValue] + cells).joined(separator: " | ")) |")
    }
  }

  /// Runs a program to its end: seconds on the wall, and of both cores' work.
  private func measure(_ program: String, _ arguments: [String]) throws -> (wall: Double, work: Double) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    // As a shell's, in which nobody has chosen how idle threads wait.
    process.environment = ProcessInfo.processInfo.environment.filter { $0.key != "OMP_WAIT_POLICY" }
    let before = Self.childrenWork()
    let wall = try ContinuousClock().measure {
      try process.run()
      process.waitUntilExit()
    }
    guard process.terminationStatus == 0 else {
      throw ValidationError(
        "\(program) \(arguments.joined(separator: " ")): exit \(process.terminationStatus)")
    }
    return (wall / .seconds(1), Self.childrenWork() - before)
  }

  /// Seconds that processes have worked which this one started and which have ended.
  private static func childrenWork() -> Double {
    var usage = rusage()
    #if os(Linux)
      getrusage(RUSAGE_CHILDREN.rawValue, &usage)
    #else
      getrusage(RUSAGE_CHILDREN, &usage)
    #endif
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }
}

/// Networks whose first sample is waited for.
enum Start: String, CaseIterable, ExpressibleByArgument {
  /// Text's.
  case text
  /// The default of audio, and two others.
  case spectral, modern, classic
  /// The default of points.
  case latent

  static let list = allCases.map(\.rawValue).joined(separator: ", ")

  /// The subcommand.
  var medium: String {
    switch self {
    case .text: "text"
    case .spectral, .modern, .classic: "audio"
    case .latent: "points"
    }
  }

  /// The words that train it.
  var training: [String] { [medium, "train"] + (self == .text ? [] : ["--network", rawValue]) }
}
