import Failures
import Torch

private let raiseInPlace = Operator("aten::_foreach_clamp_min_", "Scalar")
private let lowerInPlace = Operator("aten::_foreach_clamp_max_", "Scalar")

/// A cost on the slope of the discriminator, added to its loss.
///
/// Spelled `KIND=WEIGHT`, or `KIND=WEIGHT/INTERVAL` to take it lazily (Karras et al., 2020): at every so many steps,
/// that many times as heavy. The weight is a `Schedule`: `r1=0.5`, `gp=10`, `r2=cosine:1:0.1/16`.
public struct Penalty: TextForm {
  /// Where the slope is taken and what it should be. ∇ is the gradient with respect to one whole sample.
  public enum Kind: String, Sendable, CaseIterable {
    /// Gulrajani et al. (2017), "Improved training of Wasserstein GANs": weight · mean (‖∇D(x̂)‖ - 1)², at random
    /// mixtures x̂ of real and generated samples.
    case gradientPenalty = "gp"
    /// The same where the slope is too steep only (Petzka et al., 2018): weight · mean max(0, ‖∇D(x̂)‖ - 1)².
    case oneSidedGradientPenalty = "gp-one-sided"
    /// Mescheder et al. (2018), "Which training methods for GANs do actually converge?": weight/2 · mean ‖∇D(x)‖² at
    /// real samples.
    case r1
    /// The same at generated samples.
    case r2
  }

  /// The kind.
  public let kind: Kind
  /// The factor; for `r1` and `r2` this is γ, of which the papers' formula takes half.
  public let weight: Schedule
  /// Steps from one time to the next, at least 1.
  public let interval: Int

  /// Makes a penalty.
  ///
  /// - Precondition: the interval is at least 1.
  public init(_ kind: Kind, weight: Schedule, interval: Int = 1) {
    precondition(interval >= 1, "a penalty every \(interval) steps")
    self.kind = kind
    self.weight = weight
    self.interval = interval
  }

  /// Whether the penalty is taken at a step: at 0 and every `interval` steps from there.
  public func appliesAt(step: Int) -> Bool { step % interval == 0 }

  /// The penalty as it enters the discriminator's loss, a single number that can be differentiated with respect to
  /// the discriminator's parameters: the schedule's weight times the interval times the kind's formula.
  ///
  /// - Parameters:
  ///   - real: real samples `[B, ...]`.
  ///   - fake: generated samples of the same shape; only their elements are used.
  ///   - step: where in the run; the caller asks `appliesAt(step:)` first.
  ///   - total: steps that the run will have in the end.
  ///   - stream: where mixtures are drawn from.
  ///   - discriminator: gives logits `[B]` or `[B, T]`; must not mix samples and not change its own state.
  /// - Throws: `TorchError` when shapes do not fit or the engine refuses.
  public func value(
    real: Tensor, fake: Tensor, step: Int, of total: Int, using stream: inout RandomStream,
    discriminator: (Tensor) throws -> Tensor
  ) throws -> Tensor {
    let factor = weight.value(at: step, of: total) * Double(interval)
    switch kind {
    case .gradientPenalty, .oneSidedGradientPenalty:
      return try gradientPenalty(
        at: mixture(of: real, and: fake, using: &stream), oneSided: kind == .oneSidedGradientPenalty,
        discriminator: discriminator) * factor
    case .r1: return try squaredGradientNorm(at: real, discriminator: discriminator) * (factor / 2)
    case .r2: return try squaredGradientNorm(at: fake, discriminator: discriminator) * (factor / 2)
    }
  }

  /// The spelling, as `r1=0.5/16`.
  public var description: String { "\(kind.rawValue)=\(weight)" + (interval > 1 ? "/\(interval)" : "") }

  /// Reads a spelling.
  public init(parsing text: String) throws {
    let kinds = Kind.allCases.map(\.rawValue).joined(separator: ", ")
    guard let equals = text.firstIndex(of: "="), let kind = Kind(rawValue: String(text[..<equals])) else {
      throw UserError(.usage, "'\(text)': expected KIND=WEIGHT or KIND=WEIGHT/INTERVAL, KIND one of \(kinds)")
    }
    var weight = text[text.index(after: equals)...]
    var interval = 1
    if let slash = weight.lastIndex(of: "/") {
      let steps = weight[weight.index(after: slash)...]
      guard let count = Int(steps), count >= 1 else {
        throw UserError(
          .usage, "'\(text)': the interval is '\(steps)', expected a whole number of steps from 1")
      }
      interval = count
      weight = weight[..<slash]
    }
    self.init(kind, weight: try Schedule(parsing: String(weight)), interval: interval)
  }
}

/// Random mixtures of real and generated samples, one factor per sample whatever the rank: `[B, ...]`.
///
/// - Throws: `TorchError` when the shapes differ.
public func mixture(of real: Tensor, and fake: Tensor, using stream: inout RandomStream) throws -> Tensor {
  let shape = real.shape
  guard shape == fake.shape, let count = shape.first else {
    throw TorchError("mixture: real samples are \(shape), generated ones \(fake.shape)")
  }
  let ones = [Int](repeating: 1, count: shape.count - 1)
  let share = try stream.uniform([count] + ones, device: real.device).converted(to: real.dtype)
  return try withoutGradients { try fake.interpolated(to: real, weight: share) }
}

/// The mean over samples of (‖∇D‖ - 1)², or of max(0, ‖∇D‖ - 1)² when one-sided, at `[B, ...]`.
public func gradientPenalty(
  at samples: Tensor, oneSided: Bool = false, discriminator: (Tensor) throws -> Tensor
) throws -> Tensor {
  let squares = try squaredGradientNorms(at: samples, discriminator: discriminator)
  // The root's own slope is infinite at 0, where a flat discriminator sits.
  let excess = try (squares + 1e-10).squareRoot() - 1
  return try (oneSided ? excess.clamped(from: 0) : excess).squared().mean()
}

/// The mean over samples of ‖∇D‖², at `[B, ...]`.
public func squaredGradientNorm(at samples: Tensor, discriminator: (Tensor) throws -> Tensor) throws -> Tensor
{
  try squaredGradientNorms(at: samples, discriminator: discriminator).mean()
}

/// Per sample the squared Euclidean norm, over all its elements, of the gradient of its logit, or of the mean of its
/// logits where there is one per place, since it is this mean that enters the loss. `[B]`, differentiable.
private func squaredGradientNorms(
  at samples: Tensor, discriminator: (Tensor) throws -> Tensor
) throws -> Tensor {
  try withGradients {
    let leaf = try samples.asLeaf()
    let logits = try discriminator(leaf)
    let score = logits.rank > 1 ? try logits.reshaped([logits.shape[0], -1]).mean(along: 1) : logits
    guard score.requiresGrad else { throw TorchError("penalty: the logits do not depend on the samples") }
    // Samples do not mix, so the gradient of the sum over the batch holds each sample's own.
    guard let gradient = try gradients(of: [score], withRespectTo: [leaf], createGraph: true)[0] else {
      throw TorchError("penalty: the logits do not depend on the samples")
    }
    return try gradient.reshaped([samples.shape[0], -1]).squared().sum(along: 1)
  }
}

/// Keeps each parameter of a critic in a range after its update, the first Wasserstein GAN's way to bound its slope
/// (Arjovsky et al., 2017). Penalties and spectral norm do better nearly everywhere; it is here for comparison.
///
/// Spelled as its bound: `0.01`.
public struct WeightClipping: TextForm {
  /// The largest absolute value that a parameter may have.
  public let bound: Double

  /// Makes a rule.
  ///
  /// - Precondition: the bound is positive.
  public init(bound: Double) {
    precondition(bound > 0, "a bound of \(bound)")
    self.bound = bound
  }

  /// Brings the parameters into the range, in place.
  public func apply(to parameters: [Parameter]) throws {
    guard !parameters.isEmpty else { return }
    try withoutGradients {
      let values = Operator.Argument.tensors(parameters.map(\.value))
      _ = try raiseInPlace.call([values, .double(-bound)], capacity: 0)
      _ = try lowerInPlace.call([values, .double(bound)], capacity: 0)
    }
  }

  /// Brings all parameters of a network into the range, in place.
  public func apply(to module: any Module) throws { try apply(to: module.parameters) }

  /// The bound.
  public var description: String { spelled(bound) }

  /// Reads the bound.
  public init(parsing text: String) throws {
    bound = try number(text, named: "the bound", in: text)
    guard bound > 0 else { throw UserError(.usage, "'\(text)': expected a bound above 0") }
  }
}

/// The strength of an augmentation, from 0 for none to 1 for all of it, led by how sure the discriminator is: adaptive
/// discriminator augmentation (Karras et al., "Training generative adversarial networks with limited data", 2020).
///
/// An overfitted discriminator classifies its training samples ever more surely. While a running mean of its accuracy
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
