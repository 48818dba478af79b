import Adversarial
import ArgumentParser
import Foundation
import ModalityKit
import Pictures
import PlaneDatasets
import Torch

/// Points in the plane: distributions whose densities are known, and two columns of a table.
public enum Plane: Modality {
  /// The subcommand.
  public static let name = "plane"
  /// One line of help.
  public static let summary = "Points in the plane, of known distributions or of two columns of a table."
  /// Points are lines of a table.
  public static let sampleOutput = SampleOutput.text(file: "points.csv")

  /// The flags of `train`.
  public typealias TrainOptions = PlaneTrainOptions
  /// The flags of `generate`.
  public typealias GenerateOptions = PlaneGenerateOptions
  /// The flags of `evaluate`.
  public typealias EvaluateOptions = NoSamplingOptions
  /// Everything that rebuilds a model.
  public typealias Recipe = PlaneRecipe
  /// Points, split.
  public typealias Dataset = PlaneDataset

  /// Beside the verbs of every medium: the course of a game as a picture.
  public static var verbs: [any ParsableCommand.Type] { [Sheet.self] }

  /// A third of a minute is enough for the ring.
  public static let demonstrationMinutes = 0.33

  /// The recipe of a preset.
  public static func recipe(preset: Preset) -> PlaneRecipe { PlaneRecipe(preset: preset) }

  /// Reads a table, or draws the built-in set, and notes its moments, labels and window in the recipe.
  public static func openDataset(_ source: DataSource, recipe: inout PlaneRecipe) throws -> PlaneDataset {
    let (data, known) = (recipe.data, recipe.spec?.labels)
    let corpus = try source.corpus(labels: known) {
      try PlaneCorpus(
        path: $0, validation: source.validation, holdout: source.holdout, options: data, labels: known)
    } builtIn: {
      try PlaneCorpus(builtIn: data)
    }
    recipe.spec = recipe.spec ?? PlaneSpec(corpus, target: source.path == nil ? data.target : nil)
    return PlaneDataset(corpus: corpus)
  }

  /// Columns, extents, and a picture of the points.
  public static func inspect(_ source: DataSource, recipe: PlaneRecipe) throws -> Inspection? {
    try Inspection(points: source, options: recipe.data)
  }

  /// Networks and data.
  public static func makeGame(recipe: PlaneRecipe, dataset: PlaneDataset, seed: UInt64, device: Device) throws
    -> any Game
  {
    try PlaneGame(recipe: recipe, corpus: dataset.corpus, seed: seed, device: device)
  }

  /// The moments, and of a table the extent.
  public static func heldData(_ recipe: PlaneRecipe) throws -> [HeldData] {
    let isTable = try recipe.completeSpec().target == nil
    return [
      HeldData(
        isTable ? "mean, standard deviation and extent" : "mean and standard deviation", of: "points",
        in: .recipe, isTable ? "which tell the outermost coordinates" : "which tell no single one")
    ]
  }

  /// Points drawn at a time.
  public static let chunkSize = 1_024

  /// Standardised points `[B, 2]`.
  public static func draw(
    _ chunk: LatentChunk, generator: PlaneGenerator, recipe: PlaneRecipe, options: PlainSampling
  ) throws -> Tensor {
    try generator.generate(latents: chunk.latents, labels: chunk.labels, context: chunk.context)
  }

  /// Points in the data's units.
  public static func samples(of tensor: Tensor, recipe: PlaneRecipe) throws -> [PlanePoint] {
    try recipe.completeSpec().points(tensor)
  }

  /// Points of a preview.
  public static let previewCount = 1_000

  /// Points as a table.
  public static func previewItems(of samples: [PlanePoint], recipe: PlaneRecipe) -> [PreviewItem] {
    [PlaneState.table(of: samples)]
  }

  /// Writes a point a line, under a header: `x,y`, and the label where there are labels.
  public static func generate(_ request: GenerationRequest<Plane>, options: PlaneGenerateOptions) throws
    -> [URL]
  {
    let labels = request.sampler.spec.labels
    var shown: [PlanePoint] = []
    let files = try request.writeLines { body in
      try body(labels.isEmpty ? "x,y" : "x,y,label")
      try request.forEach { point, label in
        let numbers = String(format: "%.*g,%.*g", options.digits, point.x, options.digits, point.y)
        try body(numbers + (label.map { "," + FieldTable.quoted(labels[$0]) } ?? ""))
        if shown.count < previewCount { shown.append(point) }
      }
    }
    guard let path = options.picture else { return files }
    let picture = URL(fileURLWithPath: path)
    try PlanePicture(request.model.recipe).picture(PlaneState(samples: shown, surface: [])).write(to: picture)
    return files + [picture]
  }
}

/// Points in the plane as runs and verbs see them.
public struct PlaneDataset: CorpusDataset {
  /// The points, split.
  public let corpus: PlaneCorpus
}

extension PlaneSet {
  /// So many points evenly spread over the part; all where it has no more.
  func points(spread limit: Int) -> [PlanePoint] { spread(limit).map { points[$0] } }
}

/// Draws the course of a game: all previews of a run, in the order of their steps.
struct Sheet: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sheet", abstract: "Draws the course of a game: all previews of a run side by side.",
    discussion: """
      Of each preview, samples over the true density and the discriminator's surface, under the number of the step. The \
      same run gives the same bytes, whether it was interrupted or not.
      """)

  @Argument(help: ArgumentHelp("The run's folder.", valueName: "run"), completion: .directory)
  var folder: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The PNG file to write. (default: course.png in the run's folder)", valueName: "file"),
    completion: .file(extensions: ["png"]))
  var out: String?

  @Option(
    help: ArgumentHelp(
      "Previews to show, at most: evenly chosen, the first and the last among them.", valueName: "count"))
  var previews = Course.usualLimit

  func validate() throws {
    guard (2...1_000).contains(previews) else {
      throw ValidationError("--previews \(previews): expected 2 to 1000")
    }
  }

  func run() throws {
    let run = try Run<Plane>.open(folder)
    let course = try Course(previews: run.folder.previews, limit: previews)
    let file =
      out.map { URL(fileURLWithPath: $0) } ?? run.folder.url.appendingPathComponent("course.png")
    try course.sheet(PlanePicture(run.recipe, training: run.dataset().corpus.training))
      .write(to: file)
    Console.current.note("\(course.states.count) previews in \(file.relativePath)")
  }
}
