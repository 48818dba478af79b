import ArgumentParser
import Failures
import Files
import Foundation

/// Says what a medium's readers make of files, and how training would divide them.
struct Inspect<M: Modality>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "inspect",
      abstract: "Shows what is read of a file or folder of \(M.name), before training.",
      discussion: """
        Reads everything and trains nothing: counts, labels, extremes, what is left out and why, what was assumed, and how \
        'train' would divide the data. Numbers are those in the files, before any scaling. A single file will do, even \
        where there would be nothing to hold out. The flags of 'train' that say how files are read have the same meaning \
        here; those of networks change nothing. Files that cannot be read are listed, and make the exit code that of the \
        first, unless --skip-bad is given.
        """)
  }

  @Argument(help: ArgumentHelp("A file or a folder.", valueName: "path"), completion: .file())
  var path: String

  @Flag(help: "Print one JSON object instead, with the numbers of every sample.")
  var json = false

  @Option(
    help: ArgumentHelp("Also draw samples into this PNG file.", valueName: "file"),
    completion: .file(extensions: ["png"]))
  var picture: String?

  @Option(
    help: ArgumentHelp("Validation data, as 'train' takes it.", valueName: "path"), completion: .file())
  var validation: String?

  @Option(help: ArgumentHelp("Held-out data, as 'train' takes it.", valueName: "path"), completion: .file())
  var holdout: String?

  @Option(help: "Read files as this preset of 'train' does. (default: small)")
  var preset: Preset?

  @Option(
    help: ArgumentHelp(
      "Read files as the run of this run.json did, or as a JSON file of recipe keys says.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var config: String?

  @OptionGroup(title: "How files are read, as in 'train'") var options: M.TrainOptions
  @OptionGroup(title: "Messages") var log: LogOptions

  func validate() throws {
    guard let picture, !picture.lowercased().hasSuffix(".png") else { return }
    throw ValidationError("--picture \(picture): expected a name that ends in .png")
  }

  func run() throws { try log.watching { try work() } }

  private func work() throws {
    var request = RunRequest<M>(preset: preset)
    (request.config, request.settings) = (config, options.settings)
    let resolved = try request.resolvedRecipe()
    let source = DataSource(path: path, validation: validation, holdout: holdout)
    let shown = try InspectedData<M>(source, recipe: resolved.recipe)
    if let picture { try draw(shown.inspection, to: URL(fileURLWithPath: picture)) }
    if json {
      var members = shown.members
      members["modality"] = .string(M.name)
      try Console.current.result(ResultJSON.object(members).prettyText)
    } else {
      try Console.current.print(columnText(shown.rows))
      if let table = shown.table { try Console.current.print("\n" + table) }
    }
    // A recipe has this key where its data has such files (`CorpusOptions`).
    if let fault = shown.inspection?.faults.first, resolved.document[dotted: "data.skipBad"] != .bool(true) {
      throw fault
    }
  }

  private func draw(_ inspection: Inspection?, to file: URL) throws {
    guard let draw = inspection?.picture else {
      throw UserError(.usage, "--picture: \(M.name) has no picture of its data")
    }
    WorkLine.begin("drawing")
    try draw().write(to: file)
    Console.current.note("a picture of the data in \(file.relativePath)")
  }
}
