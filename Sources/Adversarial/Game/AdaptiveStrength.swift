import Torch

/// The strength of an augmentation, from 0 for none to 1 for all of it, led by how sure the discriminator is: adaptive
/// discriminator augmentation (Karras et al., "Training generative adversarial networks with limited data", 2020).
///
/// A discriminator that knows its samples by heart tells them apart ever more surely. While a running mean of its accuracy
/// is above the target the strength rises, below it falls, by the same amount for each sample seen. The paper looks at
/// signs of real samples' logits with a target of 0.6; accuracy says the same of both kinds of samples, of every loss.
///
/// A member of the discriminator that uses it: both numbers are buffers, so that checkpoints carry them.
public final class AdaptiveStrength: Module {
  /// Samples over which the accuracy is averaged, as many as in the paper: 4 batches of 64.
  static let memory = 256.0

  /// The accuracy that the strength is to keep up, from 0 to 1.
  public let target: Double
  /// Samples in which the strength can rise from 0 to 1.
  public let span: Double

  private let strength: Buffer
  private let accuracy: Buffer

  /// The strength and the running accuracy, a number each.
  public var members: Members { ["strength": strength, "accuracy": accuracy] }

  /// Begins without augmentation.
  ///
  /// - Parameters:
  ///   - target: the accuracy that the strength is to keep up, from 0 to 1.
  ///   - span: samples in which the strength can rise from 0 to 1; positive.
  public init(target: Double, span: Double) throws {
    precondition(span > 0, "a strength that rises over \(span) samples")
    self.target = target
    self.span = span
    strength = Buffer(try Tensor.zeros([]))
    accuracy = Buffer(try Tensor.full([], value: target))
  }

  /// The strength, from 0 to 1.
  public var value: Double { get throws { try strength.value.item() } }

  /// Follows an update of the discriminator.
  ///
  /// - Parameters:
  ///   - found: the share of its decisions that were right, from 0 to 1.
  ///   - samples: real samples that it saw.
  public func update(accuracy found: Double, samples: Int) throws {
    let seen = Double(samples)
    let before = try accuracy.value.item()
    let mean = before + (found - before) * min(seen / Self.memory, 1)
    // Equal numbers move nothing.
    let direction = mean > target ? 1.0 : mean < target ? -1.0 : 0.0
    let moved = min(max(try value + direction * seen / span, 0), 1)
    accuracy.value = try accuracy.value.zerosLike() + mean
    strength.value = try strength.value.zerosLike() + moved
  }
}
