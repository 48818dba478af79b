import Metrics
import PointDatasets
import PointsModality
import Torch

/// Rows of clouds of few points: built-in furniture, the same with noise, and a few pieces of it over and over.
struct PointTrials {
  private static let points = 48
  private static let trainingCount = 120

  let draws: Int
  let seed: UInt64

  /// What a row's clouds are like.
  private enum Kind: String, CaseIterable {
    case good
    case noisy
    /// Eight shapes, over and over.
    case collapsed
  }

  /// How the kinds of furniture, the labels, come about.
  private enum Labels: String {
    case inTurn = "labels in turn"
    case drawn = "labels drawn"
  }

  func run() throws {
    let training = try clouds(.good, Self.trainingCount, .drawn, draw: 0, use: "training")
    let redrawn = try (1...3).map {
      try clouds(.good, Self.trainingCount, .drawn, draw: 0, use: "training", redraw: $0)
    }
    for (kind, labels) in [
      (Kind.good, Labels.inTurn), (.good, .drawn), (.noisy, .inTurn), (.collapsed, .inTurn),
    ] {
      for count in [40, 80] {
        let heldOut = try clouds(.good, count, .drawn, draw: 0, use: "held out")
        let nearness = try TrainingNearness(training: training, redrawn: redrawn, heldOut: heldOut)
        var scores = try PointScores(heldOut: heldOut, nearness: nearness, gridScale: 0.5, seed: seed)
        let strata = Strata(labels: labels == .inTurn ? (0..<count).map { $0 % 4 } : nil, count: count)
        let columns = PointScores.columns(points: Self.points)
        let others = ["trainRatio", "mmdCD", "mmdEMD", "nearnessZ"]
        var trial = Trial("\(kind.rawValue), \(labels.rawValue)", count: count)
        var given = Trial("\(kind.rawValue), held-out clouds drawn", count: count)
        var ratios = Trial("\(kind.rawValue), \(labels.rawValue), held-out clouds drawn", count: count)
        let first = try clouds(kind, count, labels, draw: 0, use: "row")
        for draw in 0..<draws {
          let row = try clouds(kind, count, labels, draw: draw, use: "row")
          trial.add(
            try scores.measure(row, strata: strata), columns: columns.filter { !others.contains($0.key) })
          // What depends on other held-out clouds: matching distances on these alone, the ratio on the row as well.
          let heldOut = try clouds(.good, count, .drawn, draw: 1 + draw, use: "held out")
          ratios.add(
            try TrainingNearness(training: training, redrawn: [], heldOut: heldOut).measure(
              row, strata: strata),
            columns: columns.filter { $0.key == "trainRatio" })
          guard labels == .inTurn else { continue }
          let distances = try PairedDistances.chamfer(first, heldOut).distances
          let nearest = try Neighbour.nearest(inRowsOf: distances.transposed())
          given.add(Score(meanOf: nearest.map(\.distance)), as: "MMD-CD")
          var search = try EarthMoverSearch(first, heldOut)
          given.add(Score(meanOf: try search.nearestInColumns().map(\.distance)), as: "MMD-EMD")
        }
        trial.report()
        ratios.report()
        given.report()
      }
    }
  }

  /// Pieces of furniture.
  ///
  /// - Parameters:
  ///   - draw: of the pieces.
  ///   - use: what they are for: pieces of no two uses are the same.
  ///   - redraw: of their points.
  private func clouds(
    _ kind: Kind, _ count: Int, _ labels: Labels, draw: Int, use: String, redraw: Int = 0
  ) throws -> Tensor {
    let maker = Furniture(seed: seed)
    var stream = RandomStream(seed: seed, step: draw, name: "error benchmark, \(use)")
    var points = RandomStream(seed: seed, step: draw, name: "error benchmark, points \(redraw) of \(use)")
    let coordinates = (0..<count).flatMap { position -> [Float] in
      let label = labels == .inTurn ? position % 4 : stream.index(below: 4)
      let piece = kind == .collapsed ? stream.index(below: 2) : stream.index(below: 1 << 24)
      // Of more points others are drawn each time.
      let all = maker.cloud(4 * piece + label, points: 256).coordinates
      return points.indices(Self.points, outOf: 256).flatMap { all[(3 * $0)..<(3 * $0 + 3)] }
    }
    let clouds = try Tensor(coordinates, shape: [count, Self.points, 3])
    return kind == .noisy ? try clouds * 1.1 + stream.normal(clouds.shape) * 0.03 : clouds
  }
}
