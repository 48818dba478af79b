import Foundation
import Metrics
import Torch

/// Sounds of known quality, from real clips down to noise, and what two classifiers make of them.
///
/// A classifier that ranks these wrongly, or another one that ranks them otherwise, cannot rank generators. Which sounds
/// have to score lower depends on the data: noise and two sounds at once hide any sound; but hiss through bands is hiss, and
/// half a drum a drum. So along no chain may scores rise, and along the first two they have to fall by a quarter.
public struct ClassifierLadder: Hashable, Sendable {
  /// A step of the ladder.
  public enum Rung: String, CaseIterable, Sendable {
    /// Held-out clips.
    case real
    /// These with white noise 20 dB below.
    case noise20 = "at 20 dB"
    /// 10 dB below.
    case noise10 = "at 10 dB"
    /// 5 dB below.
    case noise5 = "at 5 dB"
    /// White noise alone.
    case noise
    /// Noise in sixteen bands with the clips' levels.
    case bands16 = "16 bands"
    /// In eight bands.
    case bands8 = "8 bands"
    /// In four bands.
    case bands4 = "4 bands"
    /// The first or the second half of what sounds.
    case halves
    /// Clips of two labels at once.
    case sums = "two at once"
  }

  /// Rungs of falling quality.
  public struct Chain: Hashable, Sendable {
    /// From the best to the worst.
    public let rungs: [Rung]
    /// Whether the last has to score less than the first whatever the data: at most `fallLimit` times as much.
    public let mustFall: Bool
  }

  /// All chains.
  public static let chains = [
    Chain(rungs: [.real, .noise20, .noise10, .noise5, .noise], mustFall: true),
    Chain(rungs: [.real, .sums], mustFall: true),
    Chain(rungs: [.real, .bands16, .bands8, .bands4], mustFall: false),
    Chain(rungs: [.real, .halves], mustFall: false),
  ]
  /// Held-out clips that rungs are made of, at most.
  static let limit = 300
  /// How many standard errors of a difference a score may rise along a chain.
  static let tolerance = 2.5
  /// What share of the first's right labels the last of a chain that must fall may have at most: of two sounds at once even
  /// somebody who hears both can name one only.
  static let fallLimit = 0.75
  /// The least rank correlation (Spearman's) of the two classifiers' scores over all rungs.
  public static let agreementLimit = 0.8

  /// What a classifier makes of a rung.
  public struct Step: Hashable, Sendable {
    /// Percentage of sounds that get the label of the clip that they were made of; of its first.
    public let right: Score
    /// Percentage that gets none.
    public let rejected: Score
  }

  /// How many sounds each rung has.
  public let count: Int
  /// Each classifier's results, in the order of `Rung.allCases`.
  public let steps: [[Step]]

  /// Tests classifiers.
  ///
  /// - Parameters:
  ///   - classifiers: of the same labels.
  ///   - clips: held-out clips `[N, T]`; a large set is thinned.
  ///   - labels: theirs.
  ///   - sampleRate: in Hz.
  public init(_ classifiers: [SoundClassifier], clips: Tensor, labels: [Int], sampleRate: Int) throws {
    let chosen = EvenSpread.indices(Self.limit, outOf: labels.count)
    let labels = chosen.map { labels[$0] }
    count = labels.count
    let clips = try clips.gathered(at: Tensor(chosen)).converted(to: .float32)
    let make = try BrokenSounds(sampleRate: sampleRate, seconds: 0.024)
    let sounds = try withoutGradients {
      try Rung.allCases.map { rung in
        var stream = RandomStream(seed: 4_409, name: "classifier ladder \(rung.rawValue)")
        return try Self.sounds(rung, clips, labels: labels, make, using: &stream)
      }
    }
    steps = try classifiers.map { classifier in
      let none = classifier.trainingShares.count
      return try sounds.map { sounds in
        let scores = try ClassScores(probabilities: classifier.predictions(for: sounds))
        return Step(
          right: scores.accuracy(labels: labels),
          rejected: Score(
            percentage: scores.predictions.count { $0 == none }, of: scores.sampleCount))
      }
    }
  }

  /// Takes results as they are, in the order of `Rung.allCases`, of so many sounds each.
  init(steps: [[Step]], count: Int) { (self.steps, self.count) = (steps, count) }

  private static func sounds(
    _ rung: Rung, _ clips: Tensor, labels: [Int], _ make: BrokenSounds, using stream: inout RandomStream
  ) throws -> Tensor {
    let (count, length) = (clips.shape[0], clips.shape[1])
    func noisy(_ decibels: Double) throws -> Tensor {
      try clips.under(stream.normal(clips.shape), ratios: Tensor.full([count, 1], value: decibels))
    }
    func vocoded(_ bands: Int) throws -> Tensor {
      try clips.mappedInBatches { clips in
        try make.vocoded(clips, bands: bands, using: &stream).peakNormalised() * clips.peaks()
      }
    }
    switch rung {
    case .real: return clips
    case .noise20: return try noisy(20)
    case .noise10: return try noisy(10)
    case .noise5: return try noisy(5)
    case .noise: return try ProbeSounds.whiteNoise(count, length: length, using: &stream)
    case .bands16: return try vocoded(16)
    case .bands8: return try vocoded(8)
    case .bands4: return try vocoded(4)
    case .halves:
      let isSecond = (0..<count).map { _ in stream.index(below: 2) == 1 }
      return try make.part(
        of: clips, from: Tensor(isSecond.map { $0 ? 0.5 : -1 as Float }, shape: [count, 1]),
        to: Tensor(isSecond.map { $0 ? 2 : 0.5 as Float }, shape: [count, 1]))
    case .sums:
      let partners = (0..<count).map { index in
        let start = stream.index(below: count)
        return (0..<count).lazy.map { (start + $0) % count }.first { labels[$0] != labels[index] } ?? start
      }
      let sums = try make.sums(clips, clips.gathered(at: Tensor(partners)), levels: Tensor.zeros([count, 1]))
      return try sums.peakNormalised() * clips.peaks()
    }
  }

  /// Why a classifier does not rank the rungs as they are; nil where it does.
  func failure(of classifier: Int) -> String? {
    func step(_ rung: Rung) -> Step { steps[classifier][Rung.allCases.firstIndex(of: rung) ?? 0] }
    func rise(_ from: Rung, _ to: Rung) -> (value: Double, error: Double) {
      let (one, other) = (step(from).right, step(to).right)
      // Shares of 0 or 1 have no binomial error, but half a sample's.
      let least = 50 / Double(count)
      let errors = [one, other].map { max($0.standardError ?? 0, least) }
      return (other.value - one.value, (errors[0] * errors[0] + errors[1] * errors[1]).squareRoot())
    }
    func text(_ rung: Rung) -> String { String(format: "%@ %.0f %%", rung.rawValue, step(rung).right.value) }
    for chain in Self.chains {
      for (better, worse) in zip(chain.rungs, chain.rungs.dropFirst()) {
        let rise = rise(better, worse)
        if rise.value > Self.tolerance * rise.error {
          return "it ranks sounds of known quality wrongly: right label of \(text(better)), \(text(worse))"
        }
      }
      let (first, last) = (chain.rungs[0], chain.rungs[chain.rungs.count - 1])
      if chain.mustFall, !(step(last).right.value <= Self.fallLimit * step(first).right.value) {
        return "it does not tell broken sounds: right label of \(text(first)), \(text(last))"
      }
    }
    return nil
  }

  /// The rank correlation of the two classifiers' right labels over all rungs, ties shared; nil for another number of them.
  public var agreement: Double? {
    guard steps.count == 2 else { return nil }
    return RankCorrelation.spearman(steps[0].map(\.right.value), steps[1].map(\.right.value))
  }

  /// Why the two cannot be trusted to rank generators; nil where they agree.
  var disagreement: String? {
    guard let agreement, !(agreement >= Self.agreementLimit) else { return nil }
    return String(
      format:
        "the classifiers rank sounds of known quality differently: Spearman's correlation %.2f, below %.1f",
      agreement, Self.agreementLimit)
  }
}

extension ClassifierLadder: CustomStringConvertible {
  /// The numbers in a sentence.
  public var description: String {
    let parts = Rung.allCases.enumerated().map { index, rung in
      "\(rung.rawValue) "
        + steps.map { String(format: "%.0f (%.0f)", $0[index].right.value, $0[index].rejected.value) }
        .joined(separator: " / ")
    }
    let agreement = agreement.map {
      String(format: " Spearman's correlation %.2f, at least %.1f.", $0, Self.agreementLimit)
    }
    return "Sounds of known quality, right label (no label) in percent, first / second classifier: "
      + parts.joined(separator: ", ") + "." + (agreement ?? "")
  }
}

/// Correlations of ranks.
enum RankCorrelation {
  /// Spearman's: Pearson's correlation of ranks, where equal values share the mean of their ranks; not a number where all values
  /// of one list are equal.
  static func spearman(_ left: [Double], _ right: [Double]) -> Double {
    precondition(left.count == right.count, "as many values of both")
    let (x, y) = (ranks(left), ranks(right))
    let mean = Double(left.count - 1) / 2
    func sum(_ a: [Double], _ b: [Double]) -> Double {
      zip(a, b).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - mean) }
    }
    return sum(x, y) / (sum(x, x) * sum(y, y)).squareRoot()
  }

  private static func ranks(_ values: [Double]) -> [Double] {
    values.map { value in
      Double(values.count { $0 < value }) + Double(values.count { $0 == value } - 1) / 2
    }
  }
}
