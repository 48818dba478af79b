import Corpora
import Failures
import Files

/// Something that has shapes: a file, or one piece of built-in furniture.
protocol ShapeSource: Sendable {
  /// What messages call it.
  var name: String { get }
  /// Opens it. May be called again and from any thread, and then yields the same shapes.
  func open() throws -> any ShapeStack
}

/// The shapes of an open source.
protocol ShapeStack {
  /// How many there are, at least one.
  var count: Int { get }
  /// One of them, with finite coordinates.
  func shape(at index: Int) throws -> SingleShape
}

/// A single shape, and how it was read.
struct SingleShape: ShapeStack {
  var cloud: PointCloud
  /// Rows of the file that were left out, because they have numbers that are not finite.
  var skippedRows = 0
  /// What was assumed to read it, in words.
  var notes: [String] = []
  /// The label that stands beside it in its file.
  var label: String?
  /// The part of the data that its file gives it.
  var part: CorpusPart?

  var count: Int { 1 }

  func shape(at index: Int) throws -> SingleShape { self }

  /// The notes, with one of the rows that were left out.
  var allNotes: [String] {
    guard skippedRows > 0 else { return notes }
    return notes + ["\(CorpusReport.counted(skippedRows, "row")) with numbers that are not finite left out"]
  }
}

/// A shape file.
struct FileShapeSource: ShapeSource {
  let name: String
  /// Points drawn from meshes and voxel grids.
  let meshPoints: Int
  let rules: ShapeRules

  func open() throws -> any ShapeStack {
    try ShapeFile.open(name, points: meshPoints, seed: .ofContent, rules: rules)
  }
}

/// What is known of a shape after it has been read once.
struct SurveyedShape: ItemSurvey {
  /// Its index in its source.
  let index: Int
  let extent: CloudExtent
  /// What its coordinates are relative to.
  let origin: SIMD3<Double>
  /// SHA-256 of its coordinates as they are in the file.
  let digest: String
  /// Rows that were left out.
  let skippedRows: Int
  /// What was assumed to read it, in words.
  let notes: [String]
  let label: String?
  let part: CorpusPart?

  /// Measures a shape.
  ///
  /// - Throws: `UserError` (bad data) for too few points and for points that are all at one place.
  init(_ shape: SingleShape, index: Int, name: String, options: PointCorpusOptions) throws {
    let cloud = shape.cloud
    self.index = index
    (origin, skippedRows, notes) = (cloud.origin, shape.skippedRows, shape.notes)
    (label, part) = (shape.label, shape.part)
    guard cloud.count >= options.fewestPoints else {
      throw UserError(
        .badData,
        "\(name): found \(cloud.count) points, expected at least \(options.fewestPoints) for samples of "
          + "\(options.points)")
    }
    extent = CloudExtent(cloud)
    guard extent.longestSide > 0 else {
      throw UserError(
        .badData, "\(name): found all of \(cloud.count) points at one place, expected a shape")
    }
    var hash = SHA256()
    cloud.coordinates.withUnsafeBytes { hash.update($0) }
    if origin != SIMD3() { withUnsafeBytes(of: origin) { hash.update($0) } }
    digest = hash.hexDigest()
  }
}

/// The shapes of a source as a corpus takes them.
struct Shapes: ShelfSource {
  let source: any ShapeSource
  let options: PointCorpusOptions

  var name: String { source.name }

  func survey(skipsBad: Bool, reserve: (Int) -> Bool) throws -> [SurveyedItem<SurveyedShape>] {
    let stack = try source.open()
    return try (0..<stack.count).map { index in
      do {
        let read = try stack.shape(at: index)
        let name = stack.count > 1 ? "\(name)[\(index)]" : name
        let shape = try SurveyedShape(read, index: index, name: name, options: options)
        let isKept = reserve(read.cloud.coordinates.count)
        return SurveyedItem(.success(shape), blocks: isKept ? [read.cloud.coordinates] : [])
      } catch let failure as UserError where skipsBad {
        return SurveyedItem(.failure(failure))
      }
    }
  }

  func block(_ number: Int, of shape: SurveyedShape) throws -> [Float] {
    let stack = try source.open()
    return shape.index < stack.count ? try stack.shape(at: shape.index).cloud.coordinates : []
  }
}

/// A shape of a corpus, and how it is normalised.
public struct CorpusShape: Sendable {
  /// All points as they are in the file.
  let cloud: PointCloud
  let placement: Placement

  /// All points in the order of the file, normalised.
  public var normalised: PointCloud { placement.moved(cloud) }

  /// A sample of the points, in random order, normalised as the whole shape is.
  ///
  /// - Parameters:
  ///   - count: how many points.
  ///   - draw: decides which points, as in `PointCloud.drawn(_:draw:)`.
  public func drawn(_ count: Int, draw: UInt64) -> PointCloud {
    placement.moved(cloud.drawn(count, draw: draw))
  }
}

extension SampleSet where Sample == CorpusShape {
  /// A sample of a shape's points, `[count, 3]`, in random order, normalised as the whole shape is.
  ///
  /// - Parameters:
  ///   - index: which shape, from 0 to `self.count - 1`.
  ///   - count: how many points.
  ///   - draw: decides which points, so the same word gives the same sample.
  /// - Throws: `UserError` when a file that is read now has vanished or changed.
  public func points(at index: Int, count: Int, draw: UInt64) throws -> [Float] {
    try sample(at: index).drawn(count, draw: draw).coordinates
  }

  /// All points of a shape, in the order of its file, normalised.
  ///
  /// - Throws: `UserError` when a file that is read now has vanished or changed.
  public func shape(at index: Int) throws -> PointCloud { try sample(at: index).normalised }
}

/// Normalises shapes.
struct ShapeReader: SampleReader {
  typealias Source = Shapes

  static let words = ItemWords(
    part: "shape", item: "shape", bad: Omission("unusable"),
    omissions: [Omission("unusable"), .duplicate, .overlap, .outside])

  let options: PointCorpusOptions
  let frame: PointFrame

  func blocks(of shape: SurveyedShape, start: Int, draw: UInt64?) -> [(number: Int, count: Int)] {
    [(0, shape.extent.count * 3)]
  }

  func sample(
    of shape: SurveyedShape, start: Int, draw: UInt64, block: (Int) throws -> [Float]
  ) throws -> CorpusShape? {
    let coordinates = try block(0)
    guard coordinates.count == 3 * shape.extent.count else { return nil }
    return CorpusShape(
      cloud: PointCloud(coordinates, origin: shape.origin), placement: frame.placement(shape.extent))
  }

  var form: String { options.normalisation.rawValue }

  func identity(of shape: SurveyedShape, starts: [Int]) -> String { shape.digest }

  func describe(_ shapes: [SurveyedShape], in report: inout CorpusReport) {
    let counts = shapes.map(\.extent.count)
    let (fewest, most) = (counts.min() ?? 0, counts.max() ?? 0)
    let sparse = counts.count { $0 < options.points }
    report.found = CorpusReport.counted(report.items, "shape")
    if report.files > 0, report.files != report.items {
      report.found += " in \(CorpusReport.counted(report.files, "file"))"
    }
    report.content = " of \(fewest == most ? "" : "\(fewest) to ")\(most) points; "
    report.details.append("; \(options.points) points a sample, \(options.normalisation.words)")
    report.details += Self.assumptions(shapes, options.normalisation)
    if sparse > 0 { report.details.append(", some repeated in \(CorpusReport.counted(sparse, "shape"))") }
    report.labelSeparator = "; "
  }

  /// What was assumed or left out to read shapes, each with the number of shapes.
  private static func assumptions(_ shapes: [SurveyedShape], _ normalisation: PointNormalisation) -> [String]
  {
    var counts: [String: Int] = [:]
    for note in shapes.flatMap(\.notes) { counts[note, default: 0] += 1 }
    var words = counts.sorted { $0.key < $1.key }.map {
      "; \($0.key) in \(CorpusReport.counted($0.value, "shape"))"
    }
    let skipped = shapes.filter { $0.skippedRows > 0 }
    if !skipped.isEmpty {
      let rows = CorpusReport.counted(skipped.reduce(0) { $0 + $1.skippedRows }, "row")
      words.append(
        "; \(rows) with numbers that are not finite left out of \(CorpusReport.counted(skipped.count, "shape"))"
      )
    }
    let far = shapes.count { $0.origin != SIMD3() }
    if far > 0, normalisation == .none {
      words.append(
        "; \(CorpusReport.counted(far, "shape")) rounded, too far from the origin for single precision")
    }
    return words
  }
}

extension PointNormalisation {
  /// The rule in the words of a report.
  fileprivate var words: String {
    switch self {
    case .box: "each shape in its own box"
    case .sphere: "each shape in its own sphere"
    case .global: "all shapes at one scale"
    case .none: "not normalised"
    }
  }
}
