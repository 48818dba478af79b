import Adversarial
import Foundation
import Torch

/// A trained generator with all that is known of it.
public struct TrainedModel<M: Modality> {
  /// What rebuilds the model.
  public let recipe: M.Recipe
  /// The generator: the moving average of the trained one.
  public let generator: any Generator
  /// The step that it was saved at.
  public let step: Int
  /// The run's seed.
  public let seed: UInt64
  /// Where it lies.
  public let device: Device
  /// The checkpoint's file.
  public let file: URL

  /// Gathers what is known of a generator.
  public init(
    recipe: M.Recipe, generator: any Generator, step: Int, seed: UInt64, device: Device, file: URL
  ) {
    self.recipe = recipe
    self.generator = generator
    self.step = step
    self.seed = seed
    self.device = device
    self.file = file
  }
}

/// How many samples to write, and where.
public struct GenerationRequest: Sendable {
  /// Number of samples.
  public let count: Int
  /// Seed of all draws.
  public let seed: UInt64
  /// The file or folder to write; nil for standard output, which only media that are text are asked for.
  public let output: URL?
  /// Writes text to standard output, no line break added.
  public let write: @Sendable (String) throws -> Void

  /// Asks for samples; text goes to the process's standard output unless `write` says otherwise.
  public init(
    count: Int, seed: UInt64, output: URL? = nil,
    write: @escaping @Sendable (String) throws -> Void = Console.standard.result
  ) {
    self.count = count
    self.seed = seed
    self.output = output
    self.write = write
  }
}

/// What to measure.
public struct EvaluationRequest<M: Modality> {
  /// The generator that the run ended with, or that the user named.
  public let model: TrainedModel<M>
  /// The generator as the warm-up left it; nil when the run had none or it is no longer there.
  public let warmStart: TrainedModel<M>?
  /// The data, held-out part included.
  public let dataset: M.Dataset
  /// Samples to draw per row; nil for the medium's default.
  public let count: Int?
  /// Seed of all draws.
  public let seed: UInt64

  /// Asks for a measurement.
  public init(
    model: TrainedModel<M>, warmStart: TrainedModel<M>? = nil, dataset: M.Dataset, count: Int? = nil,
    seed: UInt64 = 0
  ) {
    self.model = model
    self.warmStart = warmStart
    self.dataset = dataset
    self.count = count
    self.seed = seed
  }
}
