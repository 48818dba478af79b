private let crossEntropyOperator = Operator("aten::cross_entropy_loss")

/// How losses of several samples become one number.
public enum Reduction: Int, Sendable {
  /// Not at all: one number a sample.
  case none = 0
  /// The mean; with label weights the weighted mean.
  case mean = 1
  /// The sum.
  case sum = 2
}

extension Tensor {
  /// The cross-entropy, in nats, of the softmax of these logits `[N, C]` against the right classes.
  ///
  /// - Parameters:
  ///   - targets: the right class of each row, `[N]`, 64-bit integers in `0..<C`.
  ///   - ignored: a target whose rows count for nothing, such as padding's. Where all are ignored, the mean is NaN.
  ///   - reduction: how the rows become one number; with `.none` the result is `[N]`.
  ///   - labelWeights: what a row of each class counts, `[C]`; nil counts all alike.
  ///   - smoothing: share of each target's weight that is spread over all classes, in `[0, 1]`.
  /// - Throws: `TorchError` when the shapes do not fit or a target is out of range.
  public func crossEntropy(
    targets: Tensor, ignoring ignored: Int = -100, reduction: Reduction = .mean, labelWeights: Tensor? = nil,
    smoothing: Double = 0
  ) throws -> Tensor {
    guard rank == 2, targets.rank == 1, targets.shape[0] == shape[0] else {
      throw TorchError(
        "crossEntropy: logits \(shape) and targets \(targets.shape), expected [N, C] and [N]")
    }
    return try crossEntropyOperator(
      .tensor(self), .tensor(targets), .optional(labelWeights), .int(reduction.rawValue), .int(ignored),
      .double(smoothing))
  }
}
