import ArgumentParser
import Failures
import Files
import Foundation

/// Trains every medium for a short time on its built-in data and shows samples.
struct DemoCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "demo", abstract: "Trains each modality for a few minutes, generates and evaluates.",
      discussion: """
        Runs the commands that it prints: train --preset tiny on built-in data, generate, evaluate, and at last report \
        for one page of all. An earlier \
        demo in the same place is replaced; anything else is left alone.
        """)
  }

  @Option(help: ArgumentHelp("The folder to work in.", valueName: "folder"), completion: .directory)
  var out = "demo"

  @Option(help: ArgumentHelp("Minutes of training for each modality, at most.", valueName: "minutes"))
  var minutes = 2.0

  @Option(help: ArgumentHelp("Train this many steps instead of minutes.", valueName: "count"))
  var steps: Int?

  @Option(
    help: ArgumentHelp("Show this modality alone; repeat for several.", valueName: "name"),
    completion: .custom { _, _, _ in ModalityRegistry.current.modalities.map { $0.name } })
  var only: [String] = []

  @OptionGroup var log: LogOptions

  @OptionGroup(title: "Engine") var engine: EngineOptions

  func validate() throws {
    try BudgetOptions.requireRange(steps: steps, minutes: minutes)
  }

  func run() throws {
    let registry = ModalityRegistry.current
    for name in only where registry.modality(named: name) == nil {
      let known = registry.modalities.map { $0.name }.joined(separator: ", ")
      throw UserError(.usage, "--only \(name): found no such modality, expected one of \(known)")
    }
    let chosen = registry.modalities.filter { only.isEmpty || only.contains($0.name) }
    let folders = try chosen.map { try DemoFolder(URL(fileURLWithPath: out).appendingPathComponent($0.name)) }
    for (modality, folder) in zip(chosen, folders) { try show(modality, in: folder) }
    try writeReport(of: chosen.map { URL(fileURLWithPath: out).appendingPathComponent($0.name + "/run") })
    try Console.current.print("Everything is in \(out): run folders, samples, scores.")
  }

  /// One page of all media, as the printed command would write it.
  private func writeReport(of runs: [URL]) throws {
    let file = URL(fileURLWithPath: out).appendingPathComponent("report.html")
    let words = ["duel", "report"] + runs.map(\.relativePath) + ["--out", file.relativePath]
    Console.current.note("$ " + words.joined(separator: " "))
    try ReportCommand.write(try runs.map { try ReportedRun($0) }, comparison: nil, to: file)
    try Console.current.print("The report of all runs, for a browser: \(file.path)")
  }

  private func show<M: Modality>(_ modality: M.Type, in folder: DemoFolder) throws {
    try folder.clear(["run", M.sampleOutput.name])
    let path = URL(fileURLWithPath: out).appendingPathComponent(M.name).relativePath
    let run = path + "/run"
    let samples = path + "/" + M.sampleOutput.name
    let length =
      steps.map { ["--steps", String($0)] } ?? ["--minutes", String(min(minutes, M.demonstrationMinutes))]
    try perform(M.name, Train<M>.self, ["--preset", "tiny", "--out", run] + length)
    try perform(M.name, Generate<M>.self, [run, "--out", samples] + M.demonstration)
    if case .text = M.sampleOutput { try perform(M.name, Generate<M>.self, [run, "--count", "10"]) }
    try perform(M.name, Evaluate<M>.self, [run])
  }

  /// Prints a command as a user would type it, and runs it.
  private func perform<C: ParsableCommand>(_ modality: String, _ command: C.Type, _ arguments: [String])
    throws
  {
    let engine =
      (self.engine.threads.map { ["--threads", String($0)] } ?? [])
      + (self.engine.device.map { ["--device", $0] } ?? [])
    let flags = arguments + log.words + engine
    let words = ["duel", modality, command._commandName] + flags
    // The headings of what follows, whatever else is wanted.
    Console.current.note("$ " + words.joined(separator: " "), at: .error)
    var parsed = try command.parse(flags)
    try CommandWords.$current.withValue(words) { try parsed.run() }
  }
}

/// A medium's folder of a demo: what a demo made there may be replaced by the next one, nothing else.
struct DemoFolder {
  let url: URL
  /// The file that says that a demo made the folder.
  private var marker: URL { url.appendingPathComponent(".duel-demo") }

  /// Checks what the folder holds.
  ///
  /// - Throws: `UserError(.cannotCreate)` when something is there that no demo made.
  init(_ url: URL) throws {
    self.url = url
    let present = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    let isFree = present.isEmpty && !isPlainFile
    guard isFree || FileManager.default.fileExists(atPath: marker.path) else {
      throw UserError(
        .cannotCreate,
        "\(url.relativePath): found something that no demo made, expected a new folder; choose another with --out"
      )
    }
  }

  private var isPlainFile: Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) && !isFolder.boolValue
  }

  /// Makes the folder, without what an earlier demo left in it.
  ///
  /// - Parameter names: the files and folders that a demo makes.
  /// - Throws: `UserError(.cannotCreate)` when it cannot be made.
  func clear(_ names: [String]) throws {
    let files = FileManager.default
    do {
      try files.createDirectory(at: url, withIntermediateDirectories: true)
      for name in names {
        let place = url.appendingPathComponent(name)
        if files.fileExists(atPath: place.path) { try files.removeItem(at: place) }
      }
    } catch {
      throw UserError(
        .cannotCreate, "\(url.relativePath): cannot make the folder: \(error.localizedDescription)")
    }
    try AtomicFile.write("Made by duel demo, which may replace what it made here.\n", to: marker)
  }
}
