import Failures
import Foundation
import Pictures
import PlaneDatasets
import TestSupport
import Testing

@testable import PlaneModality

@Suite struct PlanePictureTests {
  private static let window = PlaneWindow(low: [-1, -1], high: [1, 1])
  private static let state = PlaneState(
    samples: [[-0.5, 0.5], [3, 3]],
    surface: (0..<(PlanePicture.cells * PlanePicture.cells)).map { Float($0 / PlanePicture.cells) })

  @Test func samplesLieWhereTheyBelong() {
    let picture = PlanePicture(window: Self.window, density: nil).picture(Self.state, side: 64)
    #expect(picture.width == 128 && picture.height == 64)
    // A sample at the upper left, and none outside of the window.
    #expect(picture[16, 15] != .white && picture[48, 47] == .white)
    // The surface rises towards the bottom.
    #expect(picture[100, 2] == ColourMap.viridis[Float(2) / 63])
    #expect(picture[100, 63] == ColourMap.viridis[1])
  }

  @Test func densitiesAreDarkestAtTheirModes() {
    let density = MixtureDensity([.init(weight: 1, mean: [0.5, 0.5], deviations: [0.1, 0.1])])
    let picture = PlanePicture(window: Self.window, density: density)
      .picture(PlaneState(samples: [], surface: []), side: 64)
    #expect(picture.width == 64)
    #expect(picture[48, 16].red < 50 && picture[10, 50] == .white)
  }

  @Test func previewsAreReadBack() throws {
    let folder = try TemporaryFolder()
    for name in ["step-00000000", "step-00000064"] {
      for table in [PlaneState.table(of: Self.state.samples), Self.state.surfaceTable] {
        try folder.write("\(name)/\(table.fileName)", table.fileBytes)
      }
    }
    let course = try Course(previews: folder.url)
    #expect(course.states.map(\.step) == [0, 64] && course.states[1].state == Self.state)
    #expect(try Course(previews: folder.url, limit: 1).states.map(\.step) == [0])
    let sheet = course.sheet(PlanePicture(window: Self.window, density: nil))
    #expect(sheet.width == 2 * (224 + 6) + 6 && sheet.height == 112 + 14 + 12)

    try folder.write("step-00000064/surface.csv", "1,2\n")
    let error = try #require(throws: UserError.self) { try Course(previews: folder.url) }
    #expect(error.category == .badData && error.message.contains("surface.csv, line 1: found 2 numbers"))
    let none = try #require(throws: UserError.self) { try Course(previews: folder["none"]) }
    #expect(none.category == .noInput)
  }

  @Test func numbersAreWritten() {
    var picture = Picture(width: 8, height: 6)
    Digits.draw(17, in: &picture, x: 0, y: 0, scale: 1)
    // The 1's stem and foot, then the 7's bar.
    #expect(picture[1, 1] == .black && picture[0, 4] == .black && picture[2, 1] == .white)
    #expect((4..<7).allSatisfy { picture[$0, 0] == .black } && picture[4, 2] == .white)
  }
}
