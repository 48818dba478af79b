import Failures
import Files
import Foundation
import TestSupport
import Testing

@testable import PointDatasets

@Suite struct PointCorpusTests {
  private let small = PointCorpusOptions(points: 8)

  private func message(_ body: () throws -> Void) -> String? {
    #expect(throws: UserError.self) { try body() }?.message
  }

  @Test func foldersTrainAndTestAreTheSplit() throws {
    try withTemporaryFolder { folder in
      for index in 0..<5 { try folder.cloud("train/\(index).npy", scatter(20, seed: index)) }
      for index in 5..<8 { try folder.cloud("test/\(index).npy", scatter(20, seed: index)) }
      try folder.cloud("other/8.npy", scatter(20, seed: 8))
      try folder.write("README.md", "about")
      let corpus = try PointCorpus(path: folder.path, options: small)
      #expect((corpus.training.count, corpus.heldOut.count) == (5, 3))
      #expect(try corpus.heldOut.shape(at: 0) == corpus.frame.normalised(scatter(20, seed: 5)))
      #expect(
        corpus.report.description == "\(folder.path): 8 shapes (left out: 1 in neither train, val nor test, "
          + "1 not shape files) of 20 points; 5 to train on, none for validation (too few), 3 held out (those in "
          + "test); 8 points a sample, each shape in its own box.\nLeft out, in neither train, val nor test: other/8.npy"
          + "\nLeft out, not shape files: README.md")
      let byPattern = try PointCorpus(
        path: folder.path, options: PointCorpusOptions(points: 8, holdoutPattern: "[0-2].npy"))
      #expect((byPattern.training.count, byPattern.heldOut.count) == (6, 3))
    }
  }

  @Test func validationShapesAreNamedInAFolderOrTakenFromThoseToTrainOn() throws {
    try withTemporaryFolder { folder in
      for index in 0..<100 { try folder.cloud("data/train/\(index + 100).npy", scatter(20, seed: index)) }
      for index in 100..<103 { try folder.cloud("data/test/\(index).npy", scatter(20, seed: index)) }
      let ruled = try PointCorpus(path: folder.path + "/data", options: small)
      #expect((ruled.training.count, ruled.validation.count, ruled.heldOut.count) == (90, 10, 3))
      #expect(try ruled.validation.shape(at: 1) == ruled.frame.normalised(scatter(20, seed: 10)))
      #expect(
        ruled.report.description.contains("90 to train on, 10 for validation (every tenth of the others), 3"))

      // A published validation part is one, however small; what is held out too is left out of it.
      for index in 102..<105 { try folder.cloud("data/val/\(index).npy", scatter(20, seed: index)) }
      let official = try PointCorpus(path: folder.path + "/data", options: small)
      #expect((official.training.count, official.validation.count, official.heldOut.count) == (100, 2, 3))
      #expect(official.report[.overlap] == 1 && official.fingerprint != ruled.fingerprint)
      #expect(official.report.description.contains("2 for validation (apart)"))

      for index in 3..<7 { try folder.cloud("mine/\(index).npy", scatter(20, seed: index)) }
      let named = try PointCorpus(
        path: folder.path + "/data/train", validation: folder.path + "/mine",
        holdout: folder.path + "/data/test", options: small)
      #expect((named.training.count, named.validation.count, named.heldOut.count) == (96, 4, 3))
    }
  }

  @Test func labelsOfClassesWithTheirOwnSplit() throws {
    try withTemporaryFolder { folder in
      for (index, name) in ["table/train/a", "chair/train/b", "chair/test/c", "table/test/d"].enumerated() {
        try folder.cloud("\(name).npy", scatter(20, seed: index))
      }
      let corpus = try PointCorpus(
        path: folder.path, options: PointCorpusOptions(points: 8, labels: "folder"))
      #expect(corpus.labelNames == ["chair", "table"])
      #expect(corpus.training.labels == [0, 1])
      #expect(corpus.heldOut.labels == [0, 1])
      let other = try PointCorpus(
        path: folder.path, options: PointCorpusOptions(points: 8, labels: "folder"),
        labels: ["table", "lamp", "chair"])
      #expect(other.training.labels == [2, 0])
      let unknown = message {
        _ = try PointCorpus(
          path: folder.path, options: PointCorpusOptions(points: 8, labels: "folder"), labels: ["lamp"])
      }
      #expect(unknown?.contains("found the label \"chair\", expected one of the model's: lamp") == true)
    }
  }

  @Test func everyTenthShapeOfAStackIsHeldOut() throws {
    try withTemporaryFolder { folder in
      let clouds = (0..<21).map { scatter(9, seed: $0) }
      let path = try folder.write("all.npy", array("(21, 9, 3)", clouds.flatMap(\.coordinates)))
      let corpus = try PointCorpus(path: path, options: PointCorpusOptions(points: 8, normalisation: .none))
      #expect(try corpus.heldOut.all() == [clouds[0], clouds[10], clouds[20]])
      #expect(corpus.training.count == 18)
      #expect(corpus.report.description.contains("21 shapes in 1 file of 9 points"))
    }
  }

  @Test func separateFoldersAndRepetitions() throws {
    try withTemporaryFolder { folder in
      for index in 0..<4 { try folder.cloud("a/\(index).npy", scatter(20, seed: index)) }
      try folder.cloud("a/again.npy", scatter(20, seed: 3))
      try folder.cloud("b/0.npy", scatter(20, seed: 0))
      let corpus = try PointCorpus(
        path: folder.path + "/a", holdout: folder.path + "/b", options: small)
      #expect((corpus.training.count, corpus.heldOut.count) == (3, 1))
      #expect((corpus.report[.duplicate], corpus.report[.overlap]) == (1, 1))
      #expect(
        message {
          _ = try PointCorpus(
            path: folder.path, holdout: folder.path, options: PointCorpusOptions(holdoutPattern: "x"))
        } == "--holdout-pattern: found beside --holdout, expected one of the two")
      let only = try PointCorpus(path: folder.path + "/b", options: small)
      #expect((only.training.count, only.heldOut.count) == (1, 1))
      #expect(only.report.description.contains("too few to hold any out"), "\(only.report.description)")
    }
  }

  @Test func unusableShapesAreNamedOrCounted() throws {
    try withTemporaryFolder { folder in
      for index in 0..<12 { try folder.cloud("\(index + 10).npy", scatter(20, seed: index)) }
      try folder.cloud("0.npy", PointCloud(Array(repeating: 3, count: 60)))
      try folder.cloud("1.npy", scatter(1, seed: 0))
      try folder.write("2.npy", array("(2, 20, 3)", scatter(39, seed: 50).coordinates + [0, 0, .nan]))
      try folder.cloud("3.npy", scatter(2, seed: 0))
      let first = message { _ = try PointCorpus(path: folder.path, options: small) }
      #expect(first == "\(folder.path)/0.npy: found all of 20 points at one place, expected a shape")
      let corpus = try PointCorpus(
        path: folder.path, options: PointCorpusOptions(points: 8, skipBad: true))
      #expect(corpus.report[ShapeReader.words.bad] == 2)
      #expect(corpus.report.items == 17)
      #expect(corpus.report.details.contains(", some repeated in 1 shape"))
      #expect(corpus.training.count + corpus.heldOut.count == 15)
      #expect(
        corpus.report.badExamples[1]
          == "\(folder.path)/1.npy: found 1 points, expected at least 2 for samples of 8")
      // A row that is not finite is left out, and not its shape.
      #expect(corpus.report.badExamples.count == 2)
      #expect(
        corpus.report.description.contains(
          "; 1 row with numbers that are not finite left out of 1 shape, some"))
    }
  }

  @Test func textsThatBeginWithNumbersAreShapes() throws {
    try withTemporaryFolder { folder in
      for index in 0..<2 {
        let rows = (0..<9).map { "\($0),\($0 * index),\(index)\n" }.joined()
        try folder.write("\(index).txt", "# a shape\n" + rows)
      }
      try folder.write("notes.txt", "About these shapes.\n")
      let corpus = try PointCorpus(path: folder.path, options: small)
      #expect((corpus.report.items, corpus.report[ShapeFile.kind.others]) == (2, 1))
    }
  }

  @Test func theGlobalFrameIsThatOfTheTrainingPart() throws {
    try withTemporaryFolder { folder in
      for index in 0..<6 {
        try folder.cloud("train/\(index).npy", scatter(50 + index, seed: index, sides: [1, 2, 4]))
      }
      try folder.cloud("test/6.npy", scatter(50, seed: 6, sides: [100, 100, 100]))
      let options = PointCorpusOptions(points: 8, normalisation: .global)
      let corpus = try PointCorpus(path: folder.path, options: options)
      let all = try corpus.training.all().flatMap(\.coordinates).map(Double.init)
      let count = Double(all.count / 3)
      for axis in 0..<3 {
        let sum = stride(from: axis, to: all.count, by: 3).reduce(0.0) { $0 + all[$1] }
        #expect(abs(sum / count) < 1e-6)
      }
      #expect(abs(all.reduce(0) { $0 + $1 * $1 } / (3 * count) - 1) < 1e-6)
      let later = try PointCorpus(
        path: folder.path + "/test/6.npy", holdout: folder.path + "/train", options: options,
        frame: corpus.frame)
      #expect(try later.training.shape(at: 0) == corpus.heldOut.shape(at: 0))
      let refused = message {
        _ = try PointCorpus(path: folder.path, options: small, frame: corpus.frame)
      }
      #expect(refused == "--normalize: found box, expected global, which the model was trained under")
    }
  }

  @Test func fingerprintsFollowTheContent() throws {
    try withTemporaryFolder { folder in
      func fingerprint(_ place: String, _ seeds: [Int], _ options: PointCorpusOptions) throws -> String {
        for (index, seed) in seeds.enumerated() {
          try folder.cloud("\(place)/\(index)-x.npy", scatter(20, seed: seed))
        }
        return try PointCorpus(path: folder.path + "/" + place, options: options).fingerprint
      }
      let first = try fingerprint("a", [1, 2, 3], small)
      #expect(first.wholeMatch(of: /[0-9a-f]{16}-[0-9a-f]{16}-[0-9a-f]{16}/) != nil)
      #expect(try fingerprint("b", [1, 2, 3], small) == first)
      #expect(try fingerprint("c", [1, 2, 4], small).suffix(16) == first.suffix(16))
      #expect(try fingerprint("d", [1, 2, 4], small) != first)
      #expect(try fingerprint("e", [1, 2, 3], PointCorpusOptions(points: 8, normalisation: .none)) != first)
      #expect(
        try fingerprint("f", [1, 2, 3], PointCorpusOptions(points: 8, labels: "-(x)")) != first)
    }
  }

  @Test(arguments: [
    PointCorpusOptions(points: 0), PointCorpusOptions(meshPoints: 2_000_000), PointCorpusOptions(labels: "("),
    PointCorpusOptions(holdoutPattern: "["),
  ])
  func optionsAreChecked(options: PointCorpusOptions) {
    let error = #expect(throws: UserError.self) { try PointCorpus(path: "x", options: options) }
    #expect(error?.category == .usage)
  }

  @Test func optionsAreStoredWhole() throws {
    let options = PointCorpusOptions(points: 9, normalisation: .sphere, skipBad: true)
    let document = try JSONValue(encoding: options)
    #expect(try document.decoded(as: PointCorpusOptions.self) == options)
    #expect(document.text.contains(#""labels":null"#))
  }

  @Test func missingDataIsNoInput() {
    let error = #expect(throws: UserError.self) { try PointCorpus(path: "/nowhere", options: small) }
    #expect(error?.category == .noInput)
  }
}
