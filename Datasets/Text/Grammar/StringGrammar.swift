import Foundation

/// A probabilistic finite-state grammar without cycles: a distribution over finitely many strings whose
/// likelihoods are known exactly.
///
/// A string is made by walking from the first state to the last and writing the text of each arc on the way.
/// Several walks may write the same string; likelihoods sum over all of them.
public struct StringGrammar: Sendable {
  /// One way to leave a state.
  public struct Arc: Sendable {
    /// What is written; may be empty.
    public let text: String
    /// How likely the arc is, relative to the other arcs of its state.
    public let weight: Double
    /// The index of the next state, greater than that of this one.
    public let target: Int

    /// Makes an arc.
    public init(_ text: String, weight: Double, to target: Int) {
      self.text = text
      self.weight = weight
      self.target = target
    }
  }

  /// The arcs of each state with weights that sum to 1. The last state has none: the string ends there.
  public let states: [[Arc]]

  /// Makes a grammar.
  ///
  /// - Precondition: every state but the last has an arc, weights are positive, and targets lie further on.
  public init(states: [[Arc]]) {
    precondition(states.last?.isEmpty == true, "the last state ends the string and has no arcs")
    self.states = states.enumerated().map { index, arcs in
      precondition(index == states.count - 1 || !arcs.isEmpty, "state \(index) has no arc")
      precondition(arcs.allSatisfy { $0.weight > 0 }, "state \(index) has a weight that is not positive")
      precondition(
        arcs.allSatisfy { ((index + 1)..<states.count).contains($0.target) },
        "state \(index) has an arc backwards")
      let total = arcs.reduce(0) { $0 + $1.weight }
      return arcs.map { Arc($0.text, weight: $0.weight / total, to: $0.target) }
    }
  }

  /// Draws a string.
  public func sample(using generator: inout some RandomNumberGenerator) -> String {
    var text = ""
    var state = 0
    while let last = states[state].last {
      // 53 random bits make a number in [0, 1). The standard library does not promise that its own way stays
      // the same.
      var rest = Double(generator.next() >> 11) * 0x1p-53
      let arc = states[state].first { arc in
        rest -= arc.weight
        return rest < 0
      }
      text += (arc ?? last).text
      state = (arc ?? last).target
    }
    return text
  }

  /// The natural logarithm of a string's probability, -infinity when the grammar cannot write it.
  public func logLikelihood(of text: String) -> Double {
    let bytes = Array(text.utf8)
    // reached[state][position]: the probability to reach the state having written that many bytes of the
    // text.
    var reached = [[Double]](repeating: [Double](repeating: 0, count: bytes.count + 1), count: states.count)
    reached[0][0] = 1
    for (state, arcs) in states.enumerated() {
      for position in 0...bytes.count where reached[state][position] > 0 {
        for arc in arcs where bytes[position...].starts(with: arc.text.utf8) {
          reached[arc.target][position + arc.text.utf8.count] += reached[state][position] * arc.weight
        }
      }
    }
    return log(reached[states.count - 1][bytes.count])
  }

  /// The entropy in nats per string, in closed form: the sum over states of the probability to pass through
  /// one times the entropy of its choice.
  ///
  /// Exact when no string can be written in two ways, otherwise an upper bound.
  public var entropy: Double {
    var passing = [Double](repeating: 0, count: states.count)
    passing[0] = 1
    var total = 0.0
    for (state, arcs) in states.enumerated() {
      for arc in arcs {
        total -= passing[state] * arc.weight * log(arc.weight)
        passing[arc.target] += passing[state] * arc.weight
      }
    }
    return total
  }

  /// Every string that the grammar can write, with its probability.
  ///
  /// As many as `walkCount` at most: for grammars whose strings fit in memory.
  public func probabilities() -> [String: Double] {
    var found: [String: Double] = [:]
    // Paths that have not reached the end, so that long grammars do not recurse.
    var pending: [(state: Int, text: String, probability: Double)] = [(0, "", 1)]
    while let path = pending.popLast() {
      let arcs = states[path.state]
      if arcs.isEmpty { found[path.text, default: 0] += path.probability }
      for arc in arcs {
        pending.append((arc.target, path.text + arc.text, path.probability * arc.weight))
      }
    }
    return found
  }

  /// The number of walks; that of distinct strings when no string can be written in two ways.
  public var walkCount: Int {
    var counts = [Int](repeating: 0, count: states.count)
    counts[states.count - 1] = 1
    for state in states.indices.reversed() {
      for arc in states[state] { counts[state] += counts[arc.target] }
    }
    return counts[0]
  }
}

extension StringGrammar {
  /// Invented names that can be pronounced: `lodrun`, `keisek`, `vanthola`.
  ///
  /// A name is an onset, a nucleus, perhaps a coda, perhaps a middle syllable, a last consonant and a suffix.
  /// Two rules span the whole name, so that a model which sees only the last few letters cannot keep them:
  /// - harmony: all nuclei are dark (a, o, u) or all are light (e, i);
  /// - agreement: the suffix depends on the first sound, soft (l, m, n, s, sh, v, f, w or none) or hard (k,
  ///   t, d, g, b).
  ///
  /// Some 500,000 names of 3 to 12 letters. No name can be written in two ways: each run of vowels is one
  /// nucleus, and what stands between two nuclei is a coda (n, r, l, s or none) and one onset, none of which
  /// begins with a coda and goes on. So `entropy` is exact.
  public static let inventedNames: StringGrammar = {
    /// Arcs to one target that share a part `scale` of their state's weight.
    func arcs(_ choices: KeyValuePairs<String, Double>, scale: Double = 1, to target: Int) -> [Arc] {
      let total = choices.reduce(0) { $0 + $1.value }
      return choices.map { Arc($0.key, weight: scale * $0.value / total, to: target) }
    }

    // State 0 chooses the onset, states 1 and 2 the harmony and first nucleus after a soft and a hard onset.
    // Then come five states for each pairing of onset and harmony, then the end.
    let statesPerPairing = 5
    let end = 3 + 4 * statesPerPairing
    var states = [[Arc]](repeating: [], count: end + 1)
    states[0] = arcs(softOnsets, to: 1) + arcs(hardOnsets, to: 2)
    for (onset, isHard) in [false, true].enumerated() {
      for (harmony, isLight) in [false, true].enumerated() {
        let coda = 3 + statesPerPairing * (2 * onset + harmony)
        let (afterCoda, nucleus, last, suffix) = (coda + 1, coda + 2, coda + 3, coda + 4)
        let short = isLight ? lightNuclei : darkNuclei
        // A long nucleus leaves its syllable open: no coda.
        let long: KeyValuePairs = isLight ? ["ei": 2.0, "ie": 1] : ["au": 2.0]
        states[1 + onset] += arcs(short, scale: 0.4, to: coda) + arcs(long, scale: 0.1, to: afterCoda)
        states[coda] = arcs(["": 4, "n": 3, "r": 3, "l": 2, "s": 2], to: afterCoda)
        states[afterCoda] =
          arcs(middleOnsets, scale: 0.7, to: nucleus) + arcs(lastConsonants, scale: 0.3, to: suffix)
        states[nucleus] = arcs(short, to: last)
        states[last] = arcs(lastConsonants, to: suffix)
        states[suffix] = arcs(suffixes(isHard: isHard, isLight: isLight), to: end)
      }
    }
    return StringGrammar(states: states)
  }()

  private static let darkNuclei: KeyValuePairs = ["a": 4.0, "o": 3, "u": 2]
  private static let lightNuclei: KeyValuePairs = ["e": 3.0, "i": 2]
  private static let softOnsets: KeyValuePairs = [
    "": 2.0, "l": 4, "m": 4, "n": 3, "s": 3, "v": 3, "f": 2, "sh": 2, "w": 2,
  ]
  private static let hardOnsets: KeyValuePairs = [
    "k": 4.0, "t": 4, "d": 3, "g": 3, "b": 3, "br": 2, "kr": 2, "dr": 2, "tr": 2,
  ]
  private static let middleOnsets: KeyValuePairs = [
    "r": 3.0, "l": 3, "n": 3, "d": 3, "v": 2, "m": 2, "t": 2, "k": 2, "th": 2, "dr": 1,
  ]
  private static let lastConsonants: KeyValuePairs = [
    "n": 3.0, "r": 3, "l": 3, "d": 2, "s": 2, "m": 2, "th": 1, "k": 1,
  ]

  private static func suffixes(isHard: Bool, isLight: Bool) -> KeyValuePairs<String, Double> {
    switch (isHard, isLight) {
    case (false, false): ["a": 4, "an": 3, "ua": 1, "osh": 1]
    case (false, true): ["e": 4, "iel": 3, "in": 2, "eth": 2]
    case (true, false): ["o": 3, "or": 3, "us": 3, "ost": 1]
    case (true, true): ["i": 3, "ek": 3, "en": 2, "est": 1]
    }
  }
}
