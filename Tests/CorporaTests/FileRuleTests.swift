import Corpora
import Failures
import Testing

@Suite struct FileRuleTests {
  @Test(
    arguments: [
      (nil, "kick/a.wav", nil),
      ("none", "kick/a.wav", nil),
      ("file", "names/french.old.txt", "french.old"),
      ("folder", "kick/a.wav", "kick"),
      ("folder", "kick/909/a.wav", "kick"),
      (#"^(\d)_"#, "any/7_jackson_0.wav", "7"),
      (#"(snare|hat)"#, "loud-hat-3.flac", "hat"),
      (#"_([^_]*)_\d+\.wav$"#, "7_jackson_0.wav", "jackson"),
    ] as [(String?, String, String?)])
  func labelsFollowTheRule(rule: String?, name: String, label: String?) throws {
    #expect(try LabelRule(rule).label(of: name, path: name) == label)
  }

  @Test(
    arguments: [
      ("folder", "a.wav", .badData, "p: found a file outside of any subfolder"),
      (
        #"^(\d)_"#, "7_folder/kick.wav", .badData,
        #"p: found no label in the file's name, expected a match of '^(\d)_'"#
      ),
      ("k(x)?ick", "kick.wav", .badData, "p: found no label"),
      ("kick", "kick.wav", .usage, "--labels: found 'kick' without a group"),
    ] as [(String, String, UserError.Category, String)])
  func missingLabelsAreNamed(rule: String, name: String, category: UserError.Category, message: String) throws
  {
    let error = #expect(throws: UserError.self) { try LabelRule(rule).label(of: name, path: "p") }
    #expect(error?.category == category)
    #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "")")
  }

  @Test func everyTenthFileOfEachLabelIsHeldOut() {
    let labels: [String?] = (0..<33).map { $0 % 3 == 0 ? "a" : "b" } + ["c", "d", "d"]
    let held = HoldoutRule.everyTenth.holdsOut(
      names: labels.indices.map { "\($0)" }, labels: labels)
    #expect(labels.indices.filter { held[$0] } == [0, 1, 16, 30, 31, 34])
  }

  @Test func patternsAreSearchedInThePathBelowTheFolder() throws {
    let names = ["test/a.wav", "train/a.wav", "train/test.wav", "train/0_x_3.wav"]
    func held(_ pattern: String) throws -> [Bool] {
      try HoldoutRule(pattern: pattern).holdsOut(names: names, labels: [nil, nil, nil, nil])
    }
    #expect(try held("^test/") == [true, false, false, false])
    #expect(try held("test") == [true, false, true, false])
    #expect(try held(#"_[0-4]\.wav$"#) == [false, false, false, true])
  }
}
