import Torch

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

  /// Takes the loss of logits that parts gave without gradients, laid end to end in the order of the batch.
  init(
    real: [Tensor], fake: [Tensor], loss: (_ real: Tensor, _ fake: Tensor) throws -> Tensor
  ) throws {
    let leaves = try [real, fake].map { try Tensor.concatenated($0).widened().asLeaf() }
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
