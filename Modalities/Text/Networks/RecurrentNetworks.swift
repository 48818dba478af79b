import Adversarial
import ModalityKit
import Torch

/// `TextGenerator` and `TextDiscriminator`: a recurrent network that writes symbol by symbol, and convolutions that read.
struct RecurrentNetworks: NetworkFamily {
  func faults(of recipe: TextRecipe) -> [RecipeFault] {
    let (generator, discriminator) = (recipe.generator, recipe.discriminator)
    var faults = RecipeFaults()
    // Sizes beyond are slips, and their products overflow.
    faults.expect("generator.embedding", generator.embedding, 1...RecipeFaults.largestWidth)
    faults.expect("generator.hidden", generator.hidden, 1...RecipeFaults.largestWidth)
    faults.expect("generator.layers", generator.layers, 1...8)
    for (network, share) in [("generator", generator.dropout), ("discriminator", discriminator.dropout)] {
      faults.expect((0..<1).contains(share), "\(network).dropout", share, "0 up to but not including 1")
    }
    let temperature = generator.temperature
    faults.expect(
      temperature.from > 0 && temperature.to > 0, "generator.temperature", temperature, "values above 0")

    faults.expect("discriminator.embedding", discriminator.embedding, 1...RecipeFaults.largestWidth)
    faults.expect(
      !discriminator.widths.isEmpty && discriminator.widths.allSatisfy { (1...64).contains($0) },
      "discriminator.widths", discriminator.widths, "at least one width, each 1 to 64")
    faults.expect("discriminator.channels", discriminator.channels, 1...RecipeFaults.largestWidth)
    faults.expect("discriminator.hidden", discriminator.hidden, 1...RecipeFaults.largestWidth)
    return faults.list
  }

  func generator(_ recipe: TextRecipe, spec: TextSpec, using stream: inout RandomStream) throws
    -> TextGenerator
  {
    try TextGenerator(
      recipe: recipe.generator, spec: spec, latentDimension: recipe.training.latentDimension, using: &stream)
  }

  func discriminator(_ recipe: TextRecipe, spec: TextSpec, using stream: inout RandomStream) throws
    -> any Discriminator
  {
    try TextDiscriminator(recipe: recipe.discriminator, spec: spec, using: &stream)
  }
}
