import Foundation
import ModalityKit
import PointDatasets

/// Files of clouds, one each, in a folder.
struct PointFiles {
  /// What a picture of all clouds is called.
  static let sheetName = "sheet.png"
  /// Clouds that a picture shows at most: more would be too small to see.
  static let sheetLimit = 100

  private let names: SampleFiles
  private let format: ShapeFormat

  /// Makes the folder, unless it is there.
  ///
  /// - Throws: `UserError(.cannotCreate)` when it cannot be made.
  init(in folder: URL, count: Int, format: ShapeFormat, labels: [String] = []) throws {
    names = try SampleFiles(in: folder, count: count, fileExtension: format.fileExtension, labels: labels)
    self.format = format
  }

  /// Writes a cloud, and answers its file.
  ///
  /// - Throws: `UserError`: cannot create or I/O.
  @discardableResult
  func write(_ cloud: PointCloud, number: Int, label: Int? = nil) throws -> URL {
    let file = names.file(number, label: label)
    try ShapeFile.write(cloud, to: file, format: format)
    return file
  }

  /// Draws the first clouds of some side by side, and answers the picture's file.
  ///
  /// - Throws: `UserError`: cannot create or I/O.
  @discardableResult
  static func drawSheet(of clouds: [PointCloud], in folder: URL) throws -> URL {
    let file = folder.appendingPathComponent(sheetName)
    try ContactSheet(clouds: Array(clouds.prefix(sheetLimit))).picture().write(to: file)
    return file
  }
}
