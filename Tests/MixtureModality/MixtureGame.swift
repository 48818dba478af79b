import Adversarial
import ModalityKit
import Torch

/// Networks and points as the trainer needs them.
final class MixtureGame: Game {
  let generator: any Generator
  let averagedGenerator: any Generator
  let discriminator: any Discriminator
  let device: Device
  private let recipe: MixtureRecipe
  private let points: Tensor
  private let validation: Tensor

  init(_ recipe: MixtureRecipe, _ data: MixtureData, seed: UInt64, device: Device) throws {
    let networks = try GameNetworks(recipe, seed: seed, device: device)
    (generator, averagedGenerator) = (networks.generator, networks.averagedGenerator)
    (discriminator, self.device) = (networks.discriminator, device)
    self.recipe = recipe
    let scale = try recipe.completeSpec().scale
    points = try Tensor(points: data.training, scale: scale).moved(to: device)
    validation = try Tensor(points: data.validation, scale: scale).moved(to: device)
  }

  var trainingCount: Int { points.shape[0] }

  func batch(at indices: [Int], context: StepContext) throws -> Batch {
    let places = try Tensor(indices.map(Int64.init), shape: [indices.count], device: device)
    return Batch(samples: try points.gathered(at: places))
  }

  /// The warm-up brings mean and mean square of the generated points to those of the data.
  var hasWarmUp: Bool { true }

  func warmUpLoss(on batch: Batch, context: StepContext) throws -> Tensor {
    try distance(of: samples(from: generator, count: batch.count, context: context), to: batch.samples)
  }

  /// The same on points that are not trained on.
  func validationScore(of generator: any Generator) throws -> Double? {
    let context = StepContext(seed: 0, scope: "validation")
    return try withoutGradients {
      try distance(of: samples(from: generator, count: 256, context: context), to: validation).item()
    }
  }

  func preview(of generator: any Generator, seed: UInt64) throws -> Preview {
    let context = StepContext(seed: seed, scope: "preview")
    let drawn = try withoutGradients { try samples(from: generator, count: 16, context: context) }
    let lines = try MixtureModality.lines(drawn, scale: recipe.spec?.scale ?? 1, digits: 3)
    return Preview(
      items: [PreviewItem(fileName: "points.txt", lines: lines)], lines: Array(lines.prefix(2)))
  }

  private func samples(from generator: any Generator, count: Int, context: StepContext) throws -> Tensor {
    var stream = context.stream("latents")
    let latents = try recipe.training.prior.draw(
      count: count, dimension: recipe.training.latentDimension, using: &stream, device: device)
    return try generator.generate(latents: latents, labels: nil, context: context)
  }

  private func distance(of fake: Tensor, to real: Tensor) throws -> Tensor {
    let means = try (fake.mean(along: 0) - real.mean(along: 0)).squared().sum()
    return try means + (fake.squared().mean(along: 0) - real.squared().mean(along: 0)).squared().sum()
  }
}
