import Corpora
import Failures
import TestSupport
import Testing

@testable import TextDatasets

@Suite struct TextFolderTests {
  private func remarks(_ corpus: TextCorpus) -> [String] {
    corpus.report.remarks.entries.map { "\($0.count) \($0.names)" }
  }

  @Test(arguments: [
    "train/x/1.txt train/y/2.txt test/x/3.txt val/y/4.txt",
    "x/train/1.txt y/train/2.txt x/test/3.txt y/val/4.txt",
  ])
  func foldersOfASplitDivideText(layout: String) throws {
    try withTemporaryFolder { folder in
      let names = layout.split(separator: " ").map(String.init)
      for (name, text) in zip(names, ["ab\ncd\n", "ef\ngh\n", "cd\nij\n", "kl\nef\n"]) {
        try folder.write(name, text)
      }
      let corpus = try TextCorpus(path: folder.path, options: .init(labels: "folder"))
      #expect(Array(corpus.training) == ["ab", "gh"])
      #expect(Set(corpus.validation) == ["ef", "kl"] && Array(corpus.heldOut) == ["cd", "ij"])
      #expect(corpus.labelNames == ["x", "y"] && corpus.training.label(at: 1) == 1)
      #expect(corpus.report[.overlap] == 2)
      #expect(corpus.report.description.contains("2 for validation (apart), 2 held out (those in test), the"))
      #expect(corpus.report.description.contains(", 2 labels (x, y)."))
    }
  }

  @Test func whatTellsOfTheDataIsNoneOfIt() throws {
    try withTemporaryFolder { folder in
      for name in ["french.txt", "czech.txt"] { try folder.write(name, "\(name)\nb\nc\n") }
      for name in ["README", "readme_fr.md", "License.txt", ".DS_Store"] { try folder.write(name, "about\n") }
      // Names of data, whatever they begin with.
      try folder.write("licensed-names.txt", "d\n")
      let corpus = try TextCorpus(path: folder.path, options: .init(labels: "file"))
      #expect(corpus.labelNames == ["czech", "french", "licensed-names"])
      #expect(!(Array(corpus.training) + Array(corpus.heldOut)).contains("about"))
      let lines = corpus.report.description.split(separator: "\n")
      #expect(lines.contains("Left out, about the data, not of it: License.txt, README, readme_fr.md"))
      #expect(lines.contains("Left out, of the operating system's: .DS_Store"))
    }
  }

  @Test func aFileThatIsNamedOrTheOnlyOneIsData() throws {
    try withTemporaryFolder { folder in
      let path = try folder.write("README.md", "a\nb\n")
      #expect(try TextCorpus(path: path).training.count == 1)
      let corpus = try TextCorpus(path: folder.path)
      #expect(corpus.training.count == 1 && corpus.report.leftOut.isEmpty)
    }
  }

  @Test func aReturnAtTheEndOfTheLastLineIsALineEnd() throws {
    for options in [TextCorpusOptions(), TextCorpusOptions(window: 1)] {
      let whole = try TextCorpus(text: "ab\r\ncd\r\nef\r\n", name: "text", options: options)
      let corpus = try TextCorpus(text: "ab\r\ncd\r\nef\r", name: "text", options: options)
      #expect(corpus.fingerprint == whole.fingerprint)
      #expect(!(Array(corpus.training) + Array(corpus.heldOut)).contains { $0.contains("\r") })
      #expect(corpus.report.items == 3 && corpus.report.remarks.entries.isEmpty)
    }
  }

  @Test func filesOfOneLineAndOfReturnsAloneAreRemarkedOn() throws {
    try withTemporaryFolder { folder in
      try folder.write("one.txt", "a b c d")
      try folder.write("one-end.txt", "e f g\n\n")
      try folder.write("returns.txt", "h\ri\rj")
      try folder.write("mixed.txt", "k\rl\r\nm\n")
      let corpus = try TextCorpus(path: folder.path)
      #expect(remarks(corpus) == [#"2 ["one-end.txt", "one.txt"]"#, #"1 ["returns.txt"]"#])
      let lines = corpus.report.description.split(separator: "\n")
      #expect(
        lines.contains(
          "2 files of one line, each one sample (--window N reads running text): one-end.txt, one.txt"))
      #expect(lines.contains("1 file whose lines end in carriage returns alone: returns.txt"))
      // In windows there is nothing to remark.
      #expect(try remarks(TextCorpus(path: folder.path, options: .init(window: 2))).isEmpty)
    }
  }

  @Test(arguments: ["one long line of running text", "a\r", "\u{feff}x\n\n"])
  func theOnlyLineNamesTheFlagForRunningText(text: String) throws {
    try withTemporaryFolder { folder in
      let path = try folder.write("a.txt", text)
      let error = #expect(throws: UserError.self) { try TextCorpus(path: path) }
      #expect(error?.message.hasPrefix("\(path): found 1 distinct samples in ") == true)
      #expect(
        error?.message.hasSuffix("a line is a sample, --window N reads running text in windows of N symbols")
          == true)
    }
  }

  @Test func filesNamedByAPatternOrApartAreSaid() throws {
    try withTemporaryFolder { folder in
      for name in ["a.txt", "b.txt"] { try folder.write("data/\(name)", "\(name)\nx\ny\n") }
      let held = try folder.write("held.txt", "z\n")
      let pattern = try TextCorpus(path: folder.path + "/data", options: .init(holdoutPattern: "b"))
      #expect(pattern.report.holdoutRule == "files that match 'b'")
      let apart = try TextCorpus(path: folder.path + "/data", holdout: held)
      #expect(apart.report.holdoutRule == "the files of \(held)")
      #expect(try TextCorpus(path: folder.path + "/data").report.holdoutRule == nil)
    }
  }

  @Test func labelsOfAModelKeepTheirNumbers() throws {
    try withTemporaryFolder { folder in
      try folder.write("b/1.txt", "x\ny\nz\n")
      let known = try TextCorpus(path: folder.path, options: .init(labels: "folder"), labels: ["a", "b"])
      #expect(known.labelNames == ["a", "b"] && known.training.label(at: 0) == 1)
      let error = #expect(throws: UserError.self) {
        try TextCorpus(path: folder.path, options: .init(labels: "folder"), labels: ["c"])
      }
      #expect(error?.message.contains("found the label \"b\", expected one of the model's: c") == true)
    }
  }
}
