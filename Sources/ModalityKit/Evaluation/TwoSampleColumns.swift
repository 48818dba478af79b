import Adversarial
import Metrics
import Torch

/// The columns of a table that say how often samples are told from held-out real ones: by plain features, and by fresh
/// networks. 50 is perfect.
///
/// All rows are tested with the same held-out samples, dealt to the same halves, and with as many samples.
public struct TwoSampleColumns {
  /// Samples of one origin, `[N, ...]` each, in the same order.
  public struct Samples {
    /// Plain features `[N, D]`.
    public var features: Tensor
    /// What networks' inputs are made of, on the CPU.
    public var inputs: Tensor

    /// Gathers them.
    public init(features: Tensor, inputs: Tensor) {
      precondition(features.shape[0] == inputs.shape[0], "as many features as samples")
      (self.features, self.inputs) = (features, inputs)
    }

    /// Samples of some indices.
    func gathered(_ indices: some Sequence<Int>) throws -> Samples {
      let indices = try Tensor(Array(indices))
      return Samples(features: try features.gathered(at: indices), inputs: try inputs.gathered(at: indices))
    }

    var count: Int { features.shape[0] }
  }

  /// A kind of network that is trained anew for each row.
  public struct Network {
    /// The column's stable name, such as "toldByNetwork".
    public var key: String
    /// What the column calls it, as in "told by GRU".
    public var name: String
    /// How it is trained.
    public var classifier: FreshClassifier
    /// Makes of some samples on the device what the network takes.
    public var prepare: (Tensor) throws -> Tensor
    /// Initialises it.
    public var make: (inout RandomStream) throws -> any Discriminator

    /// Describes a network.
    public init(
      key: String = "toldByNetwork", name: String = "network", classifier: FreshClassifier,
      prepare: @escaping (Tensor) throws -> Tensor = { $0 },
      make: @escaping (inout RandomStream) throws -> any Discriminator
    ) {
      (self.key, self.name, self.classifier, self.prepare, self.make) = (key, name, classifier, prepare, make)
    }
  }

  /// A row's part of a table.
  public struct Measurement {
    /// By column key.
    public var cells: [String: EvaluationTable.Cell] = [:]
    /// By column key, what was measured, for differences between rows.
    public var accuracies: [String: TwoSampleAccuracy] = [:]

    /// Nothing measured.
    public init() {}
  }

  /// Real samples, and of a row, that networks are tried on, at most: training and testing take time.
  public static let networkLimit = 3_000

  /// How many samples of each kind a row is tested with.
  public let count: Int
  private let real: Samples
  private let features: TwoSampleTest
  private let networks: [Network]
  private let seed: UInt64
  private let device: Device

  /// Prepares to compare with held-out samples.
  ///
  /// - Parameters:
  ///   - heldOut: real samples that nothing was trained on.
  ///   - count: samples that rows have, at least; no more than there are held-out ones are tested.
  ///   - features: the test by plain features.
  ///   - networks: those that are trained anew for each row.
  ///   - seed: of all draws.
  ///   - device: where networks are trained.
  public init(
    heldOut: Samples, count: Int, features: TwoSampleTest = TwoSampleTest(), networks: [Network],
    seed: UInt64,
    device: Device
  ) throws {
    self.count = min(count, heldOut.count)
    (self.features, self.networks, self.seed, self.device) = (features, networks, seed, device)
    var stream = RandomStream(seed: seed, name: "two-sample reals")
    real = try heldOut.gathered(stream.indices(heldOut.count, outOf: heldOut.count))
  }

  /// The columns, in reading order.
  public var columns: [EvaluationTable.Column] {
    [.toldByFeatures(count: count)]
      + networks.map {
        .toldByNetwork(key: $0.key, network: $0.name, count: min(count, Self.networkLimit))
      }
  }

  /// Tests a row.
  ///
  /// - Parameter samples: of which the first are tested; finite.
  public func measure(_ samples: Samples) throws -> Measurement {
    guard count >= TwoSampleAccuracy.minimumCount else {
      return missing("needs \(TwoSampleAccuracy.minimumCount) samples, and as many held-out ones")
    }
    guard samples.count >= count else { return missing("needs \(count) samples") }
    return try measure(samples.gathered(0..<count), against: real.gathered(0..<count))
  }

  /// Tests held-out samples: half of them against the other half, as no others are as good.
  public func measureHeldOut() throws -> Measurement {
    let half = min(count, real.count / 2)
    guard half >= TwoSampleAccuracy.minimumCount else {
      return missing(
        "needs \(2 * TwoSampleAccuracy.minimumCount) held-out samples: a half is told from the other")
    }
    return try measure(real.gathered(half..<2 * half), against: real.gathered(0..<half))
  }

  /// A row that has no such samples, such as one drawn as features.
  public func missing(_ reason: String) -> Measurement {
    var result = Measurement()
    result.cells = columns.missing(reason: reason)
    return result
  }

  /// What the columns mean, a sentence each, for a table's notes.
  ///
  /// - Parameter description: what the plain features are, in words.
  public func notes(features description: String) -> [String] {
    [
      "Told by: right decisions in percent, 50 is perfect; half of \(count) held-out samples and of as many others to learn"
        + " from, the other halves to be told. A real row's of a half against the other, or of training samples.",
      "Features: logistic regression on \(description); \(features.splits) deals. Networks: fresh ones,"
        + " the best of at most "
        + networks.map { "\($0.classifier.steps)" }.joined(separator: " and ")
        + " updates; \(networks.first?.classifier.trainings ?? 0) trainings.",
    ]
  }

  private func measure(_ samples: Samples, against real: Samples) throws -> Measurement {
    var result = Measurement()
    func add(_ accuracy: TwoSampleAccuracy, _ key: String) {
      result.accuracies[key] = accuracy
      result.cells[key] = .measured(accuracy.score)
    }
    var stream = RandomStream(seed: seed, name: "two-sample features")
    add(
      try features(real: real.features, generated: samples.features, using: &stream),
      EvaluationTable.Column.toldByFeatures(count: count).key)
    let first = try Tensor(Array(0..<min(samples.count, Self.networkLimit)))
    for network in networks {
      add(
        try network.classifier(
          real: real.inputs.gathered(at: first), generated: samples.inputs.gathered(at: first), seed: seed,
          name: network.name, device: device, prepare: network.prepare, make: network.make),
        network.key)
    }
    return result
  }
}

extension TwoSampleColumns.Measurement {
  /// Standard errors of the mean difference of some pairs of rows, by column key.
  ///
  /// - Parameters:
  ///   - rows: what was measured of each row.
  ///   - pairs: indices of rows (start, end).
  public static func pairedErrors(_ rows: [Self], _ pairs: [(start: Int, end: Int)]) -> [String: Double] {
    let keys = pairs.first.map { Array(rows[$0.start].accuracies.keys) } ?? []
    return Dictionary(
      uniqueKeysWithValues: keys.compactMap { key in
        let accuracies = pairs.compactMap { pair -> (start: TwoSampleAccuracy, end: TwoSampleAccuracy)? in
          guard let start = rows[pair.start].accuracies[key], let end = rows[pair.end].accuracies[key] else {
            return nil
          }
          return (start, end)
        }
        guard accuracies.count == pairs.count else { return nil }
        return TwoSampleAccuracy.differenceError(accuracies).map { (key, $0) }
      })
  }
}

extension EvaluationTable.Row {
  /// The same row with more cells.
  public func adding(_ cells: [String: EvaluationTable.Cell]) -> Self {
    Self(
      name: name, source: source, sampleCount: sampleCount, seed: seed,
      values: values.merging(cells) { $1 })
  }
}
