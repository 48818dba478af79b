import Torch

/// Where in a run a network is being called: what its schedules and random draws depend on.
///
/// Nothing else may influence either, so a run that stops and goes on repeats exactly what it would have done.
public struct StepContext: Sendable {
  /// The run's seed.
  public let seed: UInt64
  /// Generator updates made before this one, over all phases.
  public let step: Int
  /// Steps made before this one in its phase.
  public let phaseStep: Int
  /// Steps that the phase will have in the end, at least 1.
  public let phaseSteps: Int
  /// What the call is for, such as `discriminator.0.penalty.1`; part of the name of each stream. The trainer gives each
  /// call a scope of its own, so that no two parts of a game draw the same numbers by choosing the same word.
  public let scope: String
  /// The rows of the step's batch that the call is for: per-sample draws are those of the whole batch, cut to these. Nil
  /// where there is no batch that could be split, as outside of training.
  public let rows: BatchRows?
  /// Whether networks drop out units and relax discrete choices, as they do in training only.
  public let isTraining: Bool

  /// Makes a context; outside training the defaults stand for the end of a run.
  public init(
    seed: UInt64, step: Int = 0, phaseStep: Int = 1, phaseSteps: Int = 1, scope: String,
    rows: BatchRows? = nil, isTraining: Bool = false
  ) {
    self.seed = seed
    self.step = step
    self.phaseStep = phaseStep
    self.phaseSteps = max(phaseSteps, 1)
    self.scope = scope
    self.rows = rows
    self.isTraining = isTraining
  }

  /// The share of the phase that is done, from 0 to 1.
  public var progress: Double { min(Double(phaseStep) / Double(phaseSteps), 1) }

  /// The random stream of a use, such as `noise` or `dropout`, at this step. Its tensors are drawn per sample: along their
  /// first dimension, or another that is named, they must have the samples of this call. Its words are drawn once a pass.
  public func stream(_ use: String) -> RandomStream {
    RandomStream(seed: seed, step: step, name: "\(scope).\(use)", rows: rows)
  }

  /// The random stream of a use whose numbers, tensors too, are drawn once a pass: the same for all samples, and for all
  /// parts of a batch.
  public func passStream(_ use: String) -> RandomStream {
    RandomStream(seed: seed, step: step, name: "\(scope).\(use)")
  }

  /// The same place under a narrower scope.
  public func scoped(_ inner: String) -> StepContext { at("\(scope).\(inner)", rows) }

  /// The same for real samples and as many generated ones behind them, which a network sees in one pass.
  public var doubled: StepContext { at(scope, rows?.doubled) }

  /// The same for other rows.
  public func with(rows: BatchRows?) -> StepContext { at(scope, rows) }

  private func at(_ scope: String, _ rows: BatchRows?) -> StepContext {
    StepContext(
      seed: seed, step: step, phaseStep: phaseStep, phaseSteps: phaseSteps, scope: scope, rows: rows,
      isTraining: isTraining)
  }
}

/// The order in which real samples are seen: one random permutation an epoch, a function of the seed alone.
///
/// The position in the order is the number of samples seen, so nothing of it is stored in a checkpoint.
struct DataOrder {
  private let count: Int
  private let seed: UInt64
  private let name: String
  /// The indices that are ordered; nil for `0 ..< count`.
  private let chosen: [Int]?
  /// The two epochs that were asked for last: at an epoch's end what is read ahead belongs to the next one.
  private var kept: [(epoch: Int, permutation: [Int])] = []

  /// Orders samples, at least 1.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - chosen: their indices; nil for `0 ..< count`.
  ///   - seed: the run's.
  ///   - name: of the stream.
  init(count: Int, chosen: [Int]? = nil, seed: UInt64, name: String = "data order") {
    let count = chosen?.count ?? count
    precondition(count > 0, "there is no order of no samples")
    (self.count, self.chosen, self.seed, self.name) = (count, chosen, seed, name)
  }

  /// Indices of the samples number `position ..< position + length` in the endless sequence of epochs.
  mutating func indices(from position: Int, count length: Int) -> [Int] {
    var indices: [Int] = []
    indices.reserveCapacity(length)
    var position = position
    while indices.count < length {
      let start = position % count
      let taken = min(count - start, length - indices.count)
      indices += permutation(of: position / count)[start..<start + taken]
      position += taken
    }
    return indices
  }

  private mutating func permutation(of epoch: Int) -> [Int] {
    if let known = kept.first(where: { $0.epoch == epoch }) { return known.permutation }
    var stream = RandomStream(seed: seed, step: epoch, name: name)
    var permutation = stream.indices(count, outOf: count)
    if let chosen { permutation = permutation.map { chosen[$0] } }
    kept = kept.suffix(1) + [(epoch, permutation)]
    return permutation
  }
}
