import Adversarial
import ModalityKit
import Torch

/// The architecture of spectral networks, which play over log-mel pictures of clips.
public struct SpectralRecipe: Codable, Equatable, Sendable {
  /// Training clips that serve as exemplars, at most.
  public var exemplars = 1024
  /// Numbers that all exemplars take together, at most: of long clips there are fewer.
  public var exemplarNumbers = 1 << 24
  /// Clips like each exemplar that it is blended with, at most.
  public var neighbours = 8
  /// Factor of the fitted strength of variations: with 0 samples begin as exemplars.
  public var strength = 0.85
  /// How exemplars are varied.
  public var variation = ClipVariationRecipe()
  /// Channels of the network that corrects a varied exemplar, at full, half and quarter frame rate.
  public var widths = [64, 96, 128]
  /// The largest correction, in units of a code, each 35 dB.
  public var correction = 0.2
  /// Frames that its convolutions span, odd.
  public var kernel = 3
  /// Numbers in a style.
  public var style = 128
  /// Numbers in a label's vector.
  public var labelDimension = 32
  /// Channels of the discriminator.
  public var width = 128
  /// Its layers behind the first, each halving the number of frames.
  public var layers = 3
  /// How much codes are changed before the discriminator sees them in training.
  public var augmentation = CodeAugmentationRecipe()
  /// Iterations that find a sample's phases.
  public var phaseIterations = 64

  /// A recipe with the defaults, to be changed field by field.
  public init() {}

  /// Invalid values of the recipe, with keys as in a modality's recipe.
  var faults: [RecipeFault] {
    var faults = RecipeFaults()
    faults.expect("spectral.exemplars", exemplars, 1...RecipeFaults.largestWidth)
    faults.expect("spectral.exemplarNumbers", exemplarNumbers, 1...(1 << 30))
    faults.expect("spectral.neighbours", neighbours, 1...64)
    faults.expect("spectral.strength", strength, 0...10)
    faults.expect("spectral.variation.blend", variation.blend, 0...1)
    faults.expect("spectral.variation.speed", variation.speed, 0...1)
    faults.expect("spectral.variation.bend", variation.bend, 0...1)
    faults.expect("spectral.variation.frequency", variation.frequency, 0...1)
    faults.expect("spectral.variation.colour", variation.colour, 0...60)
    faults.expect("spectral.variation.slope", variation.slope, 0...60)
    faults.expect("spectral.correction", correction, 1e-6...10)
    faults.expectWidths("spectral.widths", widths, count: 1...4)
    faults.expect(
      kernel % 2 == 1 && (1...31).contains(kernel), "spectral.kernel", kernel, "an odd number from 1 to 31")
    faults.expect("spectral.style", style, 1...8192)
    faults.expect("spectral.labelDimension", labelDimension, 1...8192)
    faults.expect("spectral.width", width, 1...8192)
    faults.expect("spectral.layers", layers, 1...12)
    faults.expect("spectral.phaseIterations", phaseIterations, 0...10_000)
    faults.expect("spectral.augmentation.shift", augmentation.shift, 0...10)
    faults.expect("spectral.augmentation.speed", augmentation.speed, 0...0.3)
    faults.expect("spectral.augmentation.frequency", augmentation.frequency, 0...0.3)
    faults.expect("spectral.augmentation.colour", augmentation.colour, 0...30)
    return faults.list
  }
}

/// Sizes that the data decides for networks that play over codes of clips.
public struct ClipCodeSpec: Codable, Equatable, Sendable {
  /// Training clips that serve as exemplars.
  public var exemplars: Int
  /// Clips like each of them.
  public var neighbours: Int

  /// The sizes for so many clips, whose codes have so many numbers.
  public init(_ recipe: SpectralRecipe, clips: Int, numbers: Int) {
    exemplars = max(1, min(recipe.exemplars, clips, recipe.exemplarNumbers / max(1, numbers)))
    neighbours = max(1, min(recipe.neighbours, exemplars - 1))
  }
}

/// `SpectralGenerator` and `SpectralDiscriminator`, one update each, with training of their own.
struct SpectralNetworks: NetworkFamily {
  /// The training settings of this family, which are the presets' defaults.
  static let training = {
    var training = TrainingRecipe()
    training.loss = .nonSaturating
    training.penalties = [Penalty(.r1, weight: .constant(0.5), interval: 8)]
    training.generatorOptimiser = OptimiserConfiguration(.adam, beta1: 0.5, beta2: 0.99)
    training.discriminatorOptimiser = OptimiserConfiguration(.adam, beta1: 0.5, beta2: 0.99)
    training.generatorRate = .cosine(from: 2e-5, to: 2e-6)
    training.discriminatorRate = .cosine(from: 1e-3, to: 1e-4)
    // Samples begin as sounds: the generator waits until the discriminator has found what is wrong with them.
    training.referee.followAbove = 0.55
    // Scores by a few hundred validation clips vary by as much from one generator to the next.
    training.referee.tolerance = 0.05
    // What a critic of patches finds all at once takes the generator a thousand steps to mend.
    training.referee.patience = 16
    return training
  }()

  var name: String? { AudioNetwork.spectral.rawValue }

  var unreadParts: [String] { ["generator", "discriminator", "classic"] }

  func settings(flag: String) -> [Setting] { .adversary(of: Self.training, flag: flag) }

  func faults(of recipe: AudioRecipe) -> [RecipeFault] {
    var faults = RecipeFaults()
    let needed = SpectralGenerator.leastLatent(recipe.spectral)
    faults.expect(
      recipe.training.latentDimension >= needed, "training.latentDimension", recipe.training.latentDimension,
      "at least \(needed)")
    if let length = recipe.data.length { faults.expect("data.length", length, 256...1 << 22) }
    return recipe.spectral.faults + faults.list
  }

  func generator(_ recipe: AudioRecipe, spec: AudioSpec, using stream: inout RandomStream) throws
    -> any SoundGenerator
  {
    try SpectralGenerator(
      recipe: recipe.spectral, spec: spec, latentDimension: recipe.training.latentDimension, using: &stream)
  }

  func discriminator(_ recipe: AudioRecipe, spec: AudioSpec, using stream: inout RandomStream) throws
    -> any Discriminator
  {
    try SpectralDiscriminator(recipe: recipe.spectral, spec: spec, using: &stream)
  }
}
