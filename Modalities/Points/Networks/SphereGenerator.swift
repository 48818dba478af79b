import Adversarial
import ModalityKit
import Torch

/// A generator that deforms a fixed sphere (Li, Li, Hui and Fu, 2021, "SP-GAN: Sphere-guided 3D shape generation and
/// manipulation").
///
/// Every point has a place on the sphere and, with the latent, a style. Convolutions over the sphere's neighbours give the
/// points features, which the styles modulate; the last layers move each point from its place. So point n of one cloud
/// corresponds to point n of another, a denser sphere gives more points, and regions of the sphere are parts of a shape that
/// can have latents of their own.
///
/// Otherwise than published, there is no batch norm, which would mix the clouds of a batch, the latent enters the style
/// apart from the place, so that it is multiplied once a cloud, and the first convolution, which sees places only, is computed
/// once a batch.
public final class SphereGenerator: PointGenerator {
  /// The architecture.
  public let recipe: SphereRecipe
  /// Any number of points.
  public var fixedPointCount: Int? { nil }

  private let trained: FibonacciSphere
  private var last: FibonacciSphere?
  private let placeStyle: Linear
  private let latentStyle: Linear
  private let style: Linear
  private let place: Linear
  private let edges: [EdgeConvolution]
  private let norms: [AdaptiveInstanceNorm]
  private let overall: PerPointLayers?
  private let overallTail: Linear?
  private let firstTail: Linear
  private let tail: PerPointLayers
  private let labelVectors: Embedding?

  /// Styles, convolutions, features of the whole, last layers, label vectors where there are labels.
  public var members: Members {
    [
      "placeStyle": placeStyle, "latentStyle": latentStyle, "style": style, "place": place,
      "edges": ModuleGroup(edges), "norms": ModuleGroup(norms), "overall": overall,
      "overallTail": overallTail, "firstTail": firstTail, "tail": tail, "label": labelVectors,
    ]
  }

  /// Initialises a generator.
  ///
  /// - Parameters:
  ///   - recipe: the architecture.
  ///   - points: of a cloud in training.
  ///   - labels: how many there are; 0 without conditions.
  ///   - latentDimension: numbers in a latent.
  ///   - stream: source of random numbers for the weights.
  /// - Precondition: the recipe has no faults.
  public init(
    recipe: SphereRecipe, points: Int, labels: Int = 0, latentDimension: Int, using stream: inout RandomStream
  ) throws {
    self.recipe = recipe
    trained = try FibonacciSphere(count: points, neighbourCount: recipe.neighbours, reference: points)
    let inputs = latentDimension + (labels > 0 ? recipe.labelDimension : 0)
    placeStyle = try Linear(inputs: 3, outputs: recipe.style, using: &stream)
    latentStyle = try Linear(inputs: inputs, outputs: recipe.style, bias: false, using: &stream)
    style = try Linear(inputs: recipe.style, outputs: recipe.style, initialisation: .heNormal, using: &stream)
    place = try Linear(inputs: 3, outputs: recipe.widths[0], using: &stream)
    var edges: [EdgeConvolution] = []
    var norms: [AdaptiveInstanceNorm] = []
    var channels = recipe.widths[0]
    for outputs in recipe.widths {
      edges.append(try EdgeConvolution(inputs: channels, outputs: outputs, using: &stream))
      norms.append(try AdaptiveInstanceNorm(style: recipe.style, channels: outputs, using: &stream))
      channels = outputs
    }
    (self.edges, self.norms) = (edges, norms)
    firstTail = try Linear(
      inputs: channels, outputs: recipe.tail[0], initialisation: .heNormal, using: &stream)
    overall =
      recipe.overall > 0
      ? try PerPointLayers(
        inputs: channels, widths: [channels, recipe.overall], slope: 0.2, initialisation: .heNormal,
        using: &stream) : nil
    overallTail =
      recipe.overall > 0
      ? try Linear(
        inputs: recipe.overall, outputs: recipe.tail[0], bias: false, initialisation: .heNormal,
        using: &stream) : nil
    tail = try PerPointLayers(
      inputs: recipe.tail[0], widths: recipe.tail.dropFirst() + [3], slope: 0.2, rectifiesLast: false,
      using: &stream)
    labelVectors =
      labels > 0
      ? try Embedding(symbols: labels, dimensions: recipe.labelDimension, using: &stream) : nil
  }

  /// Clouds `[B, N, 3]` of latents `[B, Z]` and labels `[B]`.
  ///
  /// - Throws: `TorchError` when the latents have another dimension or labels are missing.
  public func generate(latents: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    try clouds(latents: latents, labels: labels, on: trained)
  }

  /// The same for any number of points, on a sphere of so many.
  public func clouds(latents: Tensor, labels: Tensor?, points: Int, using stream: inout RandomStream) throws
    -> Tensor
  {
    try clouds(latents: latents, labels: labels, on: sphere(points: points))
  }

  /// The sphere that clouds of so many points are made from; the last one is kept, since neighbours take time to find.
  func sphere(points: Int) throws -> FibonacciSphere {
    if points == trained.count { return trained }
    if let last, last.count == points { return last }
    let sphere = try FibonacciSphere(
      count: points, neighbourCount: recipe.neighbours, reference: trained.count)
    last = sphere
    return sphere
  }

  /// Clouds `[B, N, 3]` on a sphere of N points.
  ///
  /// - Parameters:
  ///   - latents: one a cloud, `[B, Z]`, or one a point, `[B, N, Z]`.
  ///   - labels: `[B]` for conditional networks.
  ///   - sphere: where the points start from.
  func clouds(latents: Tensor, labels: Tensor?, on sphere: FibonacciSphere) throws -> Tensor {
    let device = latents.device
    let positions = try sphere.positions.moved(to: device).expandingDimension(at: 0)
    let neighbours = try sphere.neighbours.moved(to: device)
    let latent = try latentStyle(conditioned(latents, labels: labels))
    let styles = try style((placeStyle(positions) + latent).leakyReLU()).leakyReLU()
    var x = try place(positions).leakyReLU()
    for (edge, norm) in zip(edges, norms) { x = try norm(edge(x, neighbours: neighbours), style: styles) }
    var tailed = try firstTail(x)
    if let overall, let overallTail {
      tailed = try tailed + overallTail(overall(x.maximumOverPoints())).expandingDimension(at: 1)
    }
    // At first the points lie on a small sphere.
    return try tail(tailed.leakyReLU()).widened() + positions * 0.5
  }

  /// Latents with the label's vector beside them, `[B, 1, I]` or `[B, N, I]`.
  private func conditioned(_ latents: Tensor, labels: Tensor?) throws -> Tensor {
    let latents = latents.rank == 2 ? try latents.expandingDimension(at: 1) : latents
    guard let labelVectors else { return latents }
    guard let labels else { throw TorchError("SphereGenerator: no labels, expected [B] of them") }
    let vectors = try labelVectors(labels).expandingDimension(at: 1)
    return try Tensor.concatenated(
      [latents, vectors.expanded(to: [latents.shape[0], latents.shape[1], recipe.labelDimension])], along: 2)
  }
}

/// `SphereGenerator` and a `PointCritic` with maximum and mean pooling, one update of each a step.
struct SphereNetworks: PointNetworks {
  static let network = PointNetwork.sphere

  /// The training settings of this family.
  static let training = {
    var training = TrainingRecipe()
    training.loss = .nonSaturating
    training.penalties = [Penalty(.r1, weight: .constant(0.1), interval: 8)]
    training.batchSize = 32
    training.latentDimension = 64
    training.generatorOptimiser = OptimiserConfiguration(.adam, beta1: 0, beta2: 0.99)
    training.discriminatorOptimiser = OptimiserConfiguration(.adam, beta1: 0, beta2: 0.99)
    training.generatorRate = .cosine(from: 5e-4, to: 5e-5).holding(for: 0.4)
    training.discriminatorRate = .cosine(from: 5e-4, to: 5e-5).holding(for: 0.4)
    training.averaging = .halfLife(samples: 10_000, rampUp: 0.05)
    training.precision = .bfloat16
    training.warmUp.steps = 0
    return training
  }()

  func settings(flag: String) -> [Setting] {
    [Setting("critic", PointCriticRecipe(), flag: flag)].compactMap(\.self)
      + .training(Self.training, flag: flag)
  }

  func faults(of recipe: PointRecipe) -> [RecipeFault] { recipe.sphere.faults + recipe.critic.faults() }

  func generator(_ recipe: PointRecipe, spec: PointSpec, using stream: inout RandomStream) throws
    -> any PointGenerator
  {
    try SphereGenerator(
      recipe: recipe.sphere, points: spec.points, labels: spec.labels.count,
      latentDimension: recipe.training.latentDimension, using: &stream)
  }
}

/// The architecture of sphere generators.
public struct SphereRecipe: Codable, Equatable, Sendable {
  /// Neighbours of a point in the graph of the convolutions.
  public var neighbours = 10
  /// Numbers in the style of a point.
  public var style = 128
  /// Channels behind each convolution over neighbours.
  public var widths = [64, 128]
  /// Global features of the cloud that are added to the features of each point; 0 leaves them out.
  public var overall = 256
  /// Channels behind each of the last layers but the one that makes coordinates.
  public var tail = [256, 64]
  /// Numbers in the vector of a label that is taken beside the latent, where there are labels.
  public var labelDimension = 16

  /// A recipe with the defaults, to be changed field by field.
  public init() {}

  /// Invalid values of the recipe, with keys as in a modality's recipe.
  var faults: [RecipeFault] {
    var faults = RecipeFaults()
    faults.expect("sphere.neighbours", neighbours, 1...64)
    faults.expect("sphere.style", style, 1...8192)
    faults.expectWidths("sphere.widths", widths, count: 1...8)
    faults.expect("sphere.overall", overall, 0...8192)
    faults.expectWidths("sphere.tail", tail, count: 1...8)
    faults.expect("sphere.labelDimension", labelDimension, 1...4096)
    return faults.list
  }
}
