import Adversarial
import ModalityKit
import Torch

/// A discriminator of codes: a multilayer perceptron with leaky rectifiers and a projection head.
final class CodeCritic: Discriminator {
  private let layers: PerPointLayers
  private let logit: ProjectionHead

  /// The maps, the logit with its labels.
  var members: Members { ["layers": layers, "logit": logit] }

  /// Initialises a discriminator of codes `[B, numbers]`.
  init(recipe: LatentRecipe, numbers: Int, labels: Int = 0, using stream: inout RandomStream) throws {
    layers = try PerPointLayers(
      inputs: numbers, widths: recipe.critic, slope: 0.2, initialisation: .heNormal, using: &stream)
    logit = try ProjectionHead(
      features: layers.outputs, labels: labels, initialisation: .xavierUniform, using: &stream)
  }

  /// Logits `[B]` of codes `[B, K]` and labels `[B]`.
  ///
  /// - Throws: `TorchError` when the codes have another size or labels are missing.
  func discriminate(_ samples: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    try logit(layers(samples), labels: labels)
  }
}

/// `LatentGenerator` with `FormCritic`, or in the game of codes `CodeCritic`, as its discriminator; one update of each a step.
struct LatentNetworks: PointNetworks {
  static let network = PointNetwork.latent

  /// The training settings of this family, which are the presets' defaults.
  static let training = {
    var training = codes
    // A quadratic function and 32 hidden channels of 31 numbers know too little to need a penalty, and learn fast.
    training.penalties = []
    training.generatorRate = .cosine(from: 1e-3, to: 5e-5)
    training.discriminatorRate = .cosine(from: 1e-3, to: 5e-5)
    training.discriminatorOptimiser = OptimiserConfiguration(.adam, beta1: 0.5, beta2: 0.99)
    training.averaging = .halfLife(samples: 40_000, rampUp: 0.05)
    // Validation compares some hundred clouds: smaller differences are chance.
    training.referee.tolerance = 0.04
    return training
  }()

  /// The training settings of the game of codes.
  static let codes = {
    var training = TrainingRecipe()
    training.loss = .nonSaturating
    training.penalties = [Penalty(.r1, weight: .constant(0.3), interval: 4)]
    training.batchSize = 64
    training.latentDimension = 64
    training.generatorOptimiser = OptimiserConfiguration(.adam, beta1: 0, beta2: 0.99)
    training.discriminatorOptimiser = OptimiserConfiguration(.adam, beta1: 0, beta2: 0.99)
    // A tenth of the discriminator's rate: the generator starts from good shapes, and a discriminator that lags would spoil them.
    training.generatorRate = .cosine(from: 1e-4, to: 1e-5)
    training.discriminatorRate = .cosine(from: 1e-3, to: 1e-4)
    training.averaging = .halfLife(samples: 20_000, rampUp: 0.05)
    training.warmUp.steps = 0
    return training
  }()

  var playsOverCodes: Bool { true }
  var boundToItsData: String? { "codes are counted in directions of a run's own shapes" }

  func settings(flag: String) -> [Setting] { .training(Self.training, flag: flag) }

  func faults(of recipe: PointRecipe) -> [RecipeFault] {
    recipe.latent.faults + (recipe.latent.chooses ? Self.faultsOfChoice(recipe) : [])
  }

  /// What is invalid where one of several shapes is chosen.
  static func faultsOfChoice(_ recipe: PointRecipe) -> [RecipeFault] {
    var faults = RecipeFaults()
    faults.expect(
      !recipe.training.loss.comparesWithMeans, "training.loss", recipe.training.loss.rawValue,
      "a loss of samples or pairs where one of several shapes is chosen")
    return faults.list
  }

  func codeSpec(_ recipe: PointRecipe, shapes: Int) -> CodeSpec? {
    CodeSpec(recipe.latent, shapes: shapes, points: recipe.data.points)
  }

  func coding(_ recipe: PointRecipe) -> ShapeCoding {
    ShapeCoding(
      draws: recipe.latent.draws, rounds: [],
      deformations: (recipe.latent.deformationLaw, reach: recipe.latent.reach ?? 0))
  }

  func generator(_ recipe: PointRecipe, spec: PointSpec, using stream: inout RandomStream) throws
    -> any PointGenerator
  {
    try LatentGenerator(
      recipe: recipe.latent, sizes: spec.codeSizes, rule: spec.frame.normalisation,
      labels: spec.labels.count,
      latentDimension: recipe.training.latentDimension, using: &stream)
  }

  func discriminator(_ recipe: PointRecipe, spec: PointSpec, using stream: inout RandomStream)
    throws -> any Discriminator
  {
    let numbers = try spec.codeSizes.numbers
    return recipe.latent.chooses
      ? try FormCritic(
        form: OverallForm.count(codeNumbers: numbers), labels: spec.labels.count, using: &stream)
      : try CodeCritic(
        recipe: recipe.latent, numbers: numbers, labels: spec.labels.count, using: &stream)
  }
}
