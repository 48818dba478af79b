import Failures
import Files

/// A data set: samples in a training, a validation and a held-out part.
///
/// A medium's corpus holds its `parts` and what the data decided, and gets the rest from here. Parts are made of the items
/// on a `Shelf`, as sounds and shapes are, or of samples that the medium holds in memory, as `PlaneCorpus` does.
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
  /// Samples that are not trained on: those to choose by, or the held-out ones where there are none of these.
  public var untrained: Samples { validation.count > 0 ? validation : heldOut }
  /// Whether held-out samples are those to train on, since there are too few to hold any out.
  public var isHeldOutTraining: Bool {
    let parts = fingerprint.split(separator: "-")
    return parts.first == parts.last
  }
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
    report.labelNames = labelNames
    self.report = report
  }
}

extension CorpusParts {
  /// Parts of so many samples each at most, evenly spread, to try something on: their fingerprint is still that of all.
  public func thinned<Sample>(to limit: Int) -> CorpusParts where Samples == SampleSet<Sample> {
    let fingerprints = fingerprint.split(separator: "-").map(String.init)
    return CorpusParts(labelNames: labelNames, report: report) { part in
      switch part {
      case .training: training.thinned(to: limit)
      case .validation: validation.thinned(to: limit)
      case .heldOut: heldOut.thinned(to: limit)
      }
    } fingerprint: { part in
      CorpusPart.allCases.firstIndex(of: part).flatMap {
        fingerprints.indices.contains($0) ? fingerprints[$0] : nil
      } ?? ""
    }
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
    report.labelNames = split.labelNames
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
