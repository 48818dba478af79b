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
    _ files: SoundFiles, surveys: [Result<SurveyedSound, UserError>], options: AudioCorpusOptions,
    known: [String]?
  ) throws {
    let rule = files.holdout == nil ? try HoldoutRule(pattern: options.holdoutPattern) : .separate
    report = AudioCorpusReport(
      source: files.source, files: files.paths.count, otherFiles: files.others, sampleRate: 0,
      length: options.length, channels: options.channels,
      holdoutRule: rule.words(pattern: options.holdoutPattern, holdout: files.holdout, labels: options.labels)
    )
    let usable = usableSounds(surveys, options: options)
    let isHeldOut = rule.holdsOut(
      names: usable.map { files.names[$0.index] }, labels: usable.map { files.labels[$0.index] },
      separate: usable.firstIndex { $0.index >= files.separate } ?? usable.count)
    leaveOutRepetitions(usable, isHeldOut: isHeldOut, labels: files.labels)
    if case .everyTenth = rule, usable.count == 1, case .success(let sound) = surveys[usable[0].index] {
      divide(sound, at: usable[0].index, options: options)
    }
    guard !training.isEmpty, !heldOut.isEmpty else { throw tooFew(files) }
    try number(files, known: known)
  }

  /// A sound that has samples.
  private struct Usable {
    var index: Int
    var digest: String
  }

  private mutating func usableSounds(
    _ surveys: [Result<SurveyedSound, UserError>], options: AudioCorpusOptions
  ) -> [Usable] {
    var usable: [Usable] = []
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
        usable.append(Usable(index: index, digest: sound.digest))
      }
    }
    return usable
  }

  /// Of sounds equal in all samples, keeps one of each label and part, and none to train on that is held out.
  private mutating func leaveOutRepetitions(_ usable: [Usable], isHeldOut: [Bool], labels: [String?]) {
    struct Content: Hashable {
      var digest: String
      var label: String?
      var isHeldOut: Bool
    }
    let heldOutDigests = Set(zip(usable, isHeldOut).filter(\.1).map(\.0.digest))
    var seen: Set<Content> = []
    for (sound, isHeldOut) in zip(usable, isHeldOut) {
      let content = Content(digest: sound.digest, label: labels[sound.index], isHeldOut: isHeldOut)
      if !seen.insert(content).inserted {
        report.duplicates += 1
      } else if isHeldOut {
        heldOut.append(sound.index)
      } else if heldOutDigests.contains(sound.digest) {
        report.overlap += 1
      } else {
        training.append(sound.index)
      }
    }
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

  /// Gives the labels their numbers.
  private mutating func number(_ files: SoundFiles, known: [String]?) throws {
    let found = Set(training.compactMap { files.labels[$0] })
    let names = found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let isLabelled = files.labels.contains { $0 != nil }
    labelNames = isLabelled ? known.flatMap { $0.isEmpty ? nil : $0 } ?? names : []
    let indices = Dictionary(zip(labelNames, labelNames.indices)) { first, _ in first }
    labels = files.labels.map { $0.flatMap { indices[$0] } }
    for index in training + heldOut {
      guard let label = files.labels[index], labels[index] == nil else { continue }
      let place = known == nil ? "one of the training part's" : "one of the model's"
      throw UserError(
        .badData,
        "\(files.paths[index]): found the label \"\(label)\", expected \(place): "
          + labelNames.joined(separator: ", "))
    }
  }

  private func tooFew(_ files: SoundFiles) -> UserError {
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

extension HoldoutRule {
  /// The rule in words, for the report.
  fileprivate func words(pattern: String?, holdout: String?, labels: String?) -> String {
    switch self {
    case .everyTenth: labels == nil ? "every tenth file" : "every tenth file of each label"
    case .matching: "files that match '\(pattern ?? "")'"
    case .separate: "the files of \(holdout ?? "")"
    }
  }
}
