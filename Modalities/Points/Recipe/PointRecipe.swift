import Adversarial
import ModalityKit
import PointDatasets
import Torch

/// A family of networks: a generator with its discriminator.
public enum PointNetwork: String, Codable, CaseIterable, Sendable {
  /// Shapes whose points are matched, as codes, and a game over codes: any number of points, parts can be exchanged.
  case latent
  /// Draws from a mixture of Gaussians over codes of shapes, of which one is chosen: holds no training shape.
  case mixture
  /// A fixed sphere that is deformed: shapes correspond point by point, and parts can be exchanged.
  case sphere
  /// r-GAN to the letter: one multi-layer perceptron makes all coordinates. A baseline.
  case mlp
  /// tree-GAN to the letter: a tree whose leaves are the points. A baseline.
  case tree
}

/// Everything that rebuilds a model of point clouds and repeats its training.
public struct PointRecipe: ModalityRecipe {
  /// The core's part: batch, losses, optimisers, schedules, averaging.
  public var training = LatentNetworks.training
  /// How files become clouds.
  public var data = PointCorpusOptions()
  /// Which family of networks is trained.
  public var network = PointNetwork.latent
  /// Codes, and the networks that generate them.
  public var latent = LatentRecipe()
  /// Draws of codes from a mixture of Gaussians; nil in runs from before there were any.
  public var mixture: MixtureRecipe? = MixtureRecipe()
  /// The architecture of critics of clouds.
  public var critic = PointCriticRecipe()
  /// The architecture of the generator that deforms a sphere.
  public var sphere = SphereRecipe()
  /// The architecture of r-GAN's generator.
  public var mlp = MLPRecipe()
  /// The architecture of tree-GAN's generator.
  public var tree = TreeRecipe()
  /// What the data decides; nil until it has been opened.
  public var spec: PointSpec?

  /// The recipe of a preset, for the default networks.
  public init(preset: Preset) {
    switch preset {
    case .tiny:
      data.points = 256
      training.steps = 1_000
    case .small:
      data.points = 512
      training.steps = 5_000
    case .base:
      data.points = 2048
      training.steps = 60_000
    case .large:
      data.points = 2048
      training.steps = 200_000
    }
  }
}

extension PointRecipe {
  /// The networks of the game.
  public var family: any NetworkFamily<PointRecipe> { network.networks.family }

  /// What draws of codes are made by.
  var mixtureRecipe: MixtureRecipe { mixture ?? MixtureRecipe() }

  /// A generator as the core sees it.
  public static func coreGenerator(_ generator: any PointGenerator) -> any Adversarial.Generator { generator }

  /// Ranges that the corpus checks too, here under the keys that flags are found by.
  public var dataFaults: [RecipeFault] {
    var faults = RecipeFaults()
    faults.expect("data.points", data.points, 1...RecipeFaults.largestWidth)
    faults.expect("data.meshPoints", data.meshPoints, PointCorpusOptions.pointsRange)
    return faults.list
  }
}

/// What the data decides about the networks: points, normalisation, labels, codes.
///
/// Part of a recipe from the moment that the data has been opened, so that a checkpoint needs no data to be used.
public struct PointSpec: DataSpec {
  /// Points of a cloud in training.
  public var points: Int
  /// How shapes were moved and scaled: a model's clouds lie in this frame.
  public var frame: PointFrame
  /// The names of the labels by index; empty for an unconditional model.
  public var labels: [String]
  /// Sizes of codes; nil for networks that generate clouds directly.
  public var codes: CodeSpec?

  /// Describes data.
  public init(points: Int, frame: PointFrame, labels: [String] = [], codes: CodeSpec? = nil) {
    self.points = points
    self.frame = frame
    self.labels = labels
    self.codes = codes
  }

  /// The sizes of codes.
  ///
  /// - Throws: `TorchError` where there are none.
  var codeSizes: CodeSpec {
    get throws {
      guard let codes else {
        throw TorchError("the recipe has no sizes of codes: no data has completed it")
      }
      return codes
    }
  }

  /// In words, for messages.
  public var summary: String {
    let names = labels.isEmpty ? "no labels" : "labels \(labels.joined(separator: ", "))"
    return "normalisation \(frame.normalisation.rawValue), \(names)"
  }

  /// Clouds are comparable in one frame, whatever the number of points that networks were trained with.
  public func isComparable(to other: PointSpec) -> Bool { frame == other.frame && labels == other.labels }
}
