import Corpora
import Failures
import Files
import RandomNumbers

/// Points of one part of a data set, and their labels.
public struct PlaneSet: LabelledSamples {
  /// The points.
  public fileprivate(set) var points: [PlanePoint] = []
  fileprivate var labels: [Int?] = []

  /// How many there are.
  public var count: Int { points.count }

  /// The index of a point's label; nil without labels.
  public func label(at index: Int) -> Int? { labels[index] }

  /// So many points evenly spread over the part; all where it has no more.
  public func spread(_ limit: Int) -> [PlanePoint] {
    let shown = min(limit, points.count)
    return (0..<shown).map { points[$0 * points.count / shown] }
  }

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
  private static let incomplete = Omission("row without two numbers", many: "rows without two numbers")

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
      var set = PlaneSet()
      for index in 0..<count {
        var words = SplitMix64(seed: Self.seed &+ stream, index: index)
        let draw = density.sample(using: &words)
        set.points.append(draw.point)
        set.labels.append(options.isLabelled ? draw.label : nil)
      }
      return set
    }
    var report = CorpusReport(source: "the built-in target \(options.target.rawValue)")
    report.found = "its density is known"
    report.isValidationApart = true
    report.holdoutRule = "drawn apart"
    self.init(
      training: draws(.training), validation: draws(.validation), heldOut: draws(.heldOut),
      labelNames: options.isLabelled ? density.labels : [], report: report, density: density)
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
    let table = try PointTable(path: path, options: options)
    guard table.points.count >= Self.fewest else {
      throw UserError(
        .badData, "\(path): found \(table.points.count) points, expected at least \(Self.fewest)")
    }
    let validationTable = try validation.map { try PointTable(path: $0, options: options) }
    let heldOutTable = try holdout.map { try PointTable(path: $0, options: options) }
    var rest = Array(table.points.indices)
    func take(_ rule: ([String?]) -> [Bool]) -> [Int] {
      let chosen = rule(rest.map { table.labels[$0] })
      let taken = zip(rest, chosen).filter(\.1).map(\.0)
      rest = zip(rest, chosen).filter { !$0.1 }.map(\.0)
      return taken
    }
    let held =
      holdout == nil
      ? take { HoldoutRule.everyTenth.holdsOut(names: $0.map { _ in "" }, labels: $0) } : []
    let chosen = validation == nil ? take(ValidationRule.chooses) : []
    let own = Set(rest.compactMap { table.labels[$0] })
    let names =
      options.labelColumn == nil
      ? [] : known ?? own.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }

    var report = CorpusReport(source: path, omissions: [Self.incomplete])
    let tables = [table, validationTable, heldOutTable].compactMap(\.self)
    report[Self.incomplete] = tables.reduce(0) { $0 + $1.skipped }
    report.items = tables.reduce(0) { $0 + $1.points.count + $1.skipped }
    report.found =
      "\(CorpusReport.counted(report.items, "row")), columns \(table.columnNames.joined(separator: " and "))"
    report.isValidationApart = validation != nil
    report.holdoutRule = (holdout == nil ? HoldoutRule.everyTenth : .separate).words(
      noun: "row", holdout: holdout, isLabelled: !names.isEmpty)
    self.init(
      training: try table.set(rest, labels: names, isKnown: known != nil, path: path),
      validation: try validationTable?.set(nil, labels: names, isKnown: known != nil, path: validation ?? "")
        ?? table.set(chosen, labels: names, isKnown: known != nil, path: path),
      heldOut: try heldOutTable?.set(nil, labels: names, isKnown: known != nil, path: holdout ?? "")
        ?? table.set(held, labels: names, isKnown: known != nil, path: path),
      labelNames: names, report: report, density: nil)
  }

  private init(
    training: PlaneSet, validation: PlaneSet, heldOut: PlaneSet, labelNames: [String], report: CorpusReport,
    density: (any PlaneDensity)?
  ) {
    let sets: [CorpusPart: PlaneSet] = [
      .training: training, .validation: validation, .heldOut: heldOut,
    ]
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

extension PointTable {
  /// Some of the points with the indices of their labels.
  ///
  /// - Parameters:
  ///   - rows: which; nil for all.
  ///   - names: the labels by index; empty without labels.
  ///   - isKnown: whether these are a trained model's.
  ///   - path: what messages call the table.
  /// - Throws: `UserError` (bad data) for a label without an index.
  fileprivate func set(_ rows: [Int]?, labels names: [String], isKnown: Bool, path: String) throws -> PlaneSet
  {
    let indices = Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
    var set = PlaneSet()
    for row in rows ?? Array(points.indices) {
      let label = names.isEmpty ? nil : labels[row]
      if let label, indices[label] == nil {
        throw UserError(
          .badData,
          "\(path): found the label \"\(label)\", expected one of \(isKnown ? "the model's" : "the training part's"): "
            + names.joined(separator: ", "))
      }
      set.points.append(points[row])
      set.labels.append(label.flatMap { indices[$0] })
    }
    return set
  }
}
