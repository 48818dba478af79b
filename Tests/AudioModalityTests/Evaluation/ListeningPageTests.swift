import AudioDatasets
import Foundation
import TestSupport
import Testing
import Torch

@testable import AudioModality

@Suite struct ListeningPageTests {
  private func row(_ name: String, labels: [Int]?) throws -> AudioClips {
    AudioClips(
      name: name, source: .model,
      clips: try SmallAudio.normal([4, 1000], seed: 5) * 0.1, labels: labels)
  }

  private func page(_ rows: [AudioClips], labels: [String], count: Int = 2) -> ListeningPage {
    ListeningPage(rows: rows, labelNames: labels, sampleRate: 8000, count: count)
  }

  @Test func eachLabelHasASectionAndEachRowALineInIt() throws {
    let folder = try TemporaryFolder()
    let target = folder.url.appendingPathComponent("page", isDirectory: true)
    let rows = try [
      row("held-out real", labels: [0, 1, 0, 0]), row("model <A> & \"B\"", labels: [1, 1, 1, 1]),
    ]
    let file = try page(rows, labels: ["a/b", "two"]).write(to: target, title: "Sounds", table: "score < 1")
    #expect(file.lastPathComponent == "index.html")
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(text.contains("<h2>a/b</h2>") && text.contains("<h2>two</h2>"))
    #expect(text.contains("model &lt;A> &amp; &quot;B&quot;"))
    #expect(text.contains("score &lt; 1"))
    // The second row has no clip of the first label.
    #expect(text.components(separatedBy: "none of this label").count == 2)
    let sources = text.components(separatedBy: "src=\"").dropFirst().map {
      String($0.prefix { $0 != "\"" })
    }
    #expect(sources.count == 6)
    for source in sources {
      let path = try #require(source.removingPercentEncoding)
      #expect(FileManager.default.fileExists(atPath: target.appendingPathComponent(path).path), "\(path)")
    }
    // Two clips of an eighth of a second with a quarter between them.
    let sound = try #require(sources.first { $0.hasSuffix(".wav") }?.removingPercentEncoding)
    let bytes = try Data(contentsOf: target.appendingPathComponent(sound))
    #expect(bytes.count > 2 * 4000 && bytes.count < 2 * 4000 + 1000)
  }

  @Test func withoutLabelsThereIsOneSection() throws {
    let folder = try TemporaryFolder()
    let file = try page([row("real", labels: nil)], labels: [], count: 10)
      .write(to: folder.url, title: "Sounds", table: "")
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(!text.contains("none of this label"))
    #expect(text.components(separatedBy: "<audio").count == 2)
  }

  @Test func aCountNeedsAPage() {
    #expect(throws: (any Error).self) { try AudioEvaluateOptions.parse(["--listen-count", "3"]) }
    #expect(throws: (any Error).self) {
      try AudioEvaluateOptions.parse(["--listen", "x", "--listen-count", "0"])
    }
    #expect(throws: Never.self) { try AudioEvaluateOptions.parse(["--listen", "x", "--listen-count", "3"]) }
  }
}
