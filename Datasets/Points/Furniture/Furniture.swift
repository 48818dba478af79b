import Corpora
import Failures
import RandomNumbers

/// A kind of built-in shape, and so its label.
public enum FurnitureKind: String, CaseIterable, Codable, Sendable {
  /// A seat with a back, on legs, a column or runners, with or without arms.
  case chair
  /// A board on legs, a column or panels.
  case table
  /// A shade on a stand, an arm or a cord.
  case lamp
  /// A fuselage with wings, tail and engines.
  case aeroplane

  /// The names of all, ordered by byte value: the labels by index.
  public static let labelNames = allCases.map(\.rawValue).sorted {
    $0.utf8.lexicographicallyPrecedes($1.utf8)
  }
}

/// A furniture maker, who builds aeroplanes too: an unending row of shapes, each with proportions and a style of its
/// own. Lengths are metres; x leads to the left, y to the back and z up, as in ModelNet.
///
/// Shape `index` is a pure function of the seed and the index. The kinds take turns.
public struct Furniture: Sendable {
  /// What determines all shapes.
  public let seed: UInt64

  /// A maker with a seed.
  public init(seed: UInt64 = 0) {
    self.seed = seed
  }

  /// The kind of a shape.
  public func kind(at index: Int) -> FurnitureKind {
    let kinds = FurnitureKind.allCases
    return kinds[index % kinds.count]
  }

  /// Points spread evenly over a shape's surface.
  ///
  /// - Precondition: neither number is negative.
  public func cloud(_ index: Int, points: Int) -> PointCloud {
    precondition(index >= 0 && points >= 0, "shapes and points are numbered from 0")
    var draws = SplitMix64(seed: ~seed, index: index)
    return mesh(index).sampled(points, seed: draws.next()) ?? PointCloud([])
  }

  /// A shape's surface.
  func mesh(_ index: Int) -> Mesh {
    var dice = Dice(seed: seed, index: index)
    switch kind(at: index) {
    case .chair: return Chair(&dice).mesh.facingModelNetsWay
    case .table: return Table(&dice).mesh.facingModelNetsWay
    case .lamp: return Lamp(&dice).mesh.facingModelNetsWay
    case .aeroplane: return Aeroplane(&dice).mesh.facingModelNetsWay
    }
  }
}

/// Choices of one piece of furniture.
struct Dice {
  private var random: SplitMix64

  init(seed: UInt64, index: Int) {
    random = SplitMix64(seed: seed, index: index)
  }

  /// A number of a range, uniformly.
  mutating func number(_ range: ClosedRange<Float>) -> Float {
    range.lowerBound + Float(random.unit()) * (range.upperBound - range.lowerBound)
  }

  /// Whether something happens that has this probability.
  mutating func happens(_ probability: Double) -> Bool { random.unit() < probability }

  /// One of some, all as probable.
  mutating func one<Choice: CaseIterable>(of choices: Choice.Type) -> Choice
  where Choice.AllCases == [Choice] {
    let all = Choice.allCases
    return all[min(all.count - 1, Int(random.unit() * Double(all.count)))]
  }
}

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
