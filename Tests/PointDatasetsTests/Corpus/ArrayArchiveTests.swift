import Failures
import TestSupport
import Testing

@testable import PointDatasets

/// Archives that hold a whole data set: shapes and labels, for training and for a test.
@Suite struct ArrayArchiveTests {
  private static func shapes(_ count: Int, seed: Int) -> [UInt8] {
    array("(\(count), 20, 3)", (0..<count).flatMap { scatter(20, seed: seed + $0).coordinates })
  }

  private static func labels(_ labels: [Int], _ shape: String? = nil) -> [UInt8] {
    array("<i8", shape ?? "(\(labels.count),)", labels.flatMap { bytes(Int64($0)) })
  }

  private func corpus(_ members: [(String, [UInt8])], _ options: PointCorpusOptions) throws -> PointCorpus {
    try withTemporaryFolder { folder in
      try PointCorpus(path: try folder.write("a.npz", archive(members)), options: options)
    }
  }

  private func refusal(_ members: [(String, [UInt8])], _ options: PointCorpusOptions) -> String {
    #expect(throws: UserError.self) { try corpus(members, options) }?.message ?? ""
  }

  private let labelled = PointCorpusOptions(points: 8, normalisation: .none, labels: "array")

  @Test func partsAndLabelsStandBesideTheShapes() throws {
    let members = [
      ("X_test.npy", Self.shapes(2, seed: 50)), ("X_train.npy", Self.shapes(3, seed: 0)),
      ("y_test.npy", Self.labels([7, 5], "(2, 1)")), ("y_train.npy", Self.labels([5, 7, 5])),
    ]
    let corpus = try corpus(members, labelled)
    #expect(corpus.labelNames == ["5", "7"])
    #expect(corpus.training.labels == [0, 1, 0] && corpus.heldOut.labels == [1, 0])
    #expect(try corpus.training.all() == (0..<3).map { scatter(20, seed: $0) })
    #expect(try corpus.heldOut.all() == (50..<52).map { scatter(20, seed: $0) })
    let report = corpus.report.description
    #expect(report.contains("2 held out (those in the files' test parts)"), "\(report)")
    #expect(report.contains("of several arrays X_test, X_train taken (--array) in 5 shapes"), "\(report)")
    let plain = try self.corpus(members, PointCorpusOptions(points: 8))
    #expect(plain.labelNames.isEmpty && (plain.training.count, plain.heldOut.count) == (3, 2))
    let named = try self.corpus(members, PointCorpusOptions(points: 8, array: "X_train"))
    #expect((named.training.count, named.heldOut.count) == (2, 1))
    let both = try self.corpus(members, PointCorpusOptions(points: 8, array: "x"))
    #expect((both.training.count, both.heldOut.count) == (3, 2))
  }

  @Test func labelsMayBeTextAndNamesMayDiffer() throws {
    let words = array(
      "<U5", "(3,)",
      ["chair", "lamp", "chair"].flatMap { word in
        (Array(word.unicodeScalars.map(\.value)) + [0, 0]).prefix(5).flatMap { bytes($0) }
      })
    let members = [
      ("train_points.npy", Self.shapes(3, seed: 0)), ("train_labels.npy", words),
      ("test_points.npy", Self.shapes(1, seed: 9)),
      ("test_labels.npy", array("|S5", "(1,)", Array("chair".utf8))),
      ("val_points.npy", Self.shapes(1, seed: 19)),
      ("val_labels.npy", array("|S4", "(1,)", Array("lamp".utf8))),
    ]
    let corpus = try corpus(members, labelled)
    #expect(corpus.labelNames == ["chair", "lamp"] && corpus.training.labels == [0, 1, 0])
    #expect(corpus.heldOut.labels == [0] && corpus.validation.labels == [1])
  }

  @Test func oneShapeWithItsLabelInEachFile() throws {
    try withTemporaryFolder { folder in
      for index in 0..<4 {
        let shape = array("(20, 3)", scatter(20, seed: index).coordinates)
        try folder.write(
          "\(index).npz", archive([("points.npy", shape), ("label.npy", Self.labels([index % 2], "()"))]))
      }
      let corpus = try PointCorpus(path: folder.path, options: labelled)
      #expect(corpus.labelNames == ["0", "1"] && corpus.training.count == 2)
    }
  }

  @Test func labelsThatAreNotThereAreNamed() throws {
    let shapes = ("points.npy", Self.shapes(3, seed: 0))
    #expect(refusal([shapes], labelled).contains("--labels array: found 0 arrays of labels beside points"))
    #expect(
      refusal([shapes, ("labels.npy", Self.labels([1, 2]))], labelled).contains(
        "labels.npy: found 2 labels, expected 3, one for each shape of points"))
    #expect(
      refusal([shapes, ("y.npy", array("(3,)", [0, 0.5, 1]))], labelled).contains(
        "y.npy: found a label that is no whole number in row [1]"))
    #expect(
      refusal([shapes, ("y.npy", Self.labels([0, 1, 0, 1, 0, 1], "(3, 2)"))], labelled).contains(
        "y.npy: found labels of shape [3, 2]"))
    #expect(
      refusal([shapes, ("y.npy", array("|O", "(3,)", [UInt8](repeating: 0, count: 24)))], labelled)
        .contains("a pickle"))
    try withTemporaryFolder { folder in
      try folder.cloud("a.npy", scatter(20, seed: 0))
      let error = #expect(throws: UserError.self) { try PointCorpus(path: folder.path, options: labelled) }
      #expect(error?.message.contains("--labels array: found no array beside the shape") == true)
    }
  }
}
