import Adversarial
import ArgumentParser
import ModalityKit

/// All that rebuilds a model of points in the plane.
public struct MixtureRecipe: ModalityRecipe {
  /// The core's part.
  public var training = TrainingRecipe()
  /// Numbers in each hidden layer of both networks.
  public var width = 64
  /// The data: its standard deviation, by which both networks' points are divided; nil until the data is known.
  public var scale: Double?

  /// What makes no sense.
  public var faults: [RecipeFault] {
    width >= 1 ? [] : [RecipeFault(key: "width", message: "found \(width), expected at least 1")]
  }

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

/// The flags that the medium adds to `generate`.
public struct MixtureGenerateOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Decimals of each number.", valueName: "count"))
  var digits = 4

  /// Needed by the parser.
  public init() {}
}

/// The medium adds no flags to `evaluate`.
public struct NoOptions: ParsableArguments {
  /// Needed by the parser.
  public init() {}
}
