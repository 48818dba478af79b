import Foundation
import ModalityKit
import PointDatasets

/// Files of clouds, one each, in a folder.
struct PointFiles {
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
}
