import Corpora
import Foundation
import RandomNumbers
import TextDatasets
import Torch

/// What a discriminator is told of a sample's words and runs of symbols outright, since from a few thousand samples no network
/// learns which there are.
///
/// Runs and words of the training text are counted once, into tables of a fixed size that are part of the network's state
/// (a count-min sketch with two hashes: Cormode and Muthukrishnan, 2005), so that a checkpoint needs no text. A sample that is a
/// training sample is judged as if the text did not have it: otherwise real samples would be told by their own counts, and
/// what was learned would be to know them by heart.
final class Lexicon: Module {
  /// Symbols of the longest runs that are counted.
  static let order = 5
  /// How much shorter runs count: the a of `MarkovGenerator.Smoothing.interpolated`.
  private static let smoothing = 4.0
  /// Numbers that a sample is described by.
  static let width = 10
  /// Training samples that the numbers are standardised by, at most.
  private static let momentLimit = 4_096

  private let spec: TextSpec
  private let kinds: [SymbolClass]
  /// How often runs occur, and how often something follows them.
  private let counts: Buffer
  private let followed: Buffer
  /// How often words and whole samples occur.
  private let words: Buffer
  /// The mean and the standard deviation of each number over training samples, `[2, width]`.
  private let moments: Buffer

  /// The tables.
  var members: Members { ["counts": counts, "followed": followed, "words": words, "moments": moments] }

  /// Slots of a table for a text: enough for all its runs to lie apart, but no more than a checkpoint can well hold.
  ///
  /// - Parameter symbols: of the training text.
  static func slots(symbols: Int) -> Int {
    var slots = 1 << 12
    while slots < symbols, slots < 1 << 20 { slots *= 2 }
    return slots
  }

  /// Knows nothing yet: every run and every word is unknown.
  ///
  /// - Parameters:
  ///   - spec: what the data decides.
  ///   - slots: of each table, a power of two.
  init(spec: TextSpec, slots: Int) throws {
    self.spec = spec
    kinds = (0..<Int32(spec.vocabulary.count)).map { SymbolClass($0, in: spec.vocabulary) }
    func table(_ size: Int) throws -> Buffer { Buffer(try Tensor.zeros([size], dtype: .int32)) }
    (counts, followed, words) = (try table(slots), try table(slots), try table(max(slots / 8, 1 << 12)))
    moments = Buffer(
      try Tensor.stacked([Tensor.zeros([Self.width]), Tensor.ones([Self.width])]))
  }

  /// Counts the training samples and standardises by them.
  func count(_ training: TextSamples) throws {
    var tables = try Tables(self)
    for index in 0..<training.count {
      let sample = training.encoded(index)
      forEachSymbol(of: sample) { runs in
        for run in runs {
          Tables.add(run.hash, to: &tables.counts)
          Tables.add(run.context, to: &tables.followed)
        }
      }
      Tables.add(Self.key(ofSample: sample), to: &tables.words)
      for (word, _) in LexicalFeatures.words(of: sample, kinds: kinds, hasEnd: spec.hasEnd) {
        Tables.add(word, to: &tables.words)
      }
    }
    let device = counts.value.device
    counts.value = try Tensor(tables.counts).moved(to: device)
    followed.value = try Tensor(tables.followed).moved(to: device)
    words.value = try Tensor(tables.words).moved(to: device)
    let known = tables
    let some = EvenSpread.indices(Self.momentLimit, outOf: training.count)
    let values = try Tensor(
      some.flatMap { numbers(of: training.encoded($0), in: known) }, shape: [some.count, Self.width])
    let deviation = try (values.variance(along: 0, correction: 0) + 1e-4).squareRoot()
    moments.value = try Tensor.stacked([values.mean(along: 0), deviation]).moved(to: device)
  }

  /// Takes what another lexicon of the same text has counted.
  func take(_ other: Lexicon) {
    (counts.value, followed.value) = (other.counts.value, other.followed.value)
    (words.value, moments.value) = (other.words.value, other.moments.value)
  }

  /// Numbers `[B, 2 width]` of samples of ids `[B, T]`, standardised and cut off at eight deviations, and their squares.
  func callAsFunction(_ ids: Tensor) throws -> Tensor {
    let tables = try Tables(self)
    let samples = try spec.symbols(of: ids)
    let values = try Tensor(
      samples.flatMap { numbers(of: $0, in: tables) }, shape: [samples.count, Self.width]
    ).moved(to: ids.device)
    let standard = try ((values - moments.value.selected(0)) / moments.value.selected(1))
      .clamped(from: -8, to: 8)
    return try Tensor.concatenated([standard, standard.squared() * 0.25], along: 1)
  }

  // MARK: Counting

  /// The tables as numbers.
  private struct Tables {
    var counts: [Int32]
    var followed: [Int32]
    var words: [Int32]

    init(_ lexicon: Lexicon) throws {
      counts = try lexicon.counts.value.moved(to: .cpu).array()
      followed = try lexicon.followed.value.moved(to: .cpu).array()
      words = try lexicon.words.value.moved(to: .cpu).array()
    }

    private static func slots(_ key: UInt64, _ size: Int) -> (Int, Int) {
      let mask = size - 1
      return (Int(truncatingIfNeeded: key) & mask, Int(truncatingIfNeeded: key >> 32) & mask)
    }

    static func add(_ key: UInt64, to table: inout [Int32]) {
      let (first, second) = slots(key, table.count)
      table[first] += 1
      if second != first { table[second] += 1 }
    }

    static func count(_ key: UInt64, in table: [Int32]) -> Int {
      let (first, second) = slots(key, table.count)
      return Int(min(table[first], table[second]))
    }
  }

  /// A run of symbols and what stands before its last one, as hashes.
  private typealias Run = (hash: UInt64, context: UInt64)

  /// Calls a function with the runs that end at each predicted symbol of a sample, from short to long.
  private func forEachSymbol(of sample: [Int32], _ body: ([Run]) -> Void) {
    let line = spec.hasEnd ? [0] + sample + [0] : sample
    var runs: [Run] = []
    for end in line.indices where !spec.hasEnd || end > 0 {
      runs.removeAll(keepingCapacity: true)
      for length in 1...min(Self.order, end + 1) {
        var context = SplitMix64.mixed(UInt64(length))
        for index in (end + 1 - length)..<end { context = Self.key(context, line[index]) }
        runs.append((Self.key(context, line[end]), context))
      }
      body(runs)
    }
  }

  private static func key(_ before: UInt64, _ symbol: Int32) -> UInt64 {
    SplitMix64.mixed(before &+ 0x9E37_79B9_7F4A_7C15 &* (UInt64(UInt32(bitPattern: symbol)) + 1))
  }

  private static func key(ofSample sample: [Int32]) -> UInt64 {
    sample.reduce(0x5A5A) { key($0, $1) }
  }

  // MARK: Describing

  /// What the text says of a sample.
  private struct Reading {
    /// The log-likelihood of each predicted symbol under the runs, an end included where samples have one.
    var logLikelihoods: [Double] = []
    /// Where words end, and whether the text does not have them.
    var words: [(end: Int, isUnknown: Bool)] = []
  }

  /// Log-likelihoods below are unlikely.
  private static let unlikely = -5.0

  private func read(_ sample: [Int32], in tables: Tables) -> Reading {
    let isKnown = Tables.count(Self.key(ofSample: sample), in: tables.words) > 0
    // The sample's own runs, and apart from them its own contexts.
    var own: [UInt64: Int] = [:]
    var ownContexts = own
    if isKnown {
      forEachSymbol(of: sample) { runs in
        for run in runs {
          own[run.hash, default: 0] += 1
          ownContexts[run.context, default: 0] += 1
        }
      }
    }
    var reading = Reading()
    let followers = Double(max(1, spec.vocabulary.count - (spec.hasEnd ? 0 : 1)))
    forEachSymbol(of: sample) { runs in
      var probability = 1 / followers
      for run in runs {
        let context = Tables.count(run.context, in: tables.followed) - (ownContexts[run.context] ?? 0)
        guard context > 0 else { break }
        // A slot that is shared counts too much; a share of more than 1 is none.
        let count = min(max(0, Tables.count(run.hash, in: tables.counts) - (own[run.hash] ?? 0)), context)
        probability = (Double(count) + Self.smoothing * probability) / (Double(context) + Self.smoothing)
      }
      reading.logLikelihoods.append(log(probability))
    }
    let found = LexicalFeatures.words(of: sample, kinds: kinds, hasEnd: spec.hasEnd)
    reading.words = found.map { word in
      let own = isKnown ? found.count { $0.hash == word.hash } : 0
      return (word.end, Tables.count(word.hash, in: tables.words) <= own)
    }
    return reading
  }

  /// Likelihood of the symbols under the runs (mean, least, deviation, share of unlikely ones), unknown words (share, number),
  /// words, line feeds, capitals, symbols.
  private func numbers(of sample: [Int32], in tables: Tables) -> [Float] {
    let reading = read(sample, in: tables)
    let nats = reading.logLikelihoods
    let length = Double(max(1, nats.count))
    let mean = nats.reduce(0, +) / length
    let deviation = (nats.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / length).squareRoot()
    let unknown = reading.words.count(where: \.isUnknown)
    return [
      mean, nats.min() ?? 0, deviation, Double(nats.count { $0 < Self.unlikely }) / length,
      reading.words.isEmpty ? 0 : Double(unknown) / Double(reading.words.count), Double(unknown),
      Double(reading.words.count),
      Double(sample.count { kinds[Int($0)] == .lineFeed }),
      Double(sample.count { kinds[Int($0)] == .capital }), Double(sample.count),
    ].map { Float($0) }
  }

  /// Numbers `[B, T, F]` of each symbol of samples of ids `[B, T]`, their ends included: log-likelihood under the runs, its square,
  /// whether that is unlikely, whether a word ends before the symbol, an unknown word, whether it is a line feed, a capital; 0
  /// behind an end. Their sums are what `callAsFunction` describes a sample by, as far as that is a sum.
  func evidence(of ids: Tensor) throws -> Tensor {
    let tables = try Tables(self)
    let length = ids.shape[1]
    let features = 7
    var values: [Float] = []
    for sample in try spec.symbols(of: ids) {
      let reading = read(sample, in: tables)
      var rows = [Float](repeating: 0, count: length * features)
      // A sample without room for its end has one symbol more to predict than it has ids.
      for (index, nats) in reading.logLikelihoods.prefix(length).enumerated() {
        let kind = index < sample.count ? kinds[Int(sample[index])] : nil
        let row = [
          nats, nats * nats, nats < Self.unlikely ? 1 : 0, 0, 0, kind == .lineFeed ? 1 : 0,
          kind == .capital ? 1 : 0,
        ]
        for (column, value) in row.enumerated() { rows[index * features + column] = Float(value) }
      }
      for word in reading.words where word.end < length {
        rows[word.end * features + 3] = 1
        rows[word.end * features + 4] = word.isUnknown ? 1 : 0
      }
      values += rows
    }
    return try Tensor(values, shape: ids.shape + [features]).moved(to: ids.device)
  }
}
