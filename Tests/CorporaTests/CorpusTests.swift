import Failures
import TestSupport
import Testing

@testable import Corpora

private struct Options: CorpusOptions {
  var labels: String?
  var holdoutPattern: String?
  var skipBad = true
}

private struct Content: ItemSurvey {
  let digest: String
}

@Suite struct CorpusTests {
  private let kind = DataFiles.Kind(noun: "note", expected: "TXT") { name, _ in
    name.hasSuffix(".txt")
  }
  private let words = ItemWords(
    part: "page", item: "note", bad: Omission("torn"),
    omissions: [Omission("torn"), Omission("blank"), .duplicate, .overlap])

  /// Splits files whose names without their folder are their content; `torn` and `blank` ones have none.
  private func split(_ files: DataFiles, known: [String]? = nil) throws -> Split {
    let surveys = files.names.map { name -> Result<Content, UserError> in
      let content = String(name.split(separator: "/").last ?? "")
      return content.hasPrefix("torn")
        ? .failure(UserError(.badData, "\(name): torn")) : .success(Content(digest: content))
    }
    return try Split(
      files, surveys: surveys, owners: Array(surveys.indices), words: words, known: known
    ) { content, name, report in
      let isBlank = content.digest.hasPrefix("blank")
      if isBlank { report.leaveOut(Omission("blank"), named: name) }
      return !isBlank
    }
  }

  private func fill(_ folder: TemporaryFolder, _ names: [String]) throws {
    for name in names { try folder.write(name + ".txt", name) }
  }

  @Test func splitsLeaveOutAndSayWhat() throws {
    try withTemporaryFolder { folder in
      try fill(
        folder, (0..<12).map { "x/\($0 + 10)" } + ["torn1", "torn2", "torn3", "torn4", "blank", "y/15"])
      try folder.write("notes.md", "about")
      var split = try split(DataFiles(folder.path, kind: kind, options: Options()))
      #expect(split.partition.heldOut.count == 2 && split.partition.training.count == 10)
      #expect(split.report[Omission("torn")] == 4 && split.report[.duplicate] == 1)
      split.report.found = "18 notes"
      #expect(
        split.report.description.hasPrefix(
          "\(folder.path): 18 notes (left out: 4 torn, 1 blank, 1 duplicate, 1 not notes); 0 to train on, "))
      #expect(
        split.report.description.hasSuffix(
          ".\nLeft out, blank: blank.txt\nLeft out, duplicate: y/15.txt\nLeft out, not notes: notes.md"
            + "\nLeft out: torn1.txt: torn\nLeft out: torn2.txt: torn\nLeft out: torn3.txt: torn"
            + "\nLeft out: 1 more torn"))
    }
  }

  @Test func publishedSplitsAreKeptAndAreNoLabels() throws {
    try withTemporaryFolder { folder in
      try fill(folder, ["a/train/1", "a/train/6", "b/train/2", "a/test/3", "b/test/1", "b/val/4", "c/5"])
      let files = try DataFiles(folder.path, kind: kind, options: Options(labels: "folder"))
      let split = try split(files)
      #expect(split.labelNames == ["a", "b"])
      #expect(split.report[.outside] == 1 && split.report.isValidationApart)
      #expect(split.report.holdoutRule == "those in test")
      // The content of a/train/1 is held out as b/test/1.
      #expect(split.partition.training.map { files.names[$0] } == ["a/train/6.txt", "b/train/2.txt"])
      #expect(split.partition.heldOut.map { split.labels[$0] } == [0, 1])
      #expect(split.partition.validation.map { files.names[$0] } == ["b/val/4.txt"])
    }
  }

  @Test func partsWithoutAnItemAndUnknownLabelsAreErrors() throws {
    try withTemporaryFolder { folder in
      try fill(folder, ["a/1", "b/2", "torn"])
      let none = #expect(throws: UserError.self) {
        try split(DataFiles(folder.path, kind: kind, options: Options(holdoutPattern: "7")))
      }
      #expect(
        none?.message
          == "\(folder.path): found no page to hold out among 3 notes (left out: 1 torn), expected "
          + "at least one (pages that match '7'); torn.txt: torn")
      let label = #expect(throws: UserError.self) {
        let options = Options(labels: "([12])", holdoutPattern: "2")
        _ = try split(
          DataFiles(folder.path + "/a", holdout: folder.path + "/b", kind: kind, options: options))
      }
      #expect(label?.message == "--holdout-pattern: found beside --holdout, expected one of the two")
      let unknown = #expect(throws: UserError.self) {
        let options = Options(labels: "([12])")
        _ = try split(
          DataFiles(folder.path + "/a", holdout: folder.path + "/b", kind: kind, options: options))
      }
      #expect(
        unknown?.message.contains("found the label \"2\", expected one of the training part's: 1") == true)
    }
  }
}
