import Adversarial
import Metrics
import ModalityKit
import Torch

/// A generator that holds no training shape: codes are drawn from a mixture of Gaussians, of each label by itself, and one of several
/// draws is chosen by its overall form.
///
/// What it keeps of the training shapes is their mean, the strongest directions that they vary along, and the densities of some numbers
/// along these. So it is small and can be given away; its shapes are smoother than real ones.
public final class MixtureGenerator: CodeGenerator {
  /// The architecture.
  public let recipe: MixtureRecipe

  let codec: ShapeCodec
  /// Chooses among draws.
  let choice: ShapeChoice?
  private let shares: Buffer
  private let means: Buffer
  private let roots: Buffer

  /// Codec; for each label the shares of Gaussians, added up, their means and the roots of their covariances; what is learned.
  public var members: Members {
    ["codec": codec, "shares": shares, "means": means, "roots": roots, "choice": choice]
  }

  /// Initialises a generator, whose only shape is one point until `take` or loaded weights set what shapes decide.
  ///
  /// - Parameters:
  ///   - recipe: the architecture.
  ///   - sizes: what the data decided.
  ///   - labels: how many there are; 0 without conditions.
  ///   - latentDimension: numbers in a latent.
  ///   - stream: source of random numbers for the weights.
  init(
    recipe: MixtureRecipe, sizes: CodeSpec, labels: Int, latentDimension: Int,
    using stream: inout RandomStream
  ) throws {
    self.recipe = recipe
    codec = try ShapeCodec(points: sizes.points, numbers: sizes.numbers)
    let (groups, gaussians) = (max(labels, 1), recipe.gaussians)
    shares = Buffer(try Tensor.ones([groups, gaussians]))
    means = Buffer(try Tensor.zeros([groups, gaussians, sizes.numbers]))
    roots = Buffer(try Tensor.zeros([groups, gaussians, sizes.numbers, sizes.numbers]))
    choice = try ShapeChoice(
      candidates: recipe.candidates, amounts: sizes.numbers + 1, spread: 0,
      form: OverallForm(codeNumbers: sizes.numbers, directions: sizes.numbers, labels: labels), exemplars: 0,
      labels: labels, latentDimension: latentDimension, using: &stream)
  }

  /// Sets codec and densities from the training shapes.
  func take(_ shapes: CodedShapes) throws {
    let device = means.value.device
    try codec.load(shapes.codec)
    try codec.move(to: device)
    var stream = RandomStream(seed: 0, name: "mixture")
    let mixtures = try MixtureOfShapes.densities(
      of: shapes.codes, labels: shapes.labels.map { try $0.array(of: Int.self) },
      gaussians: MixtureOfShapes.supported(recipe.gaussians, by: shapes.codes.shape[0]), using: &stream)
    let groups = (0..<means.value.shape[0]).map { label in
      (mixtures.first { $0.label == label } ?? mixtures[0]).mixture
    }
    // Of labels that have fewer Gaussians the others are never drawn: the shares of the first ones end at 1, or a little above.
    func all(_ part: (GaussianMixture, Int) throws -> Tensor) throws -> Tensor {
      try Tensor.stacked(
        groups.map { try part($0, recipe.gaussians - $0.weights.count).converted(to: .float32) }
      ).moved(to: device)
    }
    shares.value = try all { try ($0.weights.cumulativeSum(along: 0) * (1 + 1e-6)).padded(0, $1, value: 1) }
    means.value = try all { try $0.means.padded(0, 0, 0, $1) }
    roots.value = try all { try $0.roots.padded(0, 0, 0, 0, 0, $1) }
    try choice?.take(shapes, exemplars: [], codec: codec)
  }

  func offer(latents: Tensor, labels: Tensor?, by choice: ShapeChoice) throws -> ShapeOffer {
    let (numbers, _, chances) = try choice.offered(latents)
    let (batch, width) = (latents.shape[0], numbers.shape[2] - 1)
    guard labels != nil || shares.value.shape[0] == 1 else {
      throw TorchError("MixtureGenerator: no labels, expected [B] of them")
    }
    let groups = try labels ?? Tensor.zeros([batch], dtype: .int64, device: latents.device)
    // A uniform number falls into the part of one Gaussian.
    let drawn = try ShapeChoice.uniform(numbers.narrowed(along: 2, start: width, count: 1))
    let parts = try drawn.greater(than: shares.value.gathered(at: groups).expandingDimension(at: 1))
      .converted(to: .int64).sum(along: 2)
    let rows = try (parts + groups.expandingDimension(at: 1) * Double(recipe.gaussians))
      .converted(to: .int64).reshaped([-1])
    let normal = try numbers.narrowed(along: 2, start: 0, count: width).reshaped([-1, width, 1])
    let codes =
      try means.value.reshaped([-1, width]).gathered(at: rows)
      + roots.value.reshaped([-1, width, width]).gathered(at: rows).matmul(normal).squeezingDimension(at: 2)
    let each = try ShapeOffer.repeated(labels, candidates: choice.candidates)
    let forms = try choice.form(choice.form.places(of: codec.decode(codes)), labels: each, codec: codec)
    return ShapeOffer(forms: forms, labels: each, samples: try choice.samples(forms), chances: chances) {
      [codec] in
      try codec.decode(codes.gathered(at: $0))
    }
  }

  func shapes(latents: Tensor, labels: Tensor?) throws -> Tensor {
    guard let choice else { preconditionFailure("one of several draws is chosen") }
    let (offer, chosen) = try chosen(latents: latents, labels: labels, by: choice)
    return try offer.clouds(chosen)
  }
}

/// The architecture of generators that draw codes of shapes from a mixture of Gaussians.
public struct MixtureRecipe: Codable, Equatable, Sendable {
  /// Points of the mean shape that all shapes are matched to: twice as many as a cloud's, at most this number.
  public var places = 1024
  /// Numbers of a code, at most; the data may allow fewer.
  public var numbers = 32
  /// Gaussians of the mixture, or of each label's, at most: one for a hundred shapes.
  public var gaussians = 8
  /// Draws that are offered for each latent, of which the generator learns to choose one.
  public var candidates = 16
  /// How often each shape is matched anew to what a few numbers make of it, and how many these are: shapes that few numbers describe better
  /// are smoother on the way from one to another.
  public var rounds = [8, 8, 16, 16]

  /// A recipe with the defaults, to be changed field by field.
  public init() {}

  /// Invalid values of the recipe, with keys as in a modality's recipe.
  var faults: [RecipeFault] {
    var faults = RecipeFaults()
    faults.expect("mixture.places", places, 1...4096)
    faults.expect("mixture.numbers", numbers, 1...1024)
    faults.expect("mixture.gaussians", gaussians, 1...256)
    faults.expect("mixture.candidates", candidates, 2...256)
    faults.expectWidths("mixture.rounds", rounds, count: 0...64)
    return faults.list
  }
}

/// `MixtureGenerator` with `FormCritic`; one update of each a step.
struct MixtureNetworks: PointNetworks {
  static let network = PointNetwork.mixture

  /// The training settings of this family.
  static let training = {
    var training = LatentNetworks.training
    // What is offered for a latent depends on each other the less, the more numbers the latent has.
    training.latentDimension = 256
    return training
  }()

  var playsOverCodes: Bool { true }
  var boundToItsData: String? { LatentNetworks().boundToItsData }

  func settings(flag: String) -> [Setting] { .training(Self.training, flag: flag) }

  func codeSpec(_ recipe: PointRecipe, shapes: Int) -> CodeSpec? {
    CodeSpec(recipe.mixtureRecipe, shapes: shapes, points: recipe.data.points)
  }

  func coding(_ recipe: PointRecipe) -> ShapeCoding {
    ShapeCoding(draws: 1, rounds: recipe.mixtureRecipe.rounds, deformations: nil)
  }

  func faults(of recipe: PointRecipe) -> [RecipeFault] {
    recipe.mixtureRecipe.faults + LatentNetworks.faultsOfChoice(recipe)
  }

  func generator(_ recipe: PointRecipe, spec: PointSpec, using stream: inout RandomStream) throws
    -> any PointGenerator
  {
    try MixtureGenerator(
      recipe: recipe.mixtureRecipe, sizes: spec.codeSizes, labels: spec.labels.count,
      latentDimension: recipe.training.latentDimension, using: &stream)
  }

  func discriminator(_ recipe: PointRecipe, spec: PointSpec, using stream: inout RandomStream) throws
    -> any Discriminator
  {
    let numbers = try spec.codeSizes.numbers
    return try FormCritic(
      form: OverallForm.count(codeNumbers: numbers, directions: numbers), labels: spec.labels.count,
      using: &stream)
  }
}
