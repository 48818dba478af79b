import Adversarial
import ArgumentParser
import Failures
import Foundation
import ModalityKit
import PointDatasets
import Torch

/// Turns given shapes into codes and back, and tells how near they come.
struct Reconstruct: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reconstruct", abstract: "Turns given shapes into codes and back, with latent networks.",
    discussion: """
      Tells what a model's codes can express: each shape is matched to the model's mean shape, described by its code, and \
      made from the code again. Prints the Chamfer distance (mean squared distance to the nearest point, both ways added) of \
      each to what was made of it, beside that to another choice of the shape's own points, which is as near as can be.
      """)

  @OptionGroup var model: ModelOptions

  @Argument(
    help: ArgumentHelp("A shape file, or a folder of them.", valueName: "shapes"), completion: .file())
  var shapes: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The folder to write to.", valueName: "folder"),
    completion: .directory)
  var out = "reconstructed"

  @Option(help: "How files are written: ply (binary), xyz (text), npy or obj.")
  var format = ShapeFormat.ply

  @Option(help: ArgumentHelp("Seed of the points that are drawn of each shape.", valueName: "number"))
  var seed: UInt64 = 0

  @OptionGroup(title: "Engine") var engine: EngineOptions

  func run() throws {
    let device = try engine.apply()
    let trained = try TrainedModel<Points>(contentsOf: model.url, pointer: model.pointer, device: device)
    guard let generator = trained.generator.overCodes else {
      throw UserError(
        .usage,
        "\(model.model): found \(trained.recipe.network.rawValue) networks, expected latent: only they have codes of "
          + "shapes")
    }
    let reconstruction = try Reconstruction(
      codec: generator.codec, frame: trained.recipe.completeSpec().frame, seed: seed)
    var results: [(name: String, result: Reconstruction.Result)] = []
    try ShapeFile.forEach(in: shapes, points: trained.recipe.data.meshPoints, seed: seed) { file, shape in
      let name = URL(fileURLWithPath: file).lastPathComponent
      results.append((name, try reconstruction(of: shape)))
    }
    let folder = URL(fileURLWithPath: out)
    let files = try PointFiles(in: folder, count: results.count, format: format)
    for (number, row) in results.enumerated() { try files.write(row.result.made, number: number) }
    try PointFiles.drawSheet(of: results.flatMap { [$0.result.given, $0.result.made] }, in: folder)
    try Console.current.print(Self.text(results))
    Console.current.note(
      "\(results.count) shapes as step \(trained.step) tells them in \(folder.relativePath); the picture shows each "
        + "before and after")
  }

  /// A line for each shape and one for the mean of all.
  private static func text(_ results: [(name: String, result: Reconstruction.Result)]) -> String {
    func line(_ name: String, _ distance: Double, _ redrawn: Double) -> String {
      "\(name)  CD \(String(format: "%.5f", distance))  redrawn \(String(format: "%.5f", redrawn))"
    }
    let count = Double(results.count)
    let means = (
      results.reduce(0) { $0 + $1.result.distance } / count,
      results.reduce(0) { $0 + $1.result.redrawn } / count
    )
    return
      (results.map { line($0.name, $0.result.distance, $0.result.redrawn) }
      + [line("mean of \(results.count)", means.0, means.1)]).joined(separator: "\n")
  }
}
