import Adversarial
import Metrics
import ModalityKit
import TextDatasets
import TextModality
import Torch

/// Rows of strings: of the built-in grammar, of Markov chains fitted to some of them, and of a chain that has seen few.
struct TextTrials {
  private static let trainingCount = 2_000
  private static let length = 16

  let draws: Int
  let seed: UInt64

  /// Where a row's lines come from.
  private enum Source {
    case grammar
    case chain(MarkovGenerator)
  }

  func run() throws {
    let training = Self.lines(.grammar, Self.trainingCount, stream("training"))
    func chain(_ order: Int, _ lines: some Sequence<[Int32]>) -> Source {
      .chain(
        MarkovGenerator(training: Array(lines), order: order, vocabularySize: 128, smoothing: .additive(0)))
    }
    let sources = [
      ("grammar", Source.grammar), ("Markov chain, order 2", chain(2, training)),
      ("chain of 40 lines, order 4", chain(4, training.prefix(40))),
    ]
    for (name, source) in sources {
      for count in [100, 640] {
        let scores = TextScores(
          training: training, lineLength: Self.length + 1, divergenceCount: count, nearestCount: count)
        var trial = Trial(name, count: count)
        for draw in 0..<draws {
          let lines = Self.lines(source, count, stream("row", draw))
          var errors = stream("errors", draw)
          let row = scores.row(
            name: "", source: .model, samples: lines, seed: seed, likelihood: .missing(reason: "elsewhere"),
            using: &errors)
          trial.add(row.values, columns: scores.columns)
        }
        trial.report()
      }
    }
    likelihood(training)
    try told(sources, training)
  }

  /// Two-sample tests: held-out lines are drawn anew too. Networks are tried on a tenth as many draws, as each trains three.
  private func told(_ sources: [(String, Source)], _ training: [[Int32]]) throws {
    let vocabulary = try SymbolVocabulary(
      kind: .scalars, symbols: (1..<128).map { String(Character(UnicodeScalar(UInt8($0)))) })
    let spec = TextSpec(vocabulary: vocabulary, sequenceLength: Self.length + 1)
    let features = LexicalFeatures(training: training, vocabulary: vocabulary, hasEnd: true)
    for (name, source) in sources {
      for count in [200, 640] {
        var trial = Trial("\(name), held-out lines drawn", count: count)
        for draw in 0..<draws {
          let real = Self.lines(.grammar, count, stream("held out", draw))
          let generated = Self.lines(source, count, stream("row", draw))
          var deals = stream("deals", draw)
          let accuracy = try TwoSampleTest()(
            real: features.tensor(of: real), generated: features.tensor(of: generated), using: &deals)
          trial.add(accuracy.score, as: "told by features")
          guard draw.isMultiple(of: 10) else { continue }
          let byNetwork = try FreshClassifier(steps: 300)(
            real: spec.oneHot(real), generated: spec.oneHot(generated),
            seed: seed &+ UInt64(draw), name: "CNN", device: .cpu
          ) {
            try TextDiscriminator(recipe: .twoSampleTest, spec: spec, using: &$0)
          }
          trial.add(byNetwork.score, as: "told by CNN")
        }
        trial.report()
      }
    }
  }

  /// The likelihood's errors are about other held-out lines.
  private func likelihood(_ training: [[Int32]]) {
    let chain = MarkovGenerator(training: training, order: 3, vocabularySize: 128)
    for count in [100, 640] {
      var trial = Trial("Markov chain, order 3; held-out lines drawn", count: count)
      for draw in 0..<draws {
        var errors = stream("errors", draw)
        trial.add(
          chain.measure(Self.lines(.grammar, count, stream("held out", draw)), using: &errors), as: "NLL")
      }
      trial.report()
    }
  }

  private func stream(_ name: String, _ draw: Int = 0) -> RandomStream {
    RandomStream(seed: seed, step: draw, name: "error benchmark, \(name)")
  }

  private static func lines(_ source: Source, _ count: Int, _ stream: RandomStream) -> [[Int32]] {
    var stream = stream
    switch source {
    case .grammar:
      return (0..<count).map { _ in
        StringGrammar.inventedNames.sample(using: &stream).unicodeScalars.prefix(length).map {
          Int32($0.value)
        }
      }
    case .chain(let chain):
      return chain.sample(count: count, maximumLength: length, using: &stream)
    }
  }
}
