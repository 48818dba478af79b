import Failures
import TestSupport
import Testing

@testable import PointDatasets

@Suite struct MeasuredShapeTests {
  @Test func numbersAreThoseOfTheFile() throws {
    try withTemporaryFolder { folder in
      let path = try folder.write("a.xyz", "1 2 3\n5 -2 3.5\n0 0 -1\n2 4 0.5\n")
      // A sample would need 128 points, and another shape would have to be held out.
      let survey = try MeasuredShape.survey(path, options: PointCorpusOptions())
      let shape = try #require(survey.entries.first?.item)
      #expect(survey.entries.map(\.name) == ["a.xyz"] && shape.points == 4)
      #expect(shape.minimum == [0, -2, -1] && shape.maximum == [5, 4, 3.5] && shape.mean == [2, 1, 1.5])
    }
  }

  @Test func farPlacesKeepTheirPrecision() throws {
    try withTemporaryFolder { folder in
      let path = try folder.write("a.csv", "x,y,z\n455123.125,5412345.75,312.5\n455124.375,5412346.25,313\n")
      let shape = try #require(try MeasuredShape.survey(path, options: PointCorpusOptions()).entries.first)
      #expect(shape.item.minimum == [455_123.125, 5_412_345.75, 312.5])
      #expect(shape.item.maximum == [455_124.375, 5_412_346.25, 313])
      #expect(shape.item.mean == [455_123.75, 5_412_346, 312.75])
    }
  }

  @Test func assumptionsAndFaultsAreKept() throws {
    try withTemporaryFolder { folder in
      let clouds = (0..<2).flatMap { scatter(20, seed: $0).coordinates }
      try folder.write("a/s.npy", array("(2, 3, 20)", clouds))
      try folder.cloud("b/c.npy", scatter(30, seed: 2))
      try folder.write("b/bad.ply", "ply\n")
      try folder.write("b/gap.xyz", "1 2 3\nnan 1 2\n4 5 6\n")
      var options = PointCorpusOptions(labels: "folder")
      let survey = try MeasuredShape.survey(folder.path, options: options)
      #expect(survey.entries.map(\.name) == ["a/s.npy[0]", "a/s.npy[1]", "b/c.npy"])
      #expect(survey.entries.map(\.label) == ["a", "a", "b"])
      #expect(survey.entries[0].item.notes == ["arrays taken as [S, 3, N] (--axes first)"])
      #expect(survey.faults.count == 2 && survey.faults[1].message.contains("gap.xyz"))

      let last = survey.entries[1]
      #expect(try options.shape(at: last.index, of: last.path).count == 20)
      #expect(throws: UserError.self) { try options.shape(at: 2, of: last.path) }

      options.skipBad = true
      let lenient = try MeasuredShape.survey(folder.path, options: options)
      #expect(lenient.faults.count == 1)
      #expect(lenient.entries[3].item.notes == ["1 row with numbers that are not finite left out"])
    }
  }
}
