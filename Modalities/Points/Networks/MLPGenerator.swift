import Adversarial
import ModalityKit
import Torch

/// The architecture of r-GAN's generator (Achlioptas et al., 2018).
public struct MLPRecipe: Codable, Equatable, Sendable {
  /// Channels behind each layer but the last, which makes all coordinates of a cloud.
  public var widths = [64, 128, 512, 1024]
  /// What latents are multiplied by: r-GAN draws them with a standard deviation of 0.2.
  public var latentScale = 0.2
  /// Numbers in the vector of a label that is taken beside the latent, where there are labels; the paper has none.
  public var labelDimension = 16

  /// A recipe with the defaults, to be changed field by field.
  public init() {}
}

/// r-GAN's generator: affine maps of the latent, rectified, up to the coordinates of all points. With 2048 points and a
/// latent of 128 it has the published 6,905,536 parameters.
public final class MLPGenerator: PointGenerator {
  /// The architecture.
  public let recipe: MLPRecipe
  /// Points of a cloud.
  public let points: Int

  private let layers: PerPointLayers
  private let labelVectors: Embedding?

  /// The maps, label vectors where there are labels.
  public var members: Members { ["layers": layers, "label": labelVectors] }

  /// As many as the last layer makes.
  public var fixedPointCount: Int? { points }

  /// Initialises a generator.
  ///
  /// - Parameters:
  ///   - recipe: the architecture.
  ///   - points: of a cloud.
  ///   - labels: how many there are; 0 without conditions.
  ///   - latentDimension: numbers in a latent.
  ///   - stream: source of random numbers for the weights.
  public init(
    recipe: MLPRecipe, points: Int, labels: Int = 0, latentDimension: Int, using stream: inout RandomStream
  ) throws {
    self.recipe = recipe
    self.points = points
    layers = try PerPointLayers(
      inputs: latentDimension + (labels > 0 ? recipe.labelDimension : 0),
      widths: recipe.widths + [3 * points],
      slope: 0, rectifiesLast: false, initialisation: .xavierUniform, using: &stream)
    labelVectors =
      labels > 0
      ? try Embedding(symbols: labels, dimensions: recipe.labelDimension, using: &stream) : nil
  }

  /// Clouds `[B, N, 3]` of latents `[B, Z]` and labels `[B]`.
  ///
  /// - Throws: `TorchError` when the latents have another dimension or labels are missing.
  public func generate(latents: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    try clouds(latents: latents, labels: labels)
  }

  /// The same for any number of points up to those that the network makes.
  public func clouds(latents: Tensor, labels: Tensor?, points: Int, using stream: inout RandomStream) throws
    -> Tensor
  {
    try thinned(clouds(latents: latents, labels: labels), to: points, using: &stream)
  }

  private func clouds(latents: Tensor, labels: Tensor?) throws -> Tensor {
    var input = try latents * recipe.latentScale
    if let labelVectors {
      guard let labels else { throw TorchError("MLPGenerator: no labels, expected [B] of them") }
      input = try Tensor.concatenated([input, labelVectors(labels)], along: 1)
    }
    return try layers(input).widened().reshaped([latents.shape[0], points, 3])
  }
}

/// r-GAN: `MLPGenerator` and its own `PointCritic`, trained as its authors trained it, but for the number of points, which the
/// preset decides.
struct MLPNetworks: PointNetworks {
  static let network = PointNetwork.mlp

  func settings(flag: String) -> [Setting] {
    [Setting("critic", PointCriticRecipe.rGAN, flag: flag)].compactMap(\.self)
      + .wassersteinTraining(latentDimension: 128, beta1: 0.5, beta2: 0.999, flag: flag)
  }

  func faults(of recipe: PointRecipe) -> [RecipeFault] {
    var faults = RecipeFaults()
    faults.expectWidths("mlp.widths", recipe.mlp.widths, count: 0...12)
    faults.expect("mlp.latentScale", recipe.mlp.latentScale, 0.001...1000)
    faults.expect("mlp.labelDimension", recipe.mlp.labelDimension, 1...4096)
    return faults.list + recipe.critic.faults()
  }

  func generator(_ recipe: PointRecipe, spec: PointSpec, using stream: inout RandomStream) throws
    -> any PointGenerator
  {
    try MLPGenerator(
      recipe: recipe.mlp, points: spec.points, labels: spec.labels.count,
      latentDimension: recipe.training.latentDimension, using: &stream)
  }
}

/// tree-GAN: `TreeGenerator` and its own `PointCritic`, trained likewise, in r-GAN's batches of 50 rather than its own of 20.
struct TreeNetworks: PointNetworks {
  static let network = PointNetwork.tree

  func settings(flag: String) -> [Setting] {
    [Setting("critic", PointCriticRecipe.treeGAN, flag: flag)].compactMap(\.self)
      + .wassersteinTraining(latentDimension: 96, beta1: 0, beta2: 0.99, flag: flag)
  }

  func faults(of recipe: PointRecipe) -> [RecipeFault] {
    recipe.tree.faults(points: recipe.data.points) + recipe.critic.faults()
  }

  func generator(_ recipe: PointRecipe, spec: PointSpec, using stream: inout RandomStream) throws
    -> any PointGenerator
  {
    try TreeGenerator(
      recipe: recipe.tree, points: spec.points, labels: spec.labels.count,
      latentDimension: recipe.training.latentDimension, using: &stream)
  }
}

extension [Setting] {
  /// A Wasserstein game with a gradient penalty of 10 and five critic updates, by Adam at a rate of 1e-4 (Gulrajani et al.,
  /// 2017): how r-GAN and tree-GAN were trained.
  static func wassersteinTraining(latentDimension: Int, beta1: Double, beta2: Double, flag: String)
    -> [Setting]
  {
    var training = TrainingRecipe()
    training.loss = .wasserstein
    training.penalties = [Penalty(.gradientPenalty, weight: .constant(10))]
    training.discriminatorSteps = 5
    training.batchSize = 50
    training.latentDimension = latentDimension
    training.generatorOptimiser = OptimiserConfiguration(.adam, beta1: beta1, beta2: beta2)
    training.discriminatorOptimiser = training.generatorOptimiser
    training.generatorRate = .constant(1e-4)
    training.discriminatorRate = .constant(1e-4)
    training.warmUp.steps = 0
    return .training(training, flag: flag)
  }
}
