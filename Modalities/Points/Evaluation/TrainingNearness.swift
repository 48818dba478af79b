import Metrics
import PointDatasets
import Torch

/// The distance of clouds to the training set, by Chamfer distance, and the share of copies among them.
package struct TrainingNearness {
  /// The share of exact copies of training shapes, drawn again, that the rule finds.
  static let copyRate = 0.95

  private let training: Tensor
  /// For each training cloud `[M]`, how far a copy of its shape may be from it; nil where no shapes were drawn again.
  private let copyLimits: Tensor?
  /// The mean distance of held-out clouds to their nearest training cloud, with its error.
  private let heldOut: Score
  /// The distance of each.
  private let heldOutDistances: [Double]
  private let test: NearnessTest

  /// Prepares the comparison.
  ///
  /// - Parameters:
  ///   - training: `[M, N, 3]`.
  ///   - redrawn: the same shapes with other points drawn, a tensor like `training` for each time; copies are counted where
  ///     there are two or more.
  ///   - heldOut: `[R, N, 3]`.
  package init(training: Tensor, redrawn: [Tensor], heldOut: Tensor) throws {
    self.training = training
    copyLimits = redrawn.count < 2 ? nil : try Self.copyLimits(training: training, redrawn: redrawn)
    let distances = try PairedDistances.nearestByChamfer(heldOut, among: training).neighbours.map(\.distance)
    heldOutDistances = distances
    self.heldOut = Score(meanOfSamples: distances)
    test = NearnessTest(heldOut: distances)
  }

  /// Measures clouds.
  ///
  /// - "trainRatio": the mean distance to the nearest training cloud over that of held-out clouds: 1 for new shapes of the same
  ///   distribution, less for copies, more for shapes unlike any. The error is that of both means.
  /// - "copies": the percentage of clouds as near to any training cloud as copies of its shape are, of which the rule finds
  ///   `copyRate`.
  /// - "nearnessZ": whether clouds lie nearer to training clouds than held-out ones do, by `NearnessTest`.
  ///
  /// - Parameters:
  ///   - clouds: `[S, N, 3]`.
  ///   - strata: how they were drawn; all alike by default.
  ///   - indices: their indices in the training set where they are training clouds, so that none is its own neighbour.
  /// - Returns: cells by column key.
  package func measure(_ clouds: Tensor, strata: Strata? = nil, except indices: [Int]? = nil) throws
    -> [String: EvaluationTable.Cell]
  {
    try cells(of: search(clouds, except: indices), strata: strata ?? Strata(count: clouds.shape[0]))
  }

  /// The nearest training cloud of each cloud; nil where training clouds have no other one.
  func search(_ clouds: Tensor, except indices: [Int]?) throws -> PairedDistances.NearestByChamfer? {
    guard indices == nil || training.shape[0] > 1 else { return nil }
    return try PairedDistances.nearestByChamfer(clouds, among: training, except: indices, limits: copyLimits)
  }

  /// "trainRatio" of some clouds beside some held-out ones.
  ///
  /// - Parameters:
  ///   - distances: of the clouds to their nearest training clouds; nil where there are no others.
  ///   - indices: of the held-out clouds.
  func ratio(_ distances: [Double]?, heldOut indices: [Int]) -> EvaluationTable.Cell {
    guard let distances else { return Self.isLone }
    let real = Score(meanOfSamples: indices.map { heldOutDistances[$0] })
    guard real.value > 0 else { return Self.areCopies }
    return .measured(Score(meanOfSamples: distances).ratio(to: real))
  }

  private static let isLone = EvaluationTable.Cell.missing(reason: "there is no other training cloud")
  private static let areCopies = EvaluationTable.Cell.missing(reason: "held-out clouds are training clouds")

  /// The cells of what a search found.
  func cells(of nearest: PairedDistances.NearestByChamfer?, strata: Strata) -> [String: EvaluationTable.Cell]
  {
    guard let nearest else {
      return ["trainRatio": Self.isLone, "copies": Self.isLone, "nearnessZ": Self.isLone]
    }
    let distances = nearest.neighbours.map(\.distance)
    var cells = ["trainRatio": Self.areCopies, "nearnessZ": Self.areCopies]
    cells["copies"] =
      copyLimits.map { _ in .measured(Score(percentageOf: nearest.areWithin, strata: strata)) }
      ?? .missing(reason: "no shape was drawn again")
    guard heldOut.value > 0 else { return cells }
    cells["trainRatio"] = .measured(Score(meanOf: distances, strata: strata).ratio(to: heldOut))
    cells["nearnessZ"] = test.cell(distances)
    return cells
  }

  /// The distance to each training cloud within which a cloud counts as its copy, `[M]`.
  ///
  /// A shape whose points were drawn again lies at a distance from its first draw that scales with the shape and varies with
  /// the draw. Its scale is the mean distance of all redraws but the last; how far draws exceed it is alike for all shapes,
  /// so the limit is the scale times the quantile `copyRate` of all redraws' distances over the mean of the others.
  private static func copyLimits(training: Tensor, redrawn: [Tensor]) throws -> Tensor {
    let copies = try Tensor.stacked(redrawn, along: 1)
    let distances = try (0..<training.shape[0]).map { index in
      let shape = try training.narrowed(along: 0, start: index, count: 1)
      return try PairedDistances.chamfer(shape, copies.selected(index)).distances.array(of: Double.self)
    }
    let others = Double(redrawn.count - 1)
    let excesses = distances.flatMap { distances in
      let sum = distances.reduce(0, +)
      return distances.compactMap { sum > $0 ? $0 * others / (sum - $0) : nil }
    }.sorted()
    // Clouds without more points than are drawn are the same each time.
    let index = Int((copyRate * Double(excesses.count)).rounded(.up)) - 1
    let excess = excesses.isEmpty ? 1 : excesses[max(0, index)]
    return try Tensor(distances.map { $0.dropLast().reduce(0, +) / others * excess })
  }
}

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
  /// The label of each, however it came to have it; nil without labels.
  public var labels: [Int]?
  /// What they were drawn with; nil where nothing was drawn.
  public var seed: UInt64?

  /// Gathers them.
  public init(
    name: String, source: EvaluationTable.Source, clouds: Tensor, fixedLabels: [Int]? = nil,
    labels: [Int]? = nil, seed: UInt64? = nil
  ) {
    precondition(clouds.rank == 3 && clouds.shape[2] == 3, "clouds are [S, N, 3]")
    precondition(fixedLabels == nil || fixedLabels?.count == clouds.shape[0], "a label for each cloud")
    precondition(labels == nil || labels?.count == clouds.shape[0], "a label for each cloud")
    self.name = name
    self.source = source
    self.clouds = clouds
    self.fixedLabels = fixedLabels
    self.labels = labels ?? fixedLabels
    self.seed = seed
  }

  /// Shapes of a part, evenly spread, with points drawn the same way each time.
  ///
  /// - Parameters:
  ///   - set: the part.
  ///   - limit: shapes, at most.
  ///   - points: of each.
  ///   - name: what they come from, in words.
  ///   - draw: another number draws other points.
  /// - Throws: `UserError` for files that have vanished or changed; `TorchError` when memory ends.
  init(_ set: PointSet, limit: Int, points: Int, named name: String, draw: UInt64 = 0) throws {
    let indices = set.spread(limit)
    var coordinates: [Float] = []
    coordinates.reserveCapacity(indices.count * points * 3)
    for index in indices {
      var stream = RandomStream(seed: draw, step: index, name: "evaluation points")
      coordinates += try set.points(at: index, count: points, draw: stream.next())
    }
    self.init(
      name: name, source: .real, clouds: try Tensor(coordinates, shape: [indices.count, points, 3]))
    let labels = indices.compactMap { set.label(at: $0) }
    self.labels = labels.isEmpty || labels.count < indices.count ? nil : labels
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
    let indices = strata.drawn(count, using: &generator)
    result.clouds = try clouds.gathered(at: Tensor(indices))
    result.fixedLabels = fixedLabels.map { labels in indices.map { labels[$0] } }
    result.labels = labels.map { labels in indices.map { labels[$0] } }
    return result
  }
}
