import AudioModality
import Foundation
import Metrics
import Torch

/// Rows of sounds: features in clusters by label, class probabilities, and waveforms.
struct SoundTrials {
  private static let labels = 6
  private static let dimensions = 16

  let draws: Int
  let seed: UInt64

  /// What a row's features are like.
  private enum Kind: String, CaseIterable {
    case good
    case shifted
    /// Four sounds of each label, over and over.
    case collapsed
  }

  /// Labels in the order in which a generator is asked for each in turn, sorted, as data is that was read from folders.
  private static func labelsInOrder(_ count: Int) -> [Int] { (0..<count).map { $0 * labels / count } }

  func run() throws {
    for kind in Kind.allCases {
      for count in [60, 200] {
        for isFixed in [true, false] { try features(kind, count, areLabelsFixed: isFixed) }
      }
    }
    for kind in Kind.allCases {
      for count in [50, 300] { try classes(kind, count) }
    }
    for count in [40, 200] { try waveforms(count) }
  }

  private func stream(_ name: String, _ draw: Int = 0) -> RandomStream {
    RandomStream(seed: seed, step: draw, name: "error benchmark, \(name)")
  }

  private func features(_ kind: Kind, _ count: Int, areLabelsFixed: Bool) throws {
    let training = try Self.features(.good, count: 600, labels: nil, stream: stream("training"))
    var trial = Trial(
      "\(kind.rawValue), \(areLabelsFixed ? "labels in order" : "labels drawn")", count: count)
    for draw in 0..<draws {
      let labels = areLabelsFixed ? Self.labelsInOrder(count) : nil
      let heldOut = try Self.features(.good, count: count, labels: nil, stream: stream("held out", draw))
      let scores = try FeatureScores(
        training: training, heldOut: .init(features: heldOut), comparedCount: count, seed: seed)
      let row = try Self.features(kind, count: count, labels: labels, stream: stream("row", draw))
      trial.add(
        try scores.measure(.init(features: row, fixedLabels: labels)), columns: scores.columns)
    }
    trial.report()
  }

  /// Features about the means of labels, some samples farther away than others.
  ///
  /// - Parameters:
  ///   - labels: nil for labels at random.
  ///   - stream: source of the samples.
  private static func features(
    _ kind: Kind, count: Int, labels: [Int]?, stream: RandomStream
  ) throws -> Tensor {
    var stream = stream
    let labels = labels ?? (0..<count).map { _ in stream.index(below: Self.labels) }
    var world = RandomStream(seed: 0, name: "error benchmark, labels")
    let means = try world.normal([Self.labels, dimensions])
    let modes = try world.normal([Self.labels * 4, dimensions]) * 0.7
    let centres = try means.gathered(at: Tensor(labels))
    let noise = try stream.normal([count, dimensions])
    let sizes = try (stream.normal([count, 1]) * 0.25).exp() * 0.7
    switch kind {
    case .good: return try centres + noise * sizes
    case .shifted: return try (centres + noise * sizes) * 1.15 + 0.15
    case .collapsed:
      let places = labels.map { $0 * 4 + stream.index(below: 4) }
      return try centres + modes.gathered(at: Tensor(places)) + noise * 0.15
    }
  }

  private func classes(_ kind: Kind, _ count: Int) throws {
    let reference = try FrechetDistance(
      reference: Self.logits(.good, Self.labelsInOrder(600), stream: stream("class training")).relu())
    let shares = [Double](repeating: 1 / Double(Self.labels), count: Self.labels)
    var trial = Trial("\(kind.rawValue) classes, labels in order", count: count)
    for draw in 0..<draws {
      let labels = Self.labelsInOrder(count)
      let strata = Strata(labels: labels, count: count)
      let logits = try Self.logits(kind, labels, stream: stream("classes", draw))
      let scores = try ClassScores(probabilities: logits.softmax())
      var errors = stream("errors", draw)
      trial.add(scores.inceptionScore(strata: strata, using: &errors), as: "IS")
      trial.add(scores.modifiedInceptionScore(strata: strata, using: &errors), as: "mIS")
      trial.add(scores.amScore(trainingShares: shares, strata: strata, using: &errors), as: "AM")
      trial.add(scores.accuracy(labels: labels, strata: strata), as: "right label")
      trial.add(
        Score(percentageOf: scores.predictions.map { $0 == 0 }, strata: strata), as: "no label")
      trial.add(try reference.measure(logits.relu(), strata: strata, using: &errors), as: "class Fréchet")
    }
    trial.report()
  }

  /// What a classifier makes of sounds before its last layer.
  private static func logits(_ kind: Kind, _ labels: [Int], stream: RandomStream) throws -> Tensor {
    var stream = stream
    let seen = kind == .collapsed ? labels.map { $0 % 2 } : labels
    let right = try Tensor(seen).oneHot(count: Self.labels).converted(to: .float64)
    let noise = try stream.normal([labels.count, Self.labels]).converted(to: .float64)
    return try right * (kind == .shifted ? 2 : 6) + noise * 2
  }

  private func waveforms(_ count: Int) throws {
    let length = 2_112
    var trial = Trial("noise bursts, labels in order", count: count)
    for draw in 0..<draws {
      var stream = stream("waveforms", draw)
      let labels = Self.labelsInOrder(count)
      // Louder labels clip, one in seven clips of the first label is silent, and each has an offset of its own.
      let levels = labels.map { label in
        label == 0 && stream.index(below: 7) == 0
          ? 0 : 0.1 * Float(1 + label) + Float(stream.index(below: 8)) / 100
      }
      let noise = try stream.normal([count, length])
      let offsets = try stream.normal([count, 1]) * 0.01
      let clips = try ((noise + offsets) * Tensor(levels).expandingDimension(at: 1)).clamped(from: -1, to: 1)
      let scores = try WaveformScores(clips, fixedLabels: labels)
      trial.add(scores.silent, as: "silent")
      trial.add(scores.clipped, as: "clipped")
      trial.add(scores.offset, as: "offset")
      if let tones = scores.tones { trial.add(tones, as: "tones") }
    }
    trial.report()
  }
}
