import Corpora
import Failures

extension PointCorpus {
  /// What the built-in corpus is called in reports and recipes.
  public static let furnitureName = "furniture"

  /// The built-in corpus: chairs, tables, lamps and aeroplanes with exact labels, for trying things without any data.
  ///
  /// Of the options, the points, those of a mesh and the normalisation count. Held-out shapes come from the same
  /// distribution as those to train on.
  ///
  /// - Parameters:
  ///   - options: the form of the samples.
  ///   - known: the frame of a trained model, nil to take that of the data.
  ///   - knownLabels: the labels of a trained model; nil takes `FurnitureKind.labelNames`.
  ///   - training: how many shapes to train on, at least one.
  ///   - validation: how many shapes to choose by while training.
  ///   - heldOut: how many shapes to hold out, at least one.
  ///   - seed: what determines the shapes.
  /// - Throws: `UserError`: usage for options out of range and a frame of another rule, bad data for other labels than
  ///   the furniture's.
  public static func furniture(
    options: PointCorpusOptions, frame known: PointFrame? = nil, labels knownLabels: [String]? = nil,
    training: Int = 1000, validation: Int = 100, heldOut: Int = 200, seed: UInt64 = 0
  ) throws -> PointCorpus {
    try options.validate()
    precondition(training > 0 && heldOut > 0, "each part has at least one shape")
    let furniture = Furniture(seed: seed)
    let sources = (0..<training + heldOut + validation).map {
      FurnitureSource(furniture: furniture, index: $0, points: options.meshPoints)
    }
    let shelf = try ShapeShelf(sources, options: options, budget: ShapeShelf.defaultBudget)
    let partition = Partition(
      training: Array(0..<training), validation: Array(training + heldOut..<sources.count),
      heldOut: Array(training..<training + heldOut))
    // Where a small set lacks a kind, its label keeps its number.
    let own = FurnitureKind.labelNames
    let (names, labels) = try partition.numbered(
      sources.map { furniture.kind(at: $0.index).rawValue },
      known: knownLabels.flatMap { $0.isEmpty ? nil : $0 } ?? own
    ) { sources[$0].name }
    var report = PointCorpusReport(
      source: furnitureName, points: options.points, normalisation: options.normalisation,
      holdoutRule: "drawn apart")
    report.isValidationApart = true
    report.shapes = sources.count
    let split = ShapeSplit(partition: partition, labels: labels, labelNames: names, report: report)
    return try PointCorpus(split, shelf: shelf, options: options, frame: known)
  }
}

/// One shape of a furniture maker.
private struct FurnitureSource: ShapeSource {
  let furniture: Furniture
  let index: Int
  let points: Int

  var name: String { "\(PointCorpus.furnitureName) \(index)" }

  func open() throws -> any ShapeStack { SingleShape(cloud: furniture.cloud(index, points: points)) }
}
