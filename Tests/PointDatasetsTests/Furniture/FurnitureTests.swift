import Failures
import Foundation
import Testing

@testable import PointDatasets

@Suite struct FurnitureTests {
  private let options = PointCorpusOptions(points: 16, meshPoints: 64)

  @Test func shapesAreAFunctionOfSeedAndIndex() {
    let furniture = Furniture(seed: 3)
    for index in 0..<8 {
      #expect(furniture.cloud(index, points: 20) == furniture.cloud(index, points: 20))
      #expect(furniture.cloud(index, points: 20) != Furniture(seed: 4).cloud(index, points: 20))
      #expect(furniture.cloud(index, points: 20) != furniture.cloud(index + 4, points: 20))
    }
    #expect((0..<5).map { furniture.kind(at: $0) } == [.chair, .table, .lamp, .aeroplane, .chair])
  }

  /// Over many shapes: surfaces are finite, of a sensible size, and nothing is far from the rest.
  @Test(arguments: FurnitureKind.allCases)
  func proportionsAreSensible(kind: FurnitureKind) throws {
    let furniture = Furniture(seed: 1)
    for index in (0..<600) where furniture.kind(at: index) == kind {
      let mesh = furniture.mesh(index)
      #expect(mesh.unknownCorner == nil && mesh.triangleCount > 20)
      let extent = CloudExtent(PointCloud(mesh.coordinates))
      let sides = extent.high - extent.low
      switch kind {
      case .chair: #expect(sides.z > 0.6 && sides.z < 1.3 && sides.x > 0.3 && sides.y > 0.3, "\(index)")
      case .table: #expect(sides.z > 0.3 && sides.z < 0.9 && sides.x >= sides.y * 0.7, "\(index)")
      case .lamp: #expect(sides.max() > 0.3 && sides.max() < 2.2, "\(index): \(sides)")
      case .aeroplane: #expect(sides.y > 7.5 && sides.x > 3 && sides.z < sides.y / 2, "\(index)")
      }
      if kind == .chair || kind == .table { #expect(abs(extent.low.z) < 0.04, "\(index): \(extent.low)") }
    }
  }

  @Test func theCorpusHasExactLabels() throws {
    let corpus = try PointCorpus.furniture(options: options, training: 40, heldOut: 8)
    #expect(corpus.labelNames == ["aeroplane", "chair", "lamp", "table"])
    #expect((corpus.training.count, corpus.heldOut.count) == (40, 8))
    let chair = corpus.labelNames.firstIndex(of: "chair")
    #expect(corpus.training.label(at: 0) == chair && corpus.heldOut.label(at: 4) == chair)
    #expect(
      corpus.report.description == "furniture: 148 shapes of 64 points; 40 to train on, 100 for validation "
        + "(apart), 8 held out (drawn apart); 16 points a sample, each shape in its own box; 4 labels (aeroplane, chair, lamp, table)."
    )
    let again = try PointCorpus.furniture(
      options: options, labels: ["table", "chair", "lamp", "aeroplane", "sofa"], training: 40, heldOut: 8)
    #expect(again.training.label(at: 0) == 1)
    #expect(try again.training.shape(at: 3) == corpus.training.shape(at: 3))
    let error = #expect(throws: UserError.self) {
      try PointCorpus.furniture(options: options, labels: ["table"], training: 4, heldOut: 4)
    }
    #expect(error?.message.contains("found the label \"chair\", expected one of the model's: table") == true)
  }

  @Test func seedsGiveOtherSets() throws {
    let first = try PointCorpus.furniture(options: options, training: 8, heldOut: 4)
    let other = try PointCorpus.furniture(options: options, training: 8, heldOut: 4, seed: 1)
    #expect(first.fingerprint != other.fingerprint)
  }
}
