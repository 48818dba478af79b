import Failures
import Foundation
import Torch

/// How near samples of a medium lie to the training samples of a data set.
public struct TrainingDistances {
  /// What is measured, in words, such as "Chamfer distance".
  public let measure: String
  /// What training samples are called, in the plural, such as "shapes".
  public let noun: String
  /// Training samples that are compared with.
  public let compared: Int
  /// Training samples that there are.
  public let total: Int
  /// Distances of held-out samples to their nearest training samples.
  public let heldOut: [Double]
  /// Distances of a tensor of samples, as `Modality.draw` returned it, to their nearest training samples. Beyond the limit,
  /// where there is one, any number of at least the limit will do.
  public let distances: (_ samples: Tensor, _ limit: Double) throws -> [Double]

  /// Gathers them.
  public init(
    measure: String, noun: String, compared: Int, total: Int, heldOut: [Double],
    distances: @escaping (_ samples: Tensor, _ limit: Double) throws -> [Double]
  ) {
    (self.measure, self.noun, self.compared, self.total) = (measure, noun, compared, total)
    (self.heldOut, self.distances) = (heldOut, distances)
  }
}

/// Leaves out samples that lie nearer to a training sample than real ones do, and counts them.
///
/// The rule: a sample is a copy where its distance to the nearest training sample is less than the 5th percentile of the same
/// distances of held-out samples, which are as real and were not trained on. So of new real samples one in twenty would be
/// left out too.
public final class CopyFilter {
  /// The share of held-out samples that lies within the limit.
  public static let share = 0.05
  /// Held-out samples that a limit needs; of fewer than twenty the nearest one is the limit.
  public static let fewestHeldOut = 10
  /// The largest share of copies that is drawn on for, and the samples that are looked at before giving up.
  static let mostCopies = 0.9, patience = 500

  /// What has been looked at.
  public struct Counts: Hashable, Sendable {
    /// Samples drawn.
    public var drawn = 0
    /// Those that were left out.
    public var copies = 0
  }

  /// What has been looked at so far.
  public private(set) var counts = Counts()
  private let make: () throws -> TrainingDistances?
  private var made: (distances: TrainingDistances, limit: Double)?

  /// Prepares to compare.
  ///
  /// - Parameter distances: makes the measure when the first sample is looked at; nil where the medium has none.
  public init(_ distances: @escaping () throws -> TrainingDistances?) { make = distances }

  /// Rows of a tensor of samples that are no copies, ascending.
  ///
  /// - Throws: `UserError`: usage where the medium has no measure; bad data where held-out samples are too few, or as near as
  ///   copies themselves.
  func originals(among samples: Tensor) throws -> [Int] {
    let (measure, limit) = try rule()
    let distances = try measure.distances(samples, limit)
    let kept = distances.indices.filter { !(distances[$0] < limit) }
    counts.drawn += distances.count
    counts.copies += distances.count - kept.count
    return kept
  }

  /// The measure and the distance below which a sample is a copy, found when first asked for.
  ///
  /// - Throws: as `originals(among:)`.
  func rule() throws -> (distances: TrainingDistances, limit: Double) {
    if let made { return made }
    guard let distances = try make() else {
      throw UserError(
        .usage, "--no-copies: this medium has no measure of how near samples lie to training samples")
    }
    let sorted = distances.heldOut.sorted()
    guard sorted.count >= Self.fewestHeldOut else {
      throw UserError(
        .badData,
        "--no-copies: found \(sorted.count) held-out \(distances.noun), expected at least \(Self.fewestHeldOut) to tell how "
          + "near real ones lie to each other")
    }
    let limit = sorted[Int(Self.share * Double(sorted.count))]
    guard limit > 0 else {
      throw UserError(
        .badData,
        "--no-copies: found that more than \(Int(100 * Self.share)) % of held-out \(distances.noun) equal a training sample, "
          + "expected fewer: where real ones repeat each other, no copy can be told")
    }
    made = (distances, limit)
    return (distances, limit)
  }

  /// Gives up where nearly all samples since some counts were copies.
  ///
  /// - Throws: `UserError` (bad data).
  func requireOriginals(since before: Counts) throws {
    let (drawn, copies) = (counts.drawn - before.drawn, counts.copies - before.copies)
    guard drawn >= Self.patience, Double(copies) > Self.mostCopies * Double(drawn) else { return }
    let noun = made?.distances.noun ?? "samples"
    throw UserError(
      .badData,
      "--no-copies: found \(copies) of \(drawn) samples in a row to be copies of training \(noun), expected at most "
        + "\(Int(100 * Self.mostCopies)) %; draw without the flag, with other flags of sampling, or from a model of more data"
    )
  }

  /// How many samples were left out, and by which rule: a sentence.
  public var sentence: String {
    guard let (distances, limit) = made else { return "--no-copies: nothing was drawn" }
    let share = 100 * Double(counts.copies) / Double(max(counts.drawn, 1))
    let compared =
      distances.compared < distances.total
      ? "\(distances.compared) of \(distances.total)" : "\(distances.total)"
    return String(
      format: "--no-copies: left out %d of %d samples drawn (%.1f %%), ", counts.copies, counts.drawn, share)
      + "nearer to one of \(compared) training \(distances.noun) than "
      + String(format: "%.4g (%@)", limit, distances.measure)
      + ": of \(distances.heldOut.count) held-out \(distances.noun) \(Int(100 * Self.share)) % are"
  }
}
