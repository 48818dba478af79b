import Failures
import Files

/// A data set: samples in a training, a validation and a held-out part.
///
/// A medium's corpus holds its `parts` and what the data decided, and gets the rest from here. Sets whose samples are
/// arrays of numbers in memory need no more than
///
/// ```swift
/// struct PlaneCorpus: Corpus {
///   let parts: CorpusParts<SampleSet<[Float]>>
///
///   init(training: [[Float]], validation: [[Float]], heldOut: [[Float]]) {
///     parts = CorpusParts(
///       source: "ring", noun: "point", training: training, validation: validation, heldOut: heldOut)
///   }
/// }
/// ```
///
/// when the parts are drawn apart, or `CorpusParts(source:noun:samples:labels:known:)` when a tenth is to be held out.
public protocol Corpus: Sendable {
  /// The samples of one part.
  associatedtype Samples: LabelledSamples
  /// The samples, and what is known of them.
  var parts: CorpusParts<Samples> { get }
}

extension Corpus {
  /// The samples to train on.
  public var training: Samples { parts.training }
  /// The samples to choose by while training, none of which is in another part. Empty where there are too few.
  public var validation: Samples { parts.validation }
  /// The samples to evaluate on, none of which is in another part.
  public var heldOut: Samples { parts.heldOut }
  /// The names of the labels by index: those that were given, or those of the training part ordered by byte value; empty
  /// without labels.
  public var labelNames: [String] { parts.labelNames }
  /// What was read and left out.
  public var report: CorpusReport { parts.report }
  /// Identifies the content of all parts: 16 hexadecimal digits each of the training, the validation and the held-out
  /// part, with dashes between. Computed from the samples and labels, not from paths. It notices other data; it is no
  /// protection against forgery.
  public var fingerprint: String { parts.fingerprint }
}

/// The three parts of a corpus.
public struct CorpusParts<Samples: LabelledSamples>: Sendable {
  /// The samples to train on.
  public let training: Samples
  /// The samples to choose by while training.
  public let validation: Samples
  /// The samples to evaluate on.
  public let heldOut: Samples
  /// The names of the labels by index; empty without labels.
  public let labelNames: [String]
  /// What was read and left out.
  public let report: CorpusReport
  /// The fingerprints of the parts, with dashes between.
  public let fingerprint: String

  /// Gathers parts, and counts them in the report.
  ///
  /// - Parameters:
  ///   - samples: the samples of a part.
  ///   - fingerprint: what identifies the content of a part.
  public init(
    labelNames: [String], report: CorpusReport, samples: (CorpusPart) -> Samples,
    fingerprint: (CorpusPart) -> String
  ) {
    (training, validation, heldOut) = (samples(.training), samples(.validation), samples(.heldOut))
    self.labelNames = labelNames
    self.fingerprint = CorpusPart.allCases.map(fingerprint).joined(separator: "-")
    var report = report
    report.trainingCount = training.count
    report.validationCount = validation.count
    report.heldOutCount = heldOut.count
    report.labelCount = labelNames.count
    self.report = report
  }
}

/// 16 hexadecimal digits for lines of text.
private func fingerprint(_ lines: some Sequence<String>) -> String {
  var hash = SHA256()
  for line in lines { hash.update(line + "\n") }
  return String(hash.hexDigest().prefix(16))
}

extension CorpusParts {
  /// Takes the items of a shelf.
  ///
  /// - Parameters:
  ///   - split: which items are in which part.
  ///   - shelf: the items.
  ///   - reader: what makes samples of them.
  public init<Reader: SampleReader>(_ split: Split, on shelf: Shelf<Reader.Source>, reader: Reader)
  where Samples == SampleSet<Reader.Sample> {
    func label(_ item: Int) -> String { split.labels[item].map { split.labelNames[$0] } ?? "" }
    var report = split.report
    report.isStreamed = shelf.cache != nil
    report.labelCount = split.labelNames.count
    let used = CorpusPart.allCases.flatMap { split.partition.items(in: $0) }
    var seen: Set<Int> = []
    reader.describe(shelf.surveys(of: used.filter { seen.insert($0).inserted }), in: &report)
    self.init(labelNames: split.labelNames, report: report) { part in
      SampleSet(
        split.partition.items(in: part), for: part, on: shelf, labels: split.labels, reader: reader)
    } fingerprint: { part in
      let lines = split.partition.items(in: part).compactMap { item -> String? in
        guard let survey = try? shelf.surveys[item].get() else { return nil }
        let identity = reader.identity(of: survey, starts: reader.starts(of: survey, in: part))
        return "\(identity) \(label(item))"
      }
      return Corpora.fingerprint([reader.form] + lines)
    }
  }
}

extension CorpusParts where Samples == SampleSet<[Float]> {
  /// Takes arrays of numbers that were made for their parts.
  ///
  /// - Parameters:
  ///   - source: what the data is called.
  ///   - noun: what a sample is called: `point`.
  ///   - training: samples to train on; every sample `[D]` of one length.
  ///   - validation: samples to choose by while training; may be empty.
  ///   - heldOut: samples to evaluate on.
  public init(source: String, noun: String, training: [[Float]], validation: [[Float]], heldOut: [[Float]]) {
    let parts: [CorpusPart: [[Float]]] = [
      .training: training, .validation: validation, .heldOut: heldOut,
    ]
    var report = CorpusReport(source: source)
    report.isValidationApart = true
    report.holdoutRule = "drawn apart"
    report.items = training.count + validation.count + heldOut.count
    report.found = CorpusReport.counted(report.items, noun)
    self.init(labelNames: [], report: report) {
      SampleSet(parts[$0] ?? [])
    } fingerprint: { part in
      Corpora.fingerprint((parts[part] ?? []).map(digest))
    }
  }

  /// Divides arrays of numbers: of each label's in their order, numbered from 0, those divisible by 10 are held out, and
  /// `ValidationRule` chooses among the others. Repetitions are left out.
  ///
  /// - Parameters:
  ///   - source: what the data is called.
  ///   - noun: what a sample is called: `row`.
  ///   - samples: every sample `[D]` of one length.
  ///   - labels: one for each sample; nil for samples without.
  ///   - known: the labels of a trained model, whose indices are used; nil takes those of the data.
  /// - Throws: `UserError` (bad data) for a part without a sample, and a label that is not known.
  public init(
    source: String, noun: String, samples: [[Float]], labels: [String?]? = nil, known: [String]? = nil
  ) throws {
    let labels = labels ?? samples.map { _ in nil }
    let isHeldOut = HoldoutRule.everyTenth.holdsOut(names: labels.map { _ in "" }, labels: labels)
    let partition = Partition(
      samples.indices.map {
        Partition.Item(index: $0, digest: digest(samples[$0]), part: isHeldOut[$0] ? .heldOut : nil)
      }, labels: labels)
    guard !partition.training.isEmpty, !partition.heldOut.isEmpty else {
      throw UserError(
        .badData,
        "\(source): found \(samples.count) \(noun)s (\(partition.duplicates) duplicates), expected at least two"
      )
    }
    let (names, numbers) = try partition.numbered(labels, known: known) { "\(source) \(noun) \($0 + 1)" }
    var report = CorpusReport(source: source, omissions: [.duplicate, .overlap])
    (report[.duplicate], report[.overlap]) = (partition.duplicates, partition.overlap)
    report.items = samples.count
    report.found = CorpusReport.counted(samples.count, noun)
    report.holdoutRule = HoldoutRule.everyTenth.words(
      noun: noun, isLabelled: !names.isEmpty)
    self.init(labelNames: names, report: report) { part in
      let items = partition.items(in: part)
      return SampleSet(items.map { samples[$0] }, labels: items.map { numbers[$0] })
    } fingerprint: { part in
      Corpora.fingerprint(
        partition.items(in: part).map { "\(digest(samples[$0])) \(labels[$0] ?? "")" })
    }
  }
}

/// SHA-256 of the bytes of some numbers.
private func digest(_ numbers: [Float]) -> String {
  var hash = SHA256()
  numbers.withUnsafeBytes { hash.update($0) }
  return hash.hexDigest()
}
