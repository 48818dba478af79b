import Adversarial
import ArgumentParser
import Failures
import Files
import Foundation
import ModalityKit
import TextDatasets
import Torch

/// How samples are drawn from a trained generator. The defaults draw from the distribution that it was trained for.
public struct TextSampling: Sendable, Equatable {
  /// What logits are divided by: below 1 the likely becomes likelier; 0 always takes the likeliest symbol.
  public var temperature: Double
  /// Only so many of the likeliest symbols can be drawn at each step; nil for all.
  public var topK: Int?
  /// Only the likeliest symbols whose probabilities sum to this share can be drawn at each step, at least one; nil for
  /// all (Holtzman et al., 2020).
  public var topP: Double?
  /// What every sample begins with.
  public var prefix: String
  /// Options; checked by `validate()`.
  public init(
    temperature: Double = 1, topK: Int? = nil, topP: Double? = nil, prefix: String = ""
  ) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.prefix = prefix
  }

  /// Checks the ranges.
  ///
  /// - Throws: `UserError` (usage) that names the flag, its value and the range.
  public func validate() throws {
    guard temperature >= 0, temperature.isFinite else {
      throw UserError(.usage, "--temperature \(temperature): expected a number of at least 0")
    }
    if let topK, topK < 1 { throw UserError(.usage, "--top-k \(topK): expected at least 1") }
    if let topP, !(topP > 0 && topP <= 1) {
      throw UserError(.usage, "--top-p \(topP): expected a share above 0 and at most 1")
    }
  }

  /// The prefix as symbols of a model.
  ///
  /// - Throws: `UserError` (usage) where it is too long or has symbols that the model does not know.
  func prefixIDs(for spec: TextSpec) throws -> [Int] {
    let ids: [Int]
    do {
      ids = try spec.vocabulary.encode(prefix, allowingUnknown: false).map(Int.init)
    } catch let error as UserError {
      throw UserError(.usage, "--prefix: \(error.message)")
    }
    guard ids.count <= spec.maximumLength else {
      throw UserError(
        .usage, "--prefix: found \(ids.count) symbols, expected at most the model's \(spec.maximumLength)")
    }
    return ids
  }
}

/// The flags of sampling, shared by all verbs that sample.
struct TextSamplingFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What logits are divided by: below 1 the likely becomes likelier, 0 takes the likeliest symbol always.",
      valueName: "number"))
  var temperature = 1.0

  @Option(help: ArgumentHelp("Draw from so many of the likeliest symbols only.", valueName: "count"))
  var topK: Int?

  @Option(
    help: ArgumentHelp("Draw from the likeliest symbols that have this share only.", valueName: "share"))
  var topP: Double?

  /// Checks the ranges.
  func validate() throws {
    do { try sampling.validate() } catch let error as UserError { throw ValidationError(error.message) }
  }

  /// The options as the sampler takes them.
  var sampling: TextSampling {
    TextSampling(temperature: temperature, topK: topK, topP: topP)
  }
}

/// The flags of `duel text generate`, beside those that all media share.
public struct TextGenerateOptions: ModalitySamplingOptions {
  @OptionGroup var flags: TextSamplingFlags

  @Option(help: ArgumentHelp("What every sample begins with.", valueName: "text"))
  var prefix = ""

  @Option(
    help: ArgumentHelp(
      """
      Draw from a Markov chain over so many symbols (1 to 8) fitted to the run's data instead of from the network: \
      the classical baseline.
      """, valueName: "order"))
  var markov: Int?

  /// No flags given.
  public init() {}

  /// Checks the ranges, and that flags fit each other.
  public func validate() throws {
    guard let markov else { return }
    guard (1...8).contains(markov) else { throw ValidationError("--markov \(markov): expected 1 to 8") }
    guard sampling == TextSampling() else {
      throw ValidationError("--markov: takes neither temperature nor top-k, top-p or prefix")
    }
  }

  /// How symbols are drawn.
  public var sampling: TextSampling {
    var options = flags.sampling
    options.prefix = prefix
    return options
  }
}

/// A Markov chain fitted to the data that a model was trained on: the baseline to hold the model's samples against.
struct MarkovText {
  private let markov: MarkovGenerator
  private let spec: TextSpec

  /// Counts the training samples of the run that a checkpoint belongs to.
  ///
  /// - Throws: `UserError` where the checkpoint lies in no run, or the run's data is no longer there or has changed.
  init(order: Int, model: TrainedModel<Text>) throws {
    let folder = model.file.deletingLastPathComponent().deletingLastPathComponent()
    guard let run = try? RunFolder.open(folder) else {
      throw UserError(
        .usage, "--markov: found no run around \(model.file.relativePath), expected one with its data")
    }
    let dataset = try Run<Text>.open(run.url).dataset()
    try self.init(order: order, corpus: dataset.corpus, spec: model.recipe.completeSpec())
  }

  /// Counts a corpus's training samples.
  init(order: Int, corpus: TextCorpus, spec: TextSpec) {
    self.spec = spec
    markov = MarkovGenerator(
      training: corpus.training.indices.map { corpus.training.encoded($0) }, order: order,
      vocabularySize: spec.vocabulary.count, hasEnd: spec.hasEnd, unknown: spec.vocabulary.unknown)
  }

  /// Draws lines one after the other; the first lines do not depend on the count.
  func forEachLine(count: Int, seed: UInt64, _ body: (String) throws -> Void) rethrows {
    var stream = RandomStream(seed: seed, name: "markov")
    for _ in 0..<count {
      try body(spec.line(of: markov.sample(maximumLength: spec.maximumLength, using: &stream)))
    }
  }
}

/// A Markov chain as the finished generator of a game: it has nothing to train, and a verdict can be had on it.
public final class ChainGenerator: Generator {
  private let chain: MarkovGenerator
  private let spec: TextSpec

  /// None.
  public let members: Members = [:]

  /// Makes a generator of a chain over the format's symbols.
  public init(_ chain: MarkovGenerator, spec: TextSpec) {
    (self.chain, self.spec) = (chain, spec)
  }

  /// Draws one sample for each of latents `[B, Z]`, which are not looked at, as one-hot vectors `[B, T, V]` without a gradient.
  public func generate(latents: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    var stream = context.stream("symbols")
    return try spec.oneHot(
      chain.sample(count: latents.shape[0], maximumLength: spec.maximumLength, using: &stream))
  }
}
