import Adversarial
import ArgumentParser
import Failures
import Foundation
import Metrics
import ModalityKit
import PointDatasets
import Torch

/// Shape as a medium: objects in space, as clouds of points on their surfaces.
public enum Points: Modality {
  /// The subcommand.
  public static let name = "points"
  /// One line of help.
  public static let summary = "Shapes as point clouds, from folders of meshes, scans and clouds."
  /// Two cores are used better by two halves of a batch than by one operator.
  public static let usualParts = 2
  /// A folder of shape files.
  public static let sampleOutput = SampleOutput.files(folder: "shapes")

  /// The flags of `train`.
  public typealias TrainOptions = PointTrainOptions
  /// The flags of `generate`.
  public typealias GenerateOptions = PointGenerateOptions
  /// The flags of `evaluate`.
  public typealias EvaluateOptions = PointEvaluateOptions
  /// Everything that rebuilds a model.
  public typealias Recipe = PointRecipe
  /// Clouds, split.
  public typealias Dataset = PointDataset

  /// Verbs beside those of every medium: interpolation of latents, exchange of parts, and reconstruction of given
  /// shapes.
  public static var verbs: [any ParsableCommand.Type] { [Interpolate.self, Edit.self, Reconstruct.self] }

  /// Sixteen shapes, each label in turn, with a picture of all.
  public static let demonstration = ["--count", "16", "--label", "each", "--sheet"]

  /// The recipe of a preset.
  public static func recipe(preset: Preset) -> PointRecipe { PointRecipe(preset: preset) }

  /// Opens a file or folder of shapes, or makes the built-in furniture.
  public static func openDataset(_ source: DataSource, recipe: inout PointRecipe) throws -> PointDataset {
    try PointDataset(source, recipe: &recipe)
  }

  /// Points, extents and means of every shape, and a contact sheet.
  public static func inspect(_ source: DataSource, recipe: PointRecipe) throws -> Inspection? {
    try Inspection(shapes: source, options: recipe.data)
  }

  /// Networks and data.
  public static func makeGame(recipe: PointRecipe, dataset: PointDataset, seed: UInt64, device: Device) throws
    -> any Game
  {
    try PointGame(recipe: recipe, dataset: dataset, seed: seed, device: device)
  }

  /// Clouds of a preview.
  public static let previewCount = 12

  /// A PLY file for each cloud.
  public static func previewItems(of samples: [PointCloud], recipe: PointRecipe) throws -> [PreviewItem] {
    try samples.enumerated().map { number, cloud in
      let name = String(format: "%04d.ply", number)
      return PreviewItem(
        fileName: name, content: .cloud(cloud.coordinates),
        fileBytes: try ShapeFile.bytes(of: cloud, format: .ply, name: name))
    }
  }

  /// What a generator of codes is built around.
  public static func heldData(_ recipe: PointRecipe) throws -> [HeldData] {
    guard let codes = try recipe.completeSpec().codes, codes.exemplars > 0 else { return [] }
    return [
      HeldData(
        "codes, and how they deform into others,", of: "shapes", samples: codes.exemplars,
        isAll: codes.exemplars < recipe.latent.exemplars, in: .generator,
        "from which they can be made again")
    ]
  }

  /// Clouds drawn at a time.
  public static let chunkSize = 32

  /// Refuses more points than the network makes.
  public static func check(_ options: PointSampling, generator: any PointGenerator, recipe: PointRecipe)
    throws
  {
    guard let points = options.points, let limit = generator.fixedPointCount, points > limit else { return }
    throw UserError(
      .usage,
      "--points \(points): this network (\(recipe.network.rawValue)) makes a fixed number, expected at most \(limit)"
    )
  }

  /// Clouds `[B, N, 3]`.
  public static func draw(
    _ chunk: LatentChunk, generator: any PointGenerator, recipe: PointRecipe, options: PointSampling
  ) throws -> Tensor {
    let points = try options.points(of: generator, trained: recipe.completeSpec().points)
    var stream = chunk.context.stream("points")
    // Clouds of many points come in smaller parts, so that memory does not grow with their number.
    let size = min(max(1, chunkSize * 2048 / points), chunk.count)
    return try Tensor.concatenated(
      stride(from: 0, to: chunk.count, by: size).map { start in
        let count = min(size, chunk.count - start)
        return try generator.clouds(
          latents: chunk.latents.narrowed(along: 0, start: start, count: count),
          labels: chunk.labels?.narrowed(along: 0, start: start, count: count), points: points, using: &stream
        ).converted(to: .float32).moved(to: .cpu)
      })
  }

  /// Clouds, or their codes where the networks play over codes.
  public static func judged(
    _ samples: Tensor, of chunk: LatentChunk, generator: any PointGenerator, recipe: PointRecipe
  ) throws -> Tensor {
    try generator.overCodes?.generate(
      latents: chunk.latents, labels: chunk.labels, context: chunk.context) ?? samples
  }

  /// Clouds of a tensor `[B, N, 3]`.
  public static func samples(of tensor: Tensor, recipe: PointRecipe) throws -> [PointCloud] {
    try PointCloud.clouds(of: tensor)
  }

  /// Writes one file for each cloud into a folder.
  public static func generate(_ request: GenerationRequest<Points>, options: PointGenerateOptions) throws
    -> [URL]
  {
    var shown: [PointCloud] = []
    // Before anything is written: the data may be gone.
    let training = try options.besideNearest ? NearestShapes(of: request.model, points: options.points) : nil
    var surfaces = SurfaceCount()
    let files = try request.writeFiles(extension: options.format.fileExtension) { cloud, file in
      if options.mesh {
        let mesh = try SurfaceMesh(around: cloud)
        try mesh.write(to: file, format: options.format)
        surfaces.add(mesh, file.lastPathComponent)
      } else {
        let normals = try options.normals ? SurfaceMesh(around: cloud).normals(at: cloud) : nil
        try ShapeFile.write(cloud, normals: normals, to: file, format: options.format)
      }
      if options.sheet, shown.count < PointFiles.sheetLimit { shown.append(cloud) }
    }
    if let summary = surfaces.summary { Console.current.note(summary) }
    guard options.sheet else { return files }
    return try files + [PointFiles.drawSheet(of: shown, in: request.requiredOutput, beside: training)]
  }

  /// A few shapes, where all would have to be matched.
  public static func thinned(_ dataset: PointDataset, to limit: Int, recipe: inout PointRecipe) throws
    -> PointDataset?
  {
    dataset.thinned(to: limit, recipe: &recipe)
  }

  /// Scores by neighbours need several clouds, two-sample tests many.
  public static func evaluationNeeds(hasLabels: Bool) -> [EvaluationNeed] { PointEvaluation.needs }

  /// Measures models beside held-out shapes and a Gaussian mixture.
  public static func evaluate(_ request: EvaluationRequest<Points>, options: PointEvaluateOptions) throws
    -> EvaluationTable
  {
    try PointComparison(request, options: options).table()
  }
}

/// How clouds are drawn.
public struct PointSampling: Sendable, Equatable {
  /// Points of each cloud; nil for as many as in training.
  public var points: Int?
  /// Whether clouds have as many points as a surface wants where their number is not given.
  public var isDense: Bool

  /// Points that a surface wants: as many as latent networks' mean shape has, which lie more evenly than points between them.
  private static let densePoints = 1024

  /// Asks for clouds of so many points.
  public init(points: Int? = nil, isDense: Bool = false) { (self.points, self.isDense) = (points, isDense) }

  /// Points of a cloud of a generator that was trained with so many.
  func points(of generator: any PointGenerator, trained: Int) -> Int {
    points ?? (isDense ? generator.fixedPointCount ?? Self.densePoints : trained)
  }
}

extension PointCloud {
  /// Clouds `[B, N, 3]` one by one.
  static func clouds(of tensor: Tensor) throws -> [PointCloud] {
    let size = tensor.shape[1] * 3
    let coordinates = try tensor.contiguous().array(of: Float.self)
    return stride(from: 0, to: coordinates.count, by: size).map { start in
      PointCloud(Array(coordinates[start..<start + size]))
    }
  }
}
