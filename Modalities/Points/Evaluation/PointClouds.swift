import Metrics
import PointDatasets
import Torch

/// Clouds of one origin, to be measured as a row of an evaluation table.
public struct PointClouds: Sendable {
  /// What they come from, in words.
  public var name: String
  /// What they come from, in kind.
  public var source: EvaluationTable.Source
  /// Coordinates `[S, N, 3]` in single precision on the CPU.
  public var clouds: Tensor
  /// The label that each was asked for, where other draws would have as many of each; nil where labels were drawn too.
  public var fixedLabels: [Int]?
  /// What they were drawn with; nil where nothing was drawn.
  public var seed: UInt64?

  /// Gathers them.
  public init(
    name: String, source: EvaluationTable.Source, clouds: Tensor, fixedLabels: [Int]? = nil,
    seed: UInt64? = nil
  ) {
    precondition(clouds.rank == 3 && clouds.shape[2] == 3, "clouds are [S, N, 3]")
    precondition(fixedLabels == nil || fixedLabels?.count == clouds.shape[0], "a label for each cloud")
    self.name = name
    self.source = source
    self.clouds = clouds
    self.fixedLabels = fixedLabels
    self.seed = seed
  }

  /// How many there are.
  public var count: Int { clouds.shape[0] }
  /// How they were drawn.
  var strata: Strata { Strata(labels: fixedLabels, count: count) }
  /// Points of each.
  public var pointCount: Int { clouds.shape[1] }

  /// The same clouds, each brought by itself into the box or sphere that its rule prescribes; as they are under the rules
  /// that treat all clouds alike.
  ///
  /// - Precondition: coordinates are finite.
  func normalised(_ rule: PointNormalisation) throws -> PointClouds {
    let frame = PointFrame(rule)
    var result = self
    let normalised = try PointCloud.clouds(of: clouds).flatMap { frame.normalised($0).coordinates }
    result.clouds = try Tensor(normalised, shape: clouds.shape)
    return result
  }

  /// Some of them, drawn at random, of each fixed label in proportion.
  func drawn(_ count: Int, using generator: inout some RandomNumberGenerator) throws -> PointClouds {
    guard count < self.count else { return self }
    var result = self
    let places = strata.drawn(count, using: &generator)
    result.clouds = try clouds.gathered(at: Tensor(places))
    result.fixedLabels = fixedLabels.map { labels in places.map { labels[$0] } }
    return result
  }
}
