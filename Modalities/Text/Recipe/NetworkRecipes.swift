import Adversarial

/// The generator's architecture, and how it relaxes its choices in training.
public struct TextGeneratorRecipe: Codable, Equatable, Sendable {
  /// Numbers in a symbol's vector.
  public var embedding = 64
  /// Numbers in a recurrent layer's state.
  public var hidden = 128
  /// Recurrent layers.
  public var layers = 1
  /// Share of the symbol vectors and of the last states that is zeroed while the likelihood is trained, in [0, 1).
  public var dropout = 0.1
  /// What the perturbed logits are divided by before the softmax that carries the gradient, over the duel. RelGAN
  /// lowers it exponentially (Nie, Narodytska and Patel, ICLR 2019): the lower, the closer the gradient's direction to
  /// that of hard choices, and the rarer a gradient at all.
  public var temperature = Schedule.exponential(from: 1, to: 0.25)

  /// A recipe with the defaults, to be changed field by field.
  public init() {}
}

/// The discriminator's architecture.
public struct TextDiscriminatorRecipe: Codable, Equatable, Sendable {
  /// Numbers in a symbol's vector.
  public var embedding = 32
  /// Symbols that the filters of each convolution span.
  public var widths = [2, 3, 4, 5]
  /// Filters of each width.
  public var channels = 64
  /// Numbers in the layer between the filters and the logit.
  public var hidden = 128
  /// Share of the pooled features that is zeroed in training, in [0, 1).
  public var dropout = 0.0
  /// Whether every weight is divided by its largest singular value.
  public var spectralNorm = false

  /// A recipe with the defaults, to be changed field by field.
  public init() {}
}
