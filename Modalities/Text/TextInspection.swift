import Corpora
import Failures
import Files
import ModalityKit
import TextDatasets

extension Inspection {
  /// What is read of text files.
  ///
  /// - Parameters:
  ///   - source: the data.
  ///   - options: how files are read.
  /// - Throws: `UserError` as `MeasuredText.survey`.
  init(text source: DataSource, options: TextCorpusOptions) throws {
    let survey = try MeasuredText.survey(
      source.path ?? "", validation: source.validation, holdout: source.holdout, options: options)
    let noun = options.window == nil ? "lines" : "windows"
    self.init(survey, noun: noun)
    let files = survey.entries
    let lengths = TextLengths(files.map(\.item.lengths))
    let symbols = files.reduce(into: [:]) { $0.merge($1.item.symbols, uniquingKeysWith: +) }
    let first = Array(files.flatMap(\.item.first).prefix(MeasuredText.mostShown))
    samples = lengths.samples
    labels = files.reduce(into: [:]) { labels, file in
      if let label = file.label { labels[label, default: 0] += file.item.samples }
    }
    let empty = files.reduce(0) { $0 + $1.item.emptyLines }
    facts = [
      Fact("empty lines", "\(empty)"), Fact("symbols", "\(lengths.symbols), \(symbols.count) different"),
      Fact("lengths", lengths.words),
    ]
    facts += first.enumerated().map { Fact($0 == 0 ? "as read" : "", Self.shown($1)) }
    rows =
      [["file", "label", "lines", "samples", "symbols", "shortest", "longest"]]
      + files.map { file in
        let own = TextLengths([file.item.lengths])
        return [
          file.file, file.label ?? "", "\(file.item.lines)", "\(own.samples)", "\(own.symbols)",
          "\(own.shortest)", "\(own.longest)",
        ]
      }
    members = [
      "symbols": .int(lengths.symbols), "emptyLines": .int(empty), "lengths": lengths.json,
      "vocabulary": .object(symbols.mapValues { .int($0) }), "first": .array(first.map { .string($0) }),
      "texts": .array(files.map(Self.json)),
    ]
    guard lengths.samples > 0 else { return }
    picture = { TextPicture(lengths: lengths.byLength, symbols: symbols).picture() }
  }

  /// The beginning of a sample in quotation marks, with what cannot be seen written out.
  private static func shown(_ sample: String) -> String {
    let most = 60
    let text = sample.count > most ? sample.prefix(most) + "..." : Substring(sample)
    return JSONValue.string(String(text)).text
  }

  private static func notes(_ text: MeasuredText) -> [String] {
    guard text.symbolsBeyond > 0 else { return [] }
    return ["\(text.symbolsBeyond) symbols of lines longer than \(MeasuredText.longestLine) left out"]
  }

  private static func json(_ file: FileSurvey<MeasuredText>.Entry) -> JSONValue {
    let lengths = TextLengths([file.item.lengths])
    var members: [String: JSONValue] = [
      "file": .string(file.file), "lines": .int(file.item.lines), "emptyLines": .int(file.item.emptyLines),
      "samples": .int(lengths.samples), "symbols": .int(lengths.symbols), "lengths": lengths.json,
      "digest": .string(file.item.digest), "notes": .array(notes(file.item).map { .string($0) }),
    ]
    members["label"] = file.label.map { .string($0) }
    return .object(members)
  }
}

/// How many samples have how many symbols.
private struct TextLengths: Sendable {
  private let counts: [(length: Int, samples: Int)]
  let samples: Int
  let symbols: Int

  init(_ lengths: [[Int: Int]]) {
    let all = lengths.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
    counts = all.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
    samples = counts.reduce(0) { $0 + $1.samples }
    symbols = counts.reduce(0) { $0 + $1.length * $1.samples }
  }

  /// How many samples have how many symbols.
  var byLength: [Int: Int] { Dictionary(uniqueKeysWithValues: counts.map { ($0.length, $0.samples) }) }

  var shortest: Int { counts.first?.length ?? 0 }
  var longest: Int { counts.last?.length ?? 0 }

  /// The length of the sample in the middle.
  var median: Int {
    var passed = 0
    for (length, samples) in counts {
      passed += samples
      if 2 * passed > self.samples { return length }
    }
    return 0
  }

  var words: String {
    shortest == longest ? "\(shortest) symbols" : "\(shortest) to \(longest) symbols, median \(median)"
  }

  var json: JSONValue {
    .object([
      "minimum": .int(shortest), "median": .int(median), "maximum": .int(longest),
      "mean": JSONValue(number: samples > 0 ? Double(symbols) / Double(samples) : 0),
    ])
  }
}
