import Adversarial
import AudioDatasets
import Failures
import Foundation
import Metrics
import ModalityKit
import Torch

/// The evaluation of sounds: one row each for held-out clips, for every set of generated ones, and for a Gaussian mixture on
/// features, all measured alike.
public enum AudioEvaluation {
  /// Components of the baseline.
  static let components = 8

  /// What columns need of the data.
  static func needs(hasLabels: Bool) -> [EvaluationNeed] {
    FeatureScores.needs + (hasLabels ? LabelDiversity.needs + LabelScores.needs : []) + [
      .twoSample(["told by features", "told by network"], training: TwoSampleAccuracy.minimumCount)
    ]
  }

  /// Measures everything.
  ///
  /// - Parameters:
  ///   - rows: sets of generated clips; all clips, these and the others, are of one length.
  ///   - training: the clips that were trained on. A large set should be thinned evenly. Columns that need more of these, or of
  ///     held-out clips, are missing.
  ///   - heldOut: real clips that were not; the first row.
  ///   - labelNames: the labels' names; empty without.
  ///   - sampleRate: in Hz.
  ///   - seed: of all draws: bins, resamples, what is compared of larger sets, and the baseline.
  ///   - classifierSteps: batches that the classifier of labels is trained on.
  /// - Returns: the table, with notes on how its columns are to be read.
  /// - Throws: `UserError` of category `badData` where training or held-out clips are none or not finite.
  public static func table(
    rows: [AudioClips], training: AudioClips, heldOut: AudioClips, labelNames: [String], sampleRate: Int,
    seed: UInt64, classifierSteps: Int = SoundClassifier.steps
  ) throws -> EvaluationTable {
    try measure(
      rows: rows, training: training, heldOut: heldOut, labelNames: labelNames, sampleRate: sampleRate,
      seed: seed, classifierSteps: classifierSteps
    ).table
  }

  /// The table, and the two-sample tests of the rows.
  static func measure(
    rows: [AudioClips], training: AudioClips, heldOut: AudioClips, labelNames: [String], sampleRate: Int,
    seed: UInt64, classifierSteps: Int = SoundClassifier.steps
  ) throws -> (table: EvaluationTable, twoSample: [TwoSampleColumns.Measurement]) {
    for (name, real) in [("training", training), ("held-out", heldOut)] {
      if let damage = try damage(of: real) { throw UserError(.badData, "\(name) clips: \(damage)") }
    }
    WorkLine.begin("describing clips and training classifiers")
    let features = try LogMelFeatures(training: training.clips, sampleRate: sampleRate)
    // Sets too small to be compared at all do not make the comparison smaller for the others.
    let least = min(FeatureScores.minimum, heldOut.count, training.count)
    let counts = ([heldOut] + rows).map(\.count).filter { $0 >= least }
    let featureScores = try FeatureScores(
      training: features.training,
      heldOut: FeatureScores.Row(features: features(heldOut.clips), fixedLabels: heldOut.fixedLabels),
      comparedCount: counts.min() ?? 0, seed: seed)
    let labelScores = try LabelScores(
      training: training, heldOut: heldOut, labelNames: labelNames, sampleRate: sampleRate,
      steps: classifierSteps, comparedCount: featureScores.comparedCount, seed: seed)
    let diversity = try LabelDiversity(
      training: features.training, labels: training.labels, rows: ([heldOut] + rows).map(\.labels),
      labelCount: labelNames.count, seed: seed)
    var leastVaried: [String] = []
    let hasVoices = try HarmonicScores(heldOut.clips, sampleRate: sampleRate).ratio != nil

    let twoSample = try SoundTwoSampleTest(
      heldOut: heldOut.clips, count: featureScores.comparedCount, sampleRate: sampleRate, seed: seed)
    var tests: [TwoSampleColumns.Measurement] = []

    var table = EvaluationTable(
      columns: featureScores.columns + diversity.columns + labelScores.columns + waveformColumns
        + harmonicColumns + twoSample.columns)
    WorkLine.begin("measuring rows", total: rows.count + 2)
    // Rows of the same clips, as of a run that ends with the generator that its game began with, are measured once.
    var known: [(clips: AudioClips, measured: MeasuredClips)] = []
    for (index, row) in ([heldOut] + rows).enumerated() {
      defer { WorkLine.advance() }
      func measured() throws -> MeasuredClips {
        let same = try known.first {
          try $0.clips.clips.isEqual(to: row.clips) && $0.clips.labels == row.labels
            && $0.clips.areLabelsFixed == row.areLabelsFixed
        }
        if let same { return same.measured }
        let test = try index == 0 ? twoSample.measureHeldOut() : twoSample.measure(row.clips)
        let described = FeatureScores.Row(
          features: try features(row.clips), fixedLabels: row.fixedLabels, isHeldOut: index == 0)
        let (worst, ownDistance) = try diversity.measure(described.features, labels: row.labels)
        let cells = try featureScores.measure(described).merging(labelScores.measure(row)) { $1 }
          .merging(["selfWorstLabel": ownDistance]) { $1 }
          .merging(waveformCells(row)) { $1 }
          .merging(harmonicCells(row, sampleRate: sampleRate, hasVoices: hasVoices)) { $1 }
          .merging(test.cells) { $1 }
        let result = MeasuredClips(cells: cells, test: test, leastVaried: worst.map { labelNames[$0.label] })
        // Held-out clips are tested against each other: a row of the same is another matter.
        if index > 0 { known.append((row, result)) }
        return result
      }
      let values: [String: EvaluationTable.Cell]
      if let damage = try damage(of: row) {
        values = table.columns.missing(reason: damage)
        if index > 0 { tests.append(twoSample.missing(damage)) }
      } else {
        let result = try measured()
        values = result.cells
        if index > 0 { tests.append(result.test) }
        if let label = result.leastVaried { leastVaried.append("\(label) (\(row.name))") }
      }
      table.add(
        .init(
          name: row.name, source: row.source, sampleCount: row.count, seed: row.seed, values: values))
    }
    table.add(
      try baseline(
        features.training, scores: featureScores, columns: table.columns, count: heldOut.count, seed: seed))
    table.notes = notes(
      featureScores, labelScores, twoSample, leastVaried: leastVaried, training: training)
    return (table, tests)
  }

  /// What a row's clips have come to.
  private struct MeasuredClips {
    let cells: [String: EvaluationTable.Cell]
    let test: TwoSampleColumns.Measurement
    /// The name of the label that varies least.
    let leastVaried: String?
  }

  private static let waveformColumns: [EvaluationTable.Column] = [
    .init(key: "silent", name: "silent", unit: "%", direction: .lower, digits: 1),
    .init(key: "clipped", name: "clipped", unit: "%", direction: .neutral, digits: 1),
    .init(key: "offset", name: "offset", unit: "%", direction: .lower),
    .init(key: "tones", name: "tones", unit: "dB", direction: .lower),
  ]

  private static func waveformCells(_ row: AudioClips) throws -> [String: EvaluationTable.Cell] {
    let scores = try WaveformScores(row.clips, fixedLabels: row.fixedLabels)
    return [
      "silent": .measured(scores.silent), "clipped": .measured(scores.clipped),
      "offset": .measured(scores.offset),
      "tones": scores.tones.map { .measured($0) }
        ?? .missing(reason: "all clips are silent, or too short to tell"),
    ]
  }

  private static let harmonicColumns: [EvaluationTable.Column] = [
    .init(key: "voiced", name: "voiced", unit: "%", direction: .neutral, digits: 1),
    .init(key: "hnr", name: "HNR", unit: "dB", direction: .neutral, digits: 1),
  ]

  private static func harmonicCells(_ row: AudioClips, sampleRate: Int, hasVoices: Bool) throws
    -> [String: EvaluationTable.Cell]
  {
    guard hasVoices else { return harmonicColumns.missing(reason: "real clips have no voiced frames") }
    let scores = try HarmonicScores(row.clips, sampleRate: sampleRate, fixedLabels: row.fixedLabels)
    return [
      "voiced": scores.voiced.map { .measured($0) } ?? .missing(reason: "all clips are silent"),
      "hnr": scores.ratio.map { .measured($0) } ?? .missing(reason: "no frame is voiced"),
    ]
  }

  /// A mixture fitted to the training features, from which features alone are drawn: statistics of a spectrogram do not
  /// determine a sound.
  private static func baseline(
    _ training: Tensor, scores: FeatureScores, columns: [EvaluationTable.Column], count: Int, seed: UInt64
  ) throws -> EvaluationTable.Row {
    var stream = RandomStream(seed: seed, name: "evaluation mixture")
    let mixture = try GaussianMixture(
      training, components: min(components, training.shape[0]), using: &stream)
    let draws = try mixture.samples(count, using: &stream)
    let cells = columns.missing(reason: "drawn as features, without a waveform")
    return .init(
      name: "Gaussian mixture, features alone", source: .baseline, sampleCount: count, seed: seed,
      values: try cells.merging(scores.measure(.init(features: draws))) { $1 })
  }

  /// Why clips cannot be measured; nil where they can.
  private static func damage(of row: AudioClips) throws -> String? {
    guard row.count > 0 else { return "there are no clips" }
    let sound = try row.clips.isFinite().converted(to: .int32).min(along: 1).sum().item()
    let damaged = row.count - Int(sound)
    return damaged > 0 ? "\(damaged) of \(row.count) clips hold samples that are not finite numbers" : nil
  }

  private static func notes(
    _ features: FeatureScores, _ labels: LabelScores, _ twoSample: SoundTwoSampleTest, leastVaried: [String],
    training: AudioClips
  ) -> [String] {
    var notes = [
      "Fréchet to |D|train: log-mel statistics (40 bands, floor 1) beside those of \(training.count) training clips.",
      "n: clips of each row that a score compares, drawn at random, as it depends on their number; MMD² takes all.",
      "NDB: share of \(FeatureScores.bins) bins, about 0.05 for perfect samples.",
      "Precision to coverage: balls to the \(FeatureScores.neighbours)th neighbour, \(features.comparedCount) training clips.",
      "|D|: mean distance to the nearest clip; |D|train far below real's tells copies.",
    ]
    if !leastVaried.isEmpty {
      notes.append(
        "Worst label: |D|self of the label that varies least over that of as many training clips of it: "
          + leastVaried.joined(separator: ", ") + ".")
    }
    notes += labels.notes
    notes += [
      "No label: clips that the classifier rejects; they count as saying nothing about their label.",
      "IS to class Fréchet, and those of the 2nd, by this data's classifiers, compare with no other classifier's.",
      "Voiced: audible frames of about 64 ms that repeat at 70 to 500 Hz; HNR: what repeats over what does not, in these.",
      "Tones: the spectrum at multiples of a 64th of the sample rate over its neighbours.",
    ]
    return notes + twoSample.notes + [EvaluationTable.errorMeaning]
  }
}

/// The evaluation of audio models: rows for held-out sounds, the models of a request, and a Gaussian mixture, all measured
/// alike.
struct AudioComparison {
  /// Training clips that metrics compare with, at most; a larger set is thinned evenly.
  private static let trainingLimit = 5_000
  /// Held-out clips that are compared, at most.
  private static let heldOutLimit = 2_000
  /// Clips of each generator unless asked otherwise: scores of fewer are mostly noise.
  private static let generatedCount = 1_000

  private let request: EvaluationRequest<Audio>
  private let options: AudioEvaluateOptions
  private let spec: AudioSpec

  /// Prepares to measure.
  init(_ request: EvaluationRequest<Audio>, options: AudioEvaluateOptions = AudioEvaluateOptions()) throws {
    self.request = request
    self.options = options
    spec = try request.model.recipe.completeSpec()
  }

  /// Measures everything, and writes a page to listen to where one is wanted.
  ///
  /// - Throws: `UserError` where there are too few clips; cannot create and I/O for the page.
  func table() throws -> EvaluationTable {
    let folder = options.listen.map { URL(fileURLWithPath: $0, isDirectory: true) }
    // Before anything that takes minutes.
    if let folder { try RunFolder.requireVacant(folder) }
    let corpus = request.dataset.corpus
    let heldOut = try real(corpus.heldOut, limit: Self.heldOutLimit, named: "held-out real")
    var rows: [AudioClips] = []
    for (index, row) in request.models.enumerated() {
      if var same = try request.twin(of: index).map({ rows[$0] }) {
        same.name = row.name
        rows.append(same)
        continue
      }
      let drawn = try request.tensor(of: row, count: Self.generatedCount, options: options.sampling)
      rows.append(
        AudioClips(
          name: row.name, source: .model, clips: try drawn.tensor.mean(along: 2), labels: drawn.labels,
          areLabelsFixed: request.hasEqualLabels, seed: request.seed))
    }
    if spec.codes != nil { rows.append(try copies(of: heldOut)) }
    let measured = try AudioEvaluation.measure(
      rows: rows, training: real(corpus.training, limit: Self.trainingLimit, named: "training"),
      heldOut: heldOut,
      labelNames: spec.labels, sampleRate: spec.sampleRate, seed: request.seed)
    var table = measured.table
    table.notes += request.gameEffects(in: table) {
      TwoSampleColumns.Measurement.pairedErrors(measured.twoSample, $0)
    }
    table.notes += request.thinningNotes(
      training: Self.trainingLimit, heldOut: Self.heldOutLimit, noun: "clips")
    if let folder {
      let page = ListeningPage(
        rows: [heldOut] + rows, labelNames: spec.labels, sampleRate: spec.sampleRate,
        count: options.listenCount ?? 10)
      let file = try page.write(
        to: folder,
        title: "Sounds of \(request.model.recipe.network.rawValue) networks, step \(request.model.step)",
        table: table.text(width: 110))
      table.notes.append("To listen to: \(file.relativePath).")
    }
    return table
  }

  /// Held-out clips as codes and back, each with the peak that it had: what sounds cannot be better than that are made of
  /// codes.
  private func copies(of clips: AudioClips) throws -> AudioClips {
    let codec = try ClipCodec(sampleRate: spec.sampleRate, length: spec.length, channels: 1)
    var copies = clips
    copies.name = "held-out real, by way of codes"
    copies.source = .baseline
    copies.clips = try withoutGradients {
      try clips.clips.mappedInBatches(of: 64) { part in
        let clips = try part.expandingDimension(at: 2)
        let copies = try codec.decode(
          codec.encode(clips),
          iterations: options.sampling.phaseIterations ?? request.model.recipe.spectral.phaseIterations)
        return try copies.stretched(toPeaks: clips.clipPeaks()).selected(0, along: 2)
      }
    }
    return copies
  }

  private func real(_ set: AudioSet, limit: Int, named name: String) throws -> AudioClips {
    let indices = set.spread(limit)
    return AudioClips(
      name: name, source: .real, clips: try set.clips(at: indices, spec: spec),
      labels: spec.labels.isEmpty ? nil : indices.map { set.label(at: $0) ?? 0 }, seed: nil)
  }
}

extension AudioSet {
  /// Clips `[N, T]` for measuring, channels mixed, each cut out the same way each time.
  ///
  /// - Throws: `UserError` for files that have vanished or changed; `TorchError` when memory ends.
  func clips(at indices: [Int], spec: AudioSpec) throws -> Tensor {
    var samples: [Float] = []
    samples.reserveCapacity(indices.count * spec.length * spec.channels)
    for index in indices {
      samples += try sample(at: index, draw: UInt64(index) &* 0x9E37_79B9_7F4A_7C15)
    }
    return try Tensor(samples, shape: [indices.count, spec.length, spec.channels]).mean(along: 2)
  }
}

/// Clips of one origin, to be measured as a row of an evaluation table.
public struct AudioClips: Sendable {
  /// What they come from, in words.
  public var name: String
  /// What they come from, in kind.
  public var source: EvaluationTable.Source
  /// Waveforms `[N, T]` of one channel on the CPU, nominally in -1...1; of several channels take the mean.
  public var clips: Tensor
  /// The label that each was asked for, or has; nil without.
  public var labels: [Int]?
  /// Whether other draws would have as many of each label; otherwise labels were drawn too.
  public var areLabelsFixed: Bool
  /// What they were drawn with; nil where nothing was drawn.
  public var seed: UInt64?

  /// Gathers them.
  public init(
    name: String, source: EvaluationTable.Source, clips: Tensor, labels: [Int]? = nil,
    areLabelsFixed: Bool = false, seed: UInt64? = nil
  ) {
    precondition(clips.rank == 2, "clips are [N, T]")
    precondition(labels == nil || labels?.count == clips.shape[0], "a label for each clip")
    self.name = name
    self.source = source
    self.clips = clips
    self.labels = labels
    self.areLabelsFixed = areLabelsFixed
    self.seed = seed
  }

  /// The labels, where other draws would have as many of each.
  var fixedLabels: [Int]? { areLabelsFixed ? labels : nil }
  /// How many there are.
  public var count: Int { clips.shape[0] }
}
