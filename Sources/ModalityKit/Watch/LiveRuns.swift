import Adversarial
import Failures
import Files
import Foundation
import Reports

/// Runs in a folder that are read again as they grow, and the pages that listen to them.
///
/// Only files are read, by a process of its own, so watching cannot change a training.
actor LiveRuns {
  /// Runs on a page at most, the newest ones.
  static let mostRuns = 12
  /// Pages that listen at most.
  static let mostListeners = 64
  /// Events that wait for a page that is slow to read; one that is slower begins anew.
  private static let patience = 64
  /// Seconds between looks at the folder.
  private static let pace = 1.0
  /// Looks after which a page that nothing is sent to is told so, which finds those that are gone.
  private static let heartbeat = 15

  private struct Watched {
    let url: URL
    let id: String
    var size = -1
    var steps: Set<Int> = []
  }

  private let root: URL
  private let desk: SteeringDesk
  private var watched: [Watched] = []
  private var listeners: [Int: AsyncStream<String>.Continuation] = [:]
  private var counter = 0

  /// Watches a run, or the runs in a folder.
  ///
  /// - Throws: `UserError(.noInput)` where there is none.
  init(_ root: URL, desk: SteeringDesk) throws {
    self.root = root
    self.desk = desk
    guard !Self.runs(in: root).isEmpty else {
      throw UserError(
        .noInput, "\(root.relativePath): found no run in it, expected the folder of a run or of several")
    }
  }

  /// The runs in a folder or two below it, the newest ones, in the order of their paths.
  static func runs(in root: URL) -> [URL] {
    func isRun(_ url: URL) -> Bool {
      FileManager.default.fileExists(atPath: RunFolder(url: url).descriptionFile.path)
    }
    guard !isRun(root) else { return [root] }
    func folders(_ url: URL) -> [URL] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
      return names.sorted().map { url.appendingPathComponent($0, isDirectory: true) }
    }
    func age(_ url: URL) -> Date {
      let values = try? FileManager.default.attributesOfItem(
        atPath: RunFolder(url: url).descriptionFile.path)
      return values?[.modificationDate] as? Date ?? .distantPast
    }
    let found = folders(root).flatMap { isRun($0) ? [$0] : folders($0).filter(isRun) }
    return found.sorted { age($0) > age($1) }.prefix(mostRuns).sorted { precedes($0.path, $1.path) }
  }

  // MARK: The page

  /// The page of all runs as they are now.
  ///
  /// - Throws: `UserError` where no run can be read.
  func page() async throws -> String {
    discover()
    var reports: [RunReport] = []
    var fault: (any Error)?
    for entry in watched {
      do {
        let run = try ReportedRun(entry.url)
        await desk.add(run, id: entry.id)
        var report = try run.report(id: entry.id, within: ReportCommand.previewBytes / watched.count)
        report.isSteered = true
        reports.append(report)
      } catch {
        // One that is damaged or gone meanwhile is no reason not to show the others.
        fault = error
      }
    }
    if reports.isEmpty, let fault { throw fault }
    let page = ReportPage(
      title: root.relativePath, kind: "watch", made: "Served by duel \(duelVersion) to this machine alone.",
      runs: reports, liveDirections: SteeringDesk.directions)
    return try page.html()
  }

  private func discover() {
    for url in Self.runs(in: root) where !watched.contains(where: { $0.url == url }) {
      watched.append(Watched(url: url, id: "run-\(watched.count + 1)"))
    }
  }

  // MARK: Events

  /// Begins to listen; nil where too many do.
  func listen() -> AsyncStream<String>? {
    guard listeners.count < Self.mostListeners else { return nil }
    counter += 1
    let number = counter
    let (stream, continuation) = AsyncStream<String>.makeStream(
      bufferingPolicy: .bufferingOldest(Self.patience))
    listeners[number] = continuation
    continuation.onTermination = { _ in Task { await self.leave(number) } }
    // What has come since the page was made.
    for entry in watched {
      if let event = try? runEvent(entry) { continuation.yield(event) }
      let previews = StoredPreviews(in: RunFolder(url: entry.url))
      if let last = previews.steps.last, let event = try? previewEvent(entry, step: last) {
        continuation.yield(event)
      }
    }
    return stream
  }

  private func leave(_ number: Int) { listeners[number] = nil }

  /// Looks at the runs over and over, and tells listeners what is new, until the task is cancelled.
  func follow() async throws {
    var looks = 0
    while !Task.isCancelled {
      try await Task.sleep(for: .seconds(Self.pace))
      looks += 1
      look()
      if looks % Self.heartbeat == 0 { tell(": still here\n\n") }
    }
  }

  /// Looks at the runs once, and tells listeners what is new.
  func look() {
    guard !listeners.isEmpty else { return }
    for index in watched.indices {
      for event in news(of: index) { tell(event) }
    }
  }

  /// Lets all listeners go.
  func end() {
    for continuation in listeners.values { continuation.finish() }
    listeners = [:]
  }

  /// Events of what a run has written since the last look. A file that is half-written or gone is looked at next time.
  private func news(of index: Int) -> [String] {
    let folder = RunFolder(url: watched[index].url)
    var events: [String] = []
    let attributes = try? FileManager.default.attributesOfItem(atPath: folder.metricsFile.path)
    let size = (attributes?[.size] as? NSNumber)?.intValue ?? -1
    if size != watched[index].size, let event = try? runEvent(watched[index]) {
      watched[index].size = size
      events.append(event)
    }
    let steps = StoredPreviews(in: folder).steps
    for step in steps where !watched[index].steps.contains(step) {
      // Those that were there before the first look are on the page.
      if watched[index].steps.isEmpty && step != steps.last { continue }
      if let event = try? previewEvent(watched[index], step: step) { events.append(event) }
    }
    watched[index].steps.formUnion(steps)
    return events
  }

  private struct RunNews: Encodable {
    let id: String
    let charts: [Chart]
    let facts: [Fact]
  }

  private struct PreviewNews: Encodable {
    let id: String
    let frame: PreviewFrame
  }

  private func runEvent(_ entry: Watched) throws -> String {
    let run = try ReportedRun(entry.url)
    return try Self.event(
      "run", RunNews(id: entry.id, charts: RunCharts.charts(of: run.history), facts: run.facts))
  }

  private func previewEvent(_ entry: Watched, step: Int) throws -> String {
    let frame = try StoredPreviews(in: RunFolder(url: entry.url)).frame(step: step)
    return try Self.event("preview", PreviewNews(id: entry.id, frame: frame))
  }

  private static func event(_ name: String, _ value: some Encodable) throws -> String {
    "event: \(name)\ndata: \(try ReportPage.json(value))\n\n"
  }

  /// Sends an event to all; a page that is slower than its patience is let go, and connects anew by itself.
  private func tell(_ event: String) {
    for (number, continuation) in listeners {
      if case .dropped = continuation.yield(event) {
        continuation.finish()
        listeners[number] = nil
      }
    }
  }
}
