import Adversarial
import Torch

/// A discriminator of clouds in the manner of PointNet (Qi et al., 2017): a network shared by all points, pooling over the
/// points, and a head. Invariant to the order of the points, whose number may vary.
///
/// There is no batch norm: gradient penalties need the gradient of each sample by itself.
public final class PointCritic: Discriminator {
  /// The architecture.
  public let recipe: PointCriticRecipe

  private let shared: PerPointLayers
  private let head: PerPointLayers
  private let logit: ProjectionHead

  /// The shared network, the head, the projection head of the logit.
  public var members: Members { ["shared": shared, "head": head, "logit": logit] }

  /// Initialises a discriminator.
  ///
  /// - Parameters:
  ///   - recipe: the architecture.
  ///   - labels: how many there are; 0 without conditions.
  ///   - stream: source of random numbers for the weights.
  public init(recipe: PointCriticRecipe, labels: Int = 0, using stream: inout RandomStream) throws {
    self.recipe = recipe
    shared = try PerPointLayers(
      inputs: 3, widths: recipe.widths, slope: recipe.slope, initialisation: .heNormal, using: &stream)
    head = try PerPointLayers(
      inputs: recipe.pooling == .both ? 2 * shared.outputs : shared.outputs, widths: recipe.head,
      slope: recipe.headSlope, initialisation: .xavierUniform, using: &stream)
    logit = try ProjectionHead(
      features: head.outputs, labels: labels, initialisation: .xavierUniform, using: &stream)
  }

  /// Logits `[B]` of clouds `[B, N, 3]` and labels `[B]`.
  ///
  /// - Throws: `TorchError` when the samples have another shape or labels are missing.
  public func discriminate(_ samples: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    guard samples.rank == 3, samples.shape[2] == 3 else {
      throw TorchError("PointCritic: samples of shape \(samples.shape), expected [B, N, 3]")
    }
    return try logit(head(pooled(samples)), labels: labels)
  }

  /// `[B, C]`, or `[B, 2 C]` with both kinds.
  private func pooled(_ clouds: Tensor) throws -> Tensor {
    switch recipe.pooling {
    case .max: return try CriticalPoints.maximum(of: clouds, through: shared)
    case .mean: return try shared(clouds).widened().mean(along: 1)
    case .both:
      let features = try shared(clouds)
      return try Tensor.concatenated(
        [
          features.maximumOverPoints().widened(),
          features.widened().mean(along: 1),
        ],
        along: 1)
    }
  }
}

/// How the features of a cloud's points are pooled into features of the cloud.
public enum PointPooling: String, Codable, CaseIterable, Sendable {
  /// The maximum of each feature (PointNet, Qi et al., 2017): depends on where points are, not on how many.
  case max
  /// The mean of each feature: depends on the density of points.
  case mean
  /// Both, one beside the other, which helped every generator of a comparison at metrics that notice density (Wang et
  /// al., "Rethinking sampling in 3D point cloud generative adversarial networks", 2020).
  case both
}

/// The architecture of a discriminator of clouds: a network shared by all points, pooling, and a head.
public struct PointCriticRecipe: Codable, Equatable, Sendable {
  /// Channels behind each layer of the network that all points share.
  public var widths = [64, 128, 256]
  /// Pooling over the points.
  public var pooling = PointPooling.both
  /// Channels behind each layer of the head but the last, which makes the logit.
  public var head = [128]
  /// Slope of the shared layers' rectifiers below zero.
  public var slope = 0.2
  /// The same in the head; 1 leaves its rectifiers out.
  public var headSlope = 0.2

  /// A recipe with the defaults, to be changed field by field.
  public init() {}

  /// The critic of r-GAN (Achlioptas et al., 2018, "Learning representations and generative models for 3D point
  /// clouds"): 312,961 parameters.
  public static var rGAN: PointCriticRecipe {
    var recipe = PointCriticRecipe()
    recipe.widths = [64, 128, 256, 256, 512]
    recipe.pooling = .max
    recipe.head = [128, 64]
    (recipe.slope, recipe.headSlope) = (0, 0)
    return recipe
  }

  /// The critic of tree-GAN (Shu, Park and Kwon, 2019, "3D point cloud generative adversarial network based on tree
  /// structured graph convolutions"): 2,536,065 parameters. The four maps of its head have nothing between them.
  public static var treeGAN: PointCriticRecipe {
    var recipe = PointCriticRecipe()
    recipe.widths = [64, 128, 256, 512, 1024]
    recipe.pooling = .max
    recipe.head = [1024, 512, 512]
    recipe.headSlope = 1
    return recipe
  }

  /// Invalid values of the recipe.
  ///
  /// - Parameter key: where in a modality's recipe it stands.
  public func faults(key: String = "critic") -> [RecipeFault] {
    var faults = RecipeFaults()
    faults.expectWidths("\(key).widths", widths, count: 1...12)
    faults.expectWidths("\(key).head", head, count: 0...12)
    faults.expect("\(key).slope", slope, 0...1)
    faults.expect("\(key).headSlope", headSlope, 0...1)
    return faults.list
  }
}

/// The largest features of a cloud, computed by way of the points that have them.
///
/// The maximum of a feature depends on one point alone, so of N points only those that hold some maximum, the critical
/// points (Qi et al., 2017), have a gradient: in clouds of 512 points about a fifth. The network is first run on all
/// points without recording anything, to find them, then on the critical points alone with gradients. Values and
/// derivatives of any order are those of the plain way, where ties go to the first point; a gradient penalty costs a third.
enum CriticalPoints {
  /// Points that the search runs on at a time: their features stay in the processor's caches.
  private static let searchedRows = 4096

  /// The maximum over the points, `[B, C]`, of a network's features of clouds `[B, N, 3]`.
  static func maximum(of clouds: Tensor, through network: PerPointLayers) throws -> Tensor {
    let (batch, count, inputs) = (clouds.shape[0], clouds.shape[1], clouds.shape[2])
    let holders = try withoutGradients { try findHolders(of: clouds.detached(), through: network) }
    let (rows, indices) = try holders.unique()
    let critical = try clouds.reshaped([batch * count, inputs]).gathered(at: rows)
    return try network(critical).gatheredElements(at: indices, along: 0)
  }

  /// For each feature of each cloud `[B, C]` the point that has the maximum, counted through all clouds.
  private static func findHolders(of clouds: Tensor, through network: PerPointLayers) throws -> Tensor {
    let (batch, count) = (clouds.shape[0], clouds.shape[1])
    let size = max(1, searchedRows / max(count, 1))
    let parts = try clouds.split(size: size).map { try network($0).highestPoints() }
    let first = try Tensor.arange(0, Double(batch * count), step: Double(count), device: clouds.device)
    return try Tensor.concatenated(parts) + first.reshaped([batch, 1])
  }
}
