import Foundation
import Metrics
import Torch

/// Kullback-Leibler divergences between samples `[N, D]` and a distribution whose density is known, by distances to nearest
/// neighbours: no density of the samples has to be fitted.
public enum NeighbourDivergence {
  /// The neighbour whose distance is taken: more are smoother and blur finer detail.
  public static let neighbour = 5
  /// Squared distances are raised to this share of the samples' variance, so that repeated samples have a finite, if large,
  /// divergence.
  private static let floor = 1e-12

  /// The divergence of the samples' distribution q from the known p, `E_q[log q - log p]`, in nats: large where samples fall
  /// where p has next to no mass.
  ///
  /// The entropy of q is that of Kozachenko and Leonenko (1987) with the k-th neighbour (Kraskov et al., 2004): the mean
  /// over samples of `log (N - 1) - ψ(k) + log V_D + D log ρ`, ρ being the distance to the k-th nearest other sample and
  /// V_D the unit ball's volume.
  ///
  /// - Parameters:
  ///   - samples: `[N, D]`, more than `neighbour` of them.
  ///   - logDensities: the log-density p of each sample, in nats.
  /// - Returns: the divergence, with the standard error of the mean of the samples' terms; infinite where a sample lies
  ///   outside of the support of p.
  public static func divergence(of samples: Tensor, logDensities: [Double]) throws -> Score {
    let count = samples.shape[0]
    let distances = try NearestNeighbours.distances(within: samples, count: neighbour)
    let own = try estimates(of: distances, among: count - 1, like: samples)
    return Score(meanOfSamples: zip(own, logDensities).map { $0 - $1 })
  }

  /// The divergence of the known p from the samples' distribution q, `E_p[log p - log q]`, in nats: large where p has mass
  /// and no sample falls, as with modes that are missing.
  ///
  /// `log q` at a draw of p is `ψ(k) - log N - log V_D - D log ν`, ν being the distance to the k-th nearest sample (Wang,
  /// Kulkarni and Verdú, 2009). Where p has mass far from every sample, distances grow more slowly than the density of a
  /// Gaussian tail falls, and the estimate is too low.
  ///
  /// - Parameters:
  ///   - samples: `[N, D]`, at least `neighbour` of them.
  ///   - references: draws of p, `[M, D]`.
  ///   - logDensities: the log-density p of each draw, in nats.
  /// - Returns: the divergence, with the standard error of the mean over the draws of p, for the samples as given.
  public static func divergence(from references: Tensor, logDensities: [Double], to samples: Tensor) throws
    -> Score
  {
    let distances = try NearestNeighbours.distances(from: references, to: samples, count: neighbour)
    let other = try estimates(of: distances, among: samples.shape[0], like: samples)
    return Score(meanOfSamples: zip(logDensities, other).map { $0 - $1 })
  }

  /// Estimates of log-densities by the distance to the last of some neighbours, `[N, k]`, among `count` samples.
  private static func estimates(of distances: Tensor, among count: Int, like samples: Tensor) throws
    -> [Double]
  {
    let dimensions = Double(samples.shape[1])
    let ball = dimensions / 2 * log(Double.pi) - lgamma(dimensions / 2 + 1)
    let scale = try samples.converted(to: .float64).variance(along: 0).mean().item()
    let least = max(floor * scale, .leastNormalMagnitude).squareRoot()
    let constant = digamma(neighbour) - log(Double(count)) - ball
    return try distances.selected(neighbour - 1, along: 1).array(of: Double.self).map {
      constant - dimensions * log(max($0, least))
    }
  }

  /// ψ at a whole number: the harmonic number before it less Euler's constant.
  private static func digamma(_ n: Int) -> Double {
    (1..<n).reduce(-0.577_215_664_901_532_9) { $0 + 1 / Double($1) }
  }
}
