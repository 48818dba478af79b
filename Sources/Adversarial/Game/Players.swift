import Torch

/// A network that turns latents into samples.
public protocol Generator: Module {
  /// Makes samples `[B, ...]` from latents `[B, Z]` and, for conditional networks, labels `[B]`.
  ///
  /// In training the result is differentiable, so a discrete medium gives its relaxation here, such as a
  /// straight-through one-hot.
  func generate(latents: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor
}

/// A network that tells real samples from generated ones.
public protocol Discriminator: Module {
  /// Logits `[B]`, or `[B, T]` for one per place, of samples `[B, ...]` and, for conditional networks, labels `[B]`:
  /// the higher, the more real. Must not mix the samples of a batch, as batch normalisation would: penalties take the
  /// gradient sample by sample.
  func discriminate(_ samples: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor

  /// Takes note of an update that was made, for what follows the training without being trained, such as an
  /// `AdaptiveStrength`. Whatever this changes belongs into buffers: a resumed run finds them where they were.
  ///
  /// - Parameters:
  ///   - accuracy: the share of decisions that were right before the update, from 0 to 1.
  ///   - samples: real samples that the update saw.
  /// - Returns: numbers to report.
  func follow(accuracy: Double, samples: Int) throws -> [Scalar]
}

extension Discriminator {
  /// Nothing follows.
  public func follow(accuracy: Double, samples: Int) throws -> [Scalar] { [] }
}

/// Samples that are trained on together.
public struct Batch: Sendable {
  /// The samples `[B, ...]`, as a discriminator takes them.
  public var samples: Tensor
  /// Their classes `[B]` as `int64`, nil without conditions.
  public var labels: Tensor?

  /// Makes a batch.
  public init(samples: Tensor, labels: Tensor? = nil) {
    self.samples = samples
    self.labels = labels
  }

  /// Number of samples.
  public var count: Int { samples.shape.first ?? 0 }
}
