import Corpora
import Failures

/// The folders `train`, `val` (or `validation`) and `test` of a published split, in the paths of its files.
enum OfficialPart {
  private static let parts: [Substring: CorpusPart] = [
    "train": .training, "val": .validation, "validation": .validation, "test": .heldOut,
  ]

  /// The part that a path below the folder belongs to: that of its first folder of such a name.
  static func part(of name: String) -> CorpusPart? {
    name.split(separator: "/").dropLast().lazy.compactMap { parts[$0] }.first
  }

  /// A path without the folder that names the part: what labels are read from.
  static func removed(from name: String) -> String {
    var folders = name.split(separator: "/")
    guard let index = folders.dropLast().firstIndex(where: { parts[$0] != nil }) else { return name }
    folders.remove(at: index)
    return folders.joined(separator: "/")
  }
}

/// Which shapes are trained on, chosen by and held out, after all have been surveyed.
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
    let parts = files.names.map { OfficialPart.part(of: $0) }
    var isOfficial = false
    if case .everyTenth = rule { isOfficial = parts.contains(.training) && parts.contains(.heldOut) }
    let named = files.named

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
    report.isValidationApart = files.validation != nil || isOfficial && parts.contains(.validation)
    if isOfficial { report.outsideFiles = parts.count { $0 == nil } }

    var items: [Partition.Item] = []
    for (index, survey) in shelf.surveys.enumerated() {
      switch survey {
      case .failure(let failure):
        report.bad += 1
        if report.badExamples.count < PointCorpusReport.badExampleCount {
          report.badExamples.append(failure.message)
        }
      case .success(let shape) where !isOfficial || parts[shape.source] != nil || named[shape.source] != nil:
        items.append(Partition.Item(index: index, digest: shape.digest))
      case .success: continue
      }
    }
    let sources = items.map { shelf.owners[$0.index] }
    let chosen: [CorpusPart?] =
      isOfficial
      ? sources.map { source in named[source] ?? parts[source].flatMap { $0 == .training ? nil : $0 } }
      : rule.parts(
        names: sources.map { files.names[$0] }, labels: sources.map { files.labels[$0] },
        named: sources.map { named[$0] })
    for (index, part) in chosen.enumerated() { items[index].part = part }
    let shapeLabels = shelf.owners.map { files.labels[$0] }
    partition = Partition(items, labels: shapeLabels)
    report.duplicates = partition.duplicates
    report.overlap = partition.overlap
    for part in CorpusPart.allCases where partition.items(in: part).isEmpty {
      if part != .validation || files.validation != nil { throw Self.tooFew(files, for: part, report) }
    }
    (labelNames, labels) = try partition.numbered(shapeLabels, known: known) {
      files.paths[shelf.owners[$0]]
    }
    self.report = report
  }

  private static func tooFew(
    _ files: DataFiles, for part: CorpusPart, _ report: PointCorpusReport
  ) -> UserError {
    let details = report.leftOut.isEmpty ? "" : " (left out: \(report.leftOut.joined(separator: ", ")))"
    let example = report.badExamples.first.map { "; \($0)" } ?? ""
    return UserError(
      .badData,
      "\(files.name(of: part)): found no shape to \(part.use) among \(report.shapes)\(details), "
        + "expected at least one (\(report.holdoutRule))\(example)")
  }
}
