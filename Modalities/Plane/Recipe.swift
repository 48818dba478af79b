import Adversarial
import Failures
import ModalityKit
import PlaneDatasets
import Torch

/// What the data of a model of points in the plane decides.
public struct PlaneSpec: DataSpec {
  /// The mean of the training points, which networks' points have subtracted.
  public var mean: [Double]
  /// The standard deviation of both coordinates, which networks' points are divided by.
  public var deviations: [Double]
  /// The names of the labels by index; empty without conditions.
  public var labels: [String]
  /// The built-in distribution; nil for a table.
  public var target: PlaneTarget?
  /// The rectangle that pictures show: its lowest corner, then its highest.
  public var window: [Double]

  /// Notes what networks and pictures need of the data.
  public init(_ corpus: PlaneCorpus, target: PlaneTarget?) {
    let (mean, deviations) = corpus.moments
    self.mean = [mean.x, mean.y]
    self.deviations = [deviations.x, deviations.y]
    labels = corpus.labelNames
    self.target = target
    let window = corpus.density?.window ?? PlaneWindow(around: corpus.training.points)
    self.window = [window.low.x, window.low.y, window.high.x, window.high.y]
  }

  /// The target or the table's moments, and the labels.
  public var summary: String {
    let points = target.map { "points of \($0.rawValue)" } ?? "points about \(mean[0]), \(mean[1])"
    return points + (labels.isEmpty ? "" : " with labels \(labels.joined(separator: ", "))")
  }

  /// The rectangle that pictures show.
  var rectangle: PlaneWindow { PlaneWindow(low: [window[0], window[1]], high: [window[2], window[3]]) }

  /// Points as networks see them, `[N, 2]`: less the mean, divided by the standard deviations.
  func standardised(_ points: [PlanePoint]) throws -> Tensor {
    let numbers = points.flatMap {
      [Float(($0.x - mean[0]) / deviations[0]), Float(($0.y - mean[1]) / deviations[1])]
    }
    return try Tensor(numbers, shape: [points.count, 2])
  }

  /// Points of networks `[N, 2]` in the data's units.
  func points(_ samples: Tensor) throws -> [PlanePoint] {
    let numbers = try samples.moved(to: .cpu).converted(to: .float64).array(of: Double.self)
    return stride(from: 0, to: numbers.count, by: 2).map {
      PlanePoint(numbers[$0] * deviations[0] + mean[0], numbers[$0 + 1] * deviations[1] + mean[1])
    }
  }
}

/// The architecture of both networks.
public struct PlaneNetworkRecipe: Codable, Equatable, Sendable {
  /// Numbers in each hidden layer of both networks.
  public var width = 64
  /// Hidden layers of each network.
  public var depth = 4
  /// Frequencies 1, 2, 4, ... in radians per standard deviation whose sine and cosine of both coordinates the discriminator
  /// sees beside the coordinates (Tancik et al., 2020), so that it can separate points that lie close together.
  public var frequencies = 5
  /// Whether the discriminator's weights are divided by their largest singular value.
  public var spectralNorm = false

  /// The defaults, to be changed field by field.
  public init() {}
}

/// All that rebuilds a model of points in the plane and repeats its training.
public struct PlaneRecipe: ModalityRecipe {
  /// The core's part.
  public var training = TrainingRecipe()
  /// Where points come from.
  public var data = PlaneDataOptions()
  /// The architecture.
  public var network = PlaneNetworkRecipe()
  /// What the data decides; nil until it has been opened.
  public var spec: PlaneSpec?

  /// The only family of networks.
  public var family: any NetworkFamily<PlaneRecipe> { PlaneNetworks() }
  /// The generator.
  public typealias Generator = PlaneGenerator

  /// The recipe of a preset.
  public init(preset: Preset) {
    training.batchSize = 256
    // As many as a point has: with more, samples between modes are more frequent (docs/experiments/plane.md).
    training.latentDimension = 2
    training.loss = .relativisticPaired
    training.penalties = [Penalty.Kind.r1, .r2].map { Penalty($0, weight: .constant(0.05), interval: 4) }
    training.generatorRate = .cosine(from: 5e-3, to: 1e-4)
    training.discriminatorRate = .cosine(from: 5e-3, to: 1e-4)
    training.averaging = .halfLife(samples: 50_000, rampUp: 0.05)
    training.validationInterval = 500
    training.warmUp.steps = 0
    switch preset {
    case .tiny:
      training.steps = 2_000
      (network.width, network.depth) = (32, 3)
    case .small: training.steps = 4_000
    case .base:
      training.steps = 50_000
      training.batchSize = 1_024
      network.width = 128
    case .large:
      training.steps = 200_000
      training.batchSize = 4_096
      network.width = 256
    }
  }
}

extension PlaneRecipe {
  /// Invalid values of the settings of the data.
  public var dataFaults: [RecipeFault] {
    var faults = RecipeFaults()
    faults.expect("data.count", data.count, 100...10_000_000)
    if let weights = data.weights {
      let isSound = (2...100).contains(weights.count) && weights.allSatisfy { $0.isFinite && $0 > 0 }
      faults.expect(isSound, "data.weights", weights, "2 to 100 positive numbers")
      faults.expect(
        data.target == .mixture, "data.weights", weights,
        "none for the target \(data.target.rawValue): only mixture takes weights")
    }
    if let columns = data.columns {
      faults.expect(columns.count == 2, "data.columns", columns, "two columns")
    }
    if let spec {
      let numbers = spec.mean + spec.deviations + spec.window
      let isSound =
        [spec.mean.count, spec.deviations.count, spec.window.count] == [2, 2, 4]
        && numbers.allSatisfy(\.isFinite) && spec.deviations.allSatisfy { $0 > 0 }
      faults.expect(
        isSound, "spec", numbers, "two means, two positive deviations and a window's four coordinates")
    }
    return faults.list
  }

  /// The density that the model's data comes from, where it is known.
  var density: (any PlaneDensity)? { spec?.target?.density(weights: data.weights) }
}
