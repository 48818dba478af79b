import Failures
import TestSupport
import Testing

@testable import Corpora

private struct Options: CorpusOptions {
  var labels: String?
  var holdoutPattern: String?
  var skipBad = false
}

@Suite struct SplitFoldersTests {
  @Test(
    arguments: [
      // The part and the path without its folder, of each file.
      (["train/a/1", "test/a/2", "val/b/3"], ["training a/1", "heldOut a/2", "validation b/3"]),
      (["a/train/1", "a/test/2", "b/valid/3"], ["training a/1", "heldOut a/2", "validation b/3"]),
      (["TRAIN/1", "Testing/x/2", "dev/3"], ["training 1", "heldOut x/2", "validation 3"]),
      (["train/1", "validation/2"], ["training 1", "validation 2"]),
      (["x/y/train/1", "x/y/test/2", "other/3"], ["training x/y/1", "heldOut x/y/2", "nil other/3"]),
      (["a/train/1", "b/c/test/2"], ["training a/1", "heldOut b/c/2"]),
      // A label of that name, among others and in a split.
      (["train/1", "plane/2"], ["nil train/1", "nil plane/2"]),
      (
        ["car/train/1", "car/test/2", "train/train/3", "train/test/4"],
        ["training car/1", "heldOut car/2", "training train/3", "heldOut train/4"]
      ),
      (["train/train/1", "test/train/2"], ["training train/1", "heldOut train/2"]),
      // Nothing but one of the folders says nothing.
      (["train/a/1", "train/b/2"], ["training a/1", "training b/2"]),
      (["train", "test", "test.txt"], ["nil train", "nil test", "nil test.txt"]),
    ] as [([String], [String])])
  func foldersAreRecognised(names: [String], expected: [String]) {
    let folders = SplitFolders(names)
    let found = names.map { name in
      "\(folders.part(of: name).map { "\($0)" } ?? "nil") \(folders.removed(from: name))"
    }
    #expect(found == expected)
  }

  private let kind = DataFiles.Kind(noun: "note", expected: "TXT") { name, _ in name.hasSuffix(".txt") }

  private func parts(_ files: DataFiles) -> [String] {
    zip(files.names, zip(files.named, files.labels)).map { name, found in
      "\(name) \(found.0.map { "\($0)" } ?? "nil") \(found.1 ?? "nil")"
    }
  }

  @Test func bothLayoutsDivideTheData() throws {
    try withTemporaryFolder { folder in
      for name in ["train/x/1", "train/y/2", "test/x/3", "valid/y/4", "stray"] {
        try folder.write("first/\(name).txt", name)
      }
      for name in ["x/train/1", "y/train/2", "x/test/3", "y/valid/4", "stray/5"] {
        try folder.write("second/\(name).txt", name)
      }
      let first = try DataFiles(folder.path + "/first", kind: kind, options: Options(labels: "folder"))
      #expect(
        parts(first) == [
          "test/x/3.txt heldOut x", "train/x/1.txt nil x", "train/y/2.txt nil y",
          "valid/y/4.txt validation y",
        ])
      #expect(first.omissions.entries.map(\.words) == ["1 in neither train, val nor test"])
      #expect(first.omissions.entries.map(\.names) == [["stray.txt"]])
      let second = try DataFiles(folder.path + "/second", kind: kind, options: Options(labels: "folder"))
      #expect(
        parts(second) == [
          "x/test/3.txt heldOut x", "x/train/1.txt nil x", "y/train/2.txt nil y",
          "y/valid/4.txt validation y",
        ])
      #expect(first.rule.words(noun: "note", isLabelled: true) == "those in test")
    }
  }

  @Test func namedDataReplacesThatOfTheFolders() throws {
    try withTemporaryFolder { folder in
      for name in ["data/train/1", "data/test/2", "data/val/3", "mine/4", "mine/test/5"] {
        try folder.write("\(name).txt", name)
      }
      let held = try DataFiles(
        folder.path + "/data", holdout: folder.path + "/mine", kind: kind, options: Options())
      #expect(
        parts(held) == [
          "train/1.txt nil nil", "val/3.txt validation nil", "4.txt heldOut nil", "test/5.txt heldOut nil",
        ])
      #expect(held.omissions[.replaced] == 1)
      let chosen = try DataFiles(
        folder.path + "/data", validation: folder.path + "/mine", kind: kind, options: Options())
      #expect(parts(chosen).prefix(2) == ["test/2.txt heldOut nil", "train/1.txt nil nil"])
      #expect(chosen.omissions.entries.map(\.names) == [["val/3.txt"]])
      // A pattern divides all files by itself.
      let pattern = try DataFiles(folder.path + "/data", kind: kind, options: Options(holdoutPattern: "3"))
      #expect(pattern.named == [nil, nil, nil] && pattern.omissions.entries.isEmpty)
    }
  }

  @Test func aSplitWithoutTestIsHeldOutByTheRule() throws {
    try withTemporaryFolder { folder in
      for name in ["train/1", "train/2", "val/3"] { try folder.write("\(name).txt", name) }
      let files = try DataFiles(folder.path, kind: kind, options: Options())
      #expect(files.named == [nil, nil, .validation])
      #expect(files.rule.words(noun: "note", isLabelled: false) == "every tenth note")
    }
  }

  @Test func foldersWithoutAFileSayWhatTheyHold() throws {
    try withTemporaryFolder { folder in
      for name in [".a.txt", ".b.txt", ".c.txt", ".d.txt", "x.md"] { try folder.write(name, name) }
      #expect(
        throws: UserError(
          .badData,
          "\(folder.path): found no note among 1 files (4 hidden: .a.txt, .b.txt, .c.txt and 1 more), expected TXT"
        )
      ) { try DataFiles(folder.path, kind: kind, options: Options()) }
    }
  }

  @Test func labelsAreNamedInReports() {
    var report = CorpusReport(source: "data")
    report.labelNames = (0..<12).map { "l\($0)" }
    #expect(report.description.hasSuffix(", 12 labels (l0, l1, l2, l3, l4, l5, l6, l7, l8, l9, l10, l11)."))
    report.labelNames = (0..<200).map { "l\($0)" }
    #expect(report.description.hasSuffix("l10, l11 and 188 more)."))
  }
}
