import Adversarial
import Failures
import Foundation

/// Where a run that exists goes on from.
public enum ResumePoint: String, CaseIterable, Sendable {
  /// Where its last checkpoint left it.
  case latest
  /// From the newest undamaged checkpoint before the last one. What came after it is done again, to the same end, and its
  /// checkpoints are overwritten when their step comes.
  case previous
}

extension Run {
  /// The checkpoint of a file.
  ///
  /// - Throws: `UserError`, as `Checkpoint`, and bad data for the checkpoint of another run.
  func checkpoint(in file: URL) throws -> Checkpoint {
    let checkpoint = try Checkpoint(contentsOf: file, modality: M.name)
    let recipe = description.recipe.text
    let plan = checkpoint.plan.segment < segments.count ? segments[checkpoint.plan.segment].plan : nil
    guard let plan, checkpoint.isOf(plan, seed: description.seed, recipe: recipe) else {
      throw UserError(
        .badData,
        "\(file.relativePath): found a checkpoint of another recipe, plan or seed, expected the run's")
    }
    return checkpoint
  }

  /// What the run goes on from; nil where it has not saved anything yet.
  ///
  /// - Throws: `UserError(.badData)` where the last checkpoint is damaged, with the command that goes on from the one before
  ///   it, and where there is none such.
  func checkpoint(from point: ResumePoint, in store: CheckpointStore) throws -> Checkpoint? {
    switch point {
    case .latest:
      let file: URL?
      do {
        file = try store.target(of: .latest)
        if let file { return try checkpoint(in: file) }
      } catch let error as UserError {
        throw UserError(error.category, "\(error.message); \(advice(in: store))")
      }
      if let step = store.steps.last, step > 0 {
        throw UserError(
          .badData,
          "\(store.folder.relativePath): found checkpoints but none named latest; \(advice(in: store))")
      }
      return nil
    case .previous:
      let last = try? store.namedStep(of: .latest)
      guard let found = store.newest(before: last, read: checkpoint(in:)) else {
        throw UserError(
          .badData,
          "\(store.folder.relativePath): found no undamaged checkpoint"
            + (last.map { " before step \($0)" } ?? "") + ", expected one to go on from")
      }
      notice("going on from step \(found.step), \(store.url(step: found.step).relativePath)")
      return found.content
    }
  }

  /// What to do where the last checkpoint cannot be read: nothing else is taken in its place by itself.
  func advice(in store: CheckpointStore) -> String {
    let last = try? store.namedStep(of: .latest)
    guard let found = store.newest(before: last, read: checkpoint(in:)) else {
      return "no earlier one is undamaged; the run has to begin anew, in another folder"
    }
    return "the newest undamaged one before it is that of step \(found.step): go on from there with "
      + "'duel \(M.name) train --out \(folder.url.relativePath) --resume previous'"
  }
}
