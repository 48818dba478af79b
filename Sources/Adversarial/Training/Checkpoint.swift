import Failures
import Files
import Foundation
import Torch

/// A saved training: tensors by name, and what rebuilds the networks that they belong to.
///
/// One safetensors file, whose metadata hold the rest: readable from Python, checked by a content hash, and never
/// executed. Networks lie under `generator.`, `averaged.` (the moving average: the one to use) and `discriminator.`,
/// optimisers under `optimiser.`, the verdict under `verdict.`, and the best generator of a warm-up that is not over under `best.`.
public struct Checkpoint {
  /// The format that this version writes, and the newest that it reads.
  public static let format = 2
  /// The oldest format that this version reads.
  public static let oldestFormat = 2

  /// The modality whose networks these are.
  public let modality: String
  /// The modality's recipe, as JSON.
  public let recipe: String
  /// Generator updates made.
  public var step: Int { numbers.step }
  /// The run's seed.
  public var seed: UInt64 { numbers.seed }
  /// How long the run was to be.
  public var plan: Plan { numbers.plan }
  /// Why the duel ended before its time; nil where it has not.
  public var ending: String? { numbers.ending }
  /// The discriminator's last account, nil before the first one and without held-out samples.
  public var account: AdversaryAccount? { numbers.referee?.accounts.last }
  /// The step whose generator the run has ended with, by its score on validation data; nil before the duel's end, and where
  /// the medium has no such score.
  public var keptStep: Int? { step >= plan.duelEnd && numbers.bestScore != nil ? numbers.bestStep : nil }
  /// The tensors under their full names.
  public let tensors: [String: Tensor]

  let numbers: TrainingState.Numbers

  /// Reads a file whole and checks it before anything is made of it.
  ///
  /// - Parameters:
  ///   - url: the file.
  ///   - expected: the modality that is expected; nil for any.
  ///   - parts: the parts whose tensors are wanted, such as `averaged`; nil for all. The file is checked as a whole.
  /// - Throws: `UserError`: no input where there is none; bad data where the file is truncated or changed, comes from
  ///   a newer version, is no checkpoint at all, or belongs to another modality.
  public init(contentsOf url: URL, modality expected: String? = nil, parts: Set<String>? = nil) throws {
    let (tensors, metadata) = try Tensor.readSafetensors(url, requiringDigest: true) { name in
      parts.map { $0.contains(String(name.prefix { $0 != "." })) } ?? true
    }
    func refuse(_ reason: String) -> UserError { UserError(.badData, "\(url.relativePath): \(reason)") }
    guard let text = metadata["duel.format"] else {
      throw refuse("a safetensors file, but no checkpoint of Duel")
    }
    guard let format = Int(text), format >= 1 else {
      throw refuse("checkpoint format '\(text)', 1 or more expected")
    }
    guard format >= Checkpoint.oldestFormat else {
      throw refuse(
        "checkpoint format \(text), this version reads \(Checkpoint.oldestFormat) and later; an older duel wrote it"
      )
    }
    guard format <= Checkpoint.format else {
      throw refuse(
        "checkpoint format \(text), this version reads up to \(Checkpoint.format); use a newer duel")
    }
    guard let modality = metadata["duel.modality"], let recipe = metadata["duel.recipe"],
      let state = metadata["duel.state"],
      let numbers = try? JSONValue(parsing: state.utf8).decoded(as: TrainingState.Numbers.self)
    else { throw refuse("the checkpoint's metadata are incomplete") }
    let range = numbers.plan.firstStep...numbers.plan.totalSteps
    guard range.contains(numbers.step) else {
      throw refuse("found step \(numbers.step), expected \(range.lowerBound) to \(range.upperBound)")
    }
    if let expected, expected != modality {
      throw refuse("a checkpoint of modality \(modality), \(expected) expected")
    }
    self.modality = modality
    self.recipe = recipe
    self.numbers = numbers
    self.tensors = tensors
  }

  /// Whether this is of a segment, planned so, of a run with that recipe and seed: with that plan or, where the duel ended
  /// before its time, a shorter one.
  public func isOf(_ planned: Plan, seed: UInt64, recipe: String) -> Bool {
    guard self.seed == seed, self.recipe == recipe else { return false }
    return plan.isOf(planned, endedEarly: ending != nil)
  }

  /// Whether its segment is done.
  public var isFinished: Bool { step == plan.totalSteps }

  /// The tensors of one part, such as `averaged`, under the names of its own network.
  public func tensors(of part: String) -> [String: Tensor] {
    var own: [String: Tensor] = [:]
    for (name, tensor) in tensors where name.hasPrefix(part + ".") {
      own[String(name.dropFirst(part.count + 1))] = tensor
    }
    return own
  }

  /// Writes a training's state, atomically.
  ///
  /// - Throws: `UserError` when the file cannot be created or the disk is full.
  static func write(_ state: TrainingState, identity: CheckpointIdentity, to url: URL) throws {
    try Tensor.writeSafetensors(
      try state.tensors,
      metadata: [
        "duel.format": String(format),
        "duel.modality": identity.modality,
        "duel.recipe": identity.recipe,
        "duel.state": try JSONValue(encoding: state.numbers).text,
        "duel.step": String(state.step),
      ], to: url)
  }
}

/// The description of the networks in a checkpoint, so that they can be rebuilt from the file alone.
public struct CheckpointIdentity: Sendable, Equatable {
  /// The modality's name.
  public var modality: String
  /// Its recipe as JSON, data-derived values such as a vocabulary included.
  public var recipe: String

  /// Names a modality and a recipe.
  public init(modality: String, recipe: String) {
    self.modality = modality
    self.recipe = recipe
  }
}
