import Adversarial
import ArgumentParser
import Failures
import Foundation
import ModalityKit
import PointDatasets
import Torch

/// Renders a walk through the latents: from the shape of one seed to that of the next, in small steps, one file each.
struct Interpolate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "interpolate", abstract: "Walks from shape to shape and writes each step as a file.",
    discussion: """
      Latents are interpolated on the arc between them, so that shapes on the way are as likely as those at its ends; with \
      latent networks codes are, on the line between them. \
      Random choices inside the generator are the same for all, so the files are the frames of a film.
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var walk: LatentWalk

  @Option(help: ArgumentHelp("The label of all shapes. (default: the first)", valueName: "label"))
  var label: String?

  @Option(help: ArgumentHelp("Points of each cloud. (default: as in training)", valueName: "count"))
  var points: Int?

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The folder to write to.", valueName: "folder"),
    completion: .directory)
  var out = "walk"

  @Option(help: "How files are written: ply (binary), xyz (text), npy or obj.")
  var format = ShapeFormat.ply

  @OptionGroup(title: "Engine") var engine: EngineOptions

  func validate() throws { try PointGenerateOptions.requirePoints(points) }

  func run() throws {
    let device = try engine.apply()
    let trained = try TrainedModel<Points>(contentsOf: model.url, pointer: model.pointer, device: device)
    let model = try TrainedPoints(trained)
    let label = try LabelChoice.single(label, labels: model.format.labels)
    try model.sampler.requirePoints(points)
    let choices = try walk.seedList()[0]
    let clouds = try model.sampler.clouds(on: walk, points: points, label: label, seed: choices)
    let folder = URL(fileURLWithPath: out)
    let files = try PointFiles(in: folder, count: clouds.count, format: format)
    for (number, cloud) in clouds.enumerated() { try files.write(cloud, number: number) }
    try PointFiles.drawSheet(of: clouds, in: folder)
    Console.current.note("\(clouds.count) shapes of step \(trained.step) in \(folder.relativePath)")
  }
}
