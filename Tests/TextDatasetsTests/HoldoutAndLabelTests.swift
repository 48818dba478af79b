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
        path: data, holdout: held, options: .init(window: window))
      #expect(Array(corpus.training) == ["ab", "ef", "gh"])
      #expect(Array(corpus.heldOut) == ["cd", "xy"])
      #expect(corpus.report[.overlap] == 1)
      #expect(corpus.report[.duplicate] == 2)
      #expect(corpus.report.files == 2)
      #expect(corpus.vocabulary.symbols == ["a", "b", "e", "f", "g", "h"])
      #expect(corpus.heldOut.unknownCount == 4)
    }
  }

  @Test(arguments: [nil, 2] as [Int?])
  func noTextIsInTwoOfThreeParts(window: Int?) throws {
    try withTemporaryFolder { folder in
      func text(_ samples: [String]) -> String { samples.joined(separator: window == nil ? "\n" : "") }
      let data = try folder.write("data.txt", text(["ab", "cd", "ef", "gh"]))
      let valid = try folder.write("valid.txt", text(["ef", "xy", "cd", "ef"]))
      let held = try folder.write("held.txt", text(["cd", "zz"]))
      let corpus = try TextCorpus(
        path: data, validation: valid, holdout: held,
        options: .init(window: window))
      #expect(Array(corpus.training) == ["ab", "gh"])
      #expect(Set(corpus.validation) == ["ef", "xy"] && corpus.validation.count == 2)
      #expect(Array(corpus.heldOut) == ["cd", "zz"])
      #expect(corpus.report[.overlap] == 3 && corpus.report[.duplicate] == 1)
      #expect(corpus.report.isValidationApart && corpus.validation.unknownCount == 4)
    }
  }

  @Test func validationSamplesComeFromThoseThatAreNotHeldOut() throws {
    try withTemporaryFolder { folder in
      let words = (0..<300).map { "w\($0)" }
      let data = try folder.write("a.txt", words.joined(separator: "\n"))
      try folder.write("both/a.txt", words.joined(separator: "\n"))
      try folder.write("both/b.txt", words.reversed().joined(separator: "\n"))
      let corpus = try TextCorpus(path: data)
      #expect((corpus.training.count, corpus.validation.count, corpus.heldOut.count) == (243, 27, 30))
      // A text stays in one part under both of its labels.
      let labelled = try TextCorpus(path: folder.path + "/both", options: .init(labels: "file"))
      #expect(Array(labelled.validation) == corpus.validation.flatMap { [$0, $0] })
      #expect(Set(labelled.training).isDisjoint(with: labelled.validation))
      // With a held-out file all lines of the data are there to train on and to choose from.
      let held = try folder.write("held.txt", "w0\nother")
      let separate = try TextCorpus(path: data, holdout: held)
      #expect((separate.training.count, separate.validation.count) == (269, 30))
      #expect(separate.validation[0] == "w1")
    }
  }

  @Test func partsWithoutSamplesAreNamed() throws {
    try withTemporaryFolder { folder in
      let data = try folder.write("data.txt", "ab\ncd\n")
      let held = try folder.write("held.txt", "\n")
      let empty = #expect(throws: UserError.self) {
        try TextCorpus(path: data, holdout: held)
      }
      #expect(empty?.message.hasPrefix(held) == true)
      let all = #expect(throws: UserError.self) {
        try TextCorpus(path: data, holdout: data)
      }
      #expect(all?.category == .badData)
      #expect(all?.message.hasPrefix("\(data): found 2 distinct samples") == true)
      #expect(all?.message.contains("2 also in another file") == true)
    }
  }

  @Test func labelsAreTheNamesOfFiles() throws {
    try withTemporaryFolder { folder in
      try folder.write("french.txt", "anne\nluc\nanne\n")
      try folder.write("czech.txt", "anne\npetr\nwanda\n")
      let corpus = try TextCorpus(path: folder.path, options: .init(labels: "file"))
      #expect(corpus.labelNames == ["czech", "french"])
      // "anne" is the first distinct text and held out under both of its labels.
      #expect(Array(corpus.heldOut) == ["anne", "anne"])
      #expect((0..<2).map { corpus.heldOut.label(at: $0) } == [0, 1])
      #expect(Array(corpus.training) == ["luc", "petr", "wanda"])
      #expect((0..<3).map { corpus.training.label(at: $0) } == [1, 0, 0])
      #expect(corpus.report[.duplicate] == 1)
      let unlabelled = try TextCorpus(path: folder.path)
      #expect(Array(unlabelled.heldOut) == ["anne"])
      #expect(unlabelled.report[.duplicate] == 2)
      #expect(unlabelled.training.fingerprint != corpus.training.fingerprint)
    }
  }

  @Test func labelsAreTheNamesOfFolders() throws {
    try withTemporaryFolder { folder in
      try folder.write("b/1.txt", "x\n")
      try folder.write("a/1.txt", "y\n")
      try folder.write("a/2.txt", "z\n")
      let corpus = try TextCorpus(path: folder.path, options: .init(labels: "folder"))
      #expect(corpus.labelNames == ["a", "b"])
      #expect(corpus.heldOut.label(at: 0) == 1)
      #expect((0..<2).map { corpus.training.label(at: $0) } == [0, 0])
      #expect(corpus.report.labelCount == 2)
    }
  }

  @Test func unknownLabelInTheHeldOutFileIsBadData() throws {
    try withTemporaryFolder { folder in
      let data = try folder.write("data/french.txt", "anne\nluc\n")
      let held = try folder.write("german.txt", "hans\n")
      #expect(throws: UserError(.badData, "\(held): found the label \"german\", expected one of french")) {
        try TextCorpus(path: data, holdout: held, options: .init(labels: "file"))
      }
    }
  }
}
