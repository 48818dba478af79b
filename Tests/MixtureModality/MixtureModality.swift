import Adversarial
import Files
import Foundation
import ModalityKit
import Torch

/// The smallest medium: points in the plane. It stands in the tests to show that a new medium needs no change of the
/// core, and to drive the command line in seconds.
public enum MixtureModality: Modality {
  /// The subcommand.
  public static let name = "mixture"
  /// The line of help.
  public static let summary = "Points in the plane, as of a mixture of Gaussians."
  /// Points are lines of text.
  public static let sampleOutput = SampleOutput.text(file: "points.txt")

  /// The flags of `train`.
  public typealias TrainOptions = MixtureTrainOptions
  /// The flags of `generate`.
  public typealias GenerateOptions = MixtureGenerateOptions
  /// The flags of `evaluate`.
  public typealias EvaluateOptions = NoOptions
  /// All that rebuilds a model.
  public typealias Recipe = MixtureRecipe
  /// The points.
  public typealias Dataset = MixtureData

  /// The recipe of a preset.
  public static func recipe(preset: Preset) -> MixtureRecipe { MixtureRecipe(preset: preset) }

  /// Opens points and notes their scale in the recipe.
  public static func openDataset(_ source: DataSource, recipe: inout MixtureRecipe) throws -> MixtureData {
    let data = try MixtureData(source)
    recipe.scale = recipe.scale ?? data.scale
    return data
  }

  /// How many points there are.
  public static func describe(_ dataset: MixtureData) -> [String] {
    [
      "\(dataset.training.count) points to train on, \(dataset.validation.count) for validation, "
        + "\(dataset.heldOut.count) held out (every fifth): " + dataset.origin
    ]
  }

  /// Points to choose by.
  public static func validationCount(_ dataset: MixtureData) -> Int { dataset.validation.count }

  /// The digest of all points.
  public static func fingerprint(_ dataset: MixtureData) -> String { dataset.fingerprint }

  /// Networks and points for the trainer.
  public static func makeGame(recipe: MixtureRecipe, dataset: MixtureData, seed: UInt64, device: Device)
    throws
    -> any Game
  {
    try MixtureGame(recipe, dataset, seed: seed, device: device)
  }

  /// A generator to load.
  public static func makeGenerator(recipe: MixtureRecipe, device: Device) throws -> any Generator {
    try MixtureGenerator(recipe, seed: 0, device: device)
  }

  /// Writes a point a line.
  public static func generate(
    from model: TrainedModel<Self>, request: GenerationRequest, options: MixtureGenerateOptions
  ) throws -> [URL] {
    func write(to sink: (String) throws -> Void) throws {
      var written = 0
      while written < request.count {
        let count = min(256, request.count - written)
        let points = try points(of: model, count: count, part: written / 256, seed: request.seed)
        for line in try lines(points, scale: model.recipe.scale ?? 1, digits: options.digits) {
          try sink(line + "\n")
        }
        written += count
      }
    }
    guard let output = request.output else {
      try write(to: request.write)
      return []
    }
    try AtomicFile.write(to: output) { file in try write { try file.write($0) } }
    return [output]
  }

  /// The points of one part of a long draw: each part is a function of the seed and its number.
  static func points(of model: TrainedModel<Self>, count: Int, part: Int, seed: UInt64) throws -> Tensor {
    let context = StepContext(seed: seed, step: part, scope: "generate")
    var stream = context.stream("latents")
    let training = model.recipe.training
    let latents = try training.prior.draw(
      count: count, dimension: training.latentDimension, using: &stream, device: model.device)
    return try withoutGradients {
      try model.generator.generate(latents: latents, labels: nil, context: context)
    }
  }

  /// Points `[N, 2]` as text.
  static func lines(_ points: Tensor, scale: Double, digits: Int) throws -> [String] {
    let numbers = try (points.converted(to: .float64) * scale).array(of: Double.self)
    return stride(from: 0, to: numbers.count, by: 2).map { index in
      String(format: "%.*f %.*f", digits, numbers[index], digits, numbers[index + 1])
    }
  }
}
