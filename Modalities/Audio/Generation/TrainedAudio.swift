import Adversarial
import AudioDatasets
import Foundation
import ModalityKit
import Torch

/// A trained generator of sounds, for programs of one's own.
///
/// ```swift
/// let audio = try TrainedAudio(contentsOf: URL(fileURLWithPath: "runs/drums"))
/// for (number, clip) in try audio.clips(count: 5, seed: 1).enumerated() {
///   try SoundFile.write(clip, to: URL(fileURLWithPath: "\(number).wav"))
/// }
/// ```
///
/// The same checkpoint, seed and number of threads give the same clips.
public struct TrainedAudio {
  /// What rebuilds the model.
  public let recipe: AudioRecipe
  /// Rate, length, channels and labels.
  public let format: AudioFormatRecipe
  /// Draws clips.
  public let sampler: AudioSampler

  /// Loads the generator of a run or of a checkpoint.
  ///
  /// - Parameters:
  ///   - url: a run's folder, or a checkpoint file.
  ///   - pointer: which of a run's checkpoints; does not matter for a file.
  ///   - device: where to compute.
  /// - Throws: `UserError`: no input where there is nothing; bad data for a file that is damaged, comes from a newer
  ///   version, or belongs to another modality.
  public init(contentsOf url: URL, pointer: CheckpointStore.Pointer = .latest, device: Device = .cpu) throws {
    try self.init(TrainedModel<Audio>(contentsOf: url, pointer: pointer, device: device))
  }

  init(_ model: TrainedModel<Audio>) throws {
    recipe = model.recipe
    format = try model.recipe.completeFormat()
    sampler = AudioSampler(model.generator, recipe: recipe, format: format, device: model.device)
  }

  /// Draws clips.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - seed: what determines them; the first clips do not depend on the count.
  ///   - label: a label's name, or `each` for one after the other; nil for any.
  ///   - truncation: what latents are multiplied by: below 1 sounds are more typical and less varied.
  /// - Throws: `UserError` (usage) for an unknown label.
  public func clips(count: Int, seed: UInt64, label: String? = nil, truncation: Double = 1) throws
    -> [AudioClip]
  {
    try sampler.clips(
      count: count, seed: seed, labels: LabelChoice(label, labels: format.labels), truncation: truncation)
  }
}
