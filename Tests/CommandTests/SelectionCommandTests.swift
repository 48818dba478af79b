import Files
import Foundation
import TestSupport
import Testing

/// `--select`, through the executable that users get.
@Suite(.serialized) struct SelectionCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func duel(_ words: [String]) throws -> Command.Ending {
    try Command("duel", words, in: folder.url).ending()
  }

  /// Trains for a moment: the generator is far from the data, so that a verdict has much to say.
  private func train(_ medium: [String], _ words: [String] = []) throws {
    let trained = try duel(
      medium + [
        "--preset", "tiny", "--steps", "200", "--verdict-share", "0.5", "--preview-every", "0", "--threads",
        "1",
        "--quiet", "--out", "run",
      ] + words)
    try #require(trained.code == 0, "\(trained.remarks)")
  }

  /// Draws with and without a selection, twice and fewer.
  ///
  /// - Parameters:
  ///   - medium: of the run.
  ///   - header: lines above the samples.
  ///   - note: what stands below the table.
  private func check(_ medium: String, header: Int, note: String = "--select 4: keeps") throws {
    func lines(_ count: String, _ words: [String] = []) throws -> [Substring] {
      let drawn = try duel(
        [medium, "generate", "run", "--count", count, "--seed", "3", "--threads", "1"] + words)
      try #require(drawn.code == 0, "\(drawn.remarks)")
      #expect(
        drawn.remarks.contains("--select 4: keeps 25.0 % of samples") != words.isEmpty, "\(drawn.remarks)")
      return drawn.result.split(separator: "\n", omittingEmptySubsequences: false)
    }
    let selected = try lines("40", ["--select", "4"])
    #expect(try lines("40", ["--select", "4"]) == selected)
    #expect(try lines("7", ["--select", "4"]).dropLast() == selected.prefix(7 + header))
    let all = try lines("2000")
    #expect(Array(all.prefix(selected.count)) != selected)
    // Without labels what is kept are some of the same samples, in their order.
    var rest = all[...]
    for line in selected.dropLast() {
      guard let place = rest.firstIndex(of: line) else { break }
      rest = rest[(place + 1)...]
    }
    #expect(rest.count < all.count - selected.count)

    let info = try duel([medium, "info", "run"])
    #expect(info.result.contains("100 verdict") && info.result.contains("nats a sample on"), "\(info.result)")
    let table = try duel([medium, "evaluate", "run", "--count", "60", "--select", "4", "--threads", "1"])
    try #require(table.code == 0, "\(table.remarks)")
    #expect(table.result.contains("this model, one of 4 (step 200"), "\(table.result)")
    #expect(table.result.contains(note), "\(table.result)")
  }

  @Test func pointsInThePlane() throws {
    try train(["plane", "train", "--points", "3000", "--batch", "64", "--warm-up-steps", "0"])
    try check("plane", header: 1)
  }

  @Test func lines() throws {
    try train(["text", "train", "--batch", "32", "--warm-up-steps", "50"])
    try check("text", header: 0, note: "the residual model, generator times ratio, has")
  }

  @Test func labelsKeepTheirOrder() throws {
    try train([
      "plane", "train", "--target", "moons", "--labelled", "--points", "3000", "--batch", "64",
    ])
    let drawn = try duel([
      "plane", "generate", "run", "--count", "9", "--label", "each", "--select", "4", "--threads", "1",
    ])
    try #require(drawn.code == 0, "\(drawn.remarks)")
    let lines = drawn.result.split(separator: "\n").dropFirst()
    #expect(lines.count == 9)
    #expect(lines.enumerated().allSatisfy { $1.hasSuffix($0.isMultiple(of: 2) ? ",upper" : ",lower") })
  }

  @Test func aRunWithoutAVerdictSaysSoAndDrawsAll() throws {
    try train(["plane", "train", "--points", "3000", "--batch", "64"], ["--no-verdict", "--steps", "4"])
    let words = ["plane", "generate", "run", "--count", "5", "--threads", "1"]
    let drawn = try duel(words + ["--select", "4"])
    #expect(drawn.code == 0 && drawn.remarks.contains("--select 4: this checkpoint has no verdict"))
    #expect(try drawn.result == duel(words).result)
    let wrong = try duel(words + ["--select", "65"])
    #expect(wrong.code == 64 && wrong.remarks.contains("--select 65: expected 1 to 64"))
  }
}
