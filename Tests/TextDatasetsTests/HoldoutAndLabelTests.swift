import Failures
import TestSupport
import Testing

@testable import TextDatasets

@Suite struct HoldoutAndLabelTests {
  @Test(arguments: [nil, 2] as [Int?])
  func heldOutFileReplacesTheRule(window: Int?) throws {
    try withTemporaryFolder { folder in
      let data = try folder.write("data.txt", window == nil ? "ab\ncd\nef\ncd\ngh\n" : "abcdefcdgh")
      let held = try folder.write("held.txt", window == nil ? "cd\nxy\ncd\n" : "cdxycd")
      let corpus = try TextCorpus(
        TextSource(data), holdout: TextSource(held), options: .init(window: window))
      #expect(Array(corpus.training) == ["ab", "ef", "gh"])
      #expect(Array(corpus.heldOut) == ["cd", "xy"])
      #expect(corpus.report.overlap == 1)
      #expect(corpus.report.duplicates == 2)
      #expect(corpus.report.files == 2)
      #expect(corpus.vocabulary.symbols == ["a", "b", "e", "f", "g", "h"])
      #expect(corpus.report.heldOutUnknowns == 4)
    }
  }

  @Test func partsWithoutSamplesAreNamed() throws {
    try withTemporaryFolder { folder in
      let data = try folder.write("data.txt", "ab\ncd\n")
      let held = try folder.write("held.txt", "\n")
      let empty = #expect(throws: UserError.self) {
        try TextCorpus(TextSource(data), holdout: TextSource(held))
      }
      #expect(empty?.message.hasPrefix(held) == true)
      let all = #expect(throws: UserError.self) {
        try TextCorpus(TextSource(data), holdout: TextSource(data))
      }
      #expect(all?.category == .badData)
      #expect(all?.message.hasPrefix("\(data): found 2 distinct samples") == true)
      #expect(all?.message.contains("2 also in the held-out file") == true)
    }
  }

  @Test func labelsAreTheNamesOfFiles() throws {
    try withTemporaryFolder { folder in
      try folder.write("french.txt", "anne\nluc\nanne\n")
      try folder.write("czech.txt", "anne\npetr\nwanda\n")
      let corpus = try TextCorpus(TextSource(folder.path), options: .init(labels: .file))
      #expect(corpus.labelNames == ["czech", "french"])
      // "anne" is the first distinct text and held out under both of its labels.
      #expect(Array(corpus.heldOut) == ["anne", "anne"])
      #expect((0..<2).map { corpus.heldOut.label($0) } == [0, 1])
      #expect(Array(corpus.training) == ["luc", "petr", "wanda"])
      #expect((0..<3).map { corpus.training.label($0) } == [1, 0, 0])
      #expect(corpus.report.duplicates == 1)
      let unlabelled = try TextCorpus(TextSource(folder.path))
      #expect(Array(unlabelled.heldOut) == ["anne"])
      #expect(unlabelled.report.duplicates == 2)
      #expect(unlabelled.training.fingerprint != corpus.training.fingerprint)
    }
  }

  @Test func labelsAreTheNamesOfFolders() throws {
    try withTemporaryFolder { folder in
      try folder.write("b/1.txt", "x\n")
      try folder.write("a/1.txt", "y\n")
      try folder.write("a/2.txt", "z\n")
      let corpus = try TextCorpus(TextSource(folder.path), options: .init(labels: .folder))
      #expect(corpus.labelNames == ["a", "b"])
      #expect(corpus.heldOut.label(0) == 1)
      #expect((0..<2).map { corpus.training.label($0) } == [0, 0])
      #expect(corpus.report.labelCount == 2)
    }
  }

  @Test func unknownLabelInTheHeldOutFileIsBadData() throws {
    try withTemporaryFolder { folder in
      let data = try folder.write("data/french.txt", "anne\nluc\n")
      let held = try folder.write("german.txt", "hans\n")
      #expect(throws: UserError(.badData, "\(held): found the label \"german\", expected one of french")) {
        try TextCorpus(TextSource(data), holdout: TextSource(held), options: .init(labels: .file))
      }
    }
  }
}
