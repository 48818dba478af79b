/// The architecture of the default generator: convolutions at frame rate and an inverse Fourier transform.
public struct ModernGeneratorRecipe: Codable, Equatable, Sendable {
  /// Samples in a frame, a power of two; frames overlap by half.
  public var window = 256
  /// Channels of each block; each block but the first works on twice as many frames as the one before.
  public var widths = [256, 192, 128, 96]
  /// Frames that a convolution spans, odd.
  public var kernel = 3
  /// Numbers in a style.
  public var style = 128
  /// Numbers in a label's vector.
  public var labelDimension = 64

  /// A recipe with the defaults, to be changed field by field.
  public init() {}
}

/// The architecture of the default discriminator: a logarithmic spectrum and strided convolutions on the waveform.
public struct ModernDiscriminatorRecipe: Codable, Equatable, Sendable {
  /// Samples in a frame of the spectrum, a power of two; frames overlap by half.
  public var window = 256
  /// The magnitude of a bin below which differences hardly count; a full-scale tone has a quarter of the window.
  public var floor = 0.01
  /// Channels at frame rate.
  public var width = 128
  /// Channels of the waveform's layers; none leaves the waveform out.
  public var waveWidths = [32, 48, 64]
  /// Layers behind both, each halving the number of frames.
  public var layers = 3
  /// Whether every weight is divided by its largest singular value.
  public var spectralNorm = false
  /// What sounds go through first.
  public var augmentation = AugmentationRecipe()

  /// A recipe with the defaults, to be changed field by field.
  public init() {}
}
