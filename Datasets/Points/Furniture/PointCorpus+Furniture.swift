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
    let furniture = Furniture(seed: seed)
    let sources = (0..<training + heldOut + validation).map {
      FurnitureSource(furniture: furniture, index: $0, points: options.meshPoints)
    }
    let split = try Split(
      training: training, heldOut: heldOut, labels: sources.map { furniture.kind(at: $0.index).rawValue },
      known: knownLabels, own: FurnitureKind.labelNames, report: CorpusReport(source: furnitureName)
    ) { sources[$0].name }
    let shelf = try Shelf(
      sources.map { Shapes(source: $0, options: options) }, skipsBad: options.skipBad,
      budget: CorpusMemory.standard)
    return try PointCorpus(split, on: shelf, options: options, frame: known)
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
