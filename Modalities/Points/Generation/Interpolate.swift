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
    let sampler = try trained.sampler(PointSampling(points: points))
    let clouds =
      try sampler.generator.overCodes.map { try Self.clouds(of: $0, sampler, on: walk) }
      ?? sampler.samples(on: walk)
    let folder = URL(fileURLWithPath: out)
    let files = try PointFiles(in: folder, count: clouds.count, format: format)
    for (number, cloud) in clouds.enumerated() { try files.write(cloud, number: number) }
    try PointFiles.drawSheet(of: clouds, in: folder)
    Console.current.note("\(clouds.count) shapes of step \(trained.step) in \(folder.relativePath)")
  }

  /// Clouds of codes on the way. On the arc between two latents a latent generator goes from one exemplar to another at
  /// once; so it is led along the line between codes, where one shape turns into the other.
  static func clouds(of generator: LatentGenerator, _ sampler: Sampler<Points>, on walk: LatentWalk) throws
    -> [PointCloud]
  {
    let label = try LabelChoice.single(walk.label, labels: sampler.spec.labels)
    let labels = try label.map { try Tensor([$0]).moved(to: sampler.device) }
    let context = try StepContext(seed: walk.seedList()[0], scope: "walk")
    let points = sampler.options.points ?? sampler.spec.points
    return try withoutGradients {
      try walk.codes {
        try generator.generate(
          latents: sampler.latents(count: 1, seed: $0), labels: labels, context: context)
      }.flatMap {
        var stream = context.stream("points")
        let clouds = try generator.clouds(codes: $0, points: points, using: &stream)
        return try PointCloud.clouds(of: clouds.converted(to: .float32).moved(to: .cpu))
      }
    }
  }
}
