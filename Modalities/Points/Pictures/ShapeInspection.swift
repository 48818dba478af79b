import Corpora
import Failures
import Files
import Foundation
import ModalityKit
import PointDatasets

extension Inspection {
  /// What is read of shape files.
  ///
  /// - Parameters:
  ///   - source: the data.
  ///   - options: how files are read.
  /// - Throws: `UserError` as `MeasuredShape.survey`.
  init(shapes source: DataSource, options: PointCorpusOptions) throws {
    let survey = try MeasuredShape.survey(
      source.path ?? "", validation: source.validation, holdout: source.holdout, options: options)
    self.init(survey, noun: "shapes")
    let shapes = survey.entries
    for note in shapes.flatMap(\.item.notes) { assumptions[note, default: 0] += 1 }
    facts = Self.facts(shapes.map(\.item))
    rows =
      [["shape", "label", "points", "minimum", "maximum", "mean"]]
      + shapes.map { entry in
        let shape = entry.item
        return [
          entry.name, entry.label ?? "", "\(shape.points)", Self.words(shape.minimum),
          Self.words(shape.maximum), Self.words(shape.mean),
        ]
      }
    members["shapes"] = .array(shapes.map(Self.json))
    let shown = Self.spread(shapes, atMost: PointFiles.sheetLimit)
    guard !shown.isEmpty else { return }
    picture = {
      try ContactSheet(
        clouds: shown.map {
          let cloud = try options.shape(at: $0.index, of: $0.path)
          return cloud.count > Self.mostPoints ? cloud.drawn(Self.mostPoints, draw: 0) : cloud
        }
      ).picture()
    }
  }

  /// Points of a shape that a picture shows.
  private static var mostPoints: Int { 8192 }

  /// Numbers of points, and the box around all shapes.
  private static func facts(_ shapes: [MeasuredShape]) -> [Fact] {
    guard let first = shapes.first else { return [] }
    let low = shapes.reduce(first.minimum) { pointwiseMin($0, $1.minimum) }
    let high = shapes.reduce(first.maximum) { pointwiseMax($0, $1.maximum) }
    return [
      Fact("points", range(shapes.map { Double($0.points) }) { "\(Int($0))" } + " a shape"),
      Fact("longest side", range(shapes.map { ($0.maximum - $0.minimum).max() }, text: number)),
      Fact("x", "\(number(low.x)) to \(number(high.x))"),
      Fact("y", "\(number(low.y)) to \(number(high.y))"),
      Fact("z", "\(number(low.z)) to \(number(high.z))"),
    ]
  }

  private static func number(_ value: Double) -> String { String(format: "%.7g", value) }

  private static func words(_ place: SIMD3<Double>) -> String {
    [place.x, place.y, place.z].map(number).joined(separator: ", ")
  }

  private static func json(_ entry: FileSurvey<MeasuredShape>.Entry) -> JSONValue {
    func array(_ place: SIMD3<Double>) -> JSONValue {
      .array([place.x, place.y, place.z].map { JSONValue(number: $0) })
    }
    var members: [String: JSONValue] = [
      "file": .string(entry.file), "index": .int(entry.index), "points": .int(entry.item.points),
      "minimum": array(entry.item.minimum), "maximum": array(entry.item.maximum),
      "mean": array(entry.item.mean), "notes": .array(entry.item.notes.map { .string($0) }),
    ]
    members["label"] = entry.label.map { .string($0) }
    return .object(members)
  }
}
