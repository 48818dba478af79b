import Failures
import Foundation

/// A text data set: distinct samples in a training, a validation and a held-out part, and the training part's vocabulary.
///
/// Files are mapped into memory and read from start to end; afterwards eight bytes per distinct sample are
/// kept, its offset and length (up to forty while the samples are sorted), and texts are decoded when they
/// are asked for. So the files may be larger than memory; they must not be changed while a corpus is in use.
///
/// A line ends at a line feed, with or without a carriage return before it; a byte order mark at a file's
/// start is skipped, and so are empty lines. Windows are consecutive and do not overlap; line ends are
/// symbols in them (always one line feed), and no window crosses from one file into the next. Lines too long
/// are cut or dropped first, then duplicates are dropped by their bytes, then the samples are split (see
/// `validation` and `heldOut`).
public struct TextCorpus: Sendable {
  /// How files became samples.
  public let options: TextCorpusOptions
  /// The symbols of the training part, or the vocabulary that was given.
  public let vocabulary: SymbolVocabulary
  /// The samples to train on, distinct.
  public let training: TextSamples
  /// The samples to evaluate on, none of which is in the training part: of the distinct lines, sorted by byte
  /// value and numbered from 0, those divisible by 10; of the distinct windows every tenth; or those of the
  /// held-out file.
  public let heldOut: TextSamples
  /// The samples to choose by while training, none of which is in another part: of those that are not held out, numbered
  /// alike, those divisible by 10; or those of the validation file. Empty where there are too few.
  public let validation: TextSamples
  /// The names of the labels by index, ordered by byte value; empty without labels.
  public let labelNames: [String]
  /// What was read and left out.
  public let report: TextCorpusReport

  /// Identifies the content of all parts: the fingerprints of training, validation and held-out part, with dashes between.
  public var fingerprint: String {
    [training, validation, heldOut].map(\.fingerprint).joined(separator: "-")
  }

  /// Ids in a row of a batch that holds any sample whole. Lines have an end symbol, windows have none.
  public var sequenceLength: Int { options.window ?? report.longest + 1 }

  /// Reads files.
  ///
  /// - Parameters:
  ///   - source: the data.
  ///   - validation: data to choose by while training, instead of a part of `source`.
  ///   - holdout: data to hold out instead of a tenth of `source`.
  ///   - options: how files become samples.
  ///   - vocabulary: the ids of a trained model; nil builds them from the training part.
  /// - Throws: `UserError`: usage for options out of range; no input for files that cannot be read; bad data
  ///   for files that are not UTF-8 (with file, line and byte offset), that leave a part without a sample, or
  ///   that have symbols which a given vocabulary cannot express.
  public init(
    _ source: TextSource, validation: TextSource? = nil, holdout: TextSource? = nil,
    options: TextCorpusOptions = TextCorpusOptions(), vocabulary: SymbolVocabulary? = nil
  ) throws {
    try options.validate()
    let names = Set(source.files.compactMap { TextSource.label(of: $0, from: options.labels) })
    let labelNames = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let indices = Dictionary(uniqueKeysWithValues: zip(labelNames, labelNames.indices))
    var store = TextStore()
    var scanner = SampleScanner(options: options)
    func add(_ files: [String]) throws {
      for file in files {
        let label = TextSource.label(of: file, from: options.labels)
        if let label, indices[label] == nil {
          let known = labelNames.joined(separator: ", ")
          throw UserError(.badData, "\(file): found the label \"\(label)\", expected one of \(known)")
        }
        let bytes = try TextBytes(file: file)
        try scanner.scan(bytes, startingAt: store.count)
        try store.append(bytes, label: label.flatMap { indices[$0] })
      }
    }
    try add(source.files)
    var boundaries = SampleSplit.Boundaries()
    if let validation {
      boundaries.validation = store.count
      try add(validation.files)
    }
    if let holdout {
      boundaries.heldOut = store.count
      try add(holdout.files)
    }
    try self.init(
      name: source.path, store: store, scanner: scanner, boundaries: boundaries,
      validationName: validation?.path, holdoutName: holdout?.path,
      vocabulary: vocabulary, labelNames: labelNames)
  }

  /// Takes a text from memory as if it were a file. It has no labels, whatever the options say.
  ///
  /// - Parameters:
  ///   - text: the content of the file.
  ///   - name: what messages and the report call it.
  ///   - options: how the text becomes samples.
  ///   - vocabulary: the ids of a trained model; nil builds them from the training part.
  /// - Throws: `UserError` as for files.
  public init(
    text: String, name: String, options: TextCorpusOptions = TextCorpusOptions(),
    vocabulary: SymbolVocabulary? = nil
  ) throws {
    try options.validate()
    let bytes = TextBytes(text: text, name: name)
    var store = TextStore()
    var scanner = SampleScanner(options: options)
    try scanner.scan(bytes, startingAt: 0)
    try store.append(bytes, label: nil)
    try self.init(
      name: name, store: store, scanner: scanner, boundaries: .init(), validationName: nil, holdoutName: nil,
      vocabulary: vocabulary, labelNames: [])
  }

  private init(
    name: String, store: TextStore, scanner: SampleScanner, boundaries: SampleSplit.Boundaries,
    validationName: String?, holdoutName: String?, vocabulary given: SymbolVocabulary?, labelNames: [String]
  ) throws {
    let options = scanner.options
    let isWindowed = options.window != nil
    var store = store
    store.foldsLineEnds = isWindowed && scanner.hasCarriageReturns
    let split = SampleSplit(scanner.spans, in: store, boundaries: boundaries, keepsOrder: isWindowed)
    for (part, place) in [(split.training, name), (split.heldOut, holdoutName ?? name)] where part.isEmpty {
      throw Self.tooFewSamples(in: place, scanner: scanner, split: split, hasHoldout: holdoutName != nil)
    }
    if let validationName, split.validation.isEmpty {
      throw Self.tooFewSamples(in: validationName, scanner: scanner, split: split, hasHoldout: true)
    }

    let kind = given?.kind ?? options.symbols
    let training = PartSurvey(split.training, in: store, kind: kind)
    let validation = PartSurvey(split.validation, in: store, kind: kind)
    let heldOut = PartSurvey(split.heldOut, in: store, kind: kind)
    let vocabulary =
      try given
      ?? training.counts.vocabulary(
        limit: options.vocabularyLimit, others: [validation.counts, heldOut.counts])
    let unknowns = [training, validation, heldOut].map { $0.counts.unknownCount(for: vocabulary) }
    if !vocabulary.hasUnknown, unknowns != [0, 0, 0] {
      throw Self.stranger(
        in: split.training + split.validation + split.heldOut, store: store, vocabulary: vocabulary)
    }

    self.options = options
    self.vocabulary = vocabulary
    self.labelNames = labelNames
    func samples(_ spans: [Span], _ survey: PartSurvey) -> TextSamples {
      TextSamples(
        spans, store: store, vocabulary: vocabulary, fingerprint: survey.fingerprint, isSorted: !isWindowed)
    }
    self.training = samples(split.training, training)
    self.validation = samples(split.validation, validation)
    self.heldOut = samples(split.heldOut, heldOut)
    report = TextCorpusReport(
      source: name, files: store.files.count, lines: scanner.lines, emptyLines: scanner.emptyLines,
      cutLines: scanner.cutLines, droppedLines: scanner.droppedLines, windowRemainder: scanner.remainder,
      duplicates: split.duplicates, overlap: split.overlap, trainingCount: split.training.count,
      validationCount: split.validation.count, isValidationApart: boundaries.validation != nil,
      heldOutCount: split.heldOut.count,
      longest: max(training.longest, validation.longest, heldOut.longest),
      trainingSymbols: training.counts.total, validationSymbols: validation.counts.total,
      heldOutSymbols: heldOut.counts.total, trainingUnknowns: unknowns[0], validationUnknowns: unknowns[1],
      heldOutUnknowns: unknowns[2], vocabularyCount: vocabulary.count, labelCount: labelNames.count)
  }

  private static func tooFewSamples(
    in name: String, scanner: SampleScanner, split: SampleSplit, hasHoldout: Bool
  ) -> UserError {
    let distinct = split.training.count + split.validation.count + split.heldOut.count
    var found = "\(distinct) distinct samples in \(scanner.lines) lines (\(scanner.emptyLines) empty"
    if scanner.droppedLines > 0 { found += ", \(scanner.droppedLines) longer than the limit" }
    if split.overlap > 0 { found += ", \(split.overlap) also in another file" }
    if let window = scanner.options.window { found += "; windows of \(window) symbols" }
    let expected = hasHoldout ? "at least one in each file" : "at least two"
    return UserError(.badData, "\(name): found \(found)), expected \(expected)")
  }

  private static func stranger(in spans: [Span], store: TextStore, vocabulary: SymbolVocabulary) -> UserError
  {
    for span in spans {
      do { _ = try vocabulary.encode(store.text(of: span)) } catch let error as UserError {
        return UserError(.badData, "\(store.place(of: span)): \(error.message)")
      } catch { continue }
    }
    return UserError(.badData, "found symbols that the vocabulary does not list")
  }
}
