import ArgumentParser
import Foundation
import ModalityKit
import PointDatasets

/// The flags of `duel points generate`, beside those that all media share.
public struct PointGenerateOptions: ModalitySamplingOptions {
  @Option(
    help: ArgumentHelp(
      "Points of each cloud. (default: as in training; for --mesh 1024, where the network makes any number)",
      valueName: "count"))
  var points: Int?

  @Option(help: "How files are written: ply (binary), xyz (text), npy or obj.")
  var format = ShapeFormat.ply

  @Flag(
    help: """
      Write the closed surface around each cloud's points as triangles, with --format ply or obj. Walls are about a twentieth of \
      the longest side thick, and thinner gaps close.
      """)
  var mesh = false

  @Flag(
    help: """
      Write a normal beside each point, out of the surface that --mesh would write: nx, ny and nz of ply, three further columns of \
      xyz and npy.
      """)
  var normals = false

  @Flag(help: "Draw the first hundred shapes side by side into a picture, sheet.png.")
  var sheet = false

  @Flag(
    help: """
      With --sheet: behind each shape the training shape nearest to it, in the same view, of the first fifty; needs the run's data.
      """)
  var besideNearest = false

  /// How clouds are drawn.
  public var sampling: PointSampling { PointSampling(points: points, isDense: mesh) }

  /// No flags given.
  public init() {}

  /// Refuses numbers out of range.
  public func validate() throws {
    try Self.requirePoints(points)
    if mesh, format != .ply && format != .obj {
      throw ValidationError(
        "--mesh: found --format \(format.rawValue), expected ply or obj, which have faces")
    }
    if normals, mesh || format == .obj {
      throw ValidationError(
        "--normals: found \(mesh ? "--mesh" : "--format obj"), expected clouds of --format ply, xyz or npy")
    }
    if besideNearest, !sheet { throw ValidationError("--beside-nearest: expected --sheet beside it") }
  }

  /// Refuses numbers of points that are slips.
  ///
  /// - Throws: `ValidationError` that names the flag.
  static func requirePoints(_ points: Int?) throws {
    guard let points, !(1...1_000_000).contains(points) else { return }
    throw ValidationError("--points \(points): expected 1 to 1000000")
  }
}

extension ShapeFormat: ExpressibleByArgument {}

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

  /// Writes a cloud, and returns its file.
  ///
  /// - Throws: `UserError`: cannot create or I/O.
  @discardableResult
  func write(_ cloud: PointCloud, number: Int, label: Int? = nil) throws -> URL {
    let file = names.file(number, label: label)
    try ShapeFile.write(cloud, to: file, format: format)
    return file
  }

  /// Renders the first clouds side by side, and returns the picture's file.
  ///
  /// - Parameter training: what the nearest of is drawn behind each cloud; nil for the clouds alone.
  /// - Throws: `UserError`: cannot create or I/O.
  @discardableResult
  static func drawSheet(of clouds: [PointCloud], in folder: URL, beside training: NearestShapes? = nil) throws
    -> URL
  {
    let file = folder.appendingPathComponent(sheetName)
    var shown = Array(clouds.prefix(training == nil ? sheetLimit : sheetLimit / 2))
    let columns = training.map { _ in NearestShapes.columns(pairs: shown.count) }
    if let training { shown = try training.pairs(shown) }
    try ContactSheet(clouds: shown, columns: columns).picture().write(to: file)
    return file
  }
}
