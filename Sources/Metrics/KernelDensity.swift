import Foundation
import Torch

/// A density of equal round Gaussians at given points (Parzen, "On estimation of a probability density function and mode", 1962),
/// of each label apart where the points have labels.
///
/// Made of generated samples, it says how likely unseen samples are: the idea of Jiralerspong et al., "Feature likelihood
/// divergence" (2023). There, widths are fitted to training samples, one for each Gaussian; here one width is fitted to half of
/// the samples that are judged, and judges the other half, so that densities of copies and of new samples are treated alike.
public struct KernelDensity: Sendable {
  /// Widths that are tried, as shares of the root of the mean square of distances: so many for each halving.
  private static let widths = (0..<60).map { exp2(1 - Double($0) / 6) }

  private let centres: Tensor
  private let labels: [Int]?

  /// Takes the centres.
  ///
  /// - Parameters:
  ///   - centres: `[M, D]`.
  ///   - labels: the label of each; nil for one density of all.
  public init(centres: Tensor, labels: [Int]? = nil) throws {
    precondition(labels == nil || labels?.count == centres.shape[0], "a label for each centre")
    self.centres = try centres.converted(to: .float64)
    self.labels = labels
  }

  /// How likely samples are.
  public struct Fit: Sendable {
    /// The log-density of each in nats; infinitely small for those of a label without centres.
    public let logDensities: [Double]
    /// The width that the halves have in the geometric mean.
    public let width: Double
  }

  /// Log-densities of samples, every second of which has the width that makes the others likeliest.
  ///
  /// - Parameters:
  ///   - samples: `[N, D]`, at least two.
  ///   - labels: the label of each; needed where the centres have labels.
  public func crossFitted(_ samples: Tensor, labels: [Int]? = nil) throws -> Fit {
    let (squares, counts) = try distances(samples, labels: labels)
    let count = samples.shape[0]
    precondition(count > 1, "halves need two samples")
    let finite = try squares.isFinite()
    let sum = try squares.filled(where: finite.negated(), with: 0).sum().item()
    let number = try finite.converted(to: .float64).sum().item()
    let scale = number > 0 && sum > 0 ? (sum / number).squareRoot() : 1
    let fits = try Self.widths.map { share -> (width: Double, values: [Double]) in
      let width = share * scale
      return (width, try logDensities(squares, counts: counts, width: width))
    }
    func best(_ parity: Int) -> (width: Double, values: [Double]) {
      func mean(_ values: [Double]) -> Double {
        values.indices.filter { $0 % 2 == parity && values[$0].isFinite }.reduce(0) { $0 + values[$1] }
      }
      return fits.max { mean($0.values) < mean($1.values) } ?? fits[0]
    }
    let (even, odd) = (best(0), best(1))
    return Fit(
      logDensities: (0..<count).map { $0 % 2 == 0 ? odd.values[$0] : even.values[$0] },
      width: (even.width * odd.width).squareRoot())
  }

  /// Log-densities of samples `[N, D]` in nats, for Gaussians of a given deviation along each axis.
  public func logDensities(of samples: Tensor, labels: [Int]? = nil, width: Double) throws -> [Double] {
    let (squares, counts) = try distances(samples, labels: labels)
    return try logDensities(squares, counts: counts, width: width)
  }

  private func logDensities(_ squares: Tensor, counts: [Double], width: Double) throws -> [Double] {
    let dimensions = Double(centres.shape[1])
    let sums: [Double] = try (squares * (-0.5 / (width * width))).logSumExp(along: 1).array()
    let constant = dimensions * (log(width) + 0.5 * log(2 * Double.pi))
    return zip(sums, counts).map { $1 > 0 ? $0 - log($1) - constant : -.infinity }
  }

  /// Squared distances to the centres `[N, M]`, infinite to those of other labels, and how many centres count for each sample.
  private func distances(_ samples: Tensor, labels: [Int]?) throws -> (squares: Tensor, counts: [Double]) {
    let squares = try PairwiseBlocks.squaredDistances(samples, centres)
    guard let own = self.labels else {
      return (squares, [Double](repeating: Double(centres.shape[0]), count: samples.shape[0]))
    }
    guard let labels, labels.count == samples.shape[0] else { preconditionFailure("a label for each sample") }
    let differ = try Tensor(labels).expandingDimension(at: 1).equals(Tensor(own)).negated()
    var counts: [Int: Double] = [:]
    for label in own { counts[label, default: 0] += 1 }
    return (try squares.filled(where: differ, with: .infinity), labels.map { counts[$0] ?? 0 })
  }
}
