import Adversarial
import Failures
import Files
import Foundation
import Pictures
import PlaneDatasets

extension PlaneState {
  /// The samples' file of a preview.
  static let samplesName = "points.csv"
  /// The surface's file of a preview: a row of the grid a line.
  static let surfaceName = "surface.csv"

  /// Samples as a table.
  static func table(of samples: [PlanePoint]) -> PreviewItem {
    PreviewItem(
      fileName: samplesName, lines: ["x,y"] + samples.map { String(format: "%.4g,%.4g", $0.x, $0.y) })
  }

  /// The surface as a table.
  var surfaceTable: PreviewItem {
    let cells = PlanePicture.cells
    let rows = stride(from: 0, to: surface.count, by: cells).map { start in
      surface[start..<(start + cells)].map { String(format: "%.4g", Double($0)) }.joined(separator: ",")
    }
    return PreviewItem(fileName: Self.surfaceName, lines: rows)
  }

  /// Reads the tables of a preview.
  ///
  /// - Throws: `UserError` (bad data) for tables that are not those of a preview.
  init(preview folder: URL) throws {
    func rows(_ name: String, width: Int) throws -> [[Double]] {
      let file = folder.appendingPathComponent(name)
      return try FieldTable(InputFile.text(of: file), name: file.relativePath, separator: .comma).rows.map {
        row in
        let numbers = row.fields.map { Double($0) ?? .nan }
        guard numbers.count == width else {
          throw UserError(
            .badData,
            "\(file.relativePath), line \(row.line): found \(numbers.count) numbers, expected \(width)")
        }
        return numbers
      }
    }
    samples = try rows(Self.samplesName, width: 2).dropFirst().map { PlanePoint($0[0], $0[1]) }
    surface = try rows(Self.surfaceName, width: PlanePicture.cells).joined().map(Float.init)
    guard surface.count == PlanePicture.cells * PlanePicture.cells else {
      throw UserError(
        .badData,
        "\(folder.relativePath): found \(surface.count) numbers in \(Self.surfaceName), expected "
          + "\(PlanePicture.cells * PlanePicture.cells)")
    }
  }
}

/// The course of a game: its previews side by side, in the order of their steps.
struct Course {
  /// The states and the steps that they belong to.
  let states: [(step: Int, state: PlaneState)]

  /// States of a sheet unless another number is asked for.
  static let usualLimit = 48

  /// Reads the previews of a run.
  ///
  /// - Parameters:
  ///   - previews: the folder that they lie in.
  ///   - limit: states at most, at least 1; of more previews evenly many are left out, never the first and the last.
  /// - Throws: `UserError`: no input where there are none, bad data for damaged ones.
  init(previews: URL, limit: Int = usualLimit) throws {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: previews.path)) ?? []).sorted()
    let found = names.compactMap { name in
      name.split(separator: "-").last.flatMap { Int($0) }.map {
        (step: $0, folder: previews.appendingPathComponent(name))
      }
    }
    guard !found.isEmpty else {
      throw UserError(.noInput, "\(previews.relativePath): found no previews, expected those of a run")
    }
    let count = min(found.count, limit)
    let chosen = (0..<count).map { count > 1 ? $0 * (found.count - 1) / (count - 1) : 0 }
    states = try chosen.map { (found[$0].step, try PlaneState(preview: found[$0].folder)) }
  }

  /// The sheet: four states in a row, each under the number of its step.
  func sheet(_ drawing: PlanePicture, side: Int = 112) -> Picture {
    let (columns, margin, head) = (min(4, states.count), 6, 14)
    let rows = (states.count + columns - 1) / columns
    var picture = Picture(
      width: columns * (2 * side + margin) + margin, height: rows * (side + head + margin) + margin)
    for (index, entry) in states.enumerated() {
      let x = margin + index % columns * (2 * side + margin)
      let y = margin + index / columns * (side + head + margin)
      Digits.draw(entry.step, in: &picture, x: x, y: y)
      drawing.draw(entry.state, in: &picture, x: x, y: y + head, side: side)
    }
    return picture
  }
}
