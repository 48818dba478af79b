import Failures

/// What messages and reports call the items of a medium.
public struct ItemWords: Sendable {
  /// One that is held out or trained on: `file`.
  public let part: String
  /// One that was read: `sound file`.
  public let item: String
  /// Why items that cannot be used are left out: `damaged`.
  public let bad: Omission
  /// The reasons for which a report counts what is left out, in order.
  public let omissions: [Omission]

  /// Names things.
  public init(part: String, item: String, bad: Omission, omissions: [Omission]) {
    (self.part, self.item, self.bad, self.omissions) = (part, item, bad, omissions)
  }
}

/// Which items are trained on, chosen by and held out, after all have been surveyed.
public struct Split: Sendable {
  /// Indices of the items of each part.
  public let partition: Partition
  /// The label of every item, an index of `labelNames`.
  public let labels: [Int?]
  /// The names of the labels by index.
  public let labelNames: [String]
  /// What happened so far.
  public var report: CorpusReport

  /// Takes items that were made for their parts, as in a built-in set.
  ///
  /// - Parameters:
  ///   - training: how many items are to train on; they come first.
  ///   - heldOut: how many are to hold out; they come second.
  ///   - labels: those of all items; items beyond the two parts are for validation.
  ///   - known: the labels of a trained model; nil or none takes `own`.
  ///   - own: the labels of the set, so that a small set that lacks one numbers them alike.
  ///   - report: the report so far.
  ///   - name: what messages call an item.
  /// - Throws: `UserError` (bad data) for a label that is not known.
  public init(
    training: Int, heldOut: Int, labels: [String?], known: [String]?, own: [String], report: CorpusReport,
    name: (Int) -> String
  ) throws {
    precondition(training > 0 && heldOut > 0, "each part has at least one item")
    partition = Partition(
      training: Array(0..<training), validation: Array(training + heldOut..<labels.count),
      heldOut: Array(training..<training + heldOut))
    (labelNames, self.labels) = try partition.numbered(
      labels, known: known.flatMap { $0.isEmpty ? nil : $0 } ?? own, name: name)
    self.report = report
    self.report.isValidationApart = true
    self.report.holdoutRule = "drawn apart"
    self.report.items = labels.count
  }

  /// Leaves out what cannot be used, divides the rest and leaves out repetitions.
  ///
  /// - Parameters:
  ///   - files: where the items come from.
  ///   - surveys: what was found of each item.
  ///   - owners: the index of each item's file.
  ///   - words: what messages call the items.
  ///   - known: the labels of a trained model, whose indices are used; nil takes those of the training part.
  ///   - judge: whether an item can be used, of which file; counts in the report why not.
  ///   - divide: changes how the items that can be used are divided.
  /// - Throws: `UserError` (bad data) for a part without an item, and a label that is not known.
  public init<Survey: ItemSurvey>(
    _ files: DataFiles, surveys: [Result<Survey, UserError>], owners: [Int], words: ItemWords,
    known: [String]?, judge: (Survey, _ name: String, inout CorpusReport) -> Bool = { _, _, _ in true },
    divide: (_ items: [Int], inout Partition, inout CorpusReport) -> Void = { _, _, _ in }
  ) throws {
    let rule = files.rule
    let labels = surveys.indices.map { (try? surveys[$0].get().label) ?? files.labels[owners[$0]] }
    // Parts that files give their items are a published split too; what the user says goes before it.
    let given = zip(surveys, owners).map { survey, owner in
      files.named[owner] == nil ? (try? survey.get())?.part : nil
    }
    var isDivided = false
    if case .everyTenth = rule { isDivided = given.contains(.training) && given.contains(.heldOut) }
    var report = CorpusReport(source: files.source, omissions: words.omissions)
    report.badReason = words.bad
    report.files = files.paths.count
    report.items = surveys.count
    report.holdoutRule = rule.words(
      noun: words.part, holdout: files.holdout, isLabelled: labels.contains { $0 != nil })
    if isDivided { report.holdoutRule = "those in the files' test parts" }
    report.isValidationApart =
      files.named.contains(.validation) || isDivided && given.contains(.validation)

    func name(_ item: Int) -> String { files.names[owners[item]] }
    var items: [Partition.Item] = []
    for (index, survey) in surveys.enumerated() {
      switch survey {
      case .failure(let failure): report.leaveOut(failure)
      case .success(let survey) where judge(survey, name(index), &report):
        items.append(Partition.Item(index: index, digest: survey.digest))
      case .success: continue
      }
    }
    let sources = items.map { owners[$0.index] }
    let parts = rule.parts(
      names: sources.map { files.names[$0] }, labels: items.map { labels[$0.index] },
      named: sources.map { files.named[$0] })
    for (index, part) in parts.enumerated() {
      let own = isDivided ? given[items[index].index] : nil
      items[index].part = own.map { $0 == .training ? nil : $0 } ?? part
    }
    var partition = Partition(items, labels: labels)
    for item in partition.duplicates { report.leaveOut(.duplicate, named: name(item)) }
    for item in partition.overlap { report.leaveOut(.overlap, named: name(item)) }
    report.leaveOut(files.omissions)
    divide(items.map(\.index), &partition, &report)
    if case .everyTenth = rule, partition.heldOut.isEmpty, !partition.training.isEmpty {
      // One item, or one of each label, is enough to train on.
      partition = Partition(
        training: partition.training, validation: partition.validation, heldOut: partition.training)
      report.holdoutRule =
        "those to train on, as there are too few to hold any out: no score says anything of unseen data"
    }
    for part in CorpusPart.allCases where partition.items(in: part).isEmpty {
      if part != .validation || files.validation != nil {
        throw Self.tooFew(files, for: part, words, report)
      }
    }
    (labelNames, self.labels) = try partition.numbered(labels, known: known) { files.paths[owners[$0]] }
    self.partition = partition
    self.report = report
  }

  private static func tooFew(
    _ files: DataFiles, for part: CorpusPart, _ words: ItemWords, _ report: CorpusReport
  ) -> UserError {
    let reasons = report.leftOut.map(\.words).joined(separator: ", ")
    let details = reasons.isEmpty ? "" : " (left out: \(reasons))"
    let example = report.badExamples.first.map { "; \($0)" } ?? ""
    return UserError(
      .badData,
      "\(files.name(of: part)): found no \(words.part) to \(part.use) among \(report.items) \(words.item)s"
        + "\(details), expected at least one (\(report.holdoutRule ?? ""))\(example)")
  }
}
