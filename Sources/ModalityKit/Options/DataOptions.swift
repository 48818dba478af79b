import ArgumentParser
import Failures
import Files
import Foundation

/// Where real samples come from.
struct DataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Real samples: a file or a folder. (default: the built-in procedural set; of a run that exists already, its own data)
      """,
      valueName: "path"),
    completion: .file())
  var data: String?

  @Option(
    help: ArgumentHelp(
      "Samples that choose the start of the game and the best checkpoint, instead of a share of those to train on.",
      valueName: "path"),
    completion: .file())
  var validation: String?

  @Option(
    help: ArgumentHelp(
      "Samples that only 'evaluate' looks at, instead of a share of the data.", valueName: "path"),
    completion: .file())
  var holdout: String?

  /// The source that the flags name.
  var source: DataSource { DataSource(path: data, validation: validation, holdout: holdout) }
  /// Whether any of the flags was given.
  var isGiven: Bool { data != nil || validation != nil || holdout != nil }
}

extension DataOptions {
  /// Real samples beside a model that exists already.
  struct Opened<M: Modality> {
    let dataset: M.Dataset
    /// Whether they are what the model's run was trained on.
    let isOwn: Bool
    /// What is to be said of data that is not; nil where there is nothing to say.
    let note: String?
  }

  /// Opens the run's own data unless the flags name another.
  ///
  /// - Parameters:
  ///   - model: read as its data is.
  ///   - name: what the user called it.
  ///   - run: the run that it belongs to; nil outside of one.
  ///   - settings: how the data is read where that differs from how the model's was.
  /// - Throws: `UserError`: usage outside of a run without a flag, and for settings of the run's own data; bad data where the run's data has changed; as
  ///   `Modality.openDataset`.
  func open<M: Modality>(
    for model: TrainedModel<M>, named name: String, run: Run<M>?, settings: [Setting] = []
  ) throws -> Opened<M> {
    let source = try source(of: run, named: name)
    if let first = settings.first, data == nil {
      throw UserError(
        .usage, "\(first.flag): expected --data beside it; the run's own data is read as it was")
    }
    var resolver = RecipeResolver<M.Recipe>(document: try JSONValue(encoding: model.recipe), origins: [:])
    for setting in settings { try resolver.set(setting.key, to: setting.value, from: .flag(setting.flag)) }
    var recipe = settings.isEmpty ? model.recipe : try resolver.resolved().recipe
    let dataset: M.Dataset
    do {
      dataset = try M.openDataset(source, recipe: &recipe)
    } catch let error as UserError where error.category == .noInput && !isGiven {
      throw UserError(.noInput, "\(error.message); if the run's data has moved, name it with --data")
    }
    guard let run else { return Opened(dataset: dataset, isOwn: false, note: nil) }
    if dataset.fingerprint == run.settings.fingerprint {
      return Opened(dataset: dataset, isOwn: true, note: nil)
    }
    let path = source.path ?? "the built-in set"
    guard isGiven else {
      throw UserError(
        .badData,
        "\(path): found other data than the run was trained on; name it with --data to measure on it")
    }
    return Opened(dataset: dataset, isOwn: false, note: "Data: \(path), not what the run was trained on.")
  }

  private func source<M: Modality>(of run: Run<M>?, named name: String) throws -> DataSource {
    let given = source.absolute
    // Separate parts of the run's data belong to that data alone.
    guard given.path == nil else { return given }
    // A held-out file may be named alone, beside the run's own data.
    if let run { return given.completed(by: run.settings.source) }
    guard isGiven else {
      throw UserError(.usage, "\(name): found no run around the checkpoint, expected --data")
    }
    return given
  }
}

/// The flags of `train` that say how files are labelled, held out and left out: alike in all media whose recipes hold
/// `CorpusOptions` under `data`.
public struct CorpusFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Condition the model on a label: 'folder' for the subfolder's name, 'file' for the file's, or a regular \
      expression whose first group in the file's name is the label, such as '^(\\d)_'. (default: none)
      """, valueName: "rule"))
  var labels: String?

  @Option(
    help: ArgumentHelp(
      "Hold out the files in whose path below the folder this regular expression is found, such as '_[0-4]\\.'.",
      valueName: "pattern"))
  var holdoutPattern: String?

  @Flag(inversion: .prefixedNo, help: "Leave out files that cannot be read, and count them.")
  var skipBad: Bool?

  /// No flags given.
  public init() {}

  /// The settings that the flags make, in the order of the help; nil for flags not given.
  public var settings: [Setting?] {
    [
      Setting("data.labels", labels, flag: "--labels"),
      Setting("data.holdoutPattern", holdoutPattern, flag: "--holdout-pattern"),
      Setting("data.skipBad", skipBad, flag: skipBad == false ? "--no-skip-bad" : "--skip-bad"),
    ]
  }
}
