import Adversarial
import ModalityKit
import TextDatasets
import Torch

extension TextGenerator {
  /// Writes a sample for each latent of a chunk: ids `[B, T]` of the model's length, filled up with end symbols.
  ///
  /// The unknown symbol is never written: each choice is among the others, by their own odds. In training it is a symbol like
  /// any other. Its likelihood counts, so that every line can be learned from and measured, and a game's samples have it as
  /// often as the model expects it: real samples have it too, and a generator that is kept from it would be told by that alone,
  /// without a slope by which to mend it.
  func write(_ chunk: LatentChunk, options: TextSampling) throws -> Tensor {
    let prefix = try options.prefixIDs(for: spec)
    var stream = chunk.context.stream("symbols")
    let state = try initialState(latents: chunk.latents, labels: chunk.labels)
    let mask = try spec.writingMask(device: state.device)
    let ids = try rollOut(from: state) { logits, index, rows in
      guard index >= prefix.count else {
        return try Tensor.full(
          [logits.shape[0]], value: Double(prefix[index]), dtype: .int64, device: logits.device)
      }
      let logits = try mask.map { try logits + $0 } ?? logits
      guard options.temperature > 0 else { return try logits.argmax(along: -1) }
      // Drawn for the whole chunk, so that a sample does not depend on which others have ended.
      let noise = try stream.gumbel([chunk.count, logits.shape[1]], device: logits.device)
      let kept = try tempered(logits, options.temperature).keeping(topK: options.topK, topP: options.topP)
      return try (kept + (rows.map { try noise.gathered(at: $0) } ?? noise)).argmax(along: -1)
    }
    return try ids.padded(0, spec.sequenceLength - ids.shape[1])
  }

  /// Logits `[B, V]` divided by a temperature, the largest of each row being 0.
  private func tempered(_ logits: Tensor, _ temperature: Double) throws -> Tensor {
    guard temperature != 1 else { return logits }
    // Beyond these bounds the choice is the likeliest symbol or any symbol already, and single precision ends.
    let temperature = min(max(temperature, 1e-30), 1e30)
    return try (logits - logits.max(along: -1, keepingDimensions: true)) / temperature
  }
}

extension Sampler<Text> {
  /// Draws samples as symbol ids without end symbols, for measuring; parameters as `samples`.
  func symbols(count: Int, seed: UInt64, labels: LabelChoice = .any, truncation: Double = 1) throws
    -> [[Int32]]
  {
    var symbols: [[Int32]] = []
    try forEachChunk(count: count, seed: seed, labels: labels, truncation: truncation) { chunk in
      symbols += try spec.symbols(of: chunk.tensor)
    }
    return symbols
  }
}

extension TextSpec {
  /// A row `[V]` to add to logits `[B, V]`: minus infinity for what is never written, 0 for the others. That is the unknown
  /// symbol, and the end symbol where samples have none, to which a high temperature would give a chance. Nil where everything
  /// is written.
  fileprivate func writingMask(device: Device) throws -> Tensor? {
    let ids =
      (hasEnd ? [] : [Int(SymbolVocabulary.end)]) + [vocabulary.unknown].compactMap { $0.map(Int.init) }
    guard !ids.isEmpty else { return nil }
    return try Tensor.zeros([vocabulary.count], device: device)
      .scattering(-.infinity, at: Tensor(ids, shape: [ids.count], device: device), along: 0)
  }

  /// A sample as one line of text.
  ///
  /// Windows may hold line feeds; there a line feed is written as `\n`, a carriage return as `\r` and a backslash as
  /// `\\`, so that one line is one sample and nothing is lost. Lines are written as they are.
  func line(of sample: [Int32]) -> String {
    let text = vocabulary.decode(sample)
    guard !hasEnd else { return text }
    var line = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": line += "\\\\"
      case "\n": line += "\\n"
      case "\r": line += "\\r"
      default: line.unicodeScalars.append(scalar)
      }
    }
    return line
  }

  /// The symbols of each row of ids `[B, T]`: up to its end, and no more than a sample may have.
  func symbols(of ids: Tensor) throws -> [[Int32]] {
    let width = ids.shape[1]
    let flat = try ids.array(of: Int.self).map(Int32.init)
    return stride(from: 0, to: flat.count, by: width).map { start in
      Array(trimmed(flat[start..<start + width]).prefix(maximumLength))
    }
  }

  /// Ids `[N, T]` of samples: longer ones are cut, shorter ones filled up with end symbols.
  public func ids(of samples: [[Int32]]) throws -> Tensor {
    var ids: [Int32] = []
    ids.reserveCapacity(samples.count * sequenceLength)
    for sample in samples {
      ids += sample.prefix(sequenceLength)
      ids += repeatElement(SymbolVocabulary.end, count: max(0, sequenceLength - sample.count))
    }
    return try Tensor(ids, shape: [samples.count, sequenceLength]).converted(to: .int64)
  }

  /// The same as one-hot vectors `[N, T, V]`, as discriminators take samples.
  public func oneHot(_ samples: [[Int32]]) throws -> Tensor {
    try ids(of: samples).symbolVectors(count: vocabulary.count)
  }
}
