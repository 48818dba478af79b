import Adversarial

/// What becomes of the features of a cloud's points, whatever their order.
public enum PointPooling: String, Codable, CaseIterable, Sendable {
  /// The largest of each feature (PointNet, Qi et al., 2017): sees where points are, not how many.
  case max
  /// The mean of each feature: sees how many.
  case mean
  /// Both, one beside the other, which helped every generator of a comparison at metrics that notice density (Wang et
  /// al., "Rethinking sampling in 3D point cloud generative adversarial networks", 2020).
  case both
}

/// The architecture of a critic of clouds: a shared network of each point, pooled, and a head.
public struct PointCriticRecipe: Codable, Equatable, Sendable {
  /// Channels behind each layer of the network that all points share.
  public var widths = [64, 128, 256]
  /// How points become a cloud.
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

  /// What makes no sense in the recipe.
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
