import Adversarial
import Torch

/// Networks as a recipe describes them.
extension AudioRecipe {
  /// What the data has decided.
  ///
  /// - Throws: `TorchError` when no data has completed the recipe.
  func completeFormat() throws -> AudioFormatRecipe {
    guard let format else { throw TorchError("the recipe has no format: no data has completed it") }
    return format
  }

  private func classicFormat(_ format: AudioFormatRecipe) -> ClassicFormat {
    ClassicFormat(length: format.length, channels: format.channels, labels: format.labels.count)
  }

  /// A generator, drawn from a seed.
  ///
  /// - Throws: `TorchError` when no data has completed the recipe, or memory ends.
  func makeGenerator(seed: UInt64, device: Device) throws -> any Generator {
    let format = try completeFormat()
    var stream = RandomStream(seed: seed, name: "generator")
    let generator: any Generator
    switch network {
    case .modern:
      generator = try ModernGenerator(
        recipe: self.generator, format: format, latentDimension: training.latentDimension, using: &stream)
    case .classic:
      generator = try ClassicGenerator(
        recipe: classic, format: classicFormat(format), latentDimension: training.latentDimension,
        using: &stream)
    }
    try generator.move(to: device)
    return generator
  }

  /// A discriminator, drawn from a seed.
  ///
  /// - Throws: `TorchError` when no data has completed the recipe, or memory ends.
  func makeDiscriminator(seed: UInt64, device: Device) throws -> any Discriminator {
    let format = try completeFormat()
    var stream = RandomStream(seed: seed, name: "discriminator")
    let discriminator: any Discriminator
    switch network {
    case .modern:
      discriminator = try ModernDiscriminator(recipe: self.discriminator, format: format, using: &stream)
    case .classic:
      discriminator = try ClassicDiscriminator(
        recipe: classic, format: classicFormat(format), using: &stream)
    }
    try discriminator.move(to: device)
    return discriminator
  }
}
