import Adversarial
import ArgumentParser
import Foundation
import Metrics
import ModalityKit
import TextDatasets
import TextModality
import Torch

/// A verdict on a Markov chain: how much selection helps a model that is no network and whose faults are known.
@main struct ChainVerdict: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chain-verdict",
    abstract: "Train a verdict on the samples of a Markov chain, and select among them by it.",
    discussion: """
      The chain counts the training part of a text file, the verdict learns from the validation part, and both rows are told from \
      the held-out part: by six features, and by fresh networks of two kinds.
      """)

  @Argument(help: "A text file, one sample a line.") var path: String
  @Option(help: "Symbols that the next one depends on, 1 to 8.") var order = 3
  @Option(help: "One of how many samples is kept.") var select = 4
  @Option(help: "Steps of the verdict.") var steps = 2_000
  @Option(help: "Updates of each network that tells, at most.") var updates = 1_500
  @Option(help: "Seeds.") var seeds = 3
  @Option(help: "Threads.") var threads = 1

  mutating func run() throws {
    try Engine.setThreads(threads)
    var recipe = TextRecipe(preset: .small)
    let dataset = try Text.openDataset(DataSource(path: path), recipe: &recipe)
    print("| seed | row | told by six features | by a CNN | by a GRU | copies, % | nats a line |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for seed in 0..<UInt64(seeds) {
      let trial = try ChainTrial(recipe: recipe, dataset: dataset, order: order, seed: seed, steps: steps)
      let jury = try Jury(trial: trial, seed: seed, updates: updates)
      print("| \(seed) | chain | \(try jury.words(on: trial.draw(jury.count))) | \(trial.nats) |")
      let selected = try trial.select(jury.count, oneOf: select)
      print("| \(seed) | one of \(select) | \(try jury.words(on: selected)) | \(try trial.residualNats) |")
      print("  \(trial.verdict.record.summary)")
    }
  }
}

/// Who tells samples from held-out ones.
private struct Jury {
  let count: Int
  private let spec: TextSpec
  private let heldOut: [[Int32]]
  private let training: Set<[Int32]>
  private let features: LexicalFeatures
  private let seed: UInt64
  private let updates: Int

  init(trial: ChainTrial, seed: UInt64, updates: Int) throws {
    (spec, heldOut, self.seed, self.updates) = (trial.spec, trial.heldOut, seed, updates)
    count = heldOut.count
    training = Set(trial.training)
    features = LexicalFeatures(
      training: trial.training, vocabulary: spec.vocabulary, hasEnd: spec.hasEnd)
  }

  func words(on samples: [[Int32]]) throws -> String {
    var stream = RandomStream(seed: seed, name: "jury")
    let byFeatures = try TwoSampleTest()(
      real: features.tensor(of: heldOut), generated: features.tensor(of: samples), using: &stream)
    let classifier = FreshClassifier(steps: updates)
    func told(_ name: String, _ make: (inout RandomStream) throws -> any Discriminator) throws -> Score {
      try classifier(
        real: spec.oneHot(heldOut), generated: spec.oneHot(samples), seed: seed, name: name, device: .cpu,
        make: make
      ).score
    }
    let byCNN = try told("CNN") { try TextDiscriminator(recipe: .twoSampleTest, spec: spec, using: &$0) }
    let byGRU = try told("GRU") { try RecurrentReader(symbols: spec.vocabulary.count, using: &$0) }
    let copies = Double(100 * samples.count { training.contains($0) }) / Double(samples.count)
    return [byFeatures.score, byCNN, byGRU].map { score in
      String(format: "%.1f ± %.1f", score.value, score.standardError ?? 0)
    }.joined(separator: " | ") + String(format: " | %.1f", copies)
  }
}
