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
    commandName: "edit", abstract: "Gives a shape a part of another one, with sphere networks.",
    discussion: """
      Shapes of sphere networks are deformed spheres, and a region of the sphere is the same part of all of them. Inside the \
      regions points follow the donor's latent, outside the base's. Writes base, donor and the edited shape; their points \
      correspond one by one.
      """)

  @OptionGroup var model: ModelOptions

  @Option(help: ArgumentHelp("Seed of the shape to edit.", valueName: "number"))
  var base: UInt64 = 0

  @Option(help: ArgumentHelp("Seed of the shape that the part comes from.", valueName: "number"))
  var donor: UInt64 = 1

  @Option(
    help: "The half of the sphere to exchange: left, right, front, back, down or up; repeat for several.")
  var region: [SphereRegion] = [.up]

  @Option(help: ArgumentHelp("How much of the donor is taken, from 0 to 1.", valueName: "share"))
  var blend = 1.0

  @Option(help: ArgumentHelp("Over how much of the sphere's radius a region fades in.", valueName: "width"))
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
    let model = try TrainedPoints(trained)
    guard let generator = model.generator as? SphereGenerator else {
      throw UserError(
        .usage,
        "\(self.model.model): found \(model.recipe.network.rawValue) networks, expected sphere: only their shapes have "
          + "parts that correspond")
    }
    let label = try LabelChoice.single(label, labels: model.format.labels)
    let latents = try [base, donor].map { try model.sampler.latents(count: 1, seed: $0) }
    let sphere = try generator.sphere(points: points ?? model.format.points)
    let mixed = try SphereEdit.latents(
      base: latents[0], donor: latents[1], places: sphere.places.moved(to: device), regions: region,
      blend: blend, edge: edge)
    let labels = try label.map { try Tensor([$0]).moved(to: device) }
    let clouds = try withoutGradients {
      try (latents + [mixed]).flatMap {
        try PointSampler.clouds(
          of: generator.clouds(latents: $0, labels: labels, on: sphere).converted(to: .float32).moved(
            to: .cpu))
      }
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
