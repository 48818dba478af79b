import Corpora
import Failures
import Files

/// How training divides data, or why it would refuse it.
enum DataDivision {
  /// The parts of a corpus.
  case corpus(CorpusReport, [PartLabels])
  /// Data that says less of itself.
  case plain(training: Int, validation: Int, lines: [String])
  /// It would not train on it.
  case refused(UserError)

  /// How many samples a part has, and how many of these have which label, an index of the labels.
  struct PartLabels {
    let count: Int
    let labels: [Int: Int]

    init(_ samples: some LabelledSamples) {
      count = samples.count
      labels = (0..<samples.count).reduce(into: [:]) { counts, index in
        if let label = samples.label(at: index) { counts[label, default: 0] += 1 }
      }
    }
  }

  init(_ dataset: some ModalityDataset) {
    if let dataset = dataset as? any CorpusDataset {
      self = Self.division(dataset)
    } else {
      self = .plain(
        training: dataset.trainingLabels.count, validation: dataset.validationCount,
        lines: dataset.descriptionLines)
    }
  }

  private static func division(_ dataset: some CorpusDataset) -> DataDivision {
    let corpus = dataset.corpus
    return .corpus(
      corpus.report, [PartLabels(corpus.training), PartLabels(corpus.validation), PartLabels(corpus.heldOut)])
  }

  var report: CorpusReport? {
    if case .corpus(let report, _) = self { report } else { nil }
  }
}

/// What is shown of data: what its files hold, where a medium reads them one by one, and how they are divided.
struct InspectedData<M: Modality> {
  /// Rows of the table of files or samples, and labels, that are listed for people.
  private static var mostRows: Int { 20 }
  /// Faults that are listed for people.
  private static var mostFaults: Int { 3 }

  /// What files hold; nil where the medium does not read them one by one, and for a built-in set.
  let inspection: Inspection?
  /// The data as training opens it, and the recipe that it completed; nil where training would refuse it.
  let opened: (dataset: M.Dataset, recipe: M.Recipe)?
  private let path: String?
  private let division: DataDivision

  /// Reads data.
  ///
  /// - Parameters:
  ///   - source: the files, or a built-in set.
  ///   - recipe: how they are read.
  /// - Throws: `UserError` where nothing can be read, and where it is not the data's fault that it cannot be divided.
  init(_ source: DataSource, recipe: M.Recipe) throws {
    WorkLine.begin("reading the files")
    let inspection = try source.path == nil ? nil : M.inspect(source, recipe: recipe)
    WorkLine.begin("dividing the data")
    var recipe = recipe
    do {
      let dataset = try M.openDataset(source, recipe: &recipe)
      (opened, division) = ((dataset, recipe), DataDivision(dataset))
    } catch let error as UserError where inspection != nil && error.category == .badData {
      (opened, division) = (nil, .refused(error))
    }
    (self.inspection, path) = (inspection, source.path)
  }

  /// What 'evaluate' will not compute; nil where it computes everything, and for data that is refused.
  private var shortage: String? { opened.flatMap { M.shortage(of: $0.dataset)?.summary } }

  /// Why training would refuse the data; nil where it would not.
  var refusal: UserError? {
    if case .refused(let error) = division { error } else { nil }
  }

  /// What was left out: the report knows of more than the files, as of repetitions.
  private var leftOut: [Tally.Entry] { division.report?.leftOut ?? inspection?.leftOut ?? [] }

  /// The labels by name: how many samples were read, and how many are in each part of the division.
  private var labels: [(name: String, read: Int?, parts: [Int]?)] {
    guard case .corpus(let report, let parts) = division else {
      return (inspection?.labels ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, $0.value, nil) }
    }
    return report.labelNames.enumerated().map { index, name in
      (name, inspection?.labels[name], parts.map { $0.labels[index] ?? 0 })
    }
  }

  // MARK: For people

  /// Names and values, one a line.
  var rows: [[String]] {
    var rows = [["data", path ?? "built-in"]]
    if let inspection {
      rows.append(["files", "\(inspection.files)"])
      rows.append([inspection.noun, "\(inspection.samples)"])
      rows += inspection.facts.map { [$0.name, $0.words] }
    } else if let report = division.report {
      if report.files > 0 { rows.append(["files", "\(report.files)"]) }
      rows.append(["found", report.found])
    }
    rows += divisionRows
    let labels = labels
    if !labels.isEmpty {
      let names = labels.prefix(Self.mostRows).map { "\($0.name) \($0.read ?? $0.parts?.reduce(0, +) ?? 0)" }
      let more = labels.count > names.count ? " and \(labels.count - names.count) more" : ""
      rows.append(["labels", "\(labels.count): " + names.joined(separator: ", ") + more])
    }
    rows += Self.titled("left out", leftOut.map(Self.words))
    rows += Self.titled("remarks", (division.report?.remarks.entries ?? []).map(Self.words))
    if let shortage { rows.append(["evaluation", shortage]) }
    let assumptions = (inspection?.assumptions ?? [:]).sorted { $0.key < $1.key }
    let all = inspection.map { "\($0.samples) \($0.noun)" } ?? ""
    rows += Self.titled("assumed", assumptions.map { "\($0.key): \($0.value) of \(all)" })
    let faults = inspection?.faults.map(\.message) ?? []
    let rest = faults.count - Self.mostFaults
    rows += Self.titled("not usable", faults.prefix(Self.mostFaults) + (rest > 0 ? ["and \(rest) more"] : []))
    return rows
  }

  /// The parts, with what is in them.
  private var divisionRows: [[String]] {
    switch division {
    case .refused(let reason): return [["training", "not possible: \(reason.message)"]]
    case .plain(let training, let validation, let lines):
      return [["training", "\(training)"], ["validation", "\(validation)"]] + Self.titled("data", lines)
    case .corpus(let report, _):
      return [
        ["training", "\(report.trainingCount)\(report.unit)"],
        ["validation", "\(report.validationCount) (\(Self.validationRule(report)))"],
        ["held out", "\(report.heldOutCount)" + (report.holdoutRule.map { " (\($0))" } ?? "")],
      ]
    }
  }

  private static func validationRule(_ report: CorpusReport) -> String {
    guard report.validationCount > 0 else { return "too few for a part of their own" }
    return report.isValidationApart ? "apart" : "every tenth of the others"
  }

  /// A row for each file or sample, of many the first ones; nil without any.
  var table: String? {
    guard let rows = inspection?.rows, rows.count > 1 else { return nil }
    let rest = rows.count - 1 - Self.mostRows
    let text = columnText(Array(rows.prefix(1 + Self.mostRows)))
    return rest > 0 ? text + "\nand \(rest) more, all of them with --json" : text
  }

  private static func words(_ entry: Tally.Entry) -> String {
    entry.words + (entry.list.map { ": \($0)" } ?? "")
  }

  /// Lines under one title.
  private static func titled(_ title: String, _ lines: some Sequence<String>) -> [[String]] {
    lines.enumerated().map { [$0 == 0 ? title : "", $1] }
  }

  // MARK: For programs

  /// The members of a JSON object.
  var members: [String: JSONValue] {
    var members: [String: JSONValue] = inspection?.members ?? [:]
    members["data"] = path.map { .string($0) }
    members["files"] = (inspection?.files ?? division.report?.files).flatMap { $0 > 0 ? .int($0) : nil }
    members["samples"] = (inspection?.samples ?? division.report?.items).map { .int($0) }
    members["leftOut"] = .array(leftOut.map(Self.json))
    members["remarks"] = .array((division.report?.remarks.entries ?? []).map(Self.json))
    members["evaluation"] = shortage.map { .string($0) }
    members["faults"] = .array((inspection?.faults ?? []).map { .string($0.message) })
    members["assumptions"] = .array(
      (inspection?.assumptions ?? [:]).sorted { $0.key < $1.key }.map {
        .object(["assumption": .string($0.key), "count": .int($0.value)])
      })
    members["labels"] = .array(
      labels.map { label in
        var entry: [String: JSONValue] = ["label": .string(label.name)]
        entry["samples"] = label.read.map { .int($0) }
        for (part, count) in zip(["training", "validation", "heldOut"], label.parts ?? []) {
          entry[part] = .int(count)
        }
        return .object(entry)
      })
    switch division {
    case .refused(let reason): members["refusal"] = .string(reason.message)
    case .plain(let training, let validation, let lines):
      members["split"] = .object(["training": .int(training), "validation": .int(validation)])
      members["description"] = .array(lines.map { .string($0) })
    case .corpus(let report, _):
      var split: [String: JSONValue] = [
        "training": .int(report.trainingCount), "validation": .int(report.validationCount),
        "heldOut": .int(report.heldOutCount),
      ]
      split["rule"] = report.holdoutRule.map { .string($0) }
      members["split"] = .object(split)
      members["description"] = .string(report.description)
    }
    return members
  }

  private static func json(_ entry: Tally.Entry) -> JSONValue {
    .object([
      "reason": .string(entry.reason.many), "count": .int(entry.count),
      "names": .array(entry.names.map { .string($0) }),
    ])
  }
}
