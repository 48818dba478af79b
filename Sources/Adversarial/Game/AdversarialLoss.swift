import Torch

/// The losses of discriminator and generator.
///
/// Pure functions of logits, real samples' `r` and generated samples' `f`, each `[B]`, or `[B, T]` for one logit per
/// place. All are means over every logit, so neither batch size nor places change their scale. Logarithms of sigmoids
/// are written by softplus, s(x) = log(1 + eˣ), which neither overflows nor loses its gradient. Logits of half
/// precision are widened first.
public enum AdversarialLoss: String, CaseIterable, Codable, Sendable {
  /// The original game of Goodfellow et al. (2014), "Generative adversarial nets".
  ///
  /// D: s(-r) + s(f). G: -s(f), which gives the generator next to no gradient while it is losing.
  case minimax
  /// The same paper's remedy: the generator makes its samples likely to be taken for real ones.
  ///
  /// D: s(-r) + s(f). G: s(-f).
  case nonSaturating = "non-saturating"
  /// Mao et al. (2017), "Least squares generative adversarial networks", with labels 1 and 0.
  ///
  /// D: ½(r - 1)² + ½f². G: ½(f - 1)².
  case leastSquares = "least-squares"
  /// Arjovsky et al. (2017), "Wasserstein GAN": the discriminator, there called critic, has to be kept Lipschitz by a
  /// penalty, weight clipping or spectral norm.
  ///
  /// D: f - r. G: -f.
  case wasserstein
  /// Lim and Ye (2017), "Geometric GAN"; Miyato et al. (2018).
  ///
  /// D: max(0, 1 - r) + max(0, 1 + f). G: -f.
  case hinge
  /// Jolicoeur-Martineau (2019), "The relativistic discriminator", in the form that Huang et al. (2024), "The GAN is
  /// dead", show to converge with both zero-centred penalties: each real sample against one generated sample.
  ///
  /// D: s(-(r - f)). G: s(-(f - r)).
  case relativisticPaired = "relativistic-paired"
  /// Jolicoeur-Martineau (2019): each sample against the mean logit of the other kind.
  ///
  /// D: s(-(r - mean f)) + s(f - mean r). G: s(r - mean f) + s(-(f - mean r)).
  case relativisticAverage = "relativistic-average"

  /// Whether the generator's loss depends on real samples' logits too.
  public var needsRealForGenerator: Bool { self == .relativisticPaired || self == .relativisticAverage }

  /// Whether a sample is compared with means over the batch, so that the loss is no mean of what each sample, or each pair,
  /// adds to it.
  public var comparesWithMeans: Bool { self == .relativisticAverage }

  /// Whether the discriminator's logits are scores without a decision boundary, which makes it a critic.
  public var usesCritic: Bool { self == .wasserstein }

  /// The loss that the discriminator makes small: a single number.
  ///
  /// - Throws: `TorchError` when pairs are asked for and the shapes differ.
  public func discriminatorLoss(real: Tensor, fake: Tensor) throws -> Tensor {
    let r = try real.widened()
    let f = try fake.widened()
    switch self {
    case .minimax, .nonSaturating: return try softplus(-r).mean() + softplus(f).mean()
    case .leastSquares: return try ((r - 1).squared().mean() + f.squared().mean()) * 0.5
    case .wasserstein: return try f.mean() - r.mean()
    case .hinge: return try (1 - r).clamped(from: 0).mean() + (f + 1).clamped(from: 0).mean()
    case .relativisticPaired: return try softplus(pairs(f, r)).mean()
    case .relativisticAverage: return try softplus(f.mean() - r).mean() + softplus(f - r.mean()).mean()
    }
  }

  /// The loss that the generator makes small: a single number.
  ///
  /// - Parameters:
  ///   - real: logits of real samples, nil where `needsRealForGenerator` is false.
  ///   - fake: logits of generated samples.
  /// - Throws: `TorchError` when they are needed and absent, or when pairs are asked for and the shapes differ.
  public func generatorLoss(real: Tensor?, fake: Tensor) throws -> Tensor {
    let f = try fake.widened()
    switch self {
    case .minimax: return try -softplus(f).mean()
    case .nonSaturating: return try softplus(-f).mean()
    case .leastSquares: return try (f - 1).squared().mean() * 0.5
    case .wasserstein, .hinge: return try -f.mean()
    case .relativisticPaired, .relativisticAverage:
      guard let real else {
        throw TorchError("\(rawValue): the generator's loss needs logits of real samples")
      }
      let r = try real.widened()
      if self == .relativisticPaired { return try softplus(pairs(r, f)).mean() }
      return try softplus(r - f.mean()).mean() + softplus(r.mean() - f).mean()
    }
  }

  /// The share of the discriminator's decisions that are right, from 0 to 1, undecided ones counting half: a single
  /// number without gradient, for people to look at.
  ///
  /// A logit is a decision by its sign, for least squares by the side of ½ that it lies on. Wasserstein and
  /// relativistic games know no boundary: there the share of pairs whose real sample scores higher.
  public func accuracy(real: Tensor, fake: Tensor) throws -> Tensor {
    try withoutGradients {
      let r = try real.detached().widened()
      let f = try fake.detached().widened()
      switch self {
      case .wasserstein, .relativisticPaired, .relativisticAverage: return try share(pairs(r, f))
      case .leastSquares: return try (share(r - 0.5) + share(0.5 - f)) * 0.5
      case .minimax, .nonSaturating, .hinge: return try (share(r) + share(-f)) * 0.5
      }
    }
  }

  /// `first - second`, one pair per place.
  private func pairs(_ first: Tensor, _ second: Tensor) throws -> Tensor {
    // Broadcasting would quietly compare every sample with every other.
    guard first.shape == second.shape else {
      throw TorchError(
        "\(rawValue): pairs need logits of equal shape, not \(first.shape) and \(second.shape)")
    }
    return try first - second
  }
}

/// log(1 + eˣ).
private func softplus(_ x: Tensor) throws -> Tensor { try x.softplus() }

/// The share of positive margins, zeros counting half.
private func share(_ margins: Tensor) throws -> Tensor { try (margins.sign().mean() + 1) * 0.5 }
