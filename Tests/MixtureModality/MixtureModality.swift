import Adversarial
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
  public typealias EvaluateOptions = NoSamplingOptions
  /// All that rebuilds a model.
  public typealias Recipe = MixtureRecipe
  /// The points.
  public typealias Dataset = MixtureData

  /// The recipe of a preset.
  public static func recipe(preset: Preset) -> MixtureRecipe { MixtureRecipe(preset: preset) }

  /// Opens points and notes their scale in the recipe.
  public static func openDataset(_ source: DataSource, recipe: inout MixtureRecipe) throws -> MixtureData {
    let data = try MixtureData(source)
    recipe.spec = recipe.spec ?? MixtureSpec(scale: data.scale)
    return data
  }

  /// Networks and points for the trainer.
  public static func makeGame(recipe: MixtureRecipe, dataset: MixtureData, seed: UInt64, device: Device)
    throws
    -> any Game
  {
    try MixtureGame(recipe, dataset, seed: seed, device: device)
  }

  /// Points drawn at a time.
  public static let chunkSize = 256

  /// Points `[B, 2]`, divided by the scale.
  public static func draw(
    _ chunk: LatentChunk, generator: any Generator, recipe: MixtureRecipe, options: PlainSampling
  ) throws -> Tensor {
    try generator.generate(latents: chunk.latents, labels: chunk.labels, context: chunk.context)
  }

  /// Points of a tensor.
  public static func samples(of tensor: Tensor, recipe: MixtureRecipe) throws -> [MixtureData.Point] {
    try points(tensor, scale: recipe.completeSpec().scale)
  }

  /// Writes a point a line.
  public static func generate(_ request: GenerationRequest<Self>, options: MixtureGenerateOptions) throws
    -> [URL]
  {
    try request.writeLines { body in
      try request.forEach { point, _ in
        try body(String(format: "%.*f %.*f", options.digits, point.x, options.digits, point.y))
      }
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
