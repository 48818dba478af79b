import Adversarial
import Foundation
import Torch

/// Augmentation of the discriminator's input, real and generated sounds alike, against overfitting to few sounds
/// (Karras et al., "Training generative adversarial networks with limited data", 2020).
public struct AugmentationRecipe: Codable, Equatable, Sendable {
  /// How strong it is.
  public var mode = AugmentationMode.constant
  /// Where it adapts: the discriminator's accuracy above which it grows stronger and below which it grows weaker.
  public var target = 0.65
  /// Where it adapts: the real samples in which it can grow from nothing to full strength.
  public var span = 16_000.0
  // What follows holds at full strength, and in proportion at less.

  /// The largest shift in time in either direction, in seconds; silence moves in from the other side.
  public var shift = 0.02
  /// The largest change of level in either direction, in decibels.
  public var gain = 3.0
  /// Whether the polarity of half of the sounds is inverted, which is inaudible.
  public var polarity = true
  /// Standard deviation of added noise, full scale being 1.
  public var noise = 0.0

  /// A recipe with the defaults, to be changed field by field.
  public init() {}
}

/// How strong an augmentation is.
public enum AugmentationMode: String, Codable, CaseIterable, Sendable {
  /// Sounds stay as they are.
  case none
  /// Full strength throughout.
  case constant
  /// Adaptive: as strong as needed against the discriminator's overfitting; see `AdaptiveStrength`.
  case adaptive
}

/// Augments batches of sounds; differentiable as often as one likes.
struct AudioAugmentation: Sendable {
  /// Shifts a batch has at most: sounds are shifted in groups, since each shift is an operation of its own.
  private static let groups = 8

  private let recipe: AugmentationRecipe
  private let sampleRate: Double

  /// Prepares to augment sounds of a sample rate in hertz.
  init(_ recipe: AugmentationRecipe, sampleRate: Int) {
    self.recipe = recipe
    self.sampleRate = Double(sampleRate)
  }

  /// Augments sounds `[B, T, C]` with a strength from 0 to 1.
  func apply(to sounds: Tensor, strength: Double = 1, using stream: inout RandomStream) throws -> Tensor {
    guard strength > 0 else { return sounds }
    let reach = Int((recipe.shift * strength * sampleRate).rounded())
    var sounds = try shifted(sounds, reach: reach, using: &stream)
    let shape = [sounds.shape[0], 1, 1]
    if recipe.gain > 0 {
      let decibels = try (stream.uniform(shape, device: sounds.device) * 2 - 1) * (recipe.gain * strength)
      sounds = try sounds * (decibels * (Foundation.log(10) / 20)).exp()
    }
    if recipe.polarity {
      let turned = try stream.uniform(shape, device: sounds.device).less(than: strength / 2)
      sounds = try sounds * (1 - turned.converted(to: sounds.dtype) * 2)
    }
    if recipe.noise > 0 {
      sounds = try sounds + stream.normal(sounds.shape, device: sounds.device) * (recipe.noise * strength)
    }
    return sounds
  }

  /// Groups are those of the whole batch, whatever rows of it the sounds are.
  private func shifted(_ sounds: Tensor, reach: Int, using stream: inout RandomStream) throws -> Tensor {
    guard reach > 0 else { return sounds }
    let rows = stream.rows ?? BatchRows(all: sounds.shape[0])
    let size = (rows.total + Self.groups - 1) / Self.groups
    let starts = (0..<Self.groups).map { _ in stream.index(below: 2 * reach + 1) }
    let padded = try sounds.padded(0, 0, reach, reach)
    var groups: [Tensor] = []
    var taken = 0
    for range in rows.ranges {
      var row = range.lowerBound
      while row < range.upperBound {
        let end = min((row / size + 1) * size, range.upperBound)
        let group = try padded.narrowed(along: 0, start: taken, count: end - row)
        groups.append(try group.narrowed(along: 1, start: starts[row / size], count: sounds.shape[1]))
        taken += end - row
        row = end
      }
    }
    return try Tensor.concatenated(groups)
  }
}
