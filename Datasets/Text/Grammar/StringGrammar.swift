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
