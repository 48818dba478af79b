import Failures
import Files
import Foundation

/// Appends each report to `metrics.jsonl`, one JSON object on a line.
///
/// Keys are `step`, `phase` and the scalars in their order; what depends on the machine, `seconds`,
/// `rate` and `waiting`, comes last. So a run that was killed and resumed has the same lines as one that was not, up to
/// these three.
public final class MetricsLog: TrainingObserver {
  private let file: AppendedFile
  var descriptor: Int32 { file.descriptor }

  /// Opens the log of a run, or makes it.
  ///
  /// - Throws: `UserError(.cannotCreate)` when the file cannot be written.
  public init(file: URL) throws { self.file = try AppendedFile(file) }

  /// Appends a report. When a run begins or goes on from a checkpoint, lines of later steps, and a last line cut short,
  /// are what a killed process did after that checkpoint, and go. Other events are no numbers.
  ///
  /// - Throws: `UserError(.badData)` when a line is not one of ours, `.cannotCreate` or `.inputOutput` when the file
  ///   cannot be written, as on a full disk.
  public func receive(_ event: TrainingEvent) throws {
    switch event {
    case .started: try cut(afterStep: 0)
    case .resumed(let step, _): try cut(afterStep: step)
    case .report(let report): try file.append(Array(Self.line(report).utf8))
    default: break
    }
  }

  static func line(_ report: TrainingReport) -> String {
    var members: [(key: String, value: JSONValue)] = [
      ("step", .int(report.step)), ("phase", .string(report.phase)),
    ]
    members += report.scalars.map { ($0.name, JSONValue(number: $0.value)) }
    members += [
      ("seconds", JSONValue(number: report.seconds)), ("rate", JSONValue(number: report.rate)),
      ("waiting", JSONValue(number: report.waiting)),
    ]
    return "{" + members.map { JSONValue.string($0.key).text + ":" + $0.value.text }.joined(separator: ",")
      + "}\n"
  }

  /// Rewrites the file without the lines of later steps, when there are any.
  private func cut(afterStep step: Int) throws {
    let bytes = try file.bytes()
    var kept: [UInt8] = []
    var rest = bytes[...]
    var number = 0
    // What follows the last line break was cut short.
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      number += 1
      let line = rest[...end]
      if try Self.step(of: line, at: "\(file.name), line \(number)") <= step { kept += line }
      rest = rest[(end + 1)...]
    }
    guard kept.count < bytes.count else { return }
    try file.replace(with: kept)
  }

  private static func step(of line: ArraySlice<UInt8>, at place: String) throws -> Int {
    do {
      guard case .int(let step) = try JSONValue(parsing: line)[dotted: "step"] else {
        throw UserError(.badData, "\(place): found no whole number named step, expected a report")
      }
      return step
    } catch let error as JSONError {
      throw UserError(.badData, "\(place): \(error.message)")
    }
  }
}

/// Notices the two classical ways in which a duel dies: a discriminator so sure that the generator gets no
/// gradient, and a generator that makes one sample only. (Arjovsky & Bottou 2017, "Towards principled methods
/// for training generative adversarial networks"; Goodfellow 2016, "NIPS tutorial", on mode collapse.)
///
/// A condition that holds for some reports in a row is an episode and is reported once; when a report ends it,
/// the next episode counts anew.
public struct HealthMonitor: Sendable {
  /// Reports in a row that make an episode.
  public var window = 5
  /// Accuracy above which a discriminator is sure.
  public var saturatedAccuracy = 0.99
  /// Norm below which the generator's gradient counts as vanished; most losses keep it large while the generator loses.
  public var vanishingGradientNorm = 1e-3
  /// Share of the data's diversity below which samples are all alike.
  public var collapsedDiversity = 0.05

  private var saturation = Episode()
  private var collapse = Episode()

  /// A monitor that has seen nothing yet.
  public init() {}

  /// Takes note of a report; reports without the scalars in question change nothing.
  ///
  /// - Returns: a sentence for each episode that this report completes.
  public mutating func warnings(for report: TrainingReport) -> [String] {
    var warnings: [String] = []
    if let accuracy = report[ScalarName.discriminatorAccuracy],
      let norm = report[ScalarName.generatorGradientNorm],
      saturation.extend(accuracy > saturatedAccuracy, to: window)
    {
      let effect =
        norm < vanishingGradientNorm ? "the generator learns nothing from it" : "the generator cannot keep up"
      warnings.append(
        "the discriminator is saturated: accuracy \(shortened(accuracy)), generator gradient "
          + "\(shortened(norm)) over \(window) reports, \(effect); lower its learning rate or strengthen its "
          + "penalty")
    }
    if let diversity = report[ScalarName.sampleDiversity],
      collapse.extend(diversity < collapsedDiversity, to: window)
    {
      warnings.append(
        "the generator has collapsed: its samples vary \(shortened(diversity)) times as much as the data "
          + "over \(window) reports; resume from an earlier checkpoint or change the loss")
    }
    return warnings
  }

  private struct Episode {
    var length = 0

    /// Whether this report makes the condition last for exactly `window` reports.
    mutating func extend(_ holds: Bool, to window: Int) -> Bool {
      length = holds ? length + 1 : 0
      return length == window
    }
  }
}
