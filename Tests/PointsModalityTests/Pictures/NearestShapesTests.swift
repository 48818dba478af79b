import PointDatasets
import TestSupport
import Testing
import Torch

@testable import PointsModality

/// What stands beside samples in a sheet.
@Suite struct NearestShapesTests {
  @Test func aCopyFindsItsShape() throws {
    var recipe = try SmallPoints.recipe()
    let corpus = try SmallPoints.dataset(of: SmallPoints.folder(), &recipe).corpus
    let nearest = try NearestShapes(corpus.training, points: SmallPoints.points)
    for index in 0..<corpus.training.count {
      // The same shape, its points drawn otherwise and moved a little.
      let drawn = try corpus.training.points(at: index, count: SmallPoints.points, draw: 99).map { $0 + 1e-3 }
      let found = try nearest.nearest(to: PointCloud(drawn))
      #expect(found.count == SmallPoints.points)
      let own = try PairedDistances.chamfer(
        Tensor(drawn, shape: [1, SmallPoints.points, 3]),
        Tensor(found.coordinates, shape: [1, found.count, 3])
      ).distances.item()
      for other in 0..<corpus.training.count where other != index {
        let cloud = try corpus.training.points(at: other, count: SmallPoints.points, draw: 7)
        let distance = try PairedDistances.chamfer(
          Tensor(drawn, shape: [1, SmallPoints.points, 3]), Tensor(cloud, shape: [1, SmallPoints.points, 3])
        ).distances.item()
        // Another draw of another shape may lie as near where shapes are alike, and never much nearer.
        #expect(own < 1.5 * distance)
      }
    }
  }

  @Test func pairsStayTogether() throws {
    var recipe = try SmallPoints.recipe()
    let corpus = try SmallPoints.dataset(of: SmallPoints.folder(), &recipe).corpus
    let nearest = try NearestShapes(corpus.training, points: SmallPoints.points)
    let samples = try (0..<3).map {
      PointCloud(try corpus.training.points(at: $0, count: SmallPoints.points, draw: 5))
    }
    let pairs = try nearest.pairs(samples)
    #expect(pairs.count == 6)
    #expect([pairs[0], pairs[2], pairs[4]] == samples)
    for count in 1...50 {
      let columns = NearestShapes.columns(pairs: count)
      #expect(columns.isMultiple(of: 2) && columns * columns >= 2 * count)
    }
  }
}
