import Adversarial
import ArgumentParser
import ModalityKit
import Torch

/// All that rebuilds a model of points in the plane.
public struct MixtureRecipe: ModalityRecipe {
  /// The core's part.
  public var training = TrainingRecipe()
  /// Numbers in each hidden layer of both networks.
  public var width = 64
  /// What the data decides; nil until it is known.
  public var spec: MixtureSpec?

  /// What makes and checks the networks.
  public var family: any NetworkFamily<MixtureRecipe> { MixtureNetworks() }
  /// A generator as the core sees it.
  public static func coreGenerator(_ generator: any Generator) -> any Adversarial.Generator { generator }

  /// The recipe of a preset.
  init(preset: Preset) {
    training.steps = preset == .tiny ? 200 : 2000
    training.batchSize = preset == .tiny ? 32 : 128
    training.latentDimension = 4
    training.loss = .hinge
    training.generatorRate = 1e-3
    training.discriminatorRate = 1e-3
    training.averaging = .fixed(0.99)
    training.warmUp.steps = preset == .tiny ? 20 : 100
    training.validationInterval = 50
    width = preset == .tiny ? 16 : 64
  }
}

/// The flags that the medium adds to `train`.
public struct MixtureTrainOptions: ModalityTrainOptions {
  @Option(help: ArgumentHelp("Numbers in each hidden layer of both networks.", valueName: "count"))
  var width: Int?

  /// Needed by the parser.
  public init() {}

  /// The flags that were given.
  public var settings: [Setting] {
    [Setting("width", width, flag: "--width")].compactMap(\.self)
  }
}

/// The data: its standard deviation, by which both networks' points are divided.
public struct MixtureSpec: DataSpec {
  /// The deviation.
  public var scale: Double
  /// None.
  public var labels: [String] { [] }
  /// In words.
  public var summary: String { "scale \(scale)" }
}

/// The flags that the medium adds to `generate`.
public struct MixtureGenerateOptions: ModalitySamplingOptions {
  @Option(help: ArgumentHelp("Decimals of each number.", valueName: "count"))
  var digits = 4

  /// Nothing to choose.
  public var sampling: PlainSampling { PlainSampling() }

  /// Needed by the parser.
  public init() {}
}
