import AudioDatasets
import Foundation
import Metrics
import ModalityKit
import Torch

/// Looks at a few generated clips of each label while a run trains: whether they can be heard, and whether they are all one
/// sound.
///
/// Beside each label's clips stand real ones of it: as loud as these, and as far from each other. A generator that has given a
/// label up shows in no loss.
struct LabelWatch {
  /// Clips of each label.
  static let clips = 4
  /// Labels that are looked at, at most; of more, some, evenly spread.
  static let labelLimit = 24
  /// Real clips of each label that are measured, in groups of as many as generated ones.
  static let groups = 6
  /// Peaks so many decibels below the real clips' mean peak are silence.
  static let silence = 40.0
  /// Distances below this share of the real clips' are those of one sound.
  static let sameness = 0.2

  /// What real clips of a label are like.
  private struct Reference {
    /// The label's index; nil where the data has none.
    let label: Int?
    let name: String
    /// The mean peak.
    let peak: Double
    /// The mean distance to the nearest of a few.
    let distance: Double
  }

  private let references: [Reference]
  private let features: LogMelFeatures?
  private let labelCount: Int

  /// Measures real clips.
  ///
  /// - Parameters:
  ///   - training: the clips that are trained on.
  ///   - spec: what they are.
  init(training: AudioSet, spec: AudioSpec) throws {
    labelCount = spec.labels.count
    let needed = Self.clips * Self.groups
    let chosen: [Int?] =
      spec.labels.isEmpty ? [nil] : EvenSpread.indices(Self.labelLimit, outOf: labelCount).map { $0 }
    var parts: [(label: Int?, clips: Tensor)] = []
    for label in chosen {
      let own = (0..<training.count).filter { label == nil || training.label(at: $0) == label }
      guard own.count >= Self.clips else { continue }
      let indices = EvenSpread.indices(needed, outOf: own.count).map { own[$0] }
      let samples = try indices.flatMap { try training.sample(at: $0) }
      parts.append(
        (label, try Tensor(samples, shape: [indices.count, spec.length, spec.channels]).mean(along: 2)))
    }
    guard !parts.isEmpty else {
      (references, features) = ([], nil)
      return
    }
    let features = try LogMelFeatures(
      training: Tensor.concatenated(parts.map(\.clips)), sampleRate: spec.sampleRate)
    self.features = features
    references = try parts.map { label, clips in
      // Distances fall with the number of clips: groups have as many as will be generated.
      let groups = clips.shape[0] / Self.clips
      let distances = try (0..<groups).map { group in
        let members = (0..<Self.clips).map { $0 * groups + group }
        return try Self.distance(features(clips.gathered(at: Tensor(members))))
      }
      return Reference(
        label: label, name: label.map { spec.labels[$0] } ?? "", peak: try clips.peaks().mean().item(),
        distance: distances.reduce(0, +) / Double(groups))
    }
  }

  /// A sentence on labels that have gone silent or become one sound; none where there are none.
  ///
  /// - Parameters:
  ///   - sampler: of the generator.
  ///   - seed: of the latents.
  func warnings(of sampler: Sampler<Audio>, seed: UInt64) throws -> [String] {
    guard !references.isEmpty else { return [] }
    // All labels in one draw: chunks are always whole, and a chunk for each label would mostly be thrown away.
    let labels = references.flatMap { [Int?](repeating: $0.label, count: Self.clips) }
    let drawn = try sampler.tensor(
      latents: sampler.latents(count: labels.count, seed: seed),
      labels: labelCount > 0 ? labels.compactMap(\.self) : nil, seed: seed)
    return try warnings(of: drawn.mean(along: 2).split(size: Self.clips))
  }

  /// The same of clips `[N, T]` of each label that was measured.
  func warnings(of clips: [Tensor]) throws -> [String] {
    guard let features else { return [] }
    var (silent, same) = ([String](), [String]())
    for (reference, clips) in zip(references, clips) {
      let peak = try clips.peaks().max().item()
      if !(peak >= reference.peak * pow(10, -Self.silence / 20)) {
        silent.append(reference.name)
      } else if try Self.distance(features(clips)) < Self.sameness * reference.distance {
        same.append(reference.name)
      }
    }
    func finding(_ names: [String], _ text: String) -> String? {
      let subject = labelCount > 0 ? "sounds of \(names.joined(separator: ", "))" : "the sounds"
      return names.isEmpty ? nil : "\(subject) have \(text)"
    }
    let each = labelCount > 0 ? " each" : ""
    let findings = [
      finding(silent, "gone silent (peaks \(Int(Self.silence)) dB below real ones)"),
      finding(same, "become one sound\(each) (less than \(Self.sameness) times as varied as real ones)"),
    ].compactMap(\.self)
    guard !findings.isEmpty else { return [] }
    return [
      findings.joined(separator: ", ")
        + "; if this lasts, start a new run with a lower learning rate, a stronger penalty or adaptive augmentation"
    ]
  }

  private static func distance(_ features: Tensor) throws -> Double {
    try NearestNeighbours.distances(within: features).mean().item()
  }
}
