import Adversarial
import Failures
import Torch

/// Samples that a selection keeps and that are no copies, in the order of the labels that are asked for.
///
/// Candidates are drawn chunk by chunk, for the labels that are still missing, until all positions are filled. What is kept
/// beyond that waits for the next positions of its label; nothing more of a label is drawn before it is used, so at most a chunk
/// of each label waits.
struct SelectedRows<M: Modality> {
  /// Chunks in a row of which a selection keeps none, times the number of samples that one should be kept of, after which to
  /// give up.
  private static var patience: Int { 100 }

  private let sampler: Sampler<M>
  private let seed: UInt64
  private let truncation: Double
  /// Candidates drawn so far, in chunks.
  private var chunks = 0
  /// Kept rows that found no position yet, by label.
  private var waiting: [Int?: [Tensor]] = [:]

  /// Nothing drawn yet.
  ///
  /// - Parameter sampler: has a selection, or leaves out copies, or both.
  init(sampler: Sampler<M>, seed: UInt64, truncation: Double) {
    (self.sampler, self.seed, self.truncation) = (sampler, seed, truncation)
  }

  /// The first rows `[count, ...]` of the next `size` positions.
  ///
  /// - Parameters:
  ///   - count: rows that are needed, at most `size`; fewer than that are the last ones that are asked for.
  ///   - size: positions.
  ///   - labels: that of each position, nil without.
  /// - Throws: `UserError`: usage when a selection keeps next to none of the candidates; bad data when nearly all of them are
  ///   copies.
  mutating func next(_ count: Int, of size: Int, labels: [Int]?) throws -> Tensor {
    var rows = [Tensor?](repeating: nil, count: size)
    for position in 0..<size { rows[position] = take(labels?[position]) }
    var fruitless = 0
    let before = sampler.copies?.counts ?? CopyFilter.Counts()
    while rows.prefix(count).contains(where: { $0 == nil }) {
      try sampler.copies?.requireOriginals(since: before)
      let open = rows.indices.filter { rows[$0] == nil }
      // Labels of all open positions, also of those behind the last one needed: what fills a position must not depend on the count.
      let asked = labels.map { labels in (0..<size).map { labels[open[$0 % open.count]] } }
      let candidates = try candidates(of: asked)
      fruitless = candidates.selected.isEmpty ? fruitless + 1 : 0
      if let selection = sampler.selection, fruitless >= Self.patience * selection.count {
        throw UserError(
          .usage,
          "--select \(selection.count): kept none of \(fruitless * size) samples in a row; such samples are too far from "
            + "what the verdict was trained on, expected other flags of sampling")
      }
      for (label, row) in try originals(of: candidates, labels: asked) {
        waiting[label, default: []].append(row)
      }
      for position in open { rows[position] = take(labels?[position]) }
    }
    return try Tensor.stacked(rows.prefix(count).compactMap(\.self))
  }

  private mutating func take(_ label: Int?) -> Tensor? {
    guard let row = waiting[label]?.first else { return nil }
    waiting[label]?.removeFirst()
    return row
  }

  /// A chunk of candidates and the rows of it that the selection keeps.
  private mutating func candidates(of labels: [Int]?) throws -> (tensor: Tensor, selected: [Int]) {
    let (tensor, chunk) = try sampler.candidates(chunks, labels: labels, seed: seed, truncation: truncation)
    var stream = RandomStream(seed: seed, step: chunks, name: "selection")
    chunks += 1
    guard let selection = sampler.selection else { return (tensor, Array(0..<tensor.shape[0])) }
    let judged = try withoutGradients {
      try M.judged(tensor, of: chunk, generator: sampler.generator, recipe: sampler.recipe)
        .moved(to: sampler.device)
    }
    return (tensor, try selection.kept(of: judged, labels: labels, using: &stream))
  }

  /// The selected rows of a chunk that are no copies, each with its label.
  private func originals(of candidates: (tensor: Tensor, selected: [Int]), labels: [Int]?) throws
    -> [(label: Int?, row: Tensor)]
  {
    guard !candidates.selected.isEmpty else { return [] }
    var kept = candidates.selected
    if let copies = sampler.copies {
      kept = try copies.originals(among: candidates.tensor.gathered(at: Tensor(kept))).map { kept[$0] }
    }
    guard !kept.isEmpty else { return [] }
    // Copied, so that rows that wait do not hold on to the whole chunk.
    let rows = try candidates.tensor.gathered(at: Tensor(kept)).unbound()
    return zip(kept, rows).map { (labels?[$0], $1) }
  }
}
