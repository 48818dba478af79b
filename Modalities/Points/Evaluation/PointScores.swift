import Metrics
import PointDatasets
import Torch

/// Scores of a set of clouds against held-out ones: nearest-neighbour scores under two distances, the divergence of occupancy
/// grids, and the distance to the training clouds.
package struct PointScores {
  /// Points of a cloud up to which matchings are solved, exactly or not.
  static let matchedPoints = 8_192

  private let heldOut: Tensor
  private let realByChamfer: Tensor
  /// nil for clouds of more points than are matched, and for too few clouds.
  private let realByEarthMover: (neighbours: [Neighbour], distances: Tensor)?
  /// What found them, for other searches.
  private var realSearch: EarthMoverSearch?
  private let isApproximate: Bool
  private let grid: OccupancyGrid
  private let gridScale: Double
  private let heldOutCounts: Tensor
  private let nearness: TrainingNearness
  private let seed: UInt64
  /// Pairs of clouds whose Earth Mover's distance could matter, and those solved exactly or by auction.
  private(set) var pairs = (count: 0, solved: 0)
  /// By what share Earth Mover's distances may exceed the exact ones, at most.
  private(set) var largestGap = 0.0

  /// Whether Earth Mover's distances of clouds of so many points are approximate.
  static func isApproximate(points: Int) -> Bool { points > PairedDistances.exactPoints }

  /// The columns that `measure` fills; names of approximate distances have a tilde.
  package static func columns(points: Int) -> [EvaluationTable.Column] {
    let mark = isApproximate(points: points) ? "~" : ""
    let overHeldOut =
      "± of MMD-CD and MMD-EMD: over other draws of as many held-out clouds, for the row's as given."
    return [
      .init(key: "accuracyCD", name: "1-NNA-CD", unit: "%", direction: .lower, digits: 1),
      .init(key: "accuracyEMD", name: "1-NNA-EMD" + mark, unit: "%", direction: .lower, digits: 1),
      .init(key: "coverageCD", name: "COV-CD", unit: "%", direction: .higher, digits: 1),
      .init(key: "coverageEMD", name: "COV-EMD" + mark, unit: "%", direction: .higher, digits: 1),
      .init(key: "mmdCD", name: "MMD-CD", direction: .lower, digits: 4, errorNote: overHeldOut),
      .init(key: "mmdEMD", name: "MMD-EMD" + mark, direction: .lower, digits: 4, errorNote: overHeldOut),
      .init(key: "jsd", name: "JSD", unit: "bits", direction: .lower, digits: 3),
      .init(key: "trainRatio", name: "|D|train / real", direction: .neutral, digits: 2),
      .init(key: "copies", name: "copies", unit: "%", direction: .lower, digits: 1),
      .nearness(),
    ]
  }

  /// Prepares the comparison.
  ///
  /// - Parameters:
  ///   - heldOut: `[R, N, 3]`; as many are compared of each set.
  ///   - nearness: compares with the training clouds.
  ///   - gridScale: brings clouds into the cube from -0.5 to 0.5.
  ///   - seed: of the resamples behind the standard errors.
  package init(heldOut: Tensor, nearness: TrainingNearness, gridScale: Double, seed: UInt64) throws {
    (self.heldOut, self.nearness, self.gridScale, self.seed) = (heldOut, nearness, gridScale, seed)
    grid = try OccupancyGrid()
    heldOutCounts = try grid.counts(of: heldOut, scale: gridScale)
    let chamfer = try PairedDistances.chamfer(within: heldOut)
    realByChamfer = chamfer.distances
    isApproximate = Self.isApproximate(points: heldOut.shape[1])
    guard heldOut.shape[1] <= Self.matchedPoints, heldOut.shape[0] >= PointEvaluation.minimum else {
      realByEarthMover = nil
      return
    }
    var search = try EarthMoverSearch(
      within: heldOut, oneSided: chamfer.oneSided, isApproximate: isApproximate)
    realByEarthMover = (try search.nearestInRows(), try search.estimates())
    realSearch = search
    try count(search)
  }

  /// Cells by column key.
  ///
  /// - Parameters:
  ///   - clouds: `[R, N, 3]`, as many as held-out ones.
  ///   - strata: how the clouds were drawn; all alike by default.
  ///   - indices: their indices in the training set, for clouds taken from there.
  package mutating func measure(
    _ clouds: Tensor, strata: Strata? = nil, trainingIndices indices: [Int]? = nil
  ) throws -> [String: EvaluationTable.Cell] {
    try compare(clouds, strata: strata, trainingIndices: indices).cells
  }

  /// Who is near whom, among a row's clouds and between them and others.
  struct Neighbourhood {
    /// Chamfer distances `[R, R]` among the row's clouds, and to held-out ones.
    let own, cross: Tensor
    /// The same by the Earth Mover's distance, as far as it is known; nil where that is not measured.
    let within, between: EarthMoverSearch?
    /// Distances to the nearest training clouds; nil where there are no others.
    let toTraining: [Double]?
  }

  /// Cells by column key as `measure` returns them, and what they come from; nil for too few clouds.
  mutating func compare(
    _ clouds: Tensor, strata: Strata? = nil, trainingIndices indices: [Int]? = nil
  ) throws -> (cells: [String: EvaluationTable.Cell], neighbourhood: Neighbourhood?) {
    let strata = strata ?? Strata(count: clouds.shape[0])
    guard heldOut.shape[0] >= PointEvaluation.minimum else {
      return (try measureFew(clouds, strata: strata, trainingIndices: indices), nil)
    }
    let own = try PairedDistances.chamfer(within: clouds)
    let cross = try PairedDistances.chamfer(clouds, heldOut)
    var stream = RandomStream(seed: seed, name: "evaluation errors")
    let byChamfer = try TwoSampleScores(
      TwoSampleScores.Distances(generated: own.distances, cross: cross.distances, real: realByChamfer),
      strata: strata, using: &stream)
    let jsd = try CountDivergence.measure(
      grid.counts(of: clouds, scale: gridScale), against: heldOutCounts, strata: strata, using: &stream)
    let nearest = try nearness.search(clouds, except: indices)
    var cells = nearness.cells(of: nearest, strata: strata)
    cells["accuracyCD"] = .measured(byChamfer.accuracy)
    cells["coverageCD"] = .measured(byChamfer.coverage)
    cells["mmdCD"] = .measured(byChamfer.minimumMatchingDistance)
    cells["jsd"] = .measured(jsd)
    let byEarthMover = try earthMoverScores(
      clouds, own: own.oneSided, cross: cross.oneSided, strata: strata, using: &stream)
    let missing = Self.unmatched
    cells["accuracyEMD"] = byEarthMover.map { .measured($0.scores.accuracy) } ?? missing
    cells["coverageEMD"] = byEarthMover.map { .measured($0.scores.coverage) } ?? missing
    cells["mmdEMD"] = byEarthMover.map { .measured($0.scores.minimumMatchingDistance) } ?? missing
    return (
      cells,
      Neighbourhood(
        own: own.distances, cross: cross.distances, within: byEarthMover?.within,
        between: byEarthMover?.between, toTraining: nearest?.neighbours.map(\.distance))
    )
  }

  private static let unmatched = EvaluationTable.Cell.missing(
    reason: "matchings of more than \(matchedPoints) points are not solved")

  /// Scores of too few clouds for neighbours to say anything: means of distances, and shares.
  private mutating func measureFew(_ clouds: Tensor, strata: Strata, trainingIndices indices: [Int]?) throws
    -> [String: EvaluationTable.Cell]
  {
    func mean(_ neighbours: [Neighbour]) -> EvaluationTable.Cell {
      .measured(Score(meanOfSamples: neighbours.map(\.distance)))
    }
    var cells = try nearness.measure(clouds, strata: strata, except: indices)
    for key in ["accuracyCD", "accuracyEMD", "coverageCD", "coverageEMD"] {
      cells[key] = .missing(reason: "needs \(PointEvaluation.minimum) clouds, and as many held-out ones")
    }
    var stream = RandomStream(seed: seed, name: "evaluation errors")
    cells["jsd"] = .measured(
      try CountDivergence.measure(
        grid.counts(of: clouds, scale: gridScale), against: heldOutCounts, strata: strata, using: &stream))
    let cross = try PairedDistances.chamfer(clouds, heldOut)
    cells["mmdCD"] = mean(try Neighbour.nearest(inRowsOf: cross.distances.transposed()))
    cells["mmdEMD"] = Self.unmatched
    guard clouds.shape[1] <= Self.matchedPoints else { return cells }
    var search = try EarthMoverSearch(
      clouds, heldOut, oneSided: cross.oneSided, isApproximate: isApproximate)
    cells["mmdEMD"] = mean(try search.nearestInColumns())
    try count(search)
    return cells
  }

  private mutating func earthMoverScores(
    _ clouds: Tensor, own: Tensor, cross: Tensor, strata: Strata,
    using generator: inout some RandomNumberGenerator
  ) throws -> (scores: TwoSampleScores, within: EarthMoverSearch, between: EarthMoverSearch)? {
    guard let realByEarthMover else { return nil }
    var within = try EarthMoverSearch(within: clouds, oneSided: own, isApproximate: isApproximate)
    var between = try EarthMoverSearch(clouds, heldOut, oneSided: cross, isApproximate: isApproximate)
    let (generatedToGenerated, generatedToReal) = (try within.nearestInRows(), try between.nearestInRows())
    let scores = try TwoSampleScores(
      generatedToGenerated: generatedToGenerated, generatedToReal: generatedToReal,
      realToGenerated: between.nearestInColumns(), realToReal: realByEarthMover.neighbours,
      distances: TwoSampleScores.Distances(
        generated: within.estimates(), cross: between.estimates(), real: realByEarthMover.distances),
      strata: strata, using: &generator)
    try count(within)
    try count(between)
    return (scores, within, between)
  }

  /// Some clouds of a row, and as many held-out ones.
  struct Part {
    /// Their indices.
    let clouds, heldOut: [Int]
  }

  /// "accuracyCD", "accuracyEMD" and "trainRatio" of parts of a row by themselves.
  ///
  /// Of the Earth Mover's distances those are solved beside the known ones that neighbours in a part depend on.
  ///
  /// - Parameters:
  ///   - parts: have no cloud in common, and each at least two of both kinds.
  ///   - row: what was measured of the row.
  ///   - seed: of the halves behind the errors.
  mutating func measure(_ parts: [Part], of row: Neighbourhood, seed: UInt64) throws
    -> [[String: EvaluationTable.Cell]]
  {
    let byEarthMover = try earthMoverAccuracies(parts, of: row, seed: seed)
    return try parts.enumerated().map { place, part in
      var stream = RandomStream(seed: seed, step: place, name: "errors of a part")
      let (rows, columns) = (try Tensor(part.clouds), try Tensor(part.heldOut))
      let byChamfer = try TwoSampleScores(
        TwoSampleScores.Distances(
          generated: row.own.gathered(at: rows).gathered(at: rows, along: 1),
          cross: row.cross.gathered(at: rows).gathered(at: columns, along: 1),
          real: realByChamfer.gathered(at: columns).gathered(at: columns, along: 1)), using: &stream)
      let distances = row.toTraining.map { distances in part.clouds.map { distances[$0] } }
      return [
        "accuracyCD": .measured(byChamfer.accuracy), "accuracyEMD": byEarthMover?[place] ?? Self.unmatched,
        "trainRatio": nearness.ratio(distances, heldOut: part.heldOut),
      ]
    }
  }

  private mutating func earthMoverAccuracies(_ parts: [Part], of row: Neighbourhood, seed: UInt64) throws
    -> [EvaluationTable.Cell]?
  {
    guard var real = realSearch, var within = row.within, var between = row.between else { return nil }
    // The part of each cloud; those of none are in none together.
    func places(_ members: (Part) -> [Int], none: Int) throws -> Tensor {
      var places = [Int](repeating: none, count: heldOut.shape[0])
      for (place, part) in parts.enumerated() { for index in members(part) { places[index] = place } }
      return try Tensor(places)
    }
    func together(_ rows: Tensor, _ columns: Tensor) throws -> Tensor {
      try rows.expandingDimension(at: 1).equals(columns)
    }
    let (own, others) = (try places(\.clouds, none: -1), try places(\.heldOut, none: -2))
    let ownToOwn = try within.nearestInRows(among: together(own, places(\.clouds, none: -2)))
    let pairs = try together(own, others)
    let (ownToReal, realToOwn) = (
      try between.nearestInRows(among: pairs), try between.nearestInColumns(among: pairs)
    )
    let realToReal = try real.nearestInRows(among: together(others, places(\.heldOut, none: -1)))
    realSearch = real
    let estimates = (
      within: try within.estimates(), between: try between.estimates(), real: try real.estimates()
    )
    return try parts.enumerated().map { place, part in
      var stream = RandomStream(seed: seed, step: place, name: "errors of a part, by matching")
      let (rows, columns) = (try Tensor(part.clouds), try Tensor(part.heldOut))
      let scores = try TwoSampleScores(
        generatedToGenerated: part.clouds.map { ownToOwn[$0] },
        generatedToReal: part.clouds.map { ownToReal[$0] },
        realToGenerated: part.heldOut.map { realToOwn[$0] }, realToReal: part.heldOut.map { realToReal[$0] },
        distances: TwoSampleScores.Distances(
          generated: estimates.within.gathered(at: rows).gathered(at: rows, along: 1),
          cross: estimates.between.gathered(at: rows).gathered(at: columns, along: 1),
          real: estimates.real.gathered(at: columns).gathered(at: columns, along: 1)),
        using: &stream)
      return .measured(scores.accuracy)
    }
  }

  private mutating func count(_ search: EarthMoverSearch) throws {
    let (count, solved) = try search.pairs()
    pairs = (pairs.count + count, pairs.solved + solved)
    largestGap = max(largestGap, search.largestGap)
  }
}

/// Where the points of a cloud lie, on the grid of Achlioptas et al. ("Learning representations and generative models for 3D
/// point clouds", 2018): 28 cells a side whose centres reach from -0.5 to 0.5, those whose centres lie outside the ball of
/// radius 0.5 left out. A point counts for the cell whose centre is nearest, so points beyond the ball pile up on its shell.
struct OccupancyGrid {
  /// Cells along a side of the cube.
  static let side = 28
  /// How far from the middle the nearest cell of the shell depends on little but the direction: points beyond are brought
  /// here, since differences of much larger squares are lost to rounding.
  private static let far = 1e5

  /// How many cells lie in the ball.
  let cellCount: Int
  /// The cell of each point of the cube, -1 outside the ball.
  private let cells: [Int]
  /// The cells with a neighbour outside the ball, and their centres `[K, 3]`: one of them is nearest to a point outside.
  private let shell: [Int]
  private let shellCentres: Tensor

  /// Computes the cells and the shell.
  init() throws {
    let side = Self.side
    func centre(_ index: Int) -> Double { Double(index) / Double(side - 1) - 0.5 }
    var cells = [Int](repeating: -1, count: side * side * side)
    var count = 0
    for place in cells.indices {
      let position = [place / (side * side), place / side % side, place % side].map(centre)
      // The outermost centres on the axes would lie on the ball if there were any; nothing hangs on rounding.
      guard position.reduce(0, { $0 + $1 * $1 }) <= 0.25 else { continue }
      cells[place] = count
      count += 1
    }
    var shell: [Int] = []
    var centres: [Double] = []
    for place in cells.indices where cells[place] >= 0 {
      let index = [place / (side * side), place / side % side, place % side]
      let isInside = zip(index, [side * side, side, 1]).allSatisfy { axis, step in
        axis > 0 && axis < side - 1 && cells[place - step] >= 0 && cells[place + step] >= 0
      }
      guard !isInside else { continue }
      shell.append(cells[place])
      centres += index.map(centre)
    }
    (self.cells, self.shell, cellCount) = (cells, shell, count)
    shellCentres = try Tensor(centres, shape: [shell.count, 3])
  }

  /// How many points of each cloud lie in each cell.
  ///
  /// - Parameters:
  ///   - clouds: `[S, N, 3]`.
  ///   - scale: what coordinates are multiplied by before they are looked up.
  /// - Returns: `[S, cells]` in single precision.
  func counts(of clouds: Tensor, scale: Double) throws -> Tensor {
    let (samples, points) = (clouds.shape[0], clouds.shape[1])
    let scaled = try clouds.converted(to: .float64).reshaped([samples * points, 3]) * scale
    let last = Double(Self.side - 1)
    let indices = try ((scaled + 0.5) * last).rounded().clamped(from: 0, to: last)
    let steps = try Tensor([Double(Self.side * Self.side), Double(Self.side), 1])
    let places = try (indices * steps).sum(along: 1).converted(to: .int64).array(of: Int.self)
    var found = places.map { cells[$0] }
    let outside = found.indices.filter { found[$0] < 0 }
    if !outside.isEmpty {
      let points = try scaled.gathered(at: Tensor(outside))
      let size = try points.absolute().max(along: 1, keepingDimensions: true)
      let nearest = try NearestNeighbours.nearest(
        to: points / (size / Self.far).clamped(from: 1), in: shellCentres)
      for (point, place) in zip(outside, nearest) { found[point] = shell[place] }
    }
    var counts = [Float](repeating: 0, count: samples * cellCount)
    for (point, cell) in found.enumerated() { counts[point / points * cellCount + cell] += 1 }
    return try Tensor(counts, shape: [samples, cellCount])
  }
}
