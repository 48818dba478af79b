import Adversarial
import Foundation
import TextDatasets
import Torch

/// The likelihood of samples that a generator has not been trained on.
///
/// Samples are measured in batches of similar length, with latents that are the same at every call, so that scores of
/// one training can be compared.
struct HeldOutLikelihood {
  private static let batchLimit = 512
  /// Logits of a batch, at most: 16 MiB in single precision.
  private static let logitLimit = 1 << 22

  private struct Batch {
    let indices: [Int]
    let ids: Tensor
    let labels: Tensor?
  }

  /// Symbols in each sample, ends included.
  let symbolCounts: [Int]
  private let batches: [Batch]

  /// Puts samples on a device.
  ///
  /// - Parameters:
  ///   - samples: symbol ids without ends, none longer than the format allows; at least one.
  ///   - labels: the label of each sample; nil without labels.
  init(samples: [[Int32]], labels: [Int]?, spec: TextSpec, device: Device) throws {
    let ends = spec.hasEnd ? 1 : 0
    symbolCounts = samples.map { $0.count + ends }
    let order = samples.indices.sorted { (samples[$0].count, $0) < (samples[$1].count, $1) }
    let batchSize = Self.batchSize(for: spec)
    batches = try stride(from: 0, to: order.count, by: batchSize).map { start in
      let indices = Array(order[start..<min(start + batchSize, order.count)])
      let length = indices.map { samples[$0].count }.max().map { $0 + ends } ?? 1
      let ids = indices.flatMap {
        samples[$0].map(Int.init) + Array(repeating: 0, count: length - samples[$0].count)
      }
      return Batch(
        indices: indices, ids: try Tensor(ids, shape: [indices.count, length], device: device),
        labels: try labels.map { labels in
          try Tensor(indices.map { labels[$0] }, shape: [indices.count], device: device)
        })
    }
  }

  /// Samples that are measured at a time: fewer where they are long or the symbols many, so that memory is bounded.
  static func batchSize(for spec: TextSpec) -> Int {
    max(1, min(batchLimit, logitLimit / (spec.sequenceLength * spec.vocabulary.count)))
  }

  /// The negative log-likelihood in nats of each sample.
  ///
  /// - Parameters:
  ///   - generator: the network.
  ///   - prior: of its latents.
  ///   - draws: latents that each sample's likelihood is averaged over: the more, the tighter the upper bound.
  func nats(of generator: TextGenerator, prior: Prior, draws: Int) throws -> [Double] {
    var nats = [Double](repeating: 0, count: symbolCounts.count)
    for (number, batch) in batches.enumerated() {
      var stream = RandomStream(seed: 0, step: number, name: "held-out latents")
      let count = batch.indices.count
      let latents = try prior.draw(
        count: draws * count, dimension: generator.latentDimension, using: &stream, device: batch.ids.device
      ).reshaped([draws, count, generator.latentDimension])
      let values = try generator.negativeLogLikelihood(of: batch.ids, latents: latents, labels: batch.labels)
        .array(of: Float.self)
      for (index, value) in zip(batch.indices, values) { nats[index] = Double(value) }
    }
    return nats
  }

  /// The sum over all samples divided by the number of all symbols, in nats.
  func perSymbol(of generator: TextGenerator, prior: Prior, draws: Int = 1) throws -> Double {
    try nats(of: generator, prior: prior, draws: draws).reduce(0, +) / Double(symbolCounts.reduce(0, +))
  }
}

/// The likelihood of given text under a generator.
///
/// With a latent z the likelihood of a sequence is the mean of p(x | z) over the prior. The loss draws one z per
/// sequence: by Jensen's inequality its mean is an upper bound of -log p(x), and equal to it where the network ignores
/// the latent. Several draws tighten the bound (Burda, Grosse and Salakhutdinov, 2016). The end symbol counts, padding does not.
extension TextGenerator {
  /// The mean negative log-likelihood in nats per symbol of a batch: a single number.
  ///
  /// - Parameters:
  ///   - ids: sequences `[B, T]`, padded with end symbols.
  ///   - latents: `[B, Z]`, one for each sequence.
  ///   - labels: `[B]` for conditional networks.
  ///   - dropout: where dropout is drawn from; nil for none.
  public func crossEntropy(of ids: Tensor, latents: Tensor, labels: Tensor?, dropout: RandomStream? = nil)
    throws
    -> Tensor
  {
    var dropout = dropout
    let ids = try spec.hasEnd ? ids.trimmedToLongest() : ids
    let logits = try logits(of: ids, latents: latents, labels: labels, dropout: &dropout)
    return try flat(logits).crossEntropy(targets: targets(ids), ignoring: ignoredTarget)
  }

  /// The negative log-likelihood in nats of each symbol, `[B, n]`, with gradients and without dropout: n is the length of the
  /// longest sequence with its end; behind a sequence's end stands 0.
  ///
  /// - Parameters:
  ///   - ids: sequences `[B, T]`, padded with end symbols.
  ///   - latents: `[B, Z]`, one for each sequence.
  ///   - labels: `[B]` for conditional networks.
  func symbolCrossEntropy(of ids: Tensor, latents: Tensor, labels: Tensor?) throws -> Tensor {
    let ids = try spec.hasEnd ? ids.trimmedToLongest() : ids
    var noDropout: RandomStream?
    let logits = try logits(of: ids, latents: latents, labels: labels, dropout: &noDropout)
    return try flat(logits).crossEntropy(targets: targets(ids), ignoring: ignoredTarget, reduction: .none)
      .reshaped(ids.shape)
  }

  /// The negative log-likelihood in nats of each sequence, `[B]`, without gradients.
  ///
  /// - Parameters:
  ///   - ids: sequences `[B, T]`, padded with end symbols.
  ///   - latents: `[K, B, Z]`: the likelihood is averaged over K draws for each sequence.
  ///   - labels: `[B]` for conditional networks.
  public func negativeLogLikelihood(of ids: Tensor, latents: Tensor, labels: Tensor?) throws -> Tensor {
    try withoutGradients {
      let targets = try targets(ids)
      var noDropout: RandomStream?
      let logLikelihoods = try latents.unbound().map { latents in
        let logits = try logits(of: ids, latents: latents, labels: labels, dropout: &noDropout)
        let nats = try flat(logits).crossEntropy(targets: targets, ignoring: ignoredTarget, reduction: .none)
        return try -nats.reshaped(ids.shape).sum(along: 1)
      }
      let count = Double(logLikelihoods.count)
      return try -(Tensor.stacked(logLikelihoods).logSumExp(along: 0) - log(count))
    }
  }

  /// The target of steps that are ignored.
  private var ignoredTarget: Int { -100 }

  private func flat(_ logits: Tensor) throws -> Tensor {
    try logits.reshaped([-1, spec.vocabulary.count])
  }

  /// What is to be predicted at each step, `[B T]`: symbols and the first end symbol.
  private func targets(_ ids: Tensor) throws -> Tensor {
    guard spec.hasEnd else { return try ids.reshaped([-1]) }
    return try ids.filled(where: ids.isAfterEnd(), with: Double(ignoredTarget)).reshaped([-1])
  }
}
