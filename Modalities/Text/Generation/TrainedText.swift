import Adversarial
import Failures
import Foundation
import ModalityKit
import Torch

/// A trained text generator, for programs of one's own.
///
/// ```swift
/// let text = try TrainedText(contentsOf: URL(fileURLWithPath: "runs/names"))
/// for line in try text.lines(count: 5, seed: 1) { print(line) }
///
/// let careful = TextSamplingOptions(temperature: 0.7, prefix: "ma")
/// let names = try text.lines(count: 5, seed: 1, options: careful)
/// ```
///
/// The same checkpoint, seed, options and number of threads give the same lines.
public struct TrainedText {
  /// What rebuilds the model, vocabulary included.
  public let recipe: TextRecipe
  /// Symbols, length and labels.
  public let format: TextFormat
  /// The network.
  public let generator: TextGenerator

  /// Loads the generator of a run or of a checkpoint.
  ///
  /// - Parameters:
  ///   - url: a run's folder, or a checkpoint file.
  ///   - pointer: which of a run's checkpoints; does not matter for a file.
  ///   - device: where to compute.
  /// - Throws: `UserError`: no input where there is nothing; bad data for a file that is damaged, comes from a newer
  ///   version, or belongs to another modality.
  public init(contentsOf url: URL, pointer: CheckpointStore.Pointer = .latest, device: Device = .cpu) throws {
    try self.init(TrainedModel<Text>(contentsOf: url, pointer: pointer, device: device))
  }

  init(_ model: TrainedModel<Text>) throws {
    guard let generator = model.generator as? TextGenerator else {
      preconditionFailure("the text modality makes text generators")
    }
    recipe = model.recipe
    format = generator.format
    self.generator = generator
  }

  /// Draws lines. Where samples are windows, line feeds in them are written as `\n`, carriage returns as `\r` and
  /// backslashes as `\\`.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - seed: what determines them; the first lines do not depend on the count.
  ///   - options: how symbols are drawn.
  /// - Throws: `UserError` (usage) for options out of range, an unknown label, a prefix that the model cannot write.
  public func lines(count: Int, seed: UInt64, options: TextSamplingOptions = TextSamplingOptions()) throws
    -> [String]
  {
    var lines: [String] = []
    try forEachLine(count: count, seed: seed, options: options) { lines.append($0) }
    return lines
  }

  /// Draws lines one after the other, in constant memory.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - seed: what determines them; the first lines do not depend on the count.
  ///   - options: how symbols are drawn.
  ///   - body: takes each line, without a line break.
  public func forEachLine(
    count: Int, seed: UInt64, options: TextSamplingOptions = TextSamplingOptions(),
    _ body: (String) throws -> Void
  ) throws {
    let sampler = try TextSampler(generator, prior: recipe.training.prior, options: options)
    try sampler.forEach(count: count, seed: seed) { try body(format.line(of: $0)) }
  }
}
