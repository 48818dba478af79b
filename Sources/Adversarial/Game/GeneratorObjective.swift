import Torch

/// What a generator is updated with, of one part of a batch.
public struct GeneratorUpdate {
  /// Real samples, and the labels that generated samples are asked for.
  public let real: Batch
  /// Latents `[B, Z]`, one for each real sample.
  public let latents: Tensor
  /// The adversarial loss of the recipe.
  public let loss: AdversarialLoss
  /// Where in the run the update is; draws come from its streams.
  public let context: StepContext
  private let discriminator: any Discriminator
  private let wholeLoss: WholeBatchLoss?
  private let wholePass: Judged?

  /// Generated samples and what the discriminator makes of them.
  public struct Judged {
    /// The samples `[B, ...]`.
    public var samples: Tensor
    /// Their logits, `[B]` or `[B, T]`.
    public var logits: Tensor
    /// The real samples' logits, where the loss depends on them.
    public var realLogits: Tensor?

    /// Gathers them.
    public init(samples: Tensor, logits: Tensor, realLogits: Tensor? = nil) {
      (self.samples, self.logits, self.realLogits) = (samples, logits, realLogits)
    }
  }

  /// Gathers what an update needs.
  public init(
    real: Batch, latents: Tensor, discriminator: any Discriminator, loss: AdversarialLoss,
    context: StepContext
  ) {
    self.init(
      real: real, latents: latents, discriminator: discriminator, loss: loss, wholeLoss: nil, wholePass: nil,
      context: context)
  }

  /// The same for a part of a batch.
  ///
  /// - Parameters:
  ///   - wholeLoss: the loss of the whole batch, where it is no mean of its parts'.
  ///   - wholePass: what a first pass over all parts gave, for a game that compares samples; nil where this is all.
  init(
    real: Batch, latents: Tensor, discriminator: any Discriminator, loss: AdversarialLoss,
    wholeLoss: WholeBatchLoss?, wholePass: Judged?, context: StepContext
  ) {
    self.real = real
    self.latents = latents
    self.discriminator = discriminator
    self.loss = loss
    self.wholeLoss = wholeLoss
    self.wholePass = wholePass
    self.context = context
  }

  /// The discriminator's logits `[B]` or `[B, T]` of samples that have the real ones' labels. The discriminator is frozen:
  /// gradients pass through it to the samples.
  ///
  /// - Parameters:
  ///   - samples: `[B, ...]`, as the discriminator takes them.
  ///   - scope: what the pass is for, in the names of its random streams; another one for each pass.
  public func logits(of samples: Tensor, scope: String) throws -> Tensor {
    try discriminator.discriminate(samples, labels: real.labels, context: context.scoped(scope))
  }

  /// A generator's samples of the latents, their logits, and the real samples' logits, which have no gradient, where the
  /// loss depends on them.
  public func pass(through generator: any Generator) throws -> (
    samples: Tensor, fakeLogits: Tensor, realLogits: Tensor?
  ) {
    let samples = try generator.generate(
      latents: latents, labels: real.labels, context: context.scoped("generator"))
    let fakeLogits = try logits(of: samples, scope: "generated")
    guard loss.needsRealForGenerator else { return (samples, fakeLogits, nil) }
    return (samples, fakeLogits, try withoutGradients { try logits(of: real.samples, scope: "real") })
  }

  /// A generator's samples of the latents, judged, without gradients: for objectives that do not differentiate through samples.
  /// Where a first pass over all parts of the batch was made, what that gave.
  public func judged(by generator: any Generator) throws -> Judged {
    try withoutGradients {
      if let wholePass, let rows = context.rows {
        return Judged(
          samples: try rows.cut(from: wholePass.samples), logits: try rows.cut(from: wholePass.logits),
          realLogits: try wholePass.realLogits.map { try rows.cut(from: $0) })
      }
      let (samples, fakeLogits, realLogits) = try pass(through: generator)
      return Judged(samples: samples, logits: fakeLogits, realLogits: realLogits)
    }
  }

  /// Numbers of this part's samples that depend on all samples of the batch, as advantages over their mean do.
  ///
  /// - Parameters:
  ///   - own: this part's samples, judged; of a batch that is computed at once these are all there are.
  ///   - compare: makes numbers `[N, ...]`, one row a sample, of all samples of the batch and their logits. Called once.
  /// - Returns: the rows of this part.
  /// - Precondition: where a batch is computed in parts, `Game.comparesSamples` says so before.
  public func compared(_ own: Judged, _ compare: (Judged) throws -> Tensor) throws -> Tensor {
    guard let wholePass, let rows = context.rows else {
      precondition(context.rows.map { $0.count == $0.total } ?? true, "a game that compares samples says so")
      return try compare(own)
    }
    return try rows.cut(from: compare(wholePass))
  }

  /// The adversarial loss of the generator at logits of this part: a single number, the mean over the part, or the loss of
  /// the whole batch with the part's share of its gradient where samples are compared with means over the batch.
  ///
  /// - Parameters:
  ///   - real: logits of real samples, nil where the loss does not depend on them.
  ///   - fake: logits of generated samples, with gradients.
  public func generatorLoss(real: Tensor?, fake: Tensor) throws -> Tensor {
    if let wholeLoss, let rows = context.rows {
      return try wholeLoss.ofPart(real: nil, fake: fake, rows: rows)
    }
    return try loss.generatorLoss(real: real, fake: fake)
  }
}

/// What a generator update makes small, of one part of a batch.
public struct GeneratorObjective {
  /// A single number, the mean over the part's samples, whose gradient updates the generator. The trainer multiplies it by
  /// the recipe's weight of the adversarial loss and the part's share of the batch, and adds the anchor.
  public var objective: Tensor
  /// The single number that is reported as the generator's loss; the objective itself, unless that is a surrogate of which
  /// only the gradient has a meaning.
  public var loss: Tensor
  /// The generated samples `[B, ...]`, by which the diversity of the batch is measured.
  public var samples: Tensor
  /// Other numbers to report: means over the part's samples.
  public var scalars: [Scalar]

  /// Makes an objective; without a loss of its own the objective is what is reported.
  public init(_ objective: Tensor, loss: Tensor? = nil, samples: Tensor, scalars: [Scalar] = []) {
    self.objective = objective
    self.loss = loss ?? objective
    self.samples = samples
    self.scalars = scalars
  }
}

extension Game {
  /// The pathwise objective: the adversarial loss of generated samples, differentiated through them.
  public func generatorObjective(_ update: GeneratorUpdate) throws -> GeneratorObjective {
    try update.pathwiseObjective(of: generator)
  }
}

extension GeneratorUpdate {
  /// The adversarial loss of a generator's samples of the latents, differentiated through them and the discriminator.
  public func pathwiseObjective(of generator: any Generator) throws -> GeneratorObjective {
    let (samples, fakeLogits, realLogits) = try pass(through: generator)
    return GeneratorObjective(try generatorLoss(real: realLogits, fake: fakeLogits), samples: samples)
  }
}
