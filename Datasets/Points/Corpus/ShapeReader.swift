import Corpora

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
    return CorpusShape(cloud: PointCloud(coordinates), placement: frame.placement(shape.extent))
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
    if sparse > 0 { report.details.append(", some repeated in \(CorpusReport.counted(sparse, "shape"))") }
    report.labelSeparator = "; "
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
