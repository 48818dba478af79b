import Adversarial
import Failures
import TextDatasets
import Torch

/// Draws samples from a generator, as symbol ids, in constant memory.
///
/// Samples are drawn in chunks of a fixed size, each from a random stream of its own. So sample number n depends on the seed
/// and n alone, whatever the count: the first lines of a longer draw are those of a shorter one.
public struct TextSampler {
  /// Samples drawn at a time. Part of what a seed means.
  static let chunkSize = 256

  private let generator: TextGenerator
  private let prior: Prior
  private let options: TextSamplingOptions
  private let prefix: [Int]
  private let label: Int?
  private let labelCounts: [Int]

  /// Prepares to sample.
  ///
  /// - Parameters:
  ///   - generator: the trained network.
  ///   - prior: what latents are drawn from: that of its training.
  ///   - options: how symbols are drawn.
  ///   - labelCounts: how often to draw each label, in proportion, where the options name none; all equally by default.
  /// - Throws: `UserError` (usage) for options out of range, a prefix that is too long or has symbols that the model does
  ///   not know, and an unknown label.
  public init(
    _ generator: TextGenerator, prior: Prior, options: TextSamplingOptions = TextSamplingOptions(),
    labelCounts: [Int]? = nil
  ) throws {
    try options.validate()
    let format = generator.format
    self.labelCounts = labelCounts ?? Array(repeating: 1, count: format.labels.count)
    self.generator = generator
    self.prior = prior
    self.options = options
    do {
      prefix = try format.vocabulary.encode(options.prefix, allowingUnknown: false).map(Int.init)
    } catch let error as UserError {
      throw UserError(.usage, "--prefix: \(error.message)")
    }
    guard prefix.count <= format.maximumLength else {
      throw UserError(
        .usage,
        "--prefix: found \(prefix.count) symbols, expected at most the model's \(format.maximumLength)")
    }
    label = try options.label.map { name in
      guard let index = format.labels.firstIndex(of: name) else {
        let known =
          format.labels.isEmpty ? "none: the model has no labels" : format.labels.joined(separator: ", ")
        throw UserError(.usage, "--label \(name): no such label; known: \(known)")
      }
      return index
    }
  }

  /// Draws samples one after the other.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - seed: what determines them.
  ///   - body: takes each sample: symbol ids without an end symbol.
  public func forEach(count: Int, seed: UInt64, _ body: ([Int32]) throws -> Void) throws {
    for start in stride(from: 0, to: count, by: Self.chunkSize) {
      for sample in try chunk(start / Self.chunkSize, seed: seed).prefix(count - start) { try body(sample) }
    }
  }

  /// Draws samples: symbol ids without end symbols.
  public func samples(count: Int, seed: UInt64) throws -> [[Int32]] {
    var samples: [[Int32]] = []
    try forEach(count: count, seed: seed) { samples.append($0) }
    return samples
  }

  /// A whole chunk, also where fewer samples are needed: the engine's matrix products may round otherwise in other
  /// batch sizes.
  private func chunk(_ number: Int, seed: UInt64) throws -> [[Int32]] {
    let device = generator.device
    let size = Self.chunkSize
    var stream = RandomStream(seed: seed, step: number, name: "samples")
    let latents = try prior.draw(
      count: size, dimension: generator.latentDimension, using: &stream, device: device)
    let labels = try labels(count: size, using: &stream).map { try Tensor($0, shape: [size], device: device) }
    let state = try withoutGradients { try generator.initialState(latents: latents, labels: labels) }
    let ids = try generator.rollOut(from: state) { logits, place in
      guard place < prefix.count else { return try choose(logits, using: &stream) }
      return try Tensor.full([size], value: Double(prefix[place]), dtype: .int64, device: device)
    }
    let width = ids.shape[1]
    let flat = try ids.array(of: Int.self).map(Int32.init)
    return (0..<size).map { row in
      Array(
        generator.format.trimmed(flat[row * width..<(row + 1) * width]).prefix(generator.format.maximumLength)
      )
    }
  }

  private func labels(count: Int, using stream: inout RandomStream) -> [Int]? {
    guard !labelCounts.isEmpty else { return nil }
    return (0..<count).map { _ in label ?? stream.index(inProportionTo: labelCounts) }
  }

  /// Draws an id for each row of logits `[B, V]`.
  private func choose(_ logits: Tensor, using stream: inout RandomStream) throws -> Tensor {
    guard options.temperature > 0 else { return try logits.argmax(along: -1) }
    let kept = try tempered(logits).keeping(topK: options.topK, topP: options.topP)
    return try (kept + stream.gumbel(kept.shape, device: kept.device)).argmax(along: -1)
  }

  /// Logits `[B, V]` divided by the temperature, the largest of each row being 0.
  private func tempered(_ logits: Tensor) throws -> Tensor {
    guard options.temperature != 1 else { return logits }
    // Beyond these bounds the choice is the likeliest symbol or any symbol already, and single precision ends.
    let temperature = min(max(options.temperature, 1e-30), 1e30)
    let scaled = try (logits - logits.max(along: -1, keepingDimensions: true)) / temperature
    // A high temperature would give the end symbol a chance where samples have none.
    return try generator.format.hasEnd ? scaled : scaled + TextGenerator.endMask(-.infinity, for: scaled)
  }
}

extension Tensor {
  /// Logits `[B, V]` with minus infinity for all symbols but the likeliest; first the `topK` likeliest are kept,
  /// then of these the fewest whose probabilities sum to `topP`. Symbols as likely as the last one kept are kept too.
  func keeping(topK: Int?, topP: Double?) throws -> Tensor {
    var logits = self
    if let topK, topK < shape[1] {
      let least = try logits.top(topK).values.narrowed(along: 1, start: topK - 1, count: 1)
      logits = try logits.filled(where: logits.less(than: least), with: -.infinity)
    }
    if let topP, topP < 1 {
      let sorted = try logits.sorted(along: -1, descending: true).values
      let shares = try sorted.softmax(along: -1)
      // A symbol goes when those before it have the mass already; the first one always stays.
      let isBeyond = try (shares.cumulativeSum(along: 1) - shares).less(than: topP).negated()
      let least = try sorted.filled(where: isBeyond, with: .infinity).min(along: 1, keepingDimensions: true)
      logits = try logits.filled(where: logits.less(than: least), with: -.infinity)
    }
    return logits
  }
}
