import Adversarial
import Failures
import Foundation

/// The one status line of a run: phase, steps, rate, time left, then the labelled scalars of the last report.
///
/// ```
/// duel 1200/4000  5.2/s  ETA 8m58s  D 0.693  G 1.20  acc 0.710
/// ```
public final class ProgressLine: TrainingObserver {
  private let folder: RunFolder?
  private let style: ProgressStyle
  private let now: () -> Double
  private let write: (String) -> Void

  private var totalSteps = 0
  private var step = 0
  private var phase = ""
  private var report: TrainingReport?
  /// The labelled numbers of the phase's reports, each as it was last said: validations are rarer than reports.
  private var shown: [Scalar] = []
  private var lastShown: Double?
  private var lastLine = ""
  private var isDrawn = false
  /// When training began or went on.
  private var started: Double?

  private static let clear = "\r\u{1B}[2K"
  /// Seconds between two drawings of the animated line.
  private static let frame = 0.1

  /// Shows progress on standard error by default.
  ///
  /// - Parameters:
  ///   - folder: the run's folder, where previews lie as files; nil names none.
  ///   - style: how it is drawn.
  ///   - now: seconds from any fixed moment.
  ///   - write: takes the text, line breaks and control characters included.
  public init(
    folder: RunFolder? = nil,
    style: ProgressStyle = .forStandardError(),
    now: @escaping () -> Double = { ProcessInfo.processInfo.systemUptime },
    write: @escaping (String) -> Void = { try? FileHandle.standardError.write(contentsOf: Data($0.utf8)) }
  ) {
    self.folder = folder
    self.style = style
    self.now = now
    self.write = write
  }

  /// Shows an event.
  public func receive(_ event: TrainingEvent) {
    switch event {
    case .started(let totalSteps):
      (step, self.totalSteps) = (0, totalSteps)
      started = now()
    case .resumed(let step, let totalSteps):
      (self.step, self.totalSteps) = (step, totalSteps)
      started = now()
      message("resuming after step \(step) of \(totalSteps)")
    case .phaseChanged(let step, let phase):
      self.step = step
      self.phase = phase
      report = nil
      shown = []
      lastShown = nil
    case .stepped(let step):
      self.step = step
      if case .animated = style { show() }
    case .report(let report):
      self.report = report
      for scalar in report.scalars where scalar.label != nil {
        if let index = shown.firstIndex(where: { $0.name == scalar.name }) {
          shown[index] = scalar
        } else {
          shown.append(scalar)
        }
      }
      (step, phase) = (report.step, report.phase)
      show()
    case .decided(let step, let text): message("step \(step): \(text)")
    case .warning(let step, let text): message("warning: step \(step): \(text)")
    case .preview(let step, let preview):
      if !preview.lines.isEmpty {
        let elapsed = started.map { " after " + Self.duration(now() - $0) } ?? ""
        let place = folder.map { " (\($0.preview(step: step).relativePath))" } ?? ""
        let lines = preview.lines.map { "  " + $0 }
        message((["samples at step \(step)\(elapsed)\(place):"] + lines).joined(separator: "\n"))
      }
    case .checkpoint: break
    case .finished(let step):
      self.step = step
      show(always: true)
      end()
    case .stopped(let step, let cause):
      self.step = step
      show(always: true)
      end()
      message("stopped after step \(step): \(cause)")
    }
  }

  /// Prints a line of its own; the status line makes room for it and comes back with the next event.
  public func message(_ text: String) {
    write((isDrawn ? Self.clear : "") + text + "\n")
    isDrawn = false
    if case .animated = style { lastShown = nil }
  }

  /// Leaves the animated line as it is and goes to the next; call it before anything else is written.
  public func end() {
    if isDrawn { write("\n") }
    isDrawn = false
  }

  private func show(always: Bool = false) {
    let time = now()
    switch style {
    case .animated(let width):
      guard always || lastShown.map({ time - $0 >= Self.frame }) ?? true else { return }
      // One column stays free: some terminals break the line when the last one is used.
      write((isDrawn ? Self.clear : "") + line(width: width - 1))
      isDrawn = true
    case .plain(let interval):
      guard report != nil, always || lastShown.map({ time - $0 >= interval }) ?? true else { return }
      let line = line(width: nil)
      // The last report is often the run's end as well.
      guard line != lastLine else { return }
      write(line + "\n")
      lastLine = line
    }
    lastShown = time
  }

  /// The line, without the items at its end that do not fit.
  private func line(width: Int?) -> String {
    var items = ["\(phase.isEmpty ? "" : phase + " ")\(step)/\(totalSteps)"]
    if let report {
      items.append("\(shortened(report.rate))/s")
      if report.waiting >= 0.005 { items.append("waiting \(Int((report.waiting * 100).rounded())) %") }
      if report.rate > 0, report.rate.isFinite, step < totalSteps {
        items.append("ETA " + Self.duration(Double(totalSteps - step) / report.rate))
      }
      items += shown.compactMap { scalar in scalar.label.map { "\($0) \(shortened(scalar.value))" } }
    }
    guard let width else { return items.joined(separator: "  ") }
    var line = items.removeFirst()
    for item in items {
      guard line.count + 2 + item.count <= width else { break }
      line += "  " + item
    }
    return String(line.prefix(max(0, width)))
  }

  /// Two units, the greater ones: 12s, 8m58s, 3h05m, 2d04h.
  static func duration(_ seconds: Double) -> String {
    guard seconds < 1e9 else { return "?" }
    let total = Int(seconds.rounded())
    func pair(_ first: Int, _ unit: String, _ second: Int, _ smaller: String) -> String {
      "\(first)\(unit)\(second < 10 ? "0" : "")\(second)\(smaller)"
    }
    switch total {
    case ..<60: return "\(total)s"
    case ..<3600: return pair(total / 60, "m", total % 60, "s")
    case ..<86_400: return pair(total / 3600, "h", total % 3600 / 60, "m")
    default: return pair(total / 86_400, "d", total % 86_400 / 3600, "h")
    }
  }
}
