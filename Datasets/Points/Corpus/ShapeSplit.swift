import Corpora
import Failures

/// The folders `train` and `test` of a published split, in the paths of its files.
enum OfficialPart: String {
  case train
  case test

  /// The part that a path below the folder belongs to: its first folder of that name.
  init?(_ name: String) {
    let found = name.split(separator: "/").dropLast().lazy.compactMap { OfficialPart(rawValue: String($0)) }
    guard let part = found.first else { return nil }
    self = part
  }

  /// A path without the folder that names the part: what labels are read from.
  static func removed(from name: String) -> String {
    var folders = name.split(separator: "/")
    guard let place = folders.dropLast().firstIndex(where: { OfficialPart(rawValue: String($0)) != nil })
    else {
      return name
    }
    folders.remove(at: place)
    return folders.joined(separator: "/")
  }
}

/// Which shapes are trained on and which are held out, after all have been surveyed.
struct ShapeSplit {
  let partition: Partition
  /// The label of each survey's shape, an index of `labelNames`.
  let labels: [Int?]
  let labelNames: [String]
  /// What happened so far.
  var report: PointCorpusReport

  /// Takes what was chosen by hand, as in a built-in corpus.
  init(partition: Partition, labels: [Int?], labelNames: [String], report: PointCorpusReport) {
    self.partition = partition
    self.labels = labels
    self.labelNames = labelNames
    self.report = report
  }

  /// Leaves out what cannot be used, divides the rest and leaves out repetitions.
  ///
  /// - Throws: `UserError` (bad data) for a part without a shape, and a label that is not known.
  init(_ files: DataFiles, shelf: ShapeShelf, options: PointCorpusOptions, known: [String]?) throws {
    let rule = files.holdout == nil ? try HoldoutRule(pattern: options.holdoutPattern) : .separate
    let parts = files.names.map { OfficialPart($0) }
    var isOfficial = false
    if case .everyTenth = rule { isOfficial = parts.contains(.train) && parts.contains(.test) }

    var report = PointCorpusReport(
      source: files.source, points: options.points, normalisation: options.normalisation,
      holdoutRule: isOfficial
        ? "those in test"
        : rule.words(
          noun: "shape", pattern: options.holdoutPattern, holdout: files.holdout,
          isLabelled: options.labels != nil))
    report.files = files.paths.count
    report.otherFiles = files.others
    report.shapes = shelf.surveys.count
    if isOfficial { report.outsideFiles = parts.count { $0 == nil } }

    var items: [Partition.Item] = []
    for (index, survey) in shelf.surveys.enumerated() {
      switch survey {
      case .failure(let failure):
        report.bad += 1
        if report.badExamples.count < PointCorpusReport.badExampleCount {
          report.badExamples.append(failure.message)
        }
      case .success(let shape) where !isOfficial || parts[shape.source] != nil:
        items.append(Partition.Item(index: index, digest: shape.digest))
      case .success: continue
      }
    }
    let sources = items.map { shelf.owners[$0.index] }
    let isHeldOut =
      isOfficial
      ? sources.map { parts[$0] == .test }
      : rule.holdsOut(
        names: sources.map { files.names[$0] }, labels: sources.map { files.labels[$0] },
        separate: sources.firstIndex { $0 >= files.separate } ?? items.count)
    let shapeLabels = shelf.owners.map { files.labels[$0] }
    partition = Partition(items, isHeldOut: isHeldOut, labels: shapeLabels)
    report.duplicates = partition.duplicates
    report.overlap = partition.overlap
    guard !partition.training.isEmpty, !partition.heldOut.isEmpty else {
      throw Self.tooFew(files, isTraining: partition.training.isEmpty, report)
    }
    (labelNames, labels) = try partition.numbered(shapeLabels, known: known) {
      files.paths[shelf.owners[$0]]
    }
    self.report = report
  }

  private static func tooFew(
    _ files: DataFiles, isTraining: Bool, _ report: PointCorpusReport
  ) -> UserError {
    let place = isTraining ? files.source : files.holdout ?? files.source
    let details = report.leftOut.isEmpty ? "" : " (left out: \(report.leftOut.joined(separator: ", ")))"
    let example = report.badExamples.first.map { "; \($0)" } ?? ""
    return UserError(
      .badData,
      "\(place): found no shape to \(isTraining ? "train on" : "hold out") among \(report.shapes)\(details), "
        + "expected at least one (\(report.holdoutRule))\(example)")
  }
}
