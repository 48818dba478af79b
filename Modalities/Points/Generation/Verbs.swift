import Adversarial
import ArgumentParser
import Failures
import Foundation
import ModalityKit
import PointDatasets
import Torch

/// `edit`: generates a shape with a part of another one.
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
    let trained = try TrainedModel<Points>(contentsOf: model.url, pointer: model.checkpoint, device: device)
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

/// `interpolate`: shapes along a walk from the latent of one seed to that of the next, one file each.
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
    let trained = try TrainedModel<Points>(contentsOf: model.url, pointer: model.checkpoint, device: device)
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

  /// Clouds of codes on the way. On the arc between two latents the attention weights of a latent generator jump from one
  /// exemplar to another, so codes are interpolated linearly instead.
  static func clouds(of generator: any CodeGenerator, _ sampler: Sampler<Points>, on walk: LatentWalk) throws
    -> [PointCloud]
  {
    let label = try LabelChoice.single(walk.label, labels: sampler.spec.labels)
    let labels = try label.map { try Tensor([$0]).moved(to: sampler.device) }
    let context = try StepContext(seed: walk.seedList()[0], scope: "walk")
    let points = sampler.options.points ?? sampler.spec.points
    return try withoutGradients {
      try walk.codes {
        try generator.codes(latents: sampler.latents(count: 1, seed: $0), labels: labels)
      }.flatMap {
        var stream = context.stream("points")
        let clouds = try generator.clouds(codes: $0, points: points, using: &stream)
        return try PointCloud.clouds(of: clouds.converted(to: .float32).moved(to: .cpu))
      }
    }
  }
}

/// `reconstruct`: encodes and decodes given shapes, and reports the distances.
struct Reconstruct: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reconstruct",
    abstract: "Turns given shapes into codes and back, with latent or mixture networks.",
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
    let trained = try TrainedModel<Points>(contentsOf: model.url, pointer: model.checkpoint, device: device)
    guard let generator = trained.generator.overCodes else {
      throw UserError(
        .usage,
        "\(model.model): found \(trained.recipe.network.rawValue) networks, expected latent or "
          + "mixture: only they have codes of shapes")
    }
    let reconstruction = try Reconstruction(
      codec: generator.codec, frame: trained.recipe.completeSpec().frame, seed: seed)
    var results: [(name: String, result: Reconstruction.Result)] = []
    let data = trained.recipe.data
    try ShapeFile.forEach(in: shapes, points: data.meshPoints, seed: seed, rules: data.rules) {
      file, shape, notes in
      if !notes.isEmpty { Console.current.note("\(file): \(notes.joined(separator: "; "))") }
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
