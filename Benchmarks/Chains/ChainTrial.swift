import Adversarial
import Foundation
import Metrics
import ModalityKit
import TextDatasets
import TextModality
import Torch

/// A Markov chain as the finished generator of a game, and the verdict on it.
final class ChainTrial {
  let spec: TextSpec
  let training: [[Int32]]
  let heldOut: [[Int32]]
  let verdict: Verdict
  private let chain: MarkovGenerator
  private let seed: UInt64

  init(recipe: TextRecipe, dataset: TextDataset, order: Int, seed: UInt64, steps: Int) throws {
    let spec = try recipe.completeSpec()
    let corpus = dataset.corpus
    func lines(_ samples: TextSamples) -> [[Int32]] { samples.indices.map { samples.encoded($0) } }
    let (training, heldOut) = (lines(corpus.training), lines(corpus.heldOut))
    let chain = MarkovGenerator(
      training: training, order: order, vocabularySize: spec.vocabulary.count, hasEnd: spec.hasEnd,
      unknown: spec.vocabulary.unknown)
    let text = try Text.makeGame(recipe: recipe, dataset: dataset, seed: seed, device: .cpu)
    func network(_ stream: inout RandomStream) throws -> any Discriminator {
      guard let network = try text.makeDiscriminator(using: &stream) else {
        throw TorchError("text makes no discriminator")
      }
      return network
    }
    let game = try TensorGame(
      samples: spec.oneHot(Array(training.prefix(2))),
      heldOut: Batch(samples: spec.oneHot(lines(corpus.validation))),
      seed: seed, generator: { _ in ChainGenerator(chain, spec: spec) }, discriminator: network)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("chain-\(getpid())")
    defer { try? FileManager.default.removeItem(at: folder) }
    var intervals = Trainer.Intervals()
    (intervals.report, intervals.checkpoint, intervals.preview) = (steps, 1_000_000_000, 0)
    let run = try RunFolder.create(at: folder)
    let trainer = try Trainer(
      game: game, recipe: recipe.training, plan: Plan(warmUpSteps: 0, duelSteps: 0, verdictSteps: steps),
      seed: seed, identity: CheckpointIdentity(modality: "chain", recipe: "{}"), intervals: intervals,
      folder: run)
    _ = try trainer.run()
    var stream = RandomStream(seed: seed, name: "network")
    let file = try CheckpointStore(folder: run.checkpoints, keeping: 1).target(of: .latest)
    guard let file, let verdict = try Checkpoint(contentsOf: file).verdict({ try network(&stream) }) else {
      throw TorchError("there is no verdict")
    }
    (self.spec, self.training, self.heldOut, self.verdict) = (spec, training, heldOut, verdict)
    (self.chain, self.seed) = (chain, seed)
  }

  /// Lines of the chain.
  func draw(_ count: Int) -> [[Int32]] {
    var stream = RandomStream(seed: seed, name: "drawn")
    return chain.sample(count: count, maximumLength: spec.maximumLength, using: &stream)
  }

  /// Lines that the verdict keeps.
  func select(_ count: Int, oneOf number: Int) throws -> [[Int32]] {
    let selection = verdict.selection(oneOf: number)
    var (stream, chances) = (
      RandomStream(seed: seed, name: "selected"), RandomStream(seed: seed, name: "chances")
    )
    var kept: [[Int32]] = []
    while kept.count < count {
      let lines = chain.sample(count: 512, maximumLength: spec.maximumLength, using: &stream)
      let rows = try selection.kept(of: spec.oneHot(lines), labels: nil, using: &chances)
      kept += rows.map { lines[$0] }
    }
    return Array(kept.prefix(count))
  }

  /// The chain's negative log-likelihood of held-out lines, in nats a line.
  var nats: String {
    String(format: "%.3f", -heldOut.reduce(0) { $0 + chain.logLikelihood(of: $1) } / Double(heldOut.count))
  }

  /// The same of the chain times the ratio: less by the mean logarithm of the normalised ratio, whose error follows.
  var residualNats: String {
    get throws {
      let residual = try SelectedLikelihood(
        verdict.selection(oneOf: 1), samples: heldOut, labels: nil, spec: spec, device: .cpu
      ).residual
      return String(format: "%.3f ± %.3f less", residual.value, residual.standardError ?? .nan)
    }
  }
}
