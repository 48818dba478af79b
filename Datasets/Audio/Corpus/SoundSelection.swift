import Corpora
import Failures

/// Which sounds are trained on, chosen by and held out, after all have been surveyed.
struct SoundSelection {
  /// Indices of the sounds of each part, in order.
  private(set) var training: [Int] = []
  private(set) var validation: [Int] = []
  private(set) var heldOut: [Int] = []
  /// The label of each sound, an index of `labelNames`.
  private(set) var labels: [Int?] = []
  private(set) var labelNames: [String] = []
  /// Where the only sound is divided. Nil where sounds are held out whole.
  private(set) var division: SoundDivision?
  /// What happened so far.
  var report: AudioCorpusReport

  /// Takes what was chosen by hand, as in a built-in corpus.
  init(_ partition: Partition, labels: [Int], labelNames: [String], report: AudioCorpusReport) {
    (training, validation, heldOut) = (partition.training, partition.validation, partition.heldOut)
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
    report.isValidationApart = files.validation != nil
    var usable = usableSounds(surveys, options: options)
    let parts = rule.parts(
      names: usable.map { files.names[$0.index] }, labels: usable.map { files.labels[$0.index] },
      named: usable.map { files.named[$0.index] })
    for (index, part) in parts.enumerated() { usable[index].part = part }
    let partition = Partition(usable, labels: files.labels)
    (training, validation, heldOut) = (partition.training, partition.validation, partition.heldOut)
    (report.duplicates, report.overlap) = (partition.duplicates, partition.overlap)
    if case .everyTenth = rule, usable.count == 1, case .success(let sound) = surveys[usable[0].index] {
      divide(sound, at: usable[0].index, options: options)
    }
    for part in CorpusPart.allCases where sounds(in: part).isEmpty {
      if part != .validation || files.validation != nil { throw tooFew(files, for: part) }
    }
    (labelNames, labels) = try Partition(training: training, validation: validation, heldOut: heldOut)
      .numbered(
        files.labels, known: known
      ) { files.paths[$0] }
  }

  /// The sounds of a part.
  func sounds(in part: CorpusPart) -> [Int] {
    Partition(training: training, validation: validation, heldOut: heldOut).items(in: part)
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

  /// Holds out the last tenth of the only sound, where it has windows on both sides, and chooses by the tenth before it.
  private mutating func divide(_ sound: SurveyedSound, at index: Int, options: AudioCorpusOptions) {
    guard options.slicing == .overlapping,
      let division = SoundDivision(sound.sound, starts: sound.starts, length: options.length)
    else { return }
    self.division = division
    heldOut = [index]
    if division.validation != nil { validation = [index] }
    report.holdoutRule = "the last tenth of the only file"
  }

  private func tooFew(_ files: DataFiles, for part: CorpusPart) -> UserError {
    var leftOut: [String] = []
    if report.badFiles > 0 { leftOut.append("\(report.badFiles) damaged") }
    if report.silentFiles > 0 { leftOut.append("\(report.silentFiles) silent") }
    if report.shortFiles > 0 { leftOut.append("\(report.shortFiles) too short") }
    if report.duplicates > 0 { leftOut.append("\(report.duplicates) duplicates") }
    if report.overlap > 0 { leftOut.append("\(report.overlap) also in another part") }
    if report.silentSlices > 0 { leftOut.append("\(report.silentSlices) silent parts") }
    let details = leftOut.isEmpty ? "" : " (left out: \(leftOut.joined(separator: ", ")))"
    let example = report.badExamples.first.map { "; \($0)" } ?? ""
    return UserError(
      .badData,
      "\(files.name(of: part)): found no file to \(part.use) among \(report.files) sound files\(details), expected at least one "
        + "(\(report.holdoutRule))\(example)")
  }
}

/// Where the windows of a single sound are divided: those that end before a boundary belong to the part before it, those
/// that begin after it to the part behind it, and those across are left out.
struct SoundDivision {
  /// Where the validation part begins; nil where it would have too few windows.
  let validation: Int?
  /// Where the held-out part begins.
  let heldOut: Int

  /// Divides a sound; nil where there are no windows on both sides.
  ///
  /// - Parameters:
  ///   - sound: the frames that windows are taken from.
  ///   - starts: the windows' first frames.
  ///   - length: frames of a window.
  init?(_ sound: Range<Int>, starts: [Int], length: Int) {
    let tenths = HoldoutRule.heldOutEvery
    let last = sound.lowerBound + sound.count * (tenths - 1) / tenths
    let boundary = sound.lowerBound + sound.count * (tenths - 2) / tenths
    let windows = starts.count { $0 >= boundary && $0 + length <= last }
    (validation, heldOut) = (windows < ValidationRule.fewest ? nil : boundary, last)
    guard !self.starts(starts, length: length, in: .training).isEmpty,
      !self.starts(starts, length: length, in: .heldOut).isEmpty
    else { return nil }
  }

  /// The windows of a part.
  func starts(_ starts: [Int], length: Int, in part: CorpusPart) -> [Int] {
    switch part {
    case .training: starts.filter { $0 + length <= validation ?? heldOut }
    case .validation: starts.filter { $0 >= validation ?? heldOut && $0 + length <= heldOut }
    case .heldOut: starts.filter { $0 >= heldOut }
    }
  }
}
