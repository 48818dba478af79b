import Ranks
import Torch

/// A training that cannot go on.
public struct TrainingFailure: Error, Sendable, CustomStringConvertible {
  /// Generator updates made before the one that failed.
  public let step: Int
  /// What went wrong and where, in one sentence.
  public let cause: String

  /// Names the step and the cause.
  public var description: String { "step \(step): \(cause)" }
}

/// The updates that a step consists of.
///
/// Each clears its own network's gradients first and leaves the other network's untouched: generated samples are cut
/// from the generator in a discriminator update, and the discriminator is frozen in a generator update. Where several ranks
/// train together each computes its rows of the batch, and losses and gradients are summed before anything depends on them.
extension TrainingState {
  /// One step of the present phase.
  func performStep(order: inout DataOrder) throws {
    switch plan.position(at: step).phase {
    case .warmUp:
      try updateWarmUp(order: &order)
    case .duel:
      for round in 0..<recipe.discriminatorSteps { try updateDiscriminator(round: round, order: &order) }
      try updateGenerator(order: &order)
    case .verdict:
      try updateVerdict()
      step += 1
      return
    }
    try averaging.update(decay: recipe.averaging.value(at: step, batchSize: recipe.batchSize))
    step += 1
  }

  private typealias Part = BatchSplit.Part

  /// The share of each part in what the game's own losses are means over, for the whole batch.
  private func lossShares(of parts: [Part], in indices: [Int]) -> [Double] {
    guard split.isSplit(parts) else { return [1] }
    let total = game.lossWeight(at: indices)
    return parts.map { game.lossWeight(at: $0.rows.cut(from: indices)) / total }
  }

  /// Has the next update's real samples read while this one computes.
  private func prefetch(from position: Int, order: inout DataOrder) {
    let next = step + (position < plan.samplesSeen(at: step + 1, recipe: recipe) ? 0 : 1)
    guard next < plan.duelEnd else { return }
    let indices = order.indices(from: position, count: recipe.batchSize)
    game.prefetch(parts.flatMap { $0.rows.cut(from: indices) }, seed: seed, step: next)
  }

  /// This rank's parts of a batch.
  private var parts: [Part] { split.parts(of: recipe.batchSize) }

  private func updateWarmUp(order: inout DataOrder) throws {
    guard let optimiser = warmUpOptimiser else { return }
    try game.generator.updateSpectralNorms()
    let seen = plan.samplesSeen(at: step, recipe: recipe)
    let indices = order.indices(from: seen, count: recipe.batchSize)
    prefetch(from: seen + recipe.batchSize, order: &order)
    let parts = parts
    let shares = lossShares(of: parts, in: indices)
    let (sums, gradients) = try split.sums(over: parts, of: parameters(of: optimiser)) { part, totals in
      let context = context("warm-up", rows: part.rows)
      let batch = try game.batch(at: part.rows.cut(from: indices), context: context)
      let loss = try withAutocast(recipe.precision.autocast, on: game.device) {
        try game.warmUpLoss(on: batch, context: context.scoped("loss"))
      }
      totals.add(ScalarName.warmUpLoss, try loss.item() * shares[part.number])
      return try loss * shares[part.number]
    }
    statistics.add(ScalarName.warmUpLoss, try finite(sums[ScalarName.warmUpLoss], "the warm-up loss"))
    let rate = recipe.warmUp.rate.value(at: context("").phaseStep, of: plan.warmUpSteps)
    try finish(optimiser, gradients, rate: rate, network: "generator")
  }

  private func updateDiscriminator(round: Int, order: inout DataOrder) throws {
    let discriminator = game.discriminator
    let position = plan.position(at: step)
    let seen = plan.samplesSeen(at: step, recipe: recipe) + round * recipe.batchSize
    let indices = order.indices(from: seen, count: recipe.batchSize)
    prefetch(from: seen + recipe.batchSize, order: &order)
    let latents = try latents("discriminator.\(round)")
    try discriminator.updateSpectralNorms()
    let parts = parts
    let wholeLoss = try wholeBatchLoss(over: parts, recipe.loss.discriminatorLoss) {
      let judged = try judge($0, of: indices, latents, context("discriminator.\(round)", rows: $0.rows))
      return (judged.realLogits, judged.fakeLogits)
    }
    let (sums, gradients) = try split.sums(over: parts, of: parameters(of: discriminatorOptimiser)) {
      part, totals in
      let context = context("discriminator.\(round)", rows: part.rows)
      let (real, fake, realLogits, fakeLogits) = try judge(part, of: indices, latents, context)
      let right = try recipe.loss.accuracy(real: realLogits, fake: fakeLogits).item()
      totals.add(ScalarName.discriminatorAccuracy, right * part.share)
      let loss =
        try wholeLoss?.ofPart(real: realLogits, fake: fakeLogits, rows: part.rows)
        ?? recipe.loss.discriminatorLoss(real: realLogits, fake: fakeLogits)
      totals.add(ScalarName.discriminatorLoss, try loss.item() * part.share)
      var objective = loss
      for (index, penalty) in recipe.penalties.enumerated() where penalty.appliesAt(step: position.step) {
        let context = context.scoped("penalty.\(index)")
        var mixing = context.stream("mixing")
        // The slope is summed up in single precision: it is that of samples in single precision.
        let value = try withAutocast(recipe.penaltyPrecision.autocast, on: game.device) {
          try penalty.value(
            real: real.samples, fake: fake, step: position.step, of: position.steps, using: &mixing
          ) { samples in
            try discriminator.discriminate(
              samples, labels: real.labels, context: context.scoped("discriminator"))
          }
        }
        totals.add("penalty.\(index)", try value.item() * part.share)
        objective = try objective + value
      }
      return try objective * part.share
    }
    let loss = try finite(sums[ScalarName.discriminatorLoss], "the discriminator's loss")
    statistics.add(ScalarName.discriminatorLoss, loss)
    var penalties: [Penalty.Kind: Double] = [:]
    for (index, penalty) in recipe.penalties.enumerated() where penalty.appliesAt(step: position.step) {
      penalties[penalty.kind, default: 0] += try finite(sums["penalty.\(index)"], "the penalty \(penalty)")
    }
    for kind in Penalty.Kind.allCases {
      if let value = penalties[kind] { statistics.add(ScalarName.penalty(kind), value) }
    }
    let accuracy = sums[ScalarName.discriminatorAccuracy] ?? 0
    statistics.add(ScalarName.discriminatorAccuracy, accuracy)
    let balance = referee.balance(accuracy: accuracy, recipe: recipe.referee)
    if balance < 1 { statistics.add(ScalarName.balance, balance) }
    let rate = recipe.discriminatorRate.value(at: position.step, of: position.steps) * balance
    try finish(discriminatorOptimiser, gradients, rate: rate, network: "discriminator")
    try recipe.weightClipping?.apply(to: discriminator.parameters)
    for scalar in try discriminator.follow(accuracy: accuracy, samples: recipe.batchSize) {
      statistics.add(scalar.name, scalar.value)
    }
  }

  private func updateGenerator(order: inout DataOrder) throws {
    let (discriminator, generator) = (game.discriminator, game.generator)
    let position = plan.position(at: step)
    // The last real batch of this step's discriminator updates serves again.
    let seen = plan.samplesSeen(at: step + 1, recipe: recipe) - recipe.batchSize
    let indices = order.indices(from: seen, count: recipe.batchSize)
    let latents = try latents("generator")
    let adversarialWeight = recipe.adversarialWeight.value(at: position.step, of: position.steps)
    let anchorWeight = recipe.anchorWeight.value(at: position.step, of: position.steps)
    try generator.updateSpectralNorms()
    try discriminator.setRequiresGrad(false)
    defer { try? discriminator.setRequiresGrad(true) }
    var (realSpread, fakeSpread) = (BatchSpread(), BatchSpread())
    let parts = parts
    let anchorShares = anchorWeight == 0 ? [] : lossShares(of: parts, in: indices)
    func pass(_ part: Part) throws -> (samples: Tensor, fakeLogits: Tensor, realLogits: Tensor?) {
      let update = try generatorUpdate(of: part, in: indices, latents: latents)
      return try withAutocast(recipe.precision.autocast, on: game.device) {
        try update.pass(through: generator)
      }
    }
    let wholeLoss = try wholeBatchLoss(over: parts) {
      try recipe.loss.generatorLoss(real: $0, fake: $1)
    } logits: { part in
      let pass = try pass(part)
      return (pass.realLogits ?? pass.fakeLogits, pass.fakeLogits)
    }
    let wholePass =
      split.isSplit(parts) && game.comparesSamples
      ? try joined(parts) { part in
        let pass = try pass(part)
        return [pass.samples, pass.fakeLogits] + [pass.realLogits].compactMap(\.self)
      } : nil
    let (sums, gradients) = try split.sums(over: parts, of: parameters(of: generatorOptimiser)) {
      part, totals in
      let update = try generatorUpdate(
        of: part, in: indices, latents: latents, wholeLoss: wholeLoss,
        wholePass: wholePass.map {
          GeneratorUpdate.Judged(samples: $0[0], logits: $0[1], realLogits: $0.count > 2 ? $0[2] : nil)
        })
      var (real, fake) = (BatchSpread(), BatchSpread())
      let objective: Tensor = try withAutocast(recipe.precision.autocast, on: game.device) {
        let play = try game.generatorObjective(update)
        try real.add(update.real.samples)
        try fake.add(play.samples)
        totals.add(ScalarName.generatorLoss, try play.loss.item() * part.share)
        for scalar in play.scalars { totals.add(scalar.name, scalar.value * part.share) }
        let adversarial = try play.objective * (adversarialWeight * part.share)
        guard anchorWeight != 0,
          let anchor = try game.anchorLoss(on: update.real, context: update.context.scoped("anchor"))
        else { return adversarial }
        totals.add(ScalarName.anchor, try anchor.item() * anchorShares[part.number])
        return try adversarial + anchor * (anchorWeight * anchorShares[part.number])
      }
      return (objective, (real, fake))
    } take: { real, fake in
      realSpread.add(real)
      fakeSpread.add(fake)
    }
    statistics.add(
      ScalarName.generatorLoss, try finite(sums[ScalarName.generatorLoss], "the generator's loss"))
    if let fake = try fakeSpread.deviation(over: split.ranks),
      let real = try realSpread.deviation(over: split.ranks)
    {
      statistics.add(ScalarName.sampleDiversity, fake / max(real, 1e-12))
    }
    if let anchor = sums[ScalarName.anchor], try finite(anchor, "the anchor") != 0 {
      statistics.add(ScalarName.anchor, anchor)
    }
    let named = [ScalarName.generatorLoss, ScalarName.anchor]
    for (name, value) in sums.sorted(by: { $0.key < $1.key }) where !named.contains(name) {
      statistics.add(name, value)
    }
    let following = referee.following(recipe: recipe.referee)
    if following < 1 { statistics.add(ScalarName.following, following) }
    let rate = recipe.generatorRate.value(at: position.step, of: position.steps) * following
    try finish(generatorOptimiser, gradients, rate: rate, network: "generator")
  }

  private func latents(_ scope: String) throws -> Tensor {
    var stream = context(scope).stream("latents")
    return try recipe.prior.draw(
      count: recipe.batchSize, dimension: recipe.latentDimension, using: &stream, device: game.device)
  }

  /// Real and generated samples of a part, and the logits of both from one pass over them.
  private func judge(
    _ part: Part, of indices: [Int], _ latents: Tensor, _ context: StepContext
  ) throws -> (real: Batch, fake: Tensor, realLogits: Tensor, fakeLogits: Tensor) {
    let real = try game.batch(at: part.rows.cut(from: indices), context: context)
    return try withAutocast(recipe.precision.autocast, on: game.device) {
      let fake = try withoutGradients {
        try game.generator.generate(
          latents: part.rows.cut(from: latents), labels: real.labels, context: context.scoped("generator"))
      }.converted(to: real.samples.dtype)
      let samples = try Tensor.concatenated([real.samples, fake])
      let labels = try real.labels.map { try Tensor.concatenated([$0, $0]) }
      let logits = try game.discriminator.discriminate(
        samples, labels: labels, context: context.scoped("discriminator").doubled)
      return (
        real, fake, try logits.narrowed(along: 0, start: 0, count: real.count),
        try logits.narrowed(along: 0, start: real.count, count: logits.shape[0] - real.count)
      )
    }
  }

  /// What the generator is updated with, of a part.
  private func generatorUpdate(
    of part: Part, in indices: [Int], latents: Tensor, wholeLoss: WholeBatchLoss? = nil,
    wholePass: GeneratorUpdate.Judged? = nil
  ) throws -> GeneratorUpdate {
    let context = context("generator", rows: part.rows)
    return GeneratorUpdate(
      real: try game.batch(at: part.rows.cut(from: indices), context: context),
      latents: try part.rows.cut(from: latents),
      discriminator: game.discriminator, loss: recipe.loss, wholeLoss: wholeLoss, wholePass: wholePass,
      context: context)
  }

  /// The loss of a batch in parts that is no mean of theirs, by a first pass over all of them; nil where none is needed.
  private func wholeBatchLoss(
    over parts: [Part], _ loss: (Tensor, Tensor) throws -> Tensor,
    logits: (Part) throws -> (real: Tensor, fake: Tensor)
  ) throws -> WholeBatchLoss? {
    guard split.isSplit(parts), recipe.loss.comparesWithMeans else { return nil }
    let all = try joined(parts) { part in
      let logits = try logits(part)
      return [logits.real, logits.fake]
    }
    return try WholeBatchLoss(real: all[0], fake: all[1], loss: loss)
  }

  /// Tensors that a first pass over the parts of all ranks gives, without gradients, each with the rows of the whole batch in order.
  private func joined(_ parts: [Part], _ pass: (Part) throws -> [Tensor]) throws -> [Tensor] {
    var found: [[Tensor]] = []
    try split.each(parts) { part in
      try withoutGradients { try pass(part) }
    } take: {
      found.append($0)
    }
    return try withoutGradients {
      try found[0].indices.map { index in
        try split.ranks.concatenated(Tensor.concatenated(found.map { $0[index] }))
      }
    }
  }

  private func parameters(of optimiser: any Optimiser) -> [Parameter] {
    optimiser.parameters.map(\.parameter)
  }

  /// Takes the gradient of the whole batch, shortens it where the recipe says so, and lets the optimiser step.
  private func finish(
    _ optimiser: any Optimiser, _ gradients: BatchGradients, rate: Double, network: String
  ) throws {
    let parameters = parameters(of: optimiser)
    try split.finish(gradients, rows: recipe.batchSize)
    let norm =
      if let limit = recipe.clipNorm {
        try GradientClipping.clip(parameters, toNorm: limit)
      } else {
        try GradientClipping.norm(of: parameters)
      }
    statistics.add("\(network).gradientNorm", norm)
    guard norm.isFinite else {
      throw TrainingFailure(step: step, cause: "the \(network)'s gradient is \(spelled(norm))")
    }
    try optimiser.step(learningRate: rate)
  }

  /// The value of a loss of the whole batch, the same on every rank; a loss that is not a number must end the training before
  /// it reaches the parameters.
  private func finite(_ loss: Double?, _ name: String) throws -> Double {
    let value = loss ?? 0
    guard value.isFinite else { throw TrainingFailure(step: step, cause: "\(name) is \(spelled(value))") }
    return value
  }

  /// What a number that is not finite is called; the sign of NaN says nothing.
  private func spelled(_ value: Double) -> String { value.isNaN ? "not a number" : "infinite" }
}

/// An adversarial loss of a whole batch, for a batch that is computed in parts.
///
/// A loss that compares a sample with means over the batch is no mean of its parts' losses. Its slope at each logit is
/// taken once, at the logits of all parts, which a pass without gradients gives; each part then adds the gradient of its
/// logits times these slopes. That is the gradient of the whole batch exactly, for any loss, since a part's logits are the
/// same in both passes: what networks draw for a sample does not depend on the part that it is in.
struct WholeBatchLoss {
  /// The loss, a single number.
  private let value: Tensor
  /// Its slopes at the logits of real and of generated samples.
  private let slopes: (real: Tensor, fake: Tensor)

  /// Takes the loss of the batch's logits, which a pass without gradients gave.
  init(
    real: Tensor, fake: Tensor, loss: (_ real: Tensor, _ fake: Tensor) throws -> Tensor
  ) throws {
    let leaves = try [real, fake].map { try $0.widened().asLeaf() }
    let loss = try withGradients { try loss(leaves[0], leaves[1]) }
    value = try loss.detached()
    let found = try gradients(of: [loss], withRespectTo: leaves).compactMap { $0 }
    guard found.count == 2 else { throw TorchError("the loss does not depend on all logits") }
    slopes = (found[0], found[1])
  }

  /// What a part contributes: the value of the whole batch's loss, with a gradient that adds up to the whole batch's when
  /// parts are weighted by their shares.
  ///
  /// - Parameters:
  ///   - real: the part's logits of real samples, with gradients; nil where these are not asked for.
  ///   - fake: the same of generated ones.
  ///   - rows: which of the batch they are.
  func ofPart(real: Tensor?, fake: Tensor, rows: BatchRows) throws -> Tensor {
    var weighted = try (fake.widened() * rows.cut(from: slopes.fake)).sum()
    if let real { weighted = try weighted + (real.widened() * rows.cut(from: slopes.real)).sum() }
    let share = Double(rows.count) / Double(rows.total)
    return try value + (weighted - weighted.detached()) / share
  }
}
