import Adversarial
import Failures
import Files
import Foundation
import Ranks
import Torch

/// What a new run is asked for: data, recipe, length, place.
///
/// Values of the recipe come from the defaults, then a preset, then a file, then settings, then the program; the later
/// one wins, and run.json says where each came from.
public struct RunRequest<M: Modality> {
  /// Where real samples come from.
  public var data: DataSource
  /// The preset that the recipe starts from; nil for the default, `small`.
  public var preset: Preset?
  /// A run.json or a file of recipe keys to take values from.
  public var config: String?
  /// The folder of a run whose networks it begins with; nil for fresh ones. The recipe is that run's too, where neither preset nor
  /// configuration is named, and so is the data, where no path is.
  public var from: String?
  /// Values of single keys, in order.
  public var settings: [Setting] = []
  /// Changes the recipe after all else.
  public var change: ((inout M.Recipe) -> Void)?
  /// How long to train; nil for the recipe's steps.
  public var length: Budget?
  /// The seed of every random draw; nil for 0.
  public var seed: UInt64?
  /// The run's folder, new or empty; nil for the next number in `runs/`.
  public var folder: URL?
  /// Steps between checkpoints; nil for a share of the length.
  public var checkpointInterval: Int?
  /// Steps between previews, 0 for none; nil for a share of the length.
  public var previewInterval: Int?
  /// Steps between reports; nil for a share of the length.
  public var reportInterval: Int?
  /// Checkpoints that stay, beside those with a name; nil for 3.
  public var kept: Int?
  /// Threads that one operator may use; nil for what the engine chooses.
  public var threads: Int?
  /// Parts of a batch that are computed at the same time, on a share of the threads each; nil for those of the run that `config`
  /// is of, or else the medium's.
  public var parts: Int?
  /// Where to compute, as `cpu` or `cuda:0`; nil for the CPU.
  public var device: String?
  /// The processes that train it together; by default this one alone.
  public var ranks = Ranks.alone
  /// The command line, for the reader of run.json.
  public var arguments: [String] = []
  /// Hears what is being done before training begins, a line at a time.
  public var notice: (String) -> Void = { _ in }

  /// The preset of those who name none.
  public static var defaultPreset: Preset { .small }

  /// Asks for a run.
  ///
  /// - Parameters:
  ///   - folder: where it goes, new or empty; nil for the next number in `runs/`.
  ///   - data: a file or folder; nil for the built-in set.
  ///   - preset: what the recipe starts from.
  ///   - length: how long to train; nil for the preset's steps.
  ///   - seed: of every random draw.
  ///   - change: changes the recipe.
  public init(
    folder: URL? = nil, data: String? = nil, preset: Preset? = nil, length: Budget? = nil,
    seed: UInt64? = nil,
    change: ((inout M.Recipe) -> Void)? = nil
  ) {
    self.folder = folder
    self.data = DataSource(path: data)
    (self.preset, self.length, self.seed, self.change) = (preset, length, seed, change)
  }

  /// The recipe before the data has completed it, with the origin of each value.
  ///
  /// - Throws: `UserError` that names the flag or the file with a wrong key or value.
  public func resolvedRecipe() throws -> ResolvedRecipe<M.Recipe> {
    var resolver = try RecipeResolver(defaults: M.recipe(preset: Self.defaultPreset))
    if let preset { try resolver.apply(M.recipe(preset: preset), from: .preset(preset.rawValue)) }
    if let config = recipeFile {
      let document = try RunDescription.recipe(in: URL(fileURLWithPath: config), modality: M.name)
      try resolver.apply(document, from: .file(config))
    }
    for setting in settings { try resolver.set(setting.key, to: setting.value, from: .flag(setting.flag)) }
    if let change {
      var recipe = try resolver.resolved().recipe
      change(&recipe)
      try resolver.apply(recipe, from: .program)
    }
    let resolved = try resolver.resolved()
    try Self.refuseFaults(of: resolved)
    try refuseUnreadSettings(of: resolved.recipe)
    return resolved
  }

  /// The file that the recipe comes from beside preset and flags: the one that was named, or that of the run that this one begins with.
  private var recipeFile: String? {
    guard config == nil, preset == nil, let from else { return config }
    return RunFolder(url: URL(fileURLWithPath: from, isDirectory: true)).descriptionFile.relativePath
  }

  /// A flag that changes nothing is a mistake.
  private func refuseUnreadSettings(of recipe: M.Recipe) throws {
    let unread = recipe.family.unreadParts
    let found = settings.first { setting in unread.contains { setting.key.hasPrefix($0 + ".") } }
    guard let found, let name = recipe.family.name else { return }
    throw UserError(
      .usage, "\(found.flag): changes nothing in \(name) networks; choose others with --network")
  }

  private static func refuseFaults(of resolved: ResolvedRecipe<M.Recipe>) throws {
    guard let fault = resolved.recipe.faults.first else { return }
    // The origin of a record's part is kept for its leaves only.
    let origin =
      resolved.origins[fault.key]
      ?? resolved.origins.first { $0.key.hasPrefix(fault.key + ".") }?.value ?? "default"
    let words = origin.split(separator: " ", maxSplits: 1).map(String.init)
    let isFile = words.first == "file"
    let place = words.count > 1 && (isFile || words[0] == "flag") ? words[1] : origin
    throw UserError(isFile ? .badData : .usage, "\(place): \(fault.key): \(fault.message)")
  }

  /// Parts that a batch is computed in, over all ranks.
  ///
  /// - Parameters:
  ///   - recipe: how to train.
  ///   - device: where.
  func partCount(for recipe: TrainingRecipe, on device: Device) -> Int {
    if let parts { return ranks.parts(atLeast: parts * recipe.accumulation) }
    // A run repeats another one exactly only with its parts.
    if let config = recipeFile, let own = RunSettings.ofRun(at: URL(fileURLWithPath: config)) {
      return ranks.parts(atLeast: max(own.parts ?? 1, recipe.accumulation))
    }
    // An accelerator has many threads for one operator, and one queue for all that ask it.
    return ranks.parts(atLeast: (device == .cpu ? M.usualParts : 1) * recipe.accumulation)
  }

  /// The steps of each phase, of the length, the file's run, or the recipe.
  ///
  /// - Parameters:
  ///   - recipe: how to train.
  ///   - origins: where its values come from.
  ///   - partCount: parts that a batch is computed in, over all ranks.
  ///   - make: makes fresh networks, which timing uses up.
  public func plan(
    for recipe: TrainingRecipe, origins: [String: String], partCount: Int? = nil,
    make: () throws -> any Game
  ) throws -> Plan {
    if let repeated = repeatedRun(origins: origins) { return repeated.plan }
    let budget = length ?? .steps(recipe.steps)
    let clock = ContinuousClock()
    let start = clock.now
    let game = try make()
    let hasVerdict = try game.canHaveVerdict(recipe.verdict)
    // What it takes to prepare the data is part of the minutes.
    let preparation = (clock.now - start) / .seconds(1)
    return try budget.shortened(bySeconds: ranks.first { preparation }).plan(
      for: recipe, hasWarmUp: game.hasWarmUp, hasVerdict: hasVerdict
    ) {
      notice("timing some steps to see what the minutes afford")
      // Long enough to be right, short beside the training that it is for.
      let minutes = if case .minutes(let minutes) = budget { minutes } else { 1.0 }
      return try Calibration.measure(
        make(), recipe: recipe, seed: seed ?? 0, seconds: min(3, minutes * 60 / 20), ranks: ranks,
        partCount: partCount)
    }
  }

  /// The run whose steps are to be made again, where the configuration is one and nothing else says how many there are to be: a
  /// run repeats another one exactly only with its plan, which its minutes may have decided.
  ///
  /// - Parameter origins: where the recipe's values come from.
  func repeatedRun(origins: [String: String]) -> RunDescription? {
    let keys = origins.filter {
      $0.key == "training.steps" || $0.key.hasPrefix("training.warmUp")
        || $0.key.hasPrefix("training.verdict")
    }
    guard length == nil, let config, keys.values.allSatisfy({ $0 == "file \(config)" }) else { return nil }
    return try? RunDescription(contentsOf: URL(fileURLWithPath: config))
  }

  /// The intervals that were asked for; the others are shares of the plan, or what the run has had.
  func intervals(for plan: Plan, stored: Trainer.Intervals? = nil) -> Trainer.Intervals {
    let steps = plan.ownSteps
    var intervals = Trainer.Intervals()
    intervals.checkpoint = checkpointInterval ?? stored?.checkpoint ?? min(max(steps / 10, 1), 2000)
    intervals.preview = previewInterval ?? stored?.preview ?? max(intervals.checkpoint, 50)
    intervals.report = reportInterval ?? stored?.report ?? min(max(steps / 100, 1), 100)
    return intervals
  }
}

extension Budget {
  /// The length as it is asked for on the command line.
  var text: String {
    switch self {
    case .steps(let count): "--steps \(count)"
    case .minutes(let minutes): "--minutes \(minutes)"
    case .samples(let count): "--samples \(count)"
    }
  }

  /// The flag alone.
  var flag: String { String(text.prefix { $0 != " " }) }
}

extension Engine {
  /// Sets the threads of the process, where a number is given, and finds a device.
  ///
  /// - Parameters:
  ///   - threads: that an operator may use.
  ///   - device: as `cpu` or `cuda:0`; nil for the CPU.
  /// - Throws: `UserError(.usage)` for a device that is not there.
  static func choose(threads: Int?, device: String?) throws -> Device {
    if let threads, threads != Engine.threads { try Engine.setThreads(threads) }
    let device = try Device(named: device ?? "cpu")
    // Some kernels of other devices add in whatever order threads finish; a run could then not be repeated.
    if device != .cpu { try Engine.requireDeterminism(true) }
    return device
  }
}
