import Corpora
import Failures
import Files
import RandomNumbers

/// Points of one part of a data set, and their labels.
public struct PlaneSet: Sendable {
  /// The points.
  public private(set) var points: [PlanePoint] = []
  /// The index of each point's label; nil without labels.
  public private(set) var labels: [Int?] = []

  /// How many there are.
  public var count: Int { points.count }

  fileprivate mutating func append(_ point: PlanePoint, _ label: Int?) {
    points.append(point)
    labels.append(label)
  }
}

/// Points in the plane, split into a part to train on, one to choose by and one that is held out.
public struct PlaneCorpus: Sendable {
  /// Points to train on.
  public private(set) var training = PlaneSet()
  /// Points to choose by while training; none where the table is too small for a part of its own.
  public private(set) var validation = PlaneSet()
  /// Points to measure with.
  public private(set) var heldOut = PlaneSet()
  /// The names of the labels by index; empty without conditions.
  public let labelNames: [String]
  /// The distribution that the points come from, where it is known.
  public let density: (any PlaneDensity)?
  /// What was made or read, left out and split, in a sentence.
  public let report: String

  /// The fewest points that a table needs.
  public static let fewest = 10
  /// The seed that the built-in sets are drawn from.
  private static let seed: UInt64 = 0x506C_616E_65

  /// Draws a built-in set: a tenth as many points as for training for validation, half as many held out.
  ///
  /// Point number n is the same whatever the count; all parts are independent draws.
  /// - Throws: `UserError` (usage) when labels are asked for and the distribution has none.
  public init(builtIn options: PlaneDataOptions) throws {
    let density = options.target.density(weights: options.weights)
    if options.isLabelled, density.labels.isEmpty {
      throw UserError(.usage, "--labelled: the target \(options.target.rawValue) has no labels")
    }
    labelNames = options.isLabelled ? density.labels : []
    self.density = density
    let counts = [options.count, max(options.count / 10, 1), max(options.count / 2, 1)]
    let parts = counts.enumerated().map { part, count in
      (0..<count).reduce(into: PlaneSet()) { set, index in
        var words = SplitMix64(seed: Self.seed &+ UInt64(part), index: index)
        let draw = density.sample(using: &words)
        set.append(draw.point, options.isLabelled ? draw.label : nil)
      }
    }
    (training, validation, heldOut) = (parts[0], parts[1], parts[2])
    report =
      "built-in target \(options.target.rawValue): \(counts[0]) points to train on, \(counts[1]) for validation, "
      + "\(counts[2]) held out" + Self.words(labelNames)
  }

  /// Reads a table. Every tenth row, of each label, is held out, and every tenth of the others is for validation, unless
  /// other tables are named for these parts; repeated rows are kept, since how often a point occurs is what is learned.
  ///
  /// - Parameters:
  ///   - path: the table.
  ///   - validation: a table to choose by while training.
  ///   - holdout: a table to hold out.
  ///   - options: which columns, and what is left out.
  ///   - labels: those of a trained model; nil takes what the training part has, ordered by byte value.
  /// - Throws: `UserError` that names file, line and column.
  public init(
    path: String, validation: String?, holdout: String?, options: PlaneDataOptions, labels known: [String]?
  ) throws {
    let table = try PointTable(path: path, options: options)
    let apart = try [validation, holdout].map { try $0.map { try PointTable(path: $0, options: options) } }
    guard table.points.count >= Self.fewest else {
      throw UserError(
        .badData, "\(path): found \(table.points.count) points, expected at least \(Self.fewest)")
    }
    var rest = Array(table.points.indices)
    func take(_ chosen: [Bool]) -> [Int] {
      let taken = zip(rest, chosen).filter(\.1).map(\.0)
      rest = zip(rest, chosen).filter { !$0.1 }.map(\.0)
      return taken
    }
    var held: [Int] = []
    if apart[1] == nil {
      let rule = try HoldoutRule(pattern: nil)
      held = take(rule.holdsOut(names: rest.map { _ in "" }, labels: rest.map { table.labels[$0] }))
    }
    let chosen =
      apart[0] == nil ? take(ValidationRule.chooses(labels: rest.map { table.labels[$0] })) : []
    let own = Set(rest.compactMap { table.labels[$0] })
    let names = known ?? own.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let indices = Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
    func part(_ table: PointTable, _ places: [Int], _ path: String) throws -> PlaneSet {
      try places.reduce(into: PlaneSet()) { set, place in
        let label = table.labels[place]
        if let label, indices[label] == nil {
          throw UserError(
            .badData,
            "\(path): found the label \"\(label)\", expected one of \(known == nil ? "the training part's" : "the model's"): "
              + names.joined(separator: ", "))
        }
        set.append(table.points[place], label.flatMap { indices[$0] })
      }
    }
    labelNames = names
    density = nil
    training = try part(table, rest, path)
    self.validation =
      try apart[0].map { try part($0, Array($0.points.indices), validation ?? path) }
      ?? part(table, chosen, path)
    heldOut =
      try apart[1].map { try part($0, Array($0.points.indices), holdout ?? path) }
      ?? part(table, held, path)
    let skipped = ([table] + apart.compactMap(\.self)).reduce(0) { $0 + $1.skipped }
    report =
      "\(path), columns \(table.columnNames.joined(separator: " and ")): \(training.count) points to train on, "
      + ValidationRule.words(count: self.validation.count, isApart: apart[0] != nil) + ", "
      + "\(heldOut.count) held out (\(apart[1] == nil ? "every tenth row" : "apart"))"
      + (skipped > 0 ? ", \(skipped) rows left out" : "") + Self.words(labelNames)
  }

  private static func words(_ labels: [String]) -> String {
    labels.isEmpty ? "" : "; labels: " + labels.joined(separator: ", ")
  }

  /// A digest of all points and labels.
  public var fingerprint: String {
    var digest = SHA256()
    for part in [training, validation, heldOut] {
      part.points.withUnsafeBytes { digest.update($0) }
      digest.update(part.labels.map { $0.map(String.init) ?? "-" }.joined(separator: ","))
    }
    digest.update(labelNames.joined(separator: "\n"))
    return digest.hexDigest()
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
