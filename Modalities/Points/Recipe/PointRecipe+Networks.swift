import Adversarial
import Torch

/// Networks as a recipe describes them.
extension PointRecipe {
  /// What the data has decided.
  ///
  /// - Throws: `TorchError` when no data has completed the recipe.
  func completeFormat() throws -> PointFormatRecipe {
    guard let format else { throw TorchError("the recipe has no format: no data has completed it") }
    return format
  }

  /// A generator, drawn from a seed.
  ///
  /// - Throws: `TorchError` when no data has completed the recipe, or memory ends.
  func makeGenerator(seed: UInt64, device: Device) throws -> any PointGenerator {
    var stream = RandomStream(seed: seed, name: "generator")
    let generator = try network.networks.generator(self, format: completeFormat(), using: &stream)
    try generator.move(to: device)
    return generator
  }

  /// A discriminator, drawn from a seed.
  ///
  /// - Throws: `TorchError` when no data has completed the recipe, or memory ends.
  func makeDiscriminator(seed: UInt64, device: Device) throws -> any Discriminator {
    var stream = RandomStream(seed: seed, name: "discriminator")
    let discriminator = try network.networks.discriminator(self, format: completeFormat(), using: &stream)
    try discriminator.move(to: device)
    return discriminator
  }
}
