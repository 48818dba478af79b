import Failures
import Foundation
import ModalityKit
import PointDatasets

/// Writes a model's clouds to files.
struct CloudWriting {
  let model: TrainedModel<Points>
  let options: PointGenerateOptions

  /// Writes the clouds of a request, and answers the files.
  ///
  /// - Throws: `UserError`: usage for an unknown label or too many points; cannot create and I/O for files.
  func write(_ request: GenerationRequest) throws -> [URL] {
    let points = try TrainedPoints(model)
    let labels = try LabelChoice(options.label, labels: points.format.labels)
    guard let output = request.output else { preconditionFailure("clouds are written to files") }
    try points.sampler.requirePoints(options.points)
    let places = try PointFiles(
      in: output, count: request.count, format: options.format, labels: points.format.labels)
    var files: [URL] = []
    var shown: [PointCloud] = []
    try points.sampler.forEach(
      count: request.count, points: options.points, seed: request.seed, labels: labels,
      truncation: options.truncation
    ) { cloud, label in
      files.append(try places.write(cloud, number: files.count, label: label))
      if options.sheet, shown.count < PointFiles.sheetLimit { shown.append(cloud) }
    }
    if options.sheet { files.append(try PointFiles.drawSheet(of: shown, in: output)) }
    return files
  }
}
