import Adversarial
import ModalityKit
import Torch

/// A family of networks that generate point clouds.
protocol PointNetworks: NetworkFamily<PointRecipe> {
  /// Which one it is.
  static var network: PointNetwork { get }
  /// Whether the networks generate and judge codes of shapes, or what is seen of them, instead of clouds.
  var playsOverCodes: Bool { get }
  /// Sizes of codes for so many shapes; nil for networks that generate clouds directly.
  func codeSpec(_ recipe: PointRecipe, shapes: Int) -> CodeSpec?
  /// How shapes become codes, for networks that generate these.
  func coding(_ recipe: PointRecipe) -> ShapeCoding
}

extension PointNetworks {
  /// The family as all media have it.
  var family: any NetworkFamily<PointRecipe> { self }
  var name: String? { Self.network.rawValue }
  var playsOverCodes: Bool { false }
  func codeSpec(_ recipe: PointRecipe, shapes: Int) -> CodeSpec? { nil }
  func coding(_ recipe: PointRecipe) -> ShapeCoding { ShapeCoding() }
  var unreadParts: [String] {
    let read = playsOverCodes ? [Self.network.rawValue] : [Self.network.rawValue, "critic"]
    return (PointNetwork.allCases.map(\.rawValue) + ["critic"]).filter { !read.contains($0) }
  }

  func discriminator(_ recipe: PointRecipe, spec: PointSpec, using stream: inout RandomStream) throws
    -> any Discriminator
  {
    try PointCritic(recipe: recipe.critic, labels: spec.labels.count, using: &stream)
  }
}

extension PointNetwork {
  /// The family of networks of this name.
  var networks: any PointNetworks {
    switch self {
    case .latent: LatentNetworks()
    case .mixture: MixtureNetworks()
    case .sphere: SphereNetworks()
    case .mlp: MLPNetworks()
    case .tree: TreeNetworks()
    }
  }
}

extension [Setting] {
  /// All training settings that a family of networks decides, so that choosing another family replaces each of them.
  static func training(_ training: TrainingRecipe, flag: String) -> [Setting] {
    [
      Setting("training.loss", training.loss, flag: flag),
      Setting("training.penalties", training.penalties, flag: flag),
      Setting("training.discriminatorSteps", training.discriminatorSteps, flag: flag),
      Setting("training.batchSize", training.batchSize, flag: flag),
      Setting("training.prior", training.prior, flag: flag),
      Setting("training.latentDimension", training.latentDimension, flag: flag),
      Setting("training.averaging", training.averaging, flag: flag),
      Setting("training.generatorOptimiser", training.generatorOptimiser, flag: flag),
      Setting("training.discriminatorOptimiser", training.discriminatorOptimiser, flag: flag),
      Setting("training.generatorRate", training.generatorRate, flag: flag),
      Setting("training.discriminatorRate", training.discriminatorRate, flag: flag),
      Setting("training.precision", training.precision, flag: flag),
      Setting("training.penaltyPrecision", training.penaltyPrecision, flag: flag),
      Setting("training.warmUp.steps", training.warmUp.steps, flag: flag),
    ].compactMap(\.self)
  }
}

/// A generator of point clouds.
///
/// `generate` returns clouds of as many points as in training; `clouds` returns clouds of any number that the network
/// supports.
public protocol PointGenerator: Generator {
  /// Points of every cloud where the network's layers determine it: it makes so many or, by leaving some out, fewer. Nil
  /// for networks that make any number.
  var fixedPointCount: Int? { get }
  /// The generator itself where its shapes have corresponding parts; nil for others.
  var editable: (any EditableGenerator)? { get }

  /// Makes clouds `[B, points, 3]` on the generator's device.
  ///
  /// - Parameters:
  ///   - latents: `[B, Z]`.
  ///   - labels: `[B]` for conditional networks.
  ///   - points: of a cloud; at most `fixedPointCount`.
  ///   - stream: what random choices are drawn from.
  func clouds(latents: Tensor, labels: Tensor?, points: Int, using stream: inout RandomStream) throws
    -> Tensor
}

extension PointGenerator {
  /// The generator itself where it generates codes; nil for networks that generate clouds directly.
  var overCodes: (any CodeGenerator)? { self as? any CodeGenerator }
  /// Nil: its shapes have no corresponding parts.
  public var editable: (any EditableGenerator)? { nil }

  /// Thins clouds of a network whose layers determine the number of points: one random subset of the points for all
  /// clouds, so that point n of one cloud still corresponds to point n of another.
  ///
  /// - Precondition: `points` is at most `fixedPointCount`.
  func thinned(_ clouds: Tensor, to points: Int, using stream: inout RandomStream) throws -> Tensor {
    let total = clouds.shape[1]
    precondition(points <= total, "a network of \(total) points makes no \(points)")
    guard points < total else { return clouds }
    let kept = stream.indices(points, outOf: total).sorted()
    return try clouds.gathered(at: Tensor(kept).moved(to: clouds.device), along: 1)
  }
}

/// A multilayer perceptron with leaky rectifiers over the last dimension, applied to each point by itself.
///
/// Points lie one after the other in memory, so a layer is one product of a matrix of points with the weights, where
/// convolutions with a kernel of 1 would copy every channel into a plane of its own.
final class PerPointLayers: Module {
  private let layers: [Linear]
  private let slope: Double
  /// Whether a rectifier follows the last map too.
  private let rectifiesLast: Bool

  /// The maps, numbered.
  var members: Members { ["layers": ModuleGroup(layers)] }

  /// Channels of the result.
  let outputs: Int

  /// Initialises the maps.
  ///
  /// - Parameters:
  ///   - inputs: channels of the input.
  ///   - widths: channels behind each map.
  ///   - slope: of the rectifiers below zero; 1 leaves them out.
  ///   - rectifiesLast: whether a rectifier follows the last map too.
  ///   - initialisation: how the weights start.
  ///   - stream: source of random numbers for the weights.
  init(
    inputs: Int, widths: [Int], slope: Double, rectifiesLast: Bool = true,
    initialisation: Initialisation = .pytorchDefault, using stream: inout RandomStream
  ) throws {
    var layers: [Linear] = []
    var inputs = inputs
    for outputs in widths {
      layers.append(
        try Linear(inputs: inputs, outputs: outputs, initialisation: initialisation, using: &stream))
      inputs = outputs
    }
    self.layers = layers
    self.slope = slope
    self.rectifiesLast = rectifiesLast
    outputs = inputs
  }

  /// Maps `[..., I]` to `[..., O]`.
  func callAsFunction(_ x: Tensor) throws -> Tensor {
    var x = x
    for (index, layer) in layers.enumerated() {
      x = try layer(x)
      if slope != 1, rectifiesLast || index < layers.count - 1 { x = try x.leakyReLU(slope: slope) }
    }
    return x
  }
}
