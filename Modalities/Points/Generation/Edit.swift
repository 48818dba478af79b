import Adversarial
import ArgumentParser
import Failures
import Foundation
import ModalityKit
import PointDatasets
import Torch

/// Makes a shape that has a part of another one.
struct Edit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "edit", abstract: "Gives a shape a part of another one.",
    discussion: """
      Shapes of latent networks are moved from one mean shape, those of sphere networks from a sphere, and a region of these is \
      the same part of all shapes. Inside the regions points follow the donor, outside the base. Writes base, donor and the \
      edited shape; their points correspond one by one, up to the number of the mean shape's.
      """)

  @OptionGroup var model: ModelOptions

  @Option(help: ArgumentHelp("Seed of the shape to edit.", valueName: "number"))
  var base: UInt64 = 0

  @Option(help: ArgumentHelp("Seed of the shape that the part comes from.", valueName: "number"))
  var donor: UInt64 = 1

  @Option(
    help: "The half to exchange: left, right, front, back, down or up; repeat for several.")
  var region: [ShapeRegion] = [.up]

  @Option(help: ArgumentHelp("How much of the donor is taken, from 0 to 1.", valueName: "share"))
  var blend = 1.0

  @Option(help: ArgumentHelp("Over how much of half the size a region fades in.", valueName: "width"))
  var edge = 0.2

  @Option(help: ArgumentHelp("The label of the shapes. (default: the first)", valueName: "label"))
  var label: String?

  @Option(help: ArgumentHelp("Points of each cloud. (default: as in training)", valueName: "count"))
  var points: Int?

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The folder to write to.", valueName: "folder"),
    completion: .directory)
  var out = "edited"

  @Option(help: "How files are written: ply (binary), xyz (text), npy or obj.")
  var format = ShapeFormat.ply

  @OptionGroup(title: "Engine") var engine: EngineOptions

  func validate() throws {
    guard (0...1).contains(blend) else { throw ValidationError("--blend \(blend): expected 0 to 1") }
    guard (0...2).contains(edge) else { throw ValidationError("--edge \(edge): expected 0 to 2") }
    try PointGenerateOptions.requirePoints(points)
  }

  func run() throws {
    let device = try engine.apply()
    let trained = try TrainedModel<Points>(contentsOf: model.url, pointer: model.pointer, device: device)
    let sampler = try trained.sampler(PointSampling(points: points))
    guard let generator = sampler.generator.editable else {
      throw UserError(
        .usage,
        "\(model.model): found \(trained.recipe.network.rawValue) networks, expected latent or sphere: only their "
          + "shapes have parts that correspond")
    }
    let label = try LabelChoice.single(label, labels: sampler.spec.labels)
    let labels = try label.map { try Tensor([$0, $0]).moved(to: device) }
    let latents = try Tensor.concatenated([base, donor].map { try sampler.latents(count: 1, seed: $0) })
    var stream = RandomStream(seed: base, name: "edit")
    let clouds = try withoutGradients {
      try PointCloud.clouds(
        of: generator.edited(
          latents: latents, labels: labels,
          edit: RegionEdit(regions: region, blend: blend, edge: edge),
          points: points ?? sampler.spec.points, using: &stream
        ).converted(to: .float32).moved(to: .cpu))
    }
    let folder = URL(fileURLWithPath: out)
    try SampleFiles.makeFolder(folder)
    for (name, cloud) in zip(["base", "donor", "edited"], clouds) {
      try ShapeFile.write(
        cloud, to: folder.appendingPathComponent("\(name).\(format.fileExtension)"), format: format)
    }
    try PointFiles.drawSheet(of: clouds, in: folder)
    Console.current.note(
      "base, donor and edited shape of step \(trained.step) in \(folder.relativePath)")
  }
}
