import Corpora
import Failures

/// Which sounds are trained on and which are held out, after all have been surveyed.
struct SoundSelection {
  /// Indices of the sounds of each part, in order.
  private(set) var training: [Int] = []
  private(set) var heldOut: [Int] = []
  /// The label of each sound, an index of `labelNames`.
  private(set) var labels: [Int?] = []
  private(set) var labelNames: [String] = []
  /// Where the only sound is divided: its windows that end before are trained on, those that begin after are held
  /// out, and those across are left out. Nil where sounds are held out whole.
  private(set) var boundary: Int?
  /// What happened so far.
  var report: AudioCorpusReport

  /// Takes what was chosen by hand, as in a built-in corpus.
  init(training: [Int], heldOut: [Int], labels: [Int], labelNames: [String], report: AudioCorpusReport) {
    self.training = training
    self.heldOut = heldOut
    self.labels = labels
    self.labelNames = labelNames
    self.report = report
  }

  /// Leaves out what cannot be used, divides the rest and leaves out repetitions.
  ///
  /// - Throws: `UserError` (bad data) for a part without a sample, and a label that is not known.
  init(
    _ files: DataFiles, surveys: [Result<SurveyedSound, UserError>], options: AudioCorpusOptions,
    known: [String]?
  ) throws {
    let rule = files.holdout == nil ? try HoldoutRule(pattern: options.holdoutPattern) : .separate
    report = AudioCorpusReport(
      source: files.source, files: files.paths.count, otherFiles: files.others, sampleRate: 0,
      length: options.length, channels: options.channels,
      holdoutRule: rule.words(
        noun: "file", pattern: options.holdoutPattern, holdout: files.holdout,
        isLabelled: options.labels != nil))
    let usable = usableSounds(surveys, options: options)
    let isHeldOut = rule.holdsOut(
      names: usable.map { files.names[$0.index] }, labels: usable.map { files.labels[$0.index] },
      separate: usable.firstIndex { $0.index >= files.separate } ?? usable.count)
    let partition = Partition(usable, isHeldOut: isHeldOut, labels: files.labels)
    (training, heldOut) = (partition.training, partition.heldOut)
    (report.duplicates, report.overlap) = (partition.duplicates, partition.overlap)
    if case .everyTenth = rule, usable.count == 1, case .success(let sound) = surveys[usable[0].index] {
      divide(sound, at: usable[0].index, options: options)
    }
    guard !training.isEmpty, !heldOut.isEmpty else { throw tooFew(files) }
    (labelNames, labels) = try Partition(training: training, heldOut: heldOut).numbered(
      files.labels, known: known
    ) { files.paths[$0] }
  }

  /// The sounds that have samples.
  private mutating func usableSounds(
    _ surveys: [Result<SurveyedSound, UserError>], options: AudioCorpusOptions
  ) -> [Partition.Item] {
    var usable: [Partition.Item] = []
    for (index, survey) in surveys.enumerated() {
      switch survey {
      case .failure(let failure):
        report.badFiles += 1
        if report.badFiles <= AudioCorpusReport.badExampleCount { report.badExamples.append(failure.message) }
      case .success(let sound) where sound.isSilent: report.silentFiles += 1
      case .success(let sound) where sound.isShort && options.short == .drop: report.shortFiles += 1
      case .success(let sound):
        report.silentSlices += sound.silentSlices
        guard !sound.starts.isEmpty else { continue }
        if sound.isShort { report.paddedFiles += 1 }
        usable.append(Partition.Item(index: index, digest: sound.digest))
      }
    }
    return usable
  }

  /// Holds out the last tenth of the only sound, where it has windows on both sides.
  private mutating func divide(_ sound: SurveyedSound, at index: Int, options: AudioCorpusOptions) {
    let boundary =
      sound.sound.lowerBound + sound.sound.count * (HoldoutRule.heldOutEvery - 1) / HoldoutRule.heldOutEvery
    guard options.slicing == .overlapping, sound.starts.contains(where: { $0 + options.length <= boundary }),
      sound.starts.contains(where: { $0 >= boundary })
    else { return }
    self.boundary = boundary
    heldOut = [index]
    report.holdoutRule = "the last tenth of the only file"
  }

  private func tooFew(_ files: DataFiles) -> UserError {
    let isTraining = training.isEmpty
    let place = isTraining ? files.source : files.holdout ?? files.source
    var leftOut: [String] = []
    if report.badFiles > 0 { leftOut.append("\(report.badFiles) damaged") }
    if report.silentFiles > 0 { leftOut.append("\(report.silentFiles) silent") }
    if report.shortFiles > 0 { leftOut.append("\(report.shortFiles) too short") }
    if report.duplicates > 0 { leftOut.append("\(report.duplicates) duplicates") }
    if report.overlap > 0 { leftOut.append("\(report.overlap) also held out") }
    if report.silentSlices > 0 { leftOut.append("\(report.silentSlices) silent parts") }
    let details = leftOut.isEmpty ? "" : " (left out: \(leftOut.joined(separator: ", ")))"
    let example = report.badExamples.first.map { "; \($0)" } ?? ""
    let part = isTraining ? "train on" : "hold out"
    return UserError(
      .badData,
      "\(place): found no file to \(part) among \(report.files) sound files\(details), expected at least one "
        + "(\(report.holdoutRule))\(example)")
  }
}
