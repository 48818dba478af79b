import Corpora
import Failures
import Files
import RandomNumbers

/// Points of one part of a data set, and their labels.
public struct PlaneSet: LabelledSamples {
  /// The points.
  public let points: [PlanePoint]
  private let labels: [Int?]

  /// Gathers points.
  fileprivate init(_ points: [PlanePoint] = [], labels: [Int?] = []) {
    (self.points, self.labels) = (points, labels)
  }

  /// How many there are.
  public var count: Int { points.count }

  /// The index of a point's label; nil without labels.
  public func label(at index: Int) -> Int? { labels[index] }

  /// What identifies points and labels: 16 hexadecimal digits.
  fileprivate var fingerprint: String {
    var digest = SHA256()
    points.withUnsafeBytes { digest.update($0) }
    digest.update(labels.map { $0.map(String.init) ?? "" }.joined(separator: ","))
    return String(digest.hexDigest().prefix(16))
  }
}

/// Points in the plane, split into a part to train on, one to choose by and one that is held out.
public struct PlaneCorpus: Corpus {
  /// The points.
  public let parts: CorpusParts<PlaneSet>
  /// The distribution that the points come from, where it is known.
  public let density: (any PlaneDensity)?

  /// The fewest points that a table needs.
  public static let fewest = 10
  /// The seed that the built-in sets are drawn from.
  private static let seed: UInt64 = 0x506C_616E_65

  /// Rows with missing or non-finite numbers.
  static let incomplete = Omission("row without two numbers", many: "rows without two numbers")

  /// Draws a built-in set: a tenth as many points as for training for validation, half as many held out.
  ///
  /// Point number n of a part is the same whatever the count; all are independent draws.
  /// - Throws: `UserError` (usage) when labels are asked for and the distribution has none.
  public init(builtIn options: PlaneDataOptions) throws {
    let density = options.target.density(weights: options.weights)
    if options.isLabelled, density.labels.isEmpty {
      throw UserError(.usage, "--labelled: the target \(options.target.rawValue) has no labels")
    }
    func draws(_ part: CorpusPart) -> PlaneSet {
      let (stream, count): (UInt64, Int) =
        switch part {
        case .training: (0, options.count)
        case .validation: (1, max(options.count / 10, 1))
        case .heldOut: (2, max(options.count / 2, 1))
        }
      let draws = (0..<count).map { index in
        var words = SplitMix64(seed: Self.seed &+ stream, index: index)
        return density.sample(using: &words)
      }
      return PlaneSet(draws.map(\.point), labels: draws.map { options.isLabelled ? $0.label : nil })
    }
    var report = CorpusReport(source: "the built-in target \(options.target.rawValue)")
    report.found = "its density is known"
    report.isValidationApart = true
    report.holdoutRule = "drawn apart"
    self.init(
      labelNames: options.isLabelled ? density.labels : [], report: report, density: density, set: draws)
  }

  /// Reads a table. Every tenth row, of each label, is held out, and every tenth of the others is for validation, unless
  /// other tables are named for these parts; repeated rows are kept, since how often a point occurs is what is learned.
  ///
  /// - Parameters:
  ///   - path: the table.
  ///   - validation: a table to choose by while training.
  ///   - holdout: a table to hold out.
  ///   - options: which columns, and what is left out.
  ///   - known: the labels of a trained model; nil takes what the training part has, ordered by byte value.
  /// - Throws: `UserError` that names file, line and column.
  public init(
    path: String, validation: String?, holdout: String?, options: PlaneDataOptions, labels known: [String]?
  ) throws {
    let separate: [(String?, CorpusPart)] = [(validation, .validation), (holdout, .heldOut)]
    let files: [(path: String, part: CorpusPart?)] =
      [(path, nil)] + separate.compactMap { path, part in path.map { ($0, part) } }
    let tables = try files.map { try PointTable(path: $0.path, options: options) }
    guard tables[0].points.count >= Self.fewest else {
      throw UserError(
        .badData, "\(path): found \(tables[0].points.count) points, expected at least \(Self.fewest)")
    }
    let (points, labels) = (tables.flatMap(\.points), tables.flatMap(\.labels))
    let owners = tables.enumerated().flatMap { index, table in table.points.map { _ in files[index] } }

    let rule = holdout == nil ? HoldoutRule.everyTenth : .separate
    let parts = rule.parts(names: points.map { _ in "" }, labels: labels, named: owners.map(\.part))
    let rest = parts.indices.filter { parts[$0] == nil }
    let isChosen =
      validation == nil
      ? ValidationRule.chooses(labels: rest.map { labels[$0] }) : rest.map { _ in false }
    let partition = Partition(
      training: zip(rest, isChosen).filter { !$0.1 }.map(\.0),
      validation: zip(rest, isChosen).filter(\.1).map(\.0)
        + parts.indices.filter { parts[$0] == .validation },
      heldOut: parts.indices.filter { parts[$0] == .heldOut })
    let (names, numbers) = try partition.numbered(labels, known: known) { owners[$0].path }

    var report = CorpusReport(source: path, omissions: [Self.incomplete])
    report[Self.incomplete] = tables.reduce(0) { $0 + $1.skipped }
    report.items = points.count + report[Self.incomplete]
    report.found =
      "\(CorpusReport.counted(report.items, "row")), columns \(tables[0].columnNames.joined(separator: " and "))"
    report.isValidationApart = validation != nil
    report.holdoutRule = rule.words(noun: "row", holdout: holdout, isLabelled: !names.isEmpty)
    self.init(labelNames: names, report: report, density: nil) { part in
      let items = partition.items(in: part)
      return PlaneSet(items.map { points[$0] }, labels: items.map { numbers[$0] })
    }
  }

  private init(
    labelNames: [String], report: CorpusReport, density: (any PlaneDensity)?, set: (CorpusPart) -> PlaneSet
  ) {
    let sets = Dictionary(uniqueKeysWithValues: CorpusPart.allCases.map { ($0, set($0)) })
    var report = report
    report.unit = " points"
    parts = CorpusParts(labelNames: labelNames, report: report) {
      sets[$0] ?? PlaneSet()
    } fingerprint: {
      sets[$0]?.fingerprint ?? ""
    }
    self.density = density
  }

  /// The mean of the training points, and the standard deviation of each coordinate, 1 where it does not vary.
  public var moments: (mean: PlanePoint, deviations: PlanePoint) {
    let count = Double(training.count)
    let mean = training.points.reduce(PlanePoint.zero, +) / count
    let squares = training.points.reduce(PlanePoint.zero) { $0 + ($1 - mean) * ($1 - mean) }
    let deviations = (squares / count).squareRoot()
    return (mean, deviations.replacing(with: 1, where: deviations .<= 0))
  }
}
