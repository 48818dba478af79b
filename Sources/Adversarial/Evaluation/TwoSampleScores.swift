import Torch

/// How well two sets of samples match, from who is nearest to whom under any distance: for media whose samples have no
/// features that a Fréchet distance or balls could be taken of.
///
/// All three depend on how many samples both sets have: compare sets of one size only.
public struct TwoSampleScores: Hashable, Sendable {
  /// The leave-one-out accuracy of the classifier by the nearest neighbour (Lopez-Paz and Oquab, "Revisiting classifier
  /// two-sample tests", 2017), in percent: 50 where nothing tells the sets apart, 100 where everything does, and less than
  /// 50 where samples are copies of real ones. A sample as near to the one set as to the other counts half.
  ///
  /// The error counts each pair of mutual neighbours as one observation, which a binomial error takes for two: that would
  /// be too small by about a quarter. Nor would a bootstrap do without care, where each repeat is the nearest to itself.
  public let accuracy: Score
  /// The share of real samples that are the nearest real one of any generated sample (Achlioptas et al., 2018), in
  /// percent; well below 100 even for perfect samples, two of which often share their nearest one.
  ///
  /// The error is over draws of the generated samples for the real ones as given, by leaving out one generated sample
  /// after the other, which is known to err upward (Efron and Stein, 1981). A bootstrap's repeats would cover nothing.
  public let coverage: Score
  /// The mean distance of real samples to the nearest generated one (Achlioptas et al., 2018), with the error over the
  /// real samples for the generated ones as given. It does not tell good sets apart: clean samples can be nearer than real.
  public let minimumMatchingDistance: Score

  /// Scores sets by their neighbours.
  ///
  /// - Parameters:
  ///   - generatedToGenerated: for each generated sample the nearest other.
  ///   - generatedToReal: for each generated sample the nearest real one.
  ///   - realToGenerated: for each real sample the nearest generated one.
  ///   - realToReal: for each real sample the nearest other.
  public init(
    generatedToGenerated: [Neighbour], generatedToReal: [Neighbour], realToGenerated: [Neighbour],
    realToReal: [Neighbour]
  ) {
    let (generated, real) = (generatedToReal.count, realToGenerated.count)
    precondition(generated > 0 && real > 0, "scores need samples")
    precondition(
      generatedToGenerated.count == generated && realToReal.count == real, "a neighbour for each sample")
    // In the union the generated samples come first.
    let choices =
      zip(generatedToGenerated, generatedToReal).map { Self.choice(own: $0, 0, other: $1, generated) }
      + zip(realToReal, realToGenerated).map { Self.choice(own: $0, generated, other: $1, 0) }
    accuracy = Self.accuracy(choices, generated: generated)
    coverage = Self.coverage(generatedToReal, of: real)
    minimumMatchingDistance = Score(meanOf: realToGenerated.map(\.distance))
  }

  /// Scores sets by all their distances.
  ///
  /// - Parameters:
  ///   - generated: among the generated samples, `[S, S]`; the diagonal is not looked at.
  ///   - cross: from generated to real samples, `[S, R]`.
  ///   - real: among the real samples, `[R, R]`.
  public init(generated: Tensor, cross: Tensor, real: Tensor) throws {
    self.init(
      generatedToGenerated: try Neighbour.nearest(inRowsOf: generated, within: true),
      generatedToReal: try Neighbour.nearest(inRowsOf: cross),
      realToGenerated: try Neighbour.nearest(inRowsOf: cross.transposed()),
      realToReal: try Neighbour.nearest(inRowsOf: real, within: true))
  }

  /// How far a sample is told right, in 0...1, and its nearest one in the union.
  private typealias Choice = (hit: Double, nearest: Int?)

  private static func choice(
    own: Neighbour, _ ownStart: Int, other: Neighbour, _ otherStart: Int
  ) -> Choice {
    if own.distance == other.distance { return (0.5, nil) }
    return own.distance < other.distance
      ? (1, own.place.map { $0 + ownStart }) : (0, other.place.map { $0 + otherStart })
  }

  private static func accuracy(_ choices: [Choice], generated: Int) -> Score {
    func mean(_ part: ArraySlice<Choice>) -> Double {
      part.reduce(0) { $0 + $1.hit } / Double(part.count)
    }
    let means = (mean(choices[..<generated]), mean(choices[generated...]))
    let deviations = choices.enumerated().map {
      $0.element.hit - ($0.offset < generated ? means.0 : means.1)
    }
    var squares = 0.0
    for (place, choice) in choices.enumerated() {
      squares += deviations[place] * deviations[place]
      if let nearest = choice.nearest, choices[nearest].nearest == place {
        squares += deviations[place] * deviations[nearest]
      }
    }
    let count = Double(choices.count)
    let hits = choices.reduce(0) { $0 + $1.hit }
    return Score(100 * hits / count, standardError: 100 * max(squares, 0).squareRoot() / count)
  }

  private static func coverage(_ generatedToReal: [Neighbour], of real: Int) -> Score {
    var hits = [Int](repeating: 0, count: real)
    for neighbour in generatedToReal {
      if let place = neighbour.place { hits[place] += 1 }
    }
    let covered = Double(hits.count { $0 > 0 })
    // Leaving out a sample uncovers a real one only where it alone covers it.
    let (single, count) = (Double(hits.count { $0 == 1 }), Double(generatedToReal.count))
    let variance = (count - 1) / count * single * (1 - single / count)
    return Score(
      100 * covered / Double(real),
      standardError: count > 1 ? 100 * variance.squareRoot() / Double(real) : nil)
  }
}
