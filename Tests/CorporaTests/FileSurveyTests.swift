import Corpora
import Failures
import TestSupport
import Testing

private struct Options: CorpusOptions {
  var labels: String?
  var holdoutPattern: String?
  var skipBad = false
}

@Suite struct FileSurveyTests {
  private let kind = DataFiles.Kind(noun: "note", expected: "TXT") { name, _ in name.hasSuffix(".txt") }

  /// Reads of a file its name's letters; `torn` files cannot be read, and no `x` can be used.
  private func survey(_ folder: TemporaryFolder, labels: String? = nil) throws -> FileSurvey<Character> {
    let files = try DataFiles(folder.path, kind: kind, options: Options(labels: labels))
    return try FileSurvey(files) { path in
      let name = path.split(separator: "/").last?.dropLast(4) ?? ""
      guard name != "torn" else { throw UserError(.badData, "torn") }
      return name.map { $0 == "x" ? .failure(UserError(.badData, "x of \(name)")) : .success($0) }
    } label: {
      $0 == "z" ? "last" : nil
    }
  }

  @Test func itemsKeepTheirFileNumberAndLabel() throws {
    try withTemporaryFolder { folder in
      for name in ["one/a.txt", "two/bxz.txt", "two/torn.txt", "notes.md", "one/.hidden"] {
        try folder.write(name, "")
      }
      let survey = try survey(folder, labels: "folder")
      #expect(survey.entries.map(\.name) == ["one/a.txt", "two/bxz.txt[0]", "two/bxz.txt[2]"])
      #expect(survey.entries.map(\.label) == ["one", "two", "last"])
      #expect(survey.entries.map(\.index) == [0, 0, 2] && survey.entries.map(\.item) == ["a", "b", "z"])
      #expect(survey.faults.map(\.message) == ["x of bxz", "torn"])
      #expect(survey.files.omissions.entries.map(\.words) == ["1 not notes", "1 hidden"])
    }
  }

  @Test func oneItemWillDoAndNoneWillNot() throws {
    try withTemporaryFolder { folder in
      try folder.write("torn.txt", "")
      #expect(throws: UserError(.badData, "torn")) { try survey(folder) }
      try folder.write("a.txt", "")
      #expect(try survey(folder).entries.map(\.item) == ["a"])
    }
  }
}
