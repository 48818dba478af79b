import ArgumentParser
import Failures
import Files
import Foundation
import Reports

/// Writes a page of runs.
struct ReportCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "report",
      abstract: "Writes one HTML file that shows runs: curves, samples, scores, recipes.",
      discussion: """
        The file holds all that it shows, works without a network, and can be sent to others. It shows what lies in \
        the runs' folders: evaluate puts scores there. Samples that would make the file large are left out evenly; \
        the page says how many.
        """)
  }

  @Argument(help: ArgumentHelp("Folders of runs, of any modality.", valueName: "run"), completion: .directory)
  var runs: [String]

  @OptionGroup var page: PageOptions

  func validate() throws {
    guard !runs.isEmpty else { throw ValidationError("expected the folder of a run") }
  }

  func run() throws {
    let stored = try runs.map { try ReportedRun(URL(fileURLWithPath: $0)) }
    let file = URL(fileURLWithPath: page.out ?? Self.usualPlace(of: runs))
    try Self.write(stored, comparison: nil, to: file)
    try Console.current.print(file.relativePath)
    if page.isOpened { try PageOptions.show(file) }
  }

  /// Beside the one run's other files, or in the folder where one is.
  private static func usualPlace(of runs: [String]) -> String {
    guard runs.count == 1 else { return "report.html" }
    return URL(fileURLWithPath: runs[0]).appendingPathComponent("report.html").relativePath
  }

  /// Bytes of previews on a page: with everything else the file stays below 8 MB.
  static let previewBytes = 5_500_000

  /// Writes the page of some runs.
  ///
  /// - Throws: `UserError` for what cannot be read or written.
  static func write(_ runs: [ReportedRun], comparison: RunComparison?, to file: URL) throws {
    let reports = try runs.enumerated().map { index, run in
      try run.report(id: "run-\(index + 1)", within: previewBytes / runs.count)
    }
    let title = runs.count == 1 ? runs[0].path : "\(runs.count) runs"
    let page = ReportPage(
      title: title, kind: comparison == nil ? "report" : "comparison",
      made: "Made by duel \(duelVersion) on \(Date().formatted(.iso8601)).", runs: reports,
      comparison: comparison?.comparison)
    try AtomicFile.write(page.html(), to: file)
  }
}

/// Where a page goes, and whether a browser shows it.
struct PageOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The file to write. (default: report.html in the run)", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var out: String?

  @Flag(name: .customLong("open"), help: "Open it in the browser.")
  var isOpened = false

  /// Opens a file or an address with the program that the user has chosen for such.
  ///
  /// - Throws: `UserError(.noInput)` where the system has no way to do so.
  static func show(_ target: URL) throws {
    #if os(macOS)
      let opener = "open"
    #else
      let opener = "xdg-open"
    #endif
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [opener, target.isFileURL ? target.path : target.absoluteString]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    let isShown: Bool
    do {
      try process.run()
      process.waitUntilExit()
      isShown = process.terminationStatus == 0
    } catch {
      isShown = false
    }
    guard isShown else {
      throw UserError(
        .noInput,
        "--open: \(opener) found no browser; open \(target.isFileURL ? target.path : target.absoluteString) in one"
      )
    }
  }
}
