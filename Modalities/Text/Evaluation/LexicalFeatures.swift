import Foundation
import RandomNumbers
import TextDatasets
import Torch

/// Six plain numbers of a sample that say how its words and runs of symbols compare with the training text's.
///
/// Networks that learn from a few thousand lines hardly see which words there are; these numbers are told outright. Training
/// samples would be told by their own runs: `values(of:leavingOut:)` counts as if the training text did not have them.
///
/// A word is a longest run of letters, marks and digits, and of the symbol that stands for all that the vocabulary lacks.
/// Scripts that write no spaces so have what stands between punctuation. Windows cut words at their ends: these are not
/// counted.
public struct LexicalFeatures: Sendable {
  /// What the numbers are, in the order of `values`.
  public static let names = [
    "mean log-likelihood of a symbol", "share of unknown words", "unknown words", "words", "line feeds",
    "capitals",
  ]
  /// Symbols whose runs are counted, at most; of longer training texts samples are evenly spread. Words are counted in all.
  static let symbolLimit = 1 << 21
  /// Training samples that the weight of the interpolation is chosen by.
  private static let tuningCount = 256

  /// The longest runs that are counted.
  public let order: Int
  private let hasEnd: Bool
  private let kinds: [SymbolClass]
  private let runs: RunCounts
  private let words: HashedCounts
  /// How much the shorter runs count: the a of `MarkovGenerator.Smoothing.interpolated`.
  let weight: Double

  /// Counts the training text.
  ///
  /// - Parameters:
  ///   - training: samples of symbol ids, without end and padding; at least one.
  ///   - vocabulary: what the ids mean.
  ///   - hasEnd: true for lines of their own, false for windows cut out of running text.
  public init(training: [[Int32]], vocabulary: SymbolVocabulary, hasEnd: Bool) {
    precondition(!training.isEmpty, "features need a training text")
    self.hasEnd = hasEnd
    kinds = (0..<Int32(vocabulary.count)).map { SymbolClass($0, in: vocabulary) }
    let longest = training.reduce(0) { max($0, $1.count) } + (hasEnd ? 1 : 0)
    order = min(7, max(1, longest))
    let symbols = training.reduce(0) { $0 + $1.count }
    let counted =
      symbols <= Self.symbolLimit
      ? training.count : max(1, Int(Double(training.count) * Double(Self.symbolLimit) / Double(symbols)))
    var runs = RunCounts(order: order, hasEnd: hasEnd)
    for index in EvenSpread.indices(counted, outOf: training.count) { runs.add(training[index]) }
    var words = HashedCounts()
    for sample in training {
      for (word, _) in Self.words(of: sample, kinds: kinds, hasEnd: hasEnd) {
        words.reserve(1)
        words.add(word)
      }
    }
    (self.runs, self.words) = (runs, words)
    let followers = vocabulary.count - (hasEnd ? 0 : 1)
    let tuning = EvenSpread.indices(Self.tuningCount, outOf: counted).map { index in
      training[index * training.count / counted]
    }
    weight = runs.likeliestWeight(tuning, of: MarkovGenerator.weights, followers: followers)
  }

  /// The six numbers of a sample.
  ///
  /// - Parameters:
  ///   - sample: symbol ids of the vocabulary, without end and padding.
  ///   - leavingOut: whether to count as if the training text did not have this sample, which it has.
  /// - Returns: finite numbers, named by `names`; likelihoods in nats, a line's end counted as a symbol.
  public func values(of sample: [Int32], leavingOut: Bool = false) -> [Double] {
    let found = Self.words(of: sample, kinds: kinds, hasEnd: hasEnd).map(\.hash)
    let unknown = found.count { word in
      let own = leavingOut ? found.count { $0 == word } : 0
      return words.count(of: word) <= own
    }
    let own = leavingOut ? RunCounts(order: order, hasEnd: hasEnd, sample: sample) : nil
    let followers = kinds.count - (hasEnd ? 0 : 1)
    let nats = runs.logLikelihoods(of: sample, without: own, weights: [weight], followers: followers)[0]
    return [
      nats / Double(max(1, sample.count + (hasEnd ? 1 : 0))),
      found.isEmpty ? 0 : Double(unknown) / Double(found.count), Double(unknown), Double(found.count),
      Double(sample.count { kinds[Int($0)] == .lineFeed }),
      Double(sample.count { kinds[Int($0)] == .capital }),
    ]
  }

  /// The numbers of several samples, `[N, 6]`.
  public func tensor(of samples: [[Int32]]) throws -> Tensor {
    try Tensor(samples.flatMap { values(of: $0) }, shape: [samples.count, Self.names.count])
  }

  /// A sample's words in reading order: a hash of each, and the index of the symbol, or line's end, that shows where it ends.
  static func words(of sample: [Int32], kinds: [SymbolClass], hasEnd: Bool) -> [(hash: UInt64, end: Int)] {
    var words: [(hash: UInt64, end: Int)] = []
    var word: UInt64 = 0
    // A run that a window begins with may be the rest of a word.
    var isCut = !hasEnd
    for (index, symbol) in sample.enumerated() {
      if kinds[Int(symbol)].isInWord {
        word = SplitMix64.mixed(word &+ 0x9E37_79B9_7F4A_7C15 ^ UInt64(UInt32(bitPattern: symbol)))
      } else {
        if word != 0 && !isCut { words.append((word, index)) }
        (word, isCut) = (0, false)
      }
    }
    if word != 0 && hasEnd { words.append((word, sample.count)) }
    return words
  }
}

/// What a symbol is to a reader.
enum SymbolClass: Sendable {
  case capital
  case otherInWord
  case lineFeed
  case other

  init(_ id: Int32, in vocabulary: SymbolVocabulary) {
    if id == vocabulary.unknown {
      self = .otherInWord
      return
    }
    let index = Int(id) - 1
    guard vocabulary.symbols.indices.contains(index),
      let scalar = vocabulary.symbols[index].unicodeScalars.first
    else {
      self = .other
      return
    }
    let properties = scalar.properties
    switch properties.generalCategory {
    case .uppercaseLetter, .titlecaseLetter: self = .capital
    case .nonspacingMark, .spacingMark, .decimalNumber: self = .otherInWord
    default:
      let isBreak = scalar == "\n" || vocabulary.symbols[index] == "\r\n"
      self = properties.isAlphabetic ? .otherInWord : isBreak ? .lineFeed : .other
    }
  }

  var isInWord: Bool { self == .capital || self == .otherInWord }
}

/// How often hashes were added: open addressing in one block of memory, which is quick in debug builds too.
private struct HashedCounts: Sendable {
  struct Entry: Sendable {
    /// 0 where nothing is.
    var key: UInt64 = 0
    var count: Int32 = 0
    /// How often another symbol followed, for runs.
    var followed: Int32 = 0
  }

  private(set) var entries = [Entry](repeating: Entry(), count: 64)
  private var used = 0

  /// Makes room for so many new hashes; slots found before are void.
  mutating func reserve(_ count: Int) {
    guard 2 * (used + count) > entries.count else { return }
    var size = entries.count
    while 2 * (used + count) > size { size *= 2 }
    let old = entries
    entries = [Entry](repeating: Entry(), count: size)
    for entry in old where entry.key != 0 { entries[slot(of: entry.key)] = entry }
  }

  /// Where a hash is, or would be.
  func slot(of key: UInt64) -> Int {
    let mask = entries.count - 1
    var slot = Int(truncatingIfNeeded: key) & mask
    while entries[slot].key != key && entries[slot].key != 0 { slot = (slot + 1) & mask }
    return slot
  }

  /// Where a hash is, after it was added if it was not there, without being counted.
  mutating func insert(_ key: UInt64) -> Int {
    let slot = slot(of: key)
    if entries[slot].key == 0 {
      entries[slot].key = key
      used += 1
    }
    return slot
  }

  mutating func add(_ key: UInt64) { entries[insert(key)].count += 1 }

  mutating func addFollower(at slot: Int) { entries[slot].followed += 1 }

  mutating func addCount(at slot: Int) { entries[slot].count += 1 }

  func count(of key: UInt64) -> Int { Int(entries[slot(of: key)].count) }

  func entry(of key: UInt64) -> Entry { entries[slot(of: key)] }
}

/// How often runs of up to some length occur, and how often something follows them: a Markov chain of interpolated counts
/// (see `MarkovGenerator.Smoothing`) whose text can leave out a sample.
///
/// In front of a line stands its end symbol, in front of a window nothing: its first symbols depend on fewer.
private struct RunCounts: Sendable {
  private let order: Int
  private let hasEnd: Bool
  private var table = HashedCounts()
  /// How many symbols were counted.
  private var total = 0

  init(order: Int, hasEnd: Bool) {
    (self.order, self.hasEnd) = (order, hasEnd)
  }

  /// The counts of a single sample.
  init(order: Int, hasEnd: Bool, sample: [Int32]) {
    self.init(order: order, hasEnd: hasEnd)
    add(sample)
  }

  private func framed(_ sample: [Int32]) -> [Int32] { hasEnd ? [0] + sample + [0] : sample }

  /// The hash of a run that is longer by a symbol in front.
  private static func key(_ shorter: UInt64, _ symbol: Int32) -> UInt64 {
    // A bijection of what is different for each symbol; 0 means that nothing is there.
    max(1, SplitMix64.mixed(shorter &+ 0x9E37_79B9_7F4A_7C15 &* (UInt64(UInt32(bitPattern: symbol)) + 1)))
  }

  mutating func add(_ sample: [Int32]) {
    let line = framed(sample)
    table.reserve(line.count * order)
    // Slots of the runs that end at the symbol before, by length from 1.
    var contexts: [Int] = []
    var runs: [Int] = []
    for end in line.indices {
      let isPredicted = !hasEnd || end > 0
      var key: UInt64 = 0
      runs.removeAll(keepingCapacity: true)
      for length in 1...min(order, end + 1) {
        key = Self.key(key, line[end + 1 - length])
        let slot = table.insert(key)
        runs.append(slot)
        guard isPredicted else { continue }
        table.addCount(at: slot)
        if length > 1 { table.addFollower(at: contexts[length - 2]) }
      }
      if isPredicted { total += 1 }
      swap(&runs, &contexts)
    }
  }

  /// The logarithm of the probability of a sample, its end included, for several weights.
  ///
  /// - Parameters:
  ///   - sample: symbol ids.
  ///   - own: counts that are taken off.
  ///   - weights: of the interpolation.
  ///   - followers: how many symbols may follow any run.
  func logLikelihoods(of sample: [Int32], without own: RunCounts?, weights: [Double], followers: Int)
    -> [Double]
  {
    let line = framed(sample)
    var sums = [Double](repeating: 0, count: weights.count)
    var probabilities = sums
    var (contexts, found): ([Int32], [Int32]) = ([], [])
    for end in line.indices {
      let isPredicted = !hasEnd || end > 0
      for index in weights.indices { probabilities[index] = 1 / Double(followers) }
      found.removeAll(keepingCapacity: true)
      var key: UInt64 = 0
      var context = Int32(clamping: total - (own?.total ?? 0))
      for length in 1...min(order, end + 1) {
        if length > 1 { context = length - 2 < contexts.count ? contexts[length - 2] : 0 }
        key = Self.key(key, line[end + 1 - length])
        var entry = table.entry(of: key)
        if entry.key != 0, let taken = own?.table.entry(of: key) {
          entry.count -= taken.count
          entry.followed -= taken.followed
        }
        if isPredicted && context > 0 {
          for (index, weight) in weights.enumerated() {
            probabilities[index] =
              (Double(entry.count) + weight * probabilities[index]) / (Double(context) + weight)
          }
        }
        // What longer runs were followed by is 0, too.
        guard entry.key != 0 || context > 0 else { break }
        found.append(entry.followed)
      }
      if isPredicted { for index in sums.indices { sums[index] += log(probabilities[index]) } }
      swap(&found, &contexts)
    }
    return sums
  }

  /// Of several weights the one that samples, each left out, are likeliest under.
  func likeliestWeight(_ samples: [[Int32]], of weights: [Double], followers: Int) -> Double {
    var sums = [Double](repeating: 0, count: weights.count)
    for sample in samples {
      let own = RunCounts(order: order, hasEnd: hasEnd, sample: sample)
      let values = logLikelihoods(of: sample, without: own, weights: weights, followers: followers)
      for index in sums.indices { sums[index] += values[index] }
    }
    let best = sums.indices.max { sums[$0] < sums[$1] } ?? 0
    return weights[best]
  }
}
