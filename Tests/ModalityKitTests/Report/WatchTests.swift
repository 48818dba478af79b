import Adversarial
import Failures
import Files
import Foundation
import PlaneModality
import TestSupport
import Testing

@testable import ModalityKit

private func train(_ run: URL, steps: Int, resume: Bool = false) throws {
  let words = [
    "plane", "train", "--preset", "tiny", "--points", "300", "--width", "8", "--batch", "16", "--steps",
    "\(steps)",
    "--preview-every", "2", "--threads", "1", "--quiet", "--out", run.path,
  ]
  let trained = CommandLineRun(words, registry: try ModalityRegistry([Plane.self]))
  try #require(trained.code == 0, "\(trained.remarks)")
}

/// Every file of a folder with its bytes.
private func contents(_ folder: URL) throws -> [String: [UInt8]] {
  let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
  var found: [String: [UInt8]] = [:]
  for name in names {
    let url = folder.appendingPathComponent(name)
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), !isFolder.boolValue {
      found[name] = try InputFile.bytes(of: url)
    }
  }
  return found
}

@Suite struct WatchTests {
  @Test func pageEventsAndSteeringChangeNothing() async throws {
    let folder = try TemporaryFolder()
    try train(folder["runs/a"], steps: 8)
    // What a training that is being watched may have half-written.
    try folder.write("runs/a/checkpoints/.step-00000009.safetensors.tmp-1-1", "half")
    let before = try contents(folder.url)
    let desk = SteeringDesk(try ModalityRegistry([Plane.self]))
    let runs = try LiveRuns(folder["runs"], desk: desk)
    let page = try await runs.page()
    #expect(page.contains("data-steering=\"run-1\""))

    var events = try #require(await runs.listen()).makeAsyncIterator()
    let first = try #require(await events.next())
    #expect(first.hasPrefix("event: run\ndata: {") && first.hasSuffix("}\n\n"))
    let second = try #require(await events.next())
    #expect(second.hasPrefix("event: preview\n") && second.contains("\"step\":8"))

    let still = await desk.answer(["run": "run-1", "seed": "1", "values": "0,0"])
    let moved = await desk.answer(["run": "run-1", "seed": "1", "values": "2,-1"])
    #expect(still.contains("points.csv") && moved.contains("points.csv") && still != moved)
    #expect(still == (await desk.answer(["run": "run-1", "seed": "1", "values": "0,0"])))
    #expect(try contents(folder.url) == before)
  }

  @Test(arguments: [
    ["run": "run-9", "seed": "0", "values": ""], ["run": "run-1", "seed": "-1", "values": "0"],
    ["run": "run-1", "seed": "0", "values": "x"], ["run": "run-1", "seed": "0", "values": "1e9"],
    ["run": "run-1", "seed": "0", "values": "1,1,1,1,1,1"], [:],
  ])
  func otherQuestionsAreRefused(query: [String: String]) async throws {
    let folder = try TemporaryFolder()
    try train(folder["a"], steps: 2)
    let desk = SteeringDesk(try ModalityRegistry([Plane.self]))
    await desk.add(try ReportedRun(folder["a"]), id: "run-1")
    #expect(await desk.answer(query).hasPrefix("{\"error\":"))
  }

  @Test func newReportsAndPreviewsAreTold() async throws {
    let folder = try TemporaryFolder()
    try train(folder["a"], steps: 4)
    let runs = try LiveRuns(folder["a"], desk: SteeringDesk(try ModalityRegistry([Plane.self])))
    _ = try await runs.page()
    let events = try #require(await runs.listen())
    await runs.look()
    try folder.write("a/previews/step-00000006/plane.png", "new")
    let metrics = try InputFile.text(of: folder["a/metrics.jsonl"])
    try folder.write("a/metrics.jsonl", metrics + "{\"step\":6,\"phase\":\"duel\",\"validation\":0.25}\n")
    await runs.look()
    await runs.end()
    var told: [String] = []
    for await event in events { told.append(event) }
    #expect(told.contains { $0.hasPrefix("event: preview\n") && $0.contains("\"step\":6") })
    #expect(told.contains { $0.hasPrefix("event: run\n") && $0.contains("0.25") })
  }

  @Test func aDamagedRunDoesNotHideTheOthers() async throws {
    let folder = try TemporaryFolder()
    try train(folder["runs/a"], steps: 2)
    try folder.write("runs/b/run.json", "{")
    let desk = SteeringDesk(try ModalityRegistry([Plane.self]))
    let page = try await LiveRuns(folder["runs"], desk: desk).page()
    #expect(page.contains("id=\"run-1\"") && !page.contains("id=\"run-2\""))
    try folder.write("runs/a/run.json", "{")
    let runs = try LiveRuns(folder["runs"], desk: desk)
    await #expect(throws: UserError.self) { try await runs.page() }
  }

  @Test func folders() throws {
    let folder = try TemporaryFolder()
    #expect(throws: UserError.self) {
      try LiveRuns(folder.url, desk: SteeringDesk(try ModalityRegistry([Plane.self])))
    }
    for name in ["b", "deep/a", "c"] { try folder.write("\(name)/run.json", "{}") }
    #expect(LiveRuns.runs(in: folder.url).map(\.lastPathComponent) == ["b", "c", "a"])
    #expect(LiveRuns.runs(in: folder["b"]).map(\.lastPathComponent) == ["b"])
  }
}
