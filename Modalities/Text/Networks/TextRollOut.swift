import Torch

extension TextGenerator {
  /// Writes symbols one after the other without recording gradients, until every sequence has ended.
  ///
  /// Under autocast the recurrence runs lowered, and the logits are computed in single precision.
  ///
  /// - Parameters:
  ///   - state: where to start, `[layers, B, H]`.
  ///   - choose: given the logits `[R, V]` of a step, its index and the sequences that they are of, `[R]`, nil for all of the
  ///     batch, the ids `[R]` to go on with.
  /// - Returns: ids `[B, n]` with end symbols behind the first, n being the format's length or that of the longest sequence
  ///   with its end.
  func rollOut(from state: Tensor, choose: (Tensor, Int, Tensor?) throws -> Tensor) throws -> Tensor {
    try withoutGradients {
      var steps = try recurrence.steps(reading: embedding.weight(), from: state.detached())
      return try withoutAutocast(on: state.device) {
        var live = LiveSequences(count: state.shape[1])
        var symbols = try Tensor.zeros([live.batch], dtype: .int64, device: state.device)
        var isOver = try Tensor.zeros([live.batch], dtype: .bool, device: state.device)
        var chosen: [Tensor] = []
        while chosen.count < spec.sequenceLength {
          let states = try steps.step(symbols).converted(to: .float32)
          symbols = try choose(nextLogits(states), chosen.count, live.rows)
          if spec.hasEnd {
            symbols = try symbols.filled(where: isOver, with: 0)
            isOver = try symbols.equals(0)
          }
          chosen.append(try live.spread(symbols))
          guard spec.hasEnd else { continue }
          let ended = Int(try isOver.sum().item())
          if ended == live.count { break }
          if let kept = try live.leave(where: isOver, ended: ended) {
            try steps.keep(kept)
            symbols = try symbols.gathered(at: kept)
            isOver = try isOver.gathered(at: kept)
          }
        }
        return try Tensor.stacked(chosen, along: 1)
      }
    }
  }
}

/// The sequences of a batch that are still being written. Those that have ended are left out once they are a quarter:
/// copying the others' states costs less than a step.
private struct LiveSequences {
  /// Sequences in the batch.
  let batch: Int
  /// The index of each sequence that is written, `[R]`; nil while all are.
  private(set) var rows: Tensor?
  private var indices: [Int]
  /// Where each of the batch lies among them, and R where it is not, `[B]`.
  private var positions: Tensor?

  /// All of a batch.
  init(count: Int) {
    batch = count
    indices = Array(0..<count)
  }

  /// Sequences that are written, R.
  var count: Int { indices.count }

  /// Ids `[R]` as those of the whole batch, `[B]`: the end symbol for sequences that were left out.
  func spread(_ symbols: Tensor) throws -> Tensor {
    guard let positions else { return symbols }
    return try symbols.padded(0, 1).gathered(at: positions)
  }

  /// Leaves out what has ended, if that is enough; returns which of the rows stay, nil for all.
  mutating func leave(where isOver: Tensor, ended: Int) throws -> Tensor? {
    guard 4 * ended >= count else { return nil }
    let flags = try isOver.array(of: Bool.self)
    let kept = flags.indices.filter { !flags[$0] }
    indices = kept.map { indices[$0] }
    var inverse = [Int](repeating: kept.count, count: batch)
    for (position, index) in indices.enumerated() { inverse[index] = position }
    rows = try Tensor(indices, shape: [indices.count], device: isOver.device)
    positions = try Tensor(inverse, shape: [batch], device: isOver.device)
    return try Tensor(kept, shape: [kept.count], device: isOver.device)
  }
}
