import AudioDatasets
import Files
import Foundation
import TestSupport
import Testing

/// Data of one, two, five and twenty files: trained on and measured, with what cannot be computed said before.
@Suite struct FewSamplesTests {
  private static let quick = [
    "--preset", "tiny", "--steps", "3", "--warm-up-steps", "1", "--batch", "4", "--preview-every", "0",
    "--threads", "1", "--out", "run",
  ]

  /// Trains and evaluates, and compares the columns that are missing with those that were named.
  private func expectHonestTable(
    _ medium: String, data: String, _ flags: [String] = [], evaluate: [String] = [],
    in folder: TemporaryFolder, _ comment: Comment
  ) throws {
    let trained = try Command(
      "duel", [medium, "train", "--data", data] + flags + Self.quick, in: folder.url
    ).ending()
    try #require(trained.code == 0, "\(comment): \(trained.remarks)")
    let notice = try #require(
      trained.remarks.split(separator: "\n").first { $0.hasPrefix("note: with ") }, comment)
    let ending = try Command(
      "duel", [medium, "evaluate", "run", "--json", "--threads", "1"] + evaluate, in: folder.url
    ).ending()
    try #require(ending.code == 0, "\(comment): \(ending.remarks)")
    let table = try ending.json
    guard case .array(let columns)? = table[dotted: "columns"],
      case .array(let rows)? = table[dotted: "rows"],
      case .array(let notes)? = table[dotted: "notes"]
    else {
      Issue.record(comment)
      return
    }
    let lines = notes.compactMap { if case .string(let text) = $0 { text } else { nil } }
    let line = try #require(lines.first { $0.hasPrefix("Not computed with ") }, comment)
    let isOne = trained.remarks.contains("too few to hold any out")
    #expect(lines.contains { $0.hasPrefix("Held-out samples are those trained on") } == isOne, comment)
    func isNamed(_ name: String, in text: some StringProtocol) -> Bool {
      // Its name begins as that of another column.
      let text = text.replacingOccurrences(of: "|D|self, worst label", with: "worst label")
      return text.contains(" \(name),") || text.contains(" \(name) (needs")
    }
    for column in columns {
      guard case .string(let key)? = column[dotted: "key"], case .string(let name)? = column[dotted: "name"]
      else { continue }
      var isMeasured = false
      for row in rows {
        guard case .object(let values)? = row[dotted: "values"], let cell = values[key] else { continue }
        if case .string? = cell[dotted: "missing"] { continue }
        let value = try #require(cell[dotted: "value"]?.number, "\(comment): \(name) is no number")
        #expect(value.isFinite)
        isMeasured = true
        if row[dotted: "sampleCount"]?.number ?? 0 < 4, key != "nearnessZ" {
          #expect(cell[dotted: "standardError"]?.number == nil, "\(comment): \(name)")
        }
      }
      // What is missing for another reason, as labels that the data has not, is not due to few samples.
      if isMeasured {
        #expect(!isNamed(name, in: line) && !isNamed(name, in: notice), "\(comment): \(name)")
      }
      #expect(isNamed(name, in: line) == isNamed(name, in: notice), "\(comment): \(name)")
    }
    #expect(isNamed("told by features", in: line) && isNamed("Z_U", in: line), comment)
    try FileManager.default.removeItem(at: folder["run"])
  }

  @Test(arguments: [1, 5]) func sounds(count: Int) throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(at: folder["data"], withIntermediateDirectories: true)
      for number in 0..<count {
        let samples = (0..<1200).map { sin(Float($0 * (number + 2)) / 40) * exp(-Float($0) / 400) / 2 }
        try SoundFile.write(
          AudioClip(samples: samples, sampleRate: 8000),
          to: folder["data/\(["a", "b"][number % 2])_\(number).wav"])
      }
      try expectHonestTable(
        "audio", data: "data", evaluate: ["--count", "12"], in: folder, "\(count) sounds")
      guard count == 5 else { return }
      try expectHonestTable(
        "audio", data: "data", ["--labels", "^([ab])_"], evaluate: ["--count", "12"], in: folder,
        "\(count) labelled sounds")
    }
  }

  @Test(arguments: [2, 20]) func shapes(count: Int) throws {
    try withTemporaryFolder { folder in
      for number in 0..<count {
        let rows = (0..<80).map { place in
          let angle = Double(place) * 0.7
          return "\(cos(angle) * Double(number + 1)) \(sin(angle)) \(Double(place) / 80)\n"
        }
        try folder.write("data/\(number).xyz", rows.joined())
      }
      try expectHonestTable("points", data: "data", ["--points", "32"], in: folder, "\(count) shapes")
    }
  }

  /// Equal lines are one sample, and one cannot be divided: text needs two.
  @Test(arguments: [2, 20]) func texts(count: Int) throws {
    try withTemporaryFolder { folder in
      for number in 0..<count { try folder.write("data/\(number).txt", "n\(number * number)a\(number)\n") }
      try expectHonestTable("text", data: "data", in: folder, "\(count) texts")
    }
  }

  /// A table of fewer than ten points is refused.
  @Test(arguments: [10]) func points(count: Int) throws {
    try withTemporaryFolder { folder in
      try folder.write("p.csv", "x,y\n" + (0..<count).map { "\($0 * 7 % 10),\($0 * $0)\n" }.joined())
      try expectHonestTable("plane", data: "p.csv", in: folder, "\(count) points")
    }
  }
}
