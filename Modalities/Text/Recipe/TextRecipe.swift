import Adversarial
import ModalityKit
import TextDatasets
import Torch

/// Everything that rebuilds a text model and repeats its training.
public struct TextRecipe: ModalityRecipe {
  /// What writes text.
  public typealias Generator = TextGenerator

  /// The core's part: batch, losses, optimisers, schedules, averaging.
  public var training = TrainingRecipe()
  /// How files become samples.
  public var data = TextCorpusOptions()
  /// The generator's architecture.
  public var generator = TextGeneratorRecipe()
  /// The discriminator's architecture.
  public var discriminator = TextDiscriminatorRecipe()
  /// How the generator learns from the discriminator.
  public var objective = TextObjective.reward
  /// What the data decides; nil until it has been opened.
  public var spec: TextSpec?

  /// The recipe of a preset.
  ///
  /// All warm up by maximum likelihood, then train with the logistic loss, at whose optimum logits are logarithms of ratios of
  /// densities, with the likelihood as an anchor. Unanchored, such a game makes a good language model worse:
  /// docs/experiments.
  public init(preset: Preset) {
    training.loss = .nonSaturating
    // Distinguishing a good language model from text is hard: whatever flattens the discriminator leaves it guessing, and a
    // penalty doubles the cost of its step (docs/experiments/text-duel.md).
    training.penalties = []
    training.latentDimension = 32
    training.generatorOptimiser = OptimiserConfiguration(.adam, beta1: 0.5, beta2: 0.99)
    training.discriminatorOptimiser = OptimiserConfiguration(.adam, beta1: 0.5, beta2: 0.99)
    training.generatorRate = .cosine(from: 1e-3, to: 1e-4)
    training.discriminatorRate = .constant(1e-3)
    training.clipNorm = 5
    // Half the time of a step, and no worse (docs/experiments/text-longer.md).
    training.precision = .bfloat16
    // With a ramp-up, so that an early average is not one of untrained weights.
    training.averaging = .halfLife(samples: 10_000, rampUp: 0.05)
    // A fresh discriminator's rewards are noise.
    training.adversarialWeight = Schedule.constant(1).warmingUp(over: 100)
    training.anchorWeight = .constant(1)
    training.warmUp.rate = .cosine(from: 3e-3, to: 1e-4)
    // The likelihood goes on as the anchor, so that what the warm-up is spared is not lost (docs/experiments/text-game.md).
    training.warmUp.share = 0.45
    switch preset {
    case .tiny:
      training.steps = 2_500
      training.warmUp.steps = 1_500
      training.warmUp.share = 0.6
      generator.hidden = 96
      generator.embedding = 32
      generator.dropout = 0.05
      discriminator.channels = 32
      discriminator.hidden = 64
    case .small:
      training.steps = 14_000
      training.warmUp.steps = 6_000
      generator.hidden = 256
      generator.dropout = 0.2
      discriminator.channels = 128
    case .base:
      training.steps = 60_000
      training.batchSize = 256
      training.latentDimension = 64
      training.warmUp.steps = 20_000
      generator.hidden = 512
      generator.embedding = 128
      generator.layers = 2
      generator.dropout = 0.25
      discriminator.embedding = 64
      discriminator.channels = 256
      discriminator.hidden = 256
      discriminator.dropout = 0.1
    case .large:
      training.steps = 200_000
      training.batchSize = 256
      training.latentDimension = 128
      training.warmUp.steps = 80_000
      generator.hidden = 1024
      generator.embedding = 256
      generator.layers = 2
      generator.dropout = 0.3
      discriminator.embedding = 64
      discriminator.channels = 512
      discriminator.hidden = 512
      discriminator.dropout = 0.1
    }
  }
}

extension TextRecipe {
  /// The networks of the game: there is one family.
  public var family: any NetworkFamily<TextRecipe> { RecurrentNetworks() }

  /// Ranges that the corpus checks too, here under the keys that flags are found by.
  public var dataFaults: [RecipeFault] {
    var faults = RecipeFaults()
    let lengths = TextCorpusOptions.lengthRange
    let lengthText = "\(lengths.lowerBound) to \(lengths.upperBound)"
    faults.expect(data.window.map(lengths.contains) ?? true, "data.window", data.window ?? 0, lengthText)
    faults.expect(
      data.maximumLength.map(lengths.contains) ?? true, "data.maximumLength", data.maximumLength ?? 0,
      lengthText)
    faults.expect(
      data.vocabularyCoverage > 0 && data.vocabularyCoverage <= 1, "data.vocabularyCoverage",
      data.vocabularyCoverage, "a share above 0 and at most 1")
    faults.expect(data.vocabularyLimit >= 1, "data.vocabularyLimit", data.vocabularyLimit, "at least 1")
    return faults.list
  }
}

/// What the data decides about the networks: the vocabulary and the length of samples.
///
/// Part of a recipe from the moment that the data has been opened, so that a checkpoint needs no data to be used.
public struct TextSpec: DataSpec {
  /// The symbols and their ids.
  public var vocabulary: SymbolVocabulary
  /// Ids in a row: the symbols of the longest sample, and one for its end where samples have one.
  public var sequenceLength: Int
  /// Whether samples end with an end symbol, as lines do and windows do not.
  public var hasEnd: Bool
  /// The names of the labels by index; empty for an unconditional model.
  public var labels: [String]

  /// Describes data.
  ///
  /// - Precondition: a sequence has at least one id.
  public init(vocabulary: SymbolVocabulary, sequenceLength: Int, hasEnd: Bool = true, labels: [String] = []) {
    precondition(sequenceLength > 0, "a sequence has at least one id")
    self.vocabulary = vocabulary
    self.sequenceLength = sequenceLength
    self.hasEnd = hasEnd
    self.labels = labels
  }

  /// Reads a format and checks its length.
  ///
  /// - Throws: `DecodingError` when a key is missing, or the length is none that data can have.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let length = try container.decode(Int.self, forKey: .sequenceLength)
    let longest = TextCorpusOptions.lengthRange.upperBound + 1
    guard (1...longest).contains(length) else {
      throw DecodingError.dataCorruptedError(
        forKey: CodingKeys.sequenceLength, in: container,
        debugDescription: "found \(length), expected 1 to \(longest)")
    }
    self.init(
      vocabulary: try container.decode(SymbolVocabulary.self, forKey: .vocabulary), sequenceLength: length,
      hasEnd: try container.decode(Bool.self, forKey: .hasEnd),
      labels: try container.decode([String].self, forKey: .labels))
  }

  /// Symbols that a sample may have, its end not counted.
  public var maximumLength: Int { hasEnd ? sequenceLength - 1 : sequenceLength }

  /// In words, for messages.
  public var summary: String {
    let names = labels.isEmpty ? "no labels" : "labels \(labels.joined(separator: ", "))"
    return "\(vocabulary.count) symbols, \(hasEnd ? "lines" : "windows") of up to \(maximumLength), \(names)"
  }

  /// The symbols of a row of ids: up to its end.
  func trimmed(_ row: some Collection<Int32>) -> [Int32] {
    hasEnd ? Array(row.prefix { $0 != SymbolVocabulary.end }) : Array(row)
  }
}
