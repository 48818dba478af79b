import Corpora
import Failures
import Foundation

/// A text data set: distinct samples in a training, a validation and a held-out part, and the training part's vocabulary.
///
/// Files are read into memory, up to 1 GiB, and mapped beyond that; of each distinct sample eight bytes are
/// kept, its offset and length (up to forty while the samples are sorted), and texts are decoded when they
/// are asked for. So the files may be larger than memory. What is mapped must not be changed while a corpus is in use.
///
/// Files compressed with gzip, whatever their names, and those in other encodings than UTF-8 are read too. What they
/// hold is kept in memory, as UTF-8.
///
/// A line ends at a line feed, a carriage return, or one after the other; a byte order mark at a file's
/// start is skipped, and so are empty lines. Windows are consecutive and do not overlap; line ends are
/// symbols in them (always one line feed), and no window crosses from one file into the next. Lines too long
/// are cut or dropped first, then duplicates are dropped by their bytes, then the samples are split.
///
/// Held out are, of the distinct lines, sorted by byte value and numbered from 0, those divisible by 10; of the distinct
/// windows every tenth; or those of the held-out files. Of the others, numbered alike, those divisible by 10 are for
/// validation, or those of the validation files. No text is in two parts.
public struct TextCorpus: Corpus {
  /// How files became samples.
  public let options: TextCorpusOptions
  /// The symbols of the training part, or the vocabulary that was given.
  public let vocabulary: SymbolVocabulary
  /// The samples, distinct.
  public let parts: CorpusParts<TextSamples>
  /// Symbols of the longest sample of all parts, the end symbol not counted.
  public let longest: Int

  /// Ids in a row of a batch that holds any sample whole. Lines have an end symbol, windows have none.
  public var sequenceLength: Int { options.window ?? longest + 1 }

  /// Which files of a folder are text: all of them but those that tell of the data.
  static let kind = DataFiles.Kind(noun: "text file", expected: "text") { name in
    isAboutData(name) ? .aboutData : nil
  } isMember: { name, _ in
    !isAboutData(name)
  }

  /// Whether a file is one that people put beside data, by its name: `README.md`, `LICENSE`.
  private static func isAboutData(_ path: String) -> Bool {
    let name = path.lowercased().split(separator: "/").last ?? ""
    let stem = name.prefix { $0.isLetter }
    if stem == "readme" { return true }
    let end = name.dropFirst(stem.count)
    let endings: Set<Substring> = ["txt", "md", "markdown", "rst", "html", "adoc", "org", "cff", "bib", "gz"]
    return ["license", "licence", "copying", "copyright", "citation", "changelog", "contributing"].contains(
      stem)
      && (end.isEmpty || end.hasPrefix(".")) && end.split(separator: ".").allSatisfy(endings.contains)
  }

  /// Reads a text file, or a folder with text files at any depth, whatever their names; but where there are others, those called
  /// `README`, `LICENSE` and the like are left out.
  ///
  /// - Parameters:
  ///   - path: the data.
  ///   - validation: data to choose by while training, instead of a part of `path`.
  ///   - holdout: data to hold out instead of a tenth of `path`.
  ///   - options: how files become samples.
  ///   - vocabulary: the ids of a trained model; nil builds them from the training part.
  ///   - known: the labels of a trained model, whose indices the corpus then uses; nil takes those of the data.
  ///   - memoryBudget: bytes of files to keep in memory.
  /// - Throws: `UserError`: usage for options out of range; no input for files that cannot be read; bad data
  ///   for files that are not text in the encoding (with file, line and byte offset), that are damaged, that leave a
  ///   part without a sample, or that have symbols which a given vocabulary cannot express.
  public init(
    path: String, validation: String? = nil, holdout: String? = nil,
    options: TextCorpusOptions = TextCorpusOptions(), vocabulary: SymbolVocabulary? = nil,
    labels known: [String]? = nil, memoryBudget: Int = CorpusMemory.standard
  ) throws {
    try options.validate()
    let files = try DataFiles(
      path, validation: validation, holdout: holdout, kind: Self.kind, options: options)
    // Lines are held out, not files, unless files are named.
    var parts = files.named
    if case .matching = files.rule {
      parts = files.rule.parts(names: files.names, labels: files.labels, named: files.named)
    }
    let labelNames = Self.labelNames(files, parts: parts, known: known)
    let numbers = Dictionary(zip(labelNames, labelNames.indices)) { first, _ in first }
    var report = SampleScanner.Counts.report(source: path)
    var store = TextStore()
    var scanner = SampleScanner(options: options)
    var boundaries = SampleSplit.Boundaries()
    for part in [nil, .validation, CorpusPart.heldOut] {
      guard parts.contains(part) else { continue }
      if part == .validation { boundaries.validation = store.count }
      if part == .heldOut { boundaries.heldOut = store.count }
      for index in parts.indices where parts[index] == part {
        let label = files.labels[index]
        let number = label.flatMap { numbers[$0] }
        if let label, number == nil {
          let place = known == nil ? "" : "the model's: "
          throw UserError(
            .badData,
            "\(files.paths[index]): found the label \"\(label)\", expected one of \(place)"
              + labelNames.joined(separator: ", "))
        }
        do {
          let bytes = try TextBytes.text(
            file: files.paths[index], encoding: options.encoding, memoryBudget: memoryBudget - store.memory)
          try scanner.scan(bytes, named: files.names[index], startingAt: store.count)
          try store.append(bytes, label: number)
        } catch let failure as UserError where options.skipBad {
          report.leaveOut(failure)
        }
      }
    }
    switch files.rule {
    // Lines are held out then, and reports of lines name no rule.
    case .everyTenth: break
    case .matching, .separate, .published:
      report.holdoutRule = files.rule.words(noun: "file", holdout: holdout, isLabelled: !labelNames.isEmpty)
    }
    try self.init(
      report, files: files, store: store, scanner: scanner, boundaries: boundaries, vocabulary: vocabulary,
      labelNames: labelNames)
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
    let bytes = TextBytes(Array(text.utf8), name: name)
    var store = TextStore()
    var scanner = SampleScanner(options: options)
    try scanner.scan(bytes, named: name, startingAt: 0)
    try store.append(bytes, label: nil)
    try self.init(
      SampleScanner.Counts.report(source: name), files: nil, store: store, scanner: scanner,
      boundaries: .init(), vocabulary: vocabulary, labelNames: [])
  }

  private init(
    _ report: CorpusReport, files: DataFiles?, store: TextStore, scanner: SampleScanner,
    boundaries: SampleSplit.Boundaries, vocabulary given: SymbolVocabulary?, labelNames: [String]
  ) throws {
    let options = scanner.options
    let isWindowed = options.window != nil
    var scanner = scanner
    scanner.limitLines(in: store)
    var store = store
    store.foldsLineEnds = isWindowed && scanner.counts.hasCarriageReturns
    let split = SampleSplit(scanner.spans, in: store, boundaries: boundaries, keepsOrder: isWindowed)
    for part in CorpusPart.allCases where split.parts[part].isEmpty {
      let isNamed = (part == .validation ? boundaries.validation : boundaries.heldOut) != nil
      guard part != .validation || isNamed else { continue }
      throw Self.tooFewSamples(
        in: files?.name(of: part) ?? report.source, scanner: scanner, split: split, hasHoldout: isNamed)
    }

    let kind = given?.kind ?? options.symbols
    let surveys = PerPart { PartSurvey(split.parts[$0], in: store, kind: kind) }
    let vocabulary =
      try given
      ?? surveys.training.counts.vocabulary(
        coverage: options.vocabularyCoverage, limit: options.vocabularyLimit,
        others: [surveys.validation.counts, surveys.heldOut.counts])
    if !vocabulary.hasUnknown, surveys.all.contains(where: { $0.counts.unknownCount(for: vocabulary) > 0 }) {
      throw Self.stranger(in: split.parts.all.flatMap(\.self), store: store, vocabulary: vocabulary)
    }
    let samples = PerPart {
      TextSamples(
        split.parts[$0], store: store, vocabulary: vocabulary, survey: surveys[$0], isSorted: !isWindowed)
    }
    self.options = options
    self.vocabulary = vocabulary
    longest = surveys.all.map(\.longest).max() ?? 0
    var report = report
    report.files = store.files.count
    report.isValidationApart = boundaries.validation != nil
    scanner.counts.describe(in: &report, rule: options.longLines, split: split)
    if let files { report.leaveOut(files.omissions) }
    report.details = Self.details(
      samples, counts: surveys.all.map(\.counts), longest: longest, vocabulary: vocabulary)
    parts = CorpusParts(labelNames: labelNames, report: report) {
      samples[$0]
    } fingerprint: {
      samples[$0].fingerprint
    }
  }

  private static func details(
    _ samples: PerPart<TextSamples>, counts: [SymbolCounts], longest: Int, vocabulary: SymbolVocabulary
  ) -> [String] {
    let symbols = samples.all.reduce(0) { $0 + $1.symbolCount }
    let unknowns = samples.all.reduce(0) { $0 + $1.unknownCount }
    let longest = CorpusReport.counted(longest, "symbol")
    var details = [
      ", the longest of \(longest); \(symbols) symbols in all, a vocabulary of \(vocabulary.count)"
    ]
    guard unknowns > 0 else { return details }
    let distinct = counts.reduce(into: Set<String>()) { $0.formUnion($1.entries().map(\.symbol)) }
    let listed = distinct.intersection(vocabulary.symbols).count
    let training = samples.training
    let covered = Double(training.symbolCount - training.unknownCount) / Double(training.symbolCount)
    // Rounded down: what is not covered whole is not called so.
    let share = String(format: "%.2f", (covered * 10_000).rounded(.down) / 100)
    details.append(
      ", which lists \(listed) of \(distinct.count) distinct symbols and so covers \(share) % of the training text"
    )
    var parts = ["\(samples.training.unknownCount) in training"]
    if samples.validation.unknownCount > 0 {
      parts.append("\(samples.validation.unknownCount) in validation")
    }
    parts.append("\(samples.heldOut.unknownCount) held out")
    details.append(", \(unknowns) unknown symbols (\(parts.joined(separator: ", ")))")
    return details
  }

  /// The labels by index: those of a trained model, or those of the files that are neither held out nor chosen by.
  private static func labelNames(_ files: DataFiles, parts: [CorpusPart?], known: [String]?) -> [String] {
    guard files.labels.contains(where: { $0 != nil }) else { return [] }
    if let known, !known.isEmpty { return known }
    return Set(parts.indices.filter { parts[$0] == nil }.compactMap { files.labels[$0] })
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static func tooFewSamples(
    in name: String, scanner: SampleScanner, split: SampleSplit, hasHoldout: Bool
  ) -> UserError {
    let counts = scanner.counts
    let distinct = split.parts.all.reduce(0) { $0 + $1.count }
    var found = "\(distinct) distinct samples in \(counts.lines) lines (\(counts.emptyLines) empty"
    if counts.longLines > 0, scanner.options.longLines == .drop {
      found += ", \(counts.longLines) longer than the limit"
    }
    if split.overlap > 0 { found += ", \(split.overlap) also in another file" }
    if let window = scanner.options.window { found += "; windows of \(window) symbols" }
    let expected = hasHoldout ? "at least one in each file" : "at least two"
    let hint =
      counts.remarks[.oneLine] > 0
      ? "; a line is a sample, --window N reads running text in windows of N symbols" : ""
    return UserError(.badData, "\(name): found \(found)), expected \(expected)\(hint)")
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

extension Omission {
  static let unreadable = Omission("unreadable")
  static let emptyLine = Omission("empty")
  /// Lines are cut to so many symbols, which leaves out some.
  static func cutLine(to limit: Int, leavingOut symbols: Int) -> Omission {
    Omission(
      "cut to \(CorpusReport.counted(limit, "symbol")), which leaves out \(CorpusReport.counted(symbols, "symbol"))"
    )
  }
  /// Lines are dropped that have more symbols.
  static func longLine(limit: Int) -> Omission {
    Omission("longer than \(CorpusReport.counted(limit, "symbol"))")
  }
  /// Remarks on files.
  static let oneLine = Omission(
    "file of one line, which is one sample (--window N reads running text)",
    many: "files of one line, each one sample (--window N reads running text)")
  static let returnsAlone = Omission(
    "file whose lines end in carriage returns alone",
    many: "files whose lines end in carriage returns alone")
  static let beyondWindows = Omission(
    "symbol beyond the last windows", many: "symbols beyond the last windows")
}

extension SampleScanner.Counts {
  /// A report of text, in which nothing has been counted.
  static func report(source: String) -> CorpusReport {
    var report = CorpusReport(
      source: source,
      omissions: [.unreadable, .emptyLine])
    report.badReason = .unreadable
    report.omissionsTitle = ""
    report.unit = " samples"
    return report
  }

  /// Tells what was scanned, and what of it is left out.
  func describe(in report: inout CorpusReport, rule: LongLineRule, split: SampleSplit) {
    report.items = lines
    report.found =
      "\(CorpusReport.counted(lines, "line")) in \(CorpusReport.counted(report.files, "file"))"
    report[.emptyLine] = emptyLines
    if let limit, longLines > 0 {
      let omission: Omission =
        rule == .cut ? .cutLine(to: limit, leavingOut: symbolsBeyond) : .longLine(limit: limit)
      report[omission] = longLines
    }
    (report[.duplicate], report[.overlap]) = (split.duplicates, split.overlap)
    report[.beyondWindows] = remainder
    report.remarks = remarks
  }
}
