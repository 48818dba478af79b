import Foundation
import PointDatasets
import Testing

@Suite struct PointFrameTests {
  private let cloud = PointCloud([1, 2, 3, 5, 2, 4, 1, 4, 3, 1, 2, 3])

  @Test func boxCentresTheBoxAndSpansItsLongestSide() {
    #expect(
      PointFrame(.box).normalised(cloud).coordinates == [
        -1, -0.5, -0.25, 1, -0.5, 0.25, -1, 0.5, -0.25, -1, -0.5, -0.25,
      ])
  }

  @Test func sphereCentresTheMeanAndReachesTheFarthestPoint() {
    let moved = PointFrame(.sphere).normalised(PointCloud([0, 0, 0, 8, 0, 0, 4, 3, 0, 4, -3, 0]))
    #expect(moved.coordinates == [-1, 0, 0, 1, 0, 0, 0, 0.75, 0, 0, -0.75, 0])
  }

  @Test func globalAndNoneAreTheSameForAllShapes() {
    let frame = PointFrame(.global, centre: [1, 2, 3], scale: 2)
    #expect(frame.normalised(cloud).coordinates == [0, 0, 0, 2, 0, 0.5, 0, 1, 0, 0, 0, 0])
    #expect(PointFrame(.none).normalised(cloud) == cloud)
  }

  @Test(arguments: PointNormalisation.allCases)
  func aSinglePlaceAndAnEmptyCloudStayFinite(rule: PointNormalisation) {
    let frame = PointFrame(rule)
    #expect(frame.normalised(PointCloud([])).count == 0)
    let moved = frame.normalised(PointCloud([7, 7, 7, 7, 7, 7])).coordinates
    #expect(moved.filter { !$0.isFinite }.isEmpty)
  }

  @Test func hugeAndTinyCloudsStayFinite() {
    let huge = Float.greatestFiniteMagnitude
    for rule in [PointNormalisation.box, .sphere] {
      let frame = PointFrame(rule)
      let wide = frame.normalised(PointCloud([-huge, 0, 0, huge, 0, 0]))
      #expect(wide.coordinates == [-1, 0, 0, 1, 0, 0])
      let tiny = Float.leastNonzeroMagnitude
      #expect(frame.normalised(PointCloud([0, 0, 0, tiny, 0, 0])).coordinates == [-1, 0, 0, 1, 0, 0])
    }
  }

  @Test func isStored() throws {
    let frame = PointFrame(.global, centre: [1, 2, 0.1], scale: 0.3)
    let data = try JSONEncoder().encode(frame)
    #expect(try JSONDecoder().decode(PointFrame.self, from: data) == frame)
    for text in [
      #"{"normalisation": "box", "centre": [0, 0], "scale": 1}"#,
      #"{"normalisation": "box", "centre": [0, 0, 0], "scale": 0}"#,
    ] {
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(PointFrame.self, from: Data(text.utf8))
      }
    }
  }
}
