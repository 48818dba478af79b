import Torch

/// The largest features of a cloud, computed by way of the points that have them.
///
/// The maximum of a feature depends on one point alone, so of N points only those that hold some maximum, the critical
/// points (Qi et al., 2017), have a gradient: in clouds of 512 points about a fifth. The network is first run on all
/// points without recording anything, to find them, then on the critical points alone with gradients. Values and
/// derivatives of any order are those of the plain way, where ties go to the first point; a gradient penalty costs a third.
enum CriticalPoints {
  /// Points that the search runs on at a time: their features stay in the processor's caches.
  private static let searchedRows = 4096

  /// The maximum over the points, `[B, C]`, of a network's features of clouds `[B, N, 3]`.
  static func maximum(of clouds: Tensor, through network: PerPointLayers) throws -> Tensor {
    let (batch, count, inputs) = (clouds.shape[0], clouds.shape[1], clouds.shape[2])
    let holders = try withoutGradients { try findHolders(of: clouds.detached(), through: network) }
    let (rows, places) = try holders.unique()
    let critical = try clouds.reshaped([batch * count, inputs]).gathered(at: rows)
    return try network(critical).gatheredElements(at: places, along: 0)
  }

  /// For each feature of each cloud `[B, C]` the point that has the maximum, counted through all clouds.
  private static func findHolders(of clouds: Tensor, through network: PerPointLayers) throws -> Tensor {
    let (batch, count) = (clouds.shape[0], clouds.shape[1])
    let size = max(1, searchedRows / max(count, 1))
    let parts = try clouds.split(size: size).map { try network($0).highestPoints() }
    let first = try Tensor.arange(0, Double(batch * count), step: Double(count), device: clouds.device)
    return try Tensor.concatenated(parts) + first.reshaped([batch, 1])
  }
}
