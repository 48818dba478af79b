import ArgumentParser
import Torch

/// Holds the standard errors that evaluation tables print against how numbers differ from draw to draw.
@main struct ErrorBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "error-benchmark",
    abstract: "Compare reported standard errors with the deviation between many independent draws.",
    discussion: """
      Draws many rows of samples from procedural distributions, good ones, bad ones and collapsed ones, few samples and \
      more, and scores each by the code that evaluation tables use. Each line has the deviation of a number over the draws, \
      the root of the mean square of the errors reported with it, and how these two compare.
      """)

  @Option(help: "Rows drawn for each line.") var draws = 200
  @Option(help: "What the draws depend on.") var seed: UInt64 = 0
  @Option(help: "Threads.") var threads = 1
  @Option(parsing: .upToNextOption, help: "Media.") var media = Medium.allCases

  /// A medium whose table is tried.
  enum Medium: String, CaseIterable, ExpressibleByArgument {
    case audio
    case text
    case points
  }

  func run() throws {
    try Engine.setThreads(threads)
    print("\(draws) draws, seed \(seed)\n\n\(Trial.heading)")
    for medium in media {
      switch medium {
      case .audio: try SoundTrials(draws: draws, seed: seed).run()
      case .text: try TextTrials(draws: draws, seed: seed).run()
      case .points: try PointTrials(draws: draws, seed: seed).run()
      }
    }
  }
}
