import Adversarial
import Foundation
import Torch

/// What a discriminator's input goes through in training, real and generated sounds alike, so that few sounds are
/// harder to learn by heart (Karras et al., "Training generative adversarial networks with limited data", 2020).
public struct AugmentationRecipe: Codable, Equatable, Sendable {
  /// The largest shift in time in either direction, in seconds; silence moves in from the other side.
  public var shift = 0.02
  /// The largest change of level in either direction, in decibels.
  public var gain = 3.0
  /// Whether half of the sounds are turned upside down, which nobody hears.
  public var polarity = true
  /// Standard deviation of added noise, full scale being 1.
  public var noise = 0.0

  /// A recipe with the defaults, to be changed field by field.
  public init() {}
}

/// Augments batches of sounds; differentiable as often as one likes.
struct AudioAugmentation: Sendable {
  /// Shifts a batch has at most: sounds are shifted in groups, since each shift is an operation of its own.
  private static let groups = 8

  private let recipe: AugmentationRecipe
  private let reach: Int

  /// Prepares to augment sounds of a sample rate in hertz.
  init(_ recipe: AugmentationRecipe, sampleRate: Int) {
    self.recipe = recipe
    reach = Int((recipe.shift * Double(sampleRate)).rounded())
  }

  /// Sounds `[B, T, C]`, changed.
  func apply(to sounds: Tensor, using stream: inout RandomStream) throws -> Tensor {
    var sounds = try shifted(sounds, using: &stream)
    let shape = [sounds.shape[0], 1, 1]
    if recipe.gain > 0 {
      let decibels = try (stream.uniform(shape, device: sounds.device) * 2 - 1) * recipe.gain
      sounds = try sounds * (decibels * (Foundation.log(10) / 20)).exp()
    }
    if recipe.polarity {
      sounds = try sounds * (stream.uniform(shape, device: sounds.device) - 0.5).sign()
    }
    if recipe.noise > 0 {
      sounds = try sounds + stream.normal(sounds.shape, device: sounds.device) * recipe.noise
    }
    return sounds
  }

  private func shifted(_ sounds: Tensor, using stream: inout RandomStream) throws -> Tensor {
    guard reach > 0 else { return sounds }
    let (batch, length) = (sounds.shape[0], sounds.shape[1])
    let padded = try sounds.padded(0, 0, reach, reach)
    let size = (batch + Self.groups - 1) / Self.groups
    var groups: [Tensor] = []
    for start in stride(from: 0, to: batch, by: size) {
      let group = try padded.narrowed(along: 0, start: start, count: min(size, batch - start))
      let place = stream.index(below: 2 * reach + 1)
      groups.append(try group.narrowed(along: 1, start: place, count: length))
    }
    return try Tensor.concatenated(groups)
  }
}
