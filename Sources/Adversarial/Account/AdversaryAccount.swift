import Failures
import Torch

/// What a discriminator knows of the difference between real and generated samples, on real samples that it has been
/// trained on and on others.
///
/// On held-out samples this is what there is to earn in the duel; by how much it finds more on training samples it has
/// learned these by heart.
public struct AdversaryAccount: Codable, Hashable, Sendable {
  /// What it finds on some real samples beside fresh generated ones.
  public struct Finding: Codable, Hashable, Sendable {
    /// Share of its decisions that are right, from 0 to 1; ½ is guessing. As `AdversarialLoss.accuracy(real:fake:)`.
    public var accuracy: Double
    /// How many nats a sample its logits tell at least; 0 where it knows nothing.
    public var gain: DensityRatio.Gain

    /// In words, as "0.531, gain 0.012 ± 0.004".
    public var words: String { "\(shortened(accuracy)), gain \(gain.words)" }
  }

  /// The step after which it was taken.
  public var step: Int
  /// On real samples that are not trained on.
  public var heldOut: Finding
  /// On real samples that are trained on.
  public var training: Finding

  /// The numbers by the names that reports use.
  var scalars: [(name: String, value: Double)] {
    [
      (ScalarName.heldOutAccuracy, heldOut.accuracy), (ScalarName.heldOutGain, heldOut.gain.value),
      (ScalarName.heldOutGainError, heldOut.gain.standardError),
      (ScalarName.trainingAccuracy, training.accuracy), (ScalarName.trainingGain, training.gain.value),
      (ScalarName.trainingGainError, training.gain.standardError),
    ]
  }
}

extension ScalarName {
  /// The discriminator's accuracy on held-out real samples and fresh generated ones, from 0 to 1.
  public static let heldOutAccuracy = "discriminator.heldOutAccuracy"
  /// Its gain on the same, in nats a sample.
  public static let heldOutGain = "discriminator.heldOutGain"
  /// Standard error of that gain.
  public static let heldOutGainError = "discriminator.heldOutGainError"
  /// Its accuracy on training samples and the same generated ones, without dropout and augmentation.
  public static let trainingAccuracy = "discriminator.trainingAccuracy"
  /// Its gain on these.
  public static let trainingGain = "discriminator.trainingGain"
  /// Standard error of that gain.
  public static let trainingGainError = "discriminator.trainingGainError"
}

extension TrainingState {
  /// The averaged generator's score on validation data, as the first rank finds it; nil where the medium has none.
  func validationScore() throws -> Double? { try ranks.first { try game.validationScore() } }

  /// The discriminator's account at the present step, as the first rank finds it; nil where the game has no held-out samples or
  /// only a few.
  ///
  /// Networks are called as outside of training, so dropout and augmentation are off, with the schedules of the present
  /// step and streams of their own: what is drawn here changes nothing that is drawn in training.
  func account() throws -> AdversaryAccount? { try ranks.first { try ownAccount() } }

  private func ownAccount() throws -> AdversaryAccount? {
    let position = plan.position(at: step)
    let context = StepContext(
      seed: seed, step: step, phaseStep: position.step, phaseSteps: position.steps, scope: "account")
    let wanted = recipe.referee.samples
    guard let unseen = try game.heldOutBatch(count: wanted, context: context.scoped("held-out")),
      min(unseen.count, game.trainingCount) >= RefereeRecipe.fewestSamples
    else { return nil }
    var choice = context.stream("training")
    let trained = reserve.seen
    let indices = choice.indices(unseen.count, outOf: trained?.count ?? game.trainingCount).map {
      trained?[$0] ?? $0
    }
    let seen = try game.batch(at: indices, context: context.scoped("training"))
    return try withAutocast(recipe.precision.autocast, on: game.device) {
      try withoutGradients {
        var latentStream = context.stream("latents")
        let latents = try recipe.prior.draw(
          count: unseen.count, dimension: recipe.latentDimension, using: &latentStream, device: game.device)
        let fake = try logits(labels: unseen.labels, count: unseen.count, context.scoped("generated")) {
          rows, labels, context in
          try game.generator.generate(latents: rows.cut(from: latents), labels: labels, context: context)
        }
        func finding(_ real: Batch, _ scope: String) throws -> AdversaryAccount.Finding {
          let logits = try logits(labels: real.labels, count: real.count, context.scoped(scope)) {
            rows, _, _ in
            try rows.cut(from: real.samples)
          }
          let count = min(real.count, unseen.count)
          let accuracy = try recipe.loss.accuracy(
            real: logits.narrowed(along: 0, start: 0, count: count),
            fake: fake.narrowed(along: 0, start: 0, count: count))
          func numbers(_ logits: Tensor) throws -> [Double] {
            try logits.logitsOfSamples().array(of: Float.self).map(Double.init)
          }
          let gain = try DensityRatio.gain(real: numbers(logits), fake: numbers(fake))
          guard gain.value.isFinite, gain.standardError.isFinite else {
            throw TrainingFailure(step: step, cause: "the discriminator's logits are not finite")
          }
          return .init(accuracy: try accuracy.item(), gain: gain)
        }
        return AdversaryAccount(
          step: step, heldOut: try finding(unseen, "held-out logits"),
          training: try finding(seen, "training logits"))
      }
    }
  }

  /// Logits of samples, as many at a time as a batch has.
  private func logits(
    labels: Tensor?, count: Int, _ context: StepContext,
    samples: (BatchRows, Tensor?, StepContext) throws -> Tensor
  ) throws -> Tensor {
    try Tensor.concatenated(
      stride(from: 0, to: count, by: recipe.batchSize).map { start in
        let rows = BatchRows([start..<min(start + recipe.batchSize, count)], of: count)
        let context = context.scoped("\(start / recipe.batchSize)").with(rows: rows)
        let labels = try labels.map { try rows.cut(from: $0) }
        let samples = try samples(rows, labels, context.scoped("samples"))
        return try game.discriminator.discriminate(
          samples, labels: labels, context: context.scoped("discriminator")
        ).widened()
      })
  }
}
