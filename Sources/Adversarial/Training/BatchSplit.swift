import Ranks
import Torch

/// How a batch is computed: in which parts, by which ranks, and how many of a rank's parts at a time.
struct BatchSplit {
  /// The processes that train together.
  let ranks: Ranks
  /// Parts of a batch, over all ranks; equal numbers give equal bits, however many are computed at a time.
  let partCount: Int
  private let team: ThreadTeam

  /// Splits batches.
  ///
  /// - Parameters:
  ///   - parts: of a batch, at least; each rank has one.
  ///   - accumulation: how many of them are computed one after the other, at least, for less memory.
  init(ranks: Ranks = .alone, parts: Int, accumulation: Int) {
    self.ranks = ranks
    partCount = ranks.parts(atLeast: parts)
    // Of a rank's own parts, so that no thread is kept for another rank's.
    team = ThreadTeam(parts: partCount / (ranks.count * max(accumulation, 1)))
  }

  /// A part of a batch, whose gradients are added to those of the other parts.
  struct Part {
    /// Its number among this rank's.
    let number: Int
    /// Where its samples lie in the batch.
    let rows: BatchRows
    /// Its share of the batch's samples, by which means over samples are weighted.
    let share: Double
  }

  /// This rank's parts of a batch of some rows, of equal size as far as possible.
  func parts(of rows: Int) -> [Part] {
    ranks.parts(partCount, of: rows).own.enumerated().map { number, own in
      Part(number: number, rows: BatchRows([own], of: rows), share: Double(own.count) / Double(rows))
    }
  }

  /// Whether this rank's parts are less than the whole batch or more than one.
  func isSplit(_ parts: [Part]) -> Bool { ranks.areSeveral || parts.count > 1 }

  /// Has a body called with each part, from several threads at a time, and another with what it made, in order.
  ///
  /// - Parameters:
  ///   - parts: this rank's.
  ///   - body: as `ThreadTeam.map` wants it.
  ///   - take: called on this thread.
  func each<Value>(_ parts: [Part], _ body: (Part) throws -> Value, take: (Value) throws -> Void) throws {
    // No more at a time than threads, whose memory is all that is needed then.
    for start in stride(from: 0, to: parts.count, by: team.size) {
      let some = Array(parts[start..<min(start + team.size, parts.count)])
      for value in try team.map(some, body) { try take(value) }
    }
  }

  /// The sums of what each part adds, over all ranks, and the gradients of all objectives' sum by some parameters.
  ///
  /// - Parameters:
  ///   - parts: this rank's.
  ///   - parameters: what objectives are differentiated by.
  ///   - objective: what a part makes small, a single number, with its numbers to add up; called from several threads at a time.
  ///     What it returns beside is taken in the order of parts.
  ///   - take: takes that.
  func sums<Value>(
    over parts: [Part], of parameters: [Parameter],
    objective: (Part, inout BatchTotals) throws -> (Tensor, Value), take: (Value) throws -> Void
  ) throws -> (numbers: [String: Double], gradients: BatchGradients) {
    var (totals, sum) = (BatchTotals(), BatchGradients(of: parameters, over: ranks))
    let values = parameters.map(\.value)
    try each(parts) { part in
      var own = BatchTotals()
      let (objective, value) = try objective(part, &own)
      return (own, try gradients(of: [objective], withRespectTo: values), value)
    } take: { own, gradients, value in
      totals.add(own)
      try sum.add(gradients)
      try take(value)
    }
    return (try totals.summed(over: ranks), sum)
  }

  /// The same of objectives alone.
  func sums(
    over parts: [Part], of parameters: [Parameter], objective: (Part, inout BatchTotals) throws -> Tensor
  ) throws -> (numbers: [String: Double], gradients: BatchGradients) {
    try sums(over: parts, of: parameters) {
      (try objective($0, &$1), ())
    } take: { _ in
    }
  }

  /// Leaves a sum of gradients in the parameters.
  ///
  /// - Parameter rows: of the batch.
  func finish(_ gradients: BatchGradients, rows: Int) throws {
    try gradients.finish(counts: ranks.parts(partCount, of: rows).counts)
  }
}
