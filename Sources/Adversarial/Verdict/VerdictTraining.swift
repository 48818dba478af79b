import Failures
import Foundation
import Ranks
import Torch

/// Trains the verdict: a discriminator of its own, by the plain logistic loss, against fresh samples of the finished generator at
/// every step.
///
/// It begins with the duel's weights where these are true of held-out samples too (`Referee.discriminatorGeneralises`), since they
/// have seen many more real samples than are left for the verdict, and else with fresh ones: a discriminator that knows its
/// samples by heart would select copies of these.
///
/// Its real samples are ones that the generator has not seen. Two thirds are trained on. By the last third, in two halves, the
/// state is chosen and calibrated on one half and measured on the other, and the other way round, so that what is said of
/// its gain was not chosen for being large; the state that is kept is the best on both.
final class VerdictTraining {
  /// A real sample that the generator has not seen.
  enum Real: Hashable {
    /// Of `Game.heldOutBatch`.
    case heldOut(Int)
    /// Of the training part, reserved.
    case reserved(Int)
  }

  /// Batches of real samples, and of generated ones, that a validation looks at, at most.
  private static let validationBatches = 16
  /// Generated samples that it looks at, where there are fewer real ones.
  private static let fewestGenerated = 256

  /// The share of generated samples that their weights are worth, at least, where the gain is measured.
  private static let fewestEffectiveShare = 0.1

  let game: any Game
  let recipe: TrainingRecipe
  let seed: UInt64
  private let split: BatchSplit
  /// The network that is trained and, in the end, the best one.
  let network: any Discriminator
  let optimiser: any Optimiser
  /// Real samples that are trained on, and those that are not.
  let fitted: [Real]
  let calibrated: [Real]
  /// The best state so far by the loss on both halves.
  private(set) var best: (loss: Double, tensors: [(name: String, tensor: Tensor)])?
  /// For each half the state that was best on it, and what that makes of the other half.
  private(set) var halves: [Half?] = [nil, nil]
  /// What was measured in the end, and the samples of the generator as the network judges them.
  private(set) var result: (record: Verdict.Record, pilot: Verdict.Pilot)?
  private var order: DataOrder

  /// The best state on one half of the samples that are not trained on: its loss there, what was fitted to its logits there,
  /// and its logits on the other half.
  struct Half: Codable, Equatable {
    var loss: Double
    /// What logits are multiplied by where the gain is measured: the calibration's slope, or less where only a few generated
    /// samples would have all the weight.
    var scale: Double
    var calibration: RatioCalibration
    var real: [Double]
    var fake: [Double]
  }

  /// Begins.
  ///
  /// - Parameters:
  ///   - game: with the finished generator.
  ///   - recipe: the training's.
  ///   - reserve: training samples that the generator has not seen.
  ///   - seed: the run's.
  ///   - batches: how batches are computed, and by which ranks.
  ///   - beginning: the discriminator whose weights are taken to begin with; nil for fresh ones.
  /// - Returns: nil where the game makes no discriminator or there are too few real samples.
  init?(
    game: any Game, recipe: TrainingRecipe, reserve: TrainingReserve, seed: UInt64,
    split batches: BatchSplit = BatchSplit(parts: 1, accumulation: 1), beginning: (any Discriminator)? = nil
  ) throws {
    var reals: [Real] =
      (game.canTrainOnHeldOut ? (0..<game.heldOutCount).map { Real.heldOut($0) } : [])
      + reserve.reserved.map { Real.reserved($0) }
    guard reals.count >= VerdictRecipe.fewestReals else { return nil }
    var (weights, draws) = (
      RandomStream(seed: seed, name: "verdict"), RandomStream(seed: seed, name: "verdict split")
    )
    guard let network = try game.makeDiscriminator(using: &weights) else { return nil }
    if let beginning {
      try network.load(Dictionary(uniqueKeysWithValues: beginning.state.map { ($0.name, $0.tensor) }))
    }
    reals = draws.indices(reals.count, outOf: reals.count).map { reals[$0] }
    let third = reals.count / 3
    (calibrated, fitted) = (Array(reals.prefix(third)), Array(reals.dropFirst(third)))
    (self.game, self.recipe, self.seed, self.network) = (game, recipe, seed, network)
    split = batches
    optimiser = try recipe.verdict.optimiser.make(network.namedParameters)
    order = DataOrder(count: fitted.count, seed: seed, name: "verdict order")
  }

  private var batchSize: Int { recipe.verdict.batchSize ?? recipe.batchSize }
  /// Real and generated samples that a validation looks at.
  var validatedCounts: (real: Int, fake: Int) {
    let most = Self.validationBatches * batchSize
    return (min(calibrated.count, most), min(max(calibrated.count, Self.fewestGenerated), most))
  }

  /// One step.
  ///
  /// - Parameter context: the step's, without rows.
  /// - Returns: the loss and the accuracy before the step.
  func update(_ context: StepContext) throws -> [(name: String, value: Double)] {
    let indices = order.indices(from: context.phaseStep * batchSize, count: batchSize)
    let real = try batch(of: indices.map { fitted[$0] }, context: context.scoped("real"))
    let latents = try latents(batchSize, context)
    try network.updateSpectralNorms()
    let parameters = optimiser.parameters.map(\.parameter)
    let (sums, gradients) = try split.sums(over: split.parts(of: batchSize), of: parameters) { part, totals in
      let rows = part.rows
      let loss = try withAutocast(recipe.precision.autocast, on: game.device) {
        let labels = try real.labels.map { try rows.cut(from: $0) }
        let own = try rows.cut(from: real.samples)
        let fake = try generated(rows.cut(from: latents), labels: labels, context.with(rows: rows))
        let logits = try network.discriminate(
          Tensor.concatenated([own, fake.converted(to: own.dtype)]),
          labels: labels.map { try Tensor.concatenated([$0, $0]) },
          context: context.with(rows: rows).scoped("discriminator").doubled
        ).logitsOfSamples()
        let ofReal = try logits.narrowed(along: 0, start: 0, count: rows.count)
        let ofFake = try logits.narrowed(along: 0, start: rows.count, count: rows.count)
        let right = try AdversarialLoss.nonSaturating.accuracy(real: ofReal, fake: ofFake).item()
        totals.add(ScalarName.verdictAccuracy, right * part.share)
        return try AdversarialLoss.nonSaturating.discriminatorLoss(real: ofReal, fake: ofFake) * 0.5
      }
      totals.add(ScalarName.verdictLoss, try loss.item() * part.share)
      return try loss * part.share
    }
    let (total, accuracy) = (sums[ScalarName.verdictLoss] ?? 0, sums[ScalarName.verdictAccuracy] ?? 0)
    guard total.isFinite else {
      throw TrainingFailure(step: context.step, cause: "the verdict's loss is not finite")
    }
    try split.finish(gradients, rows: batchSize)
    try optimiser.step(
      learningRate: recipe.verdict.rate.value(at: context.phaseStep, of: context.phaseSteps))
    _ = try network.follow(accuracy: accuracy, samples: batchSize)
    return [(ScalarName.verdictLoss, total), (ScalarName.verdictAccuracy, accuracy)]
  }

  /// Looks at samples that are not trained on, and keeps the state where it is the best so far.
  ///
  /// - Parameter context: the step's, outside of training.
  /// - Returns: the logistic loss on them, calibrated.
  func validate(_ context: StepContext) throws -> Double {
    let real = try judged(Array(calibrated.prefix(validatedCounts.real)), context)
    let fake = try judged(generated: validatedCounts.fake, like: real.labels, context).logits
    guard (real.logits + fake).allSatisfy(\.isFinite) else {
      throw TrainingFailure(step: context.step, cause: "the verdict's logits are not finite")
    }
    let calibration = RatioCalibration(real: real.logits, fake: fake)
    let loss = calibration.loss(real: real.logits, fake: fake)
    if loss < best?.loss ?? .infinity {
      best = (loss, try network.state.map { ($0.name, try $0.tensor.cloned()) })
    }
    for half in 0..<2 {
      let (own, other) = (
        (real: real.logits.everySecond(from: half), fake: fake.everySecond(from: half)),
        (real: real.logits.everySecond(from: 1 - half), fake: fake.everySecond(from: 1 - half))
      )
      let calibration = RatioCalibration(real: own.real, fake: own.fake)
      let loss = calibration.loss(real: own.real, fake: own.fake)
      guard loss < halves[half]?.loss ?? .infinity else { continue }
      let scale = DensityRatio.scale(
        real: own.real, fake: own.fake, effectiveShare: Self.fewestEffectiveShare)
      halves[half] = Half(
        loss: loss, scale: min(scale, calibration.slope), calibration: calibration, real: other.real,
        fake: other.fake)
    }
    return loss
  }

  /// Takes the best state, calibrates it, and measures what it is worth.
  ///
  /// - Parameter context: the last step's, outside of training.
  func finish(_ context: StepContext) throws -> Verdict.Record {
    if let best {
      try network.load(Dictionary(uniqueKeysWithValues: best.tensors.map { ($0.name, $0.tensor) }))
    }
    let real = try judged(calibrated, context.scoped("final"))
    let fake = try judged(
      generated: recipe.verdict.pilot, like: real.labels, context.scoped("final"))
    let calibration = RatioCalibration(real: real.logits, fake: fake.logits)
    let measured = halves.compactMap(\.self).map { half in
      (
        gain: DensityRatio.gain(scale: half.scale, real: half.real, fake: half.fake),
        deviation: half.calibration.deviation(real: half.real, fake: half.fake)
      )
    }
    let count = Double(max(measured.count, 1))
    let record = Verdict.Record(
      calibration: calibration,
      gain: DensityRatio.Gain(
        value: min(measured.reduce(0) { $0 + $1.gain.value } / count, log(Double(calibrated.count))),
        standardError: measured.reduce(0) { $0 + $1.gain.standardError * $1.gain.standardError }.squareRoot()
          / count),
      deviation: measured.reduce(0) { $0 + $1.deviation } / count.squareRoot(),
      fitted: fitted.count, calibrated: calibrated.count)
    result = (
      record,
      Verdict.Pilot(logRatios: fake.logits.map(calibration.logRatio), labels: fake.labels)
    )
    (best, halves) = (nil, [nil, nil])
    return record
  }
}

// MARK: Samples and logits

extension VerdictTraining {
  private func batch(of reals: [Real], context: StepContext) throws -> Batch {
    // Those of one kind are read together: by kind, the rows that are of it and their indices.
    var (heldOut, reserved): ([(row: Int, index: Int)], [(row: Int, index: Int)]) = ([], [])
    for (row, real) in reals.enumerated() {
      switch real {
      case .heldOut(let index): heldOut.append((row, index))
      case .reserved(let index): reserved.append((row, index))
      }
    }
    var parts: [Batch] = []
    if !heldOut.isEmpty {
      parts.append(try game.heldOutBatch(at: heldOut.map(\.index), context: context.scoped("held-out")))
    }
    if !reserved.isEmpty {
      parts.append(try game.batch(at: reserved.map(\.index), context: context.scoped("reserved")))
    }
    guard parts.count > 1 else { return parts[0] }
    // Back into the order that was asked for.
    let rows = (heldOut + reserved).map(\.row)
    let index = try Tensor(rows.indices.sorted { rows[$0] < rows[$1] }).moved(to: game.device)
    let labels = parts.compactMap(\.labels)
    return Batch(
      samples: try Tensor.concatenated(parts.map(\.samples)).gathered(at: index),
      labels: labels.isEmpty ? nil : try Tensor.concatenated(labels).gathered(at: index))
  }

  private func latents(_ count: Int, _ context: StepContext) throws -> Tensor {
    var stream = context.stream("latents")
    return try recipe.prior.draw(
      count: count, dimension: recipe.latentDimension, using: &stream, device: game.device)
  }

  /// Samples of the finished generator, as outside of training.
  private func generated(_ latents: Tensor, labels: Tensor?, _ context: StepContext) throws -> Tensor {
    let outside = StepContext(
      seed: context.seed, step: context.step, scope: context.scope + ".generator", rows: context.rows)
    return try withoutGradients {
      try game.averagedGenerator.generate(latents: latents, labels: labels, context: outside)
    }
  }

  /// Logits of real samples, and their labels.
  private func judged(_ reals: [Real], _ context: StepContext) throws -> (logits: [Double], labels: [Int]?) {
    var (logits, labels): ([Double], [Int]) = ([], [])
    for start in stride(from: 0, to: reals.count, by: batchSize) {
      let part = try batch(
        of: Array(reals[start..<min(start + batchSize, reals.count)]),
        context: context.scoped("real.\(start)"))
      logits += try network.judge(part.samples, labels: part.labels)
      if let found = part.labels { labels += try found.moved(to: .cpu).array(of: Int.self) }
    }
    return (logits, labels.isEmpty ? nil : labels)
  }

  /// Logits of fresh generated samples in the shares of some labels, and their labels.
  private func judged(generated count: Int, like labels: [Int]?, _ context: StepContext) throws -> (
    logits: [Double], labels: [Int]?
  ) {
    let asked = labels.map { labels in (0..<count).map { labels[$0 % labels.count] } }
    var logits: [Double] = []
    for start in stride(from: 0, to: count, by: batchSize) {
      let rows = start..<min(start + batchSize, count)
      let context = context.scoped("generated.\(start)")
      let classes = try asked.map { try Tensor(Array($0[rows])).moved(to: game.device) }
      let samples = try generated(latents(rows.count, context), labels: classes, context)
      logits += try network.judge(samples, labels: classes)
    }
    return (logits, asked)
  }
}

// MARK: What a checkpoint holds

extension VerdictTraining {
  /// What a checkpoint holds of a verdict beside tensors.
  struct Numbers: Codable, Equatable {
    /// The lowest loss so far, while it is trained.
    var bestLoss: Double?
    /// The halves so far.
    var halves: [Half?]
    /// What was measured in the end; nil before.
    var record: Verdict.Record?
  }

  var numbers: Numbers { Numbers(bestLoss: best?.loss, halves: halves, record: result?.record) }

  /// Every tensor, by its name in a checkpoint.
  var tensors: [(name: String, tensor: Tensor)] {
    get throws {
      var all = try network.state.map { ("verdict.network.\($0.name)", $0.tensor) }
      if let result {
        all.append(("verdict.pilot.logRatios", try Tensor(result.pilot.logRatios)))
        if let labels = result.pilot.labels { all.append(("verdict.pilot.labels", try Tensor(labels))) }
        return all
      }
      all += try optimiser.state.map { ("verdict.optimiser.\($0.name)", $0.tensor) }
      if let best { all += best.tensors.map { ("verdict.best.\($0.name)", $0.tensor) } }
      return all
    }
  }

  /// Takes what a checkpoint holds.
  ///
  /// - Throws: `TorchError` that names the tensors that are missing, left over or of another shape.
  func load(_ numbers: Numbers, from checkpoint: Checkpoint) throws {
    try network.load(checkpoint.tensors(of: "verdict.network"))
    halves = numbers.halves
    if let record = numbers.record {
      result = (record, try Verdict.Pilot(in: checkpoint))
      return
    }
    try optimiser.load(checkpoint.tensors(of: "verdict.optimiser"))
    guard let loss = numbers.bestLoss else { return }
    let kept = checkpoint.tensors(of: "verdict.best")
    best = (
      loss,
      try network.state.map { name, _ in
        guard let tensor = kept[name] else { throw TorchError("verdict.best.\(name) is missing") }
        return (name: name, tensor: tensor)
      }
    )
  }
}

extension Verdict.Pilot {
  /// The samples that a checkpoint holds.
  ///
  /// - Throws: `TorchError` where there are none or they are of another type.
  init(in checkpoint: Checkpoint) throws {
    let parts = checkpoint.tensors(of: "verdict.pilot")
    guard let logRatios = parts["logRatios"] else { throw TorchError("verdict.pilot.logRatios is missing") }
    self.init(
      logRatios: try logRatios.array(of: Double.self), labels: try parts["labels"]?.array(of: Int.self))
    guard !self.logRatios.isEmpty, self.logRatios.allSatisfy(\.isFinite),
      labels.map({ $0.count == self.logRatios.count }) ?? true
    else { throw TorchError("verdict.pilot: found numbers that are not finite, or none, or too few labels") }
  }
}

extension Checkpoint {
  /// What was measured of the finished generator after the game; nil where nothing was, or not yet.
  public var verdictRecord: Verdict.Record? { numbers.verdict?.record }

  /// The verdict on the generator; nil where there is none yet.
  ///
  /// - Parameter makeNetwork: makes a discriminator of the recipe, whose weights are then replaced.
  /// - Throws: `TorchError` where tensors are missing or do not fit; what the closure throws.
  public func verdict(_ makeNetwork: () throws -> any Discriminator) throws -> Verdict? {
    guard let record = verdictRecord else { return nil }
    let network = try makeNetwork()
    try network.load(tensors(of: "verdict.network"))
    return Verdict(record: record, network: network, pilot: try Verdict.Pilot(in: self))
  }
}
