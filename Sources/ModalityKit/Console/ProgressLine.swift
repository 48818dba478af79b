import Adversarial
import Failures
import Foundation

/// The one status line of a run: phase, steps, rate, time left, then the labelled scalars of the last report.
///
/// ```
/// duel 1200/4000  5.2/s  ETA 8m58s  D 0.693  G 1.20  acc 0.710
/// ```
///
/// On a wide terminal the discriminator's accuracy on held-out samples has a row of blocks behind it, one for each of its last
/// accounts: at the bottom ½, where it guesses, at the top the highest of them, or 0.6 where none is as high.
public final class ProgressLine: TrainingObserver {
  private let folder: RunFolder?
  private let style: ProgressStyle
  private let level: LogLevel
  private let width: () -> Int?
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
  private var status = StatusLine()
  private var accounts = Sparkline()
  /// When training began or went on.
  private var started: Double?

  /// Columns of a terminal from which on blocks are drawn.
  private static let wide = 100

  /// Shows progress on standard error by default.
  ///
  /// - Parameters:
  ///   - folder: the run's folder, where previews lie as files; nil names none.
  ///   - style: how it is drawn.
  ///   - level: how much is said: at `warning` there is no progress, at `debug` there are also checkpoints, phases and all
  ///     numbers of reports.
  ///   - width: columns of the terminal at present, where they may have changed since the style was found.
  ///   - now: seconds from any fixed moment.
  ///   - write: takes the text, line breaks and control characters included.
  public init(
    folder: RunFolder? = nil,
    style: ProgressStyle = .forStandardError(),
    level: LogLevel = .info,
    width: @escaping () -> Int? = { nil },
    now: @escaping () -> Double = { ProcessInfo.processInfo.systemUptime },
    write: @escaping (String) -> Void = { try? FileHandle.standardError.write(contentsOf: Data($0.utf8)) }
  ) {
    self.folder = folder
    self.style = style
    self.level = level
    self.width = width
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
      message("resuming after step \(step) of \(totalSteps)", at: .info)
    case .phaseChanged(let step, let phase):
      self.step = step
      self.phase = phase
      report = nil
      shown = []
      accounts = Sparkline()
      lastShown = nil
      message("phase \(phase) after step \(step)", at: .debug)
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
      if let accuracy = report[ScalarName.heldOutAccuracy] { accounts.add(accuracy) }
      (step, phase) = (report.step, report.phase)
      if level >= .debug {
        let numbers = report.scalars.map { "\($0.name) \(shortened($0.value))" }
        message("step \(step): " + numbers.joined(separator: ", "), at: .debug)
      }
      show()
    case .decided(let step, let text): message("step \(step): \(text)", at: .info)
    case .warning(let step, let text): message("warning: step \(step): \(text)", at: .warning)
    case .preview(let step, let preview):
      if !preview.lines.isEmpty {
        let elapsed = started.map { " after " + Self.duration(now() - $0) } ?? ""
        let place = folder.map { " (\($0.preview(step: step).relativePath))" } ?? ""
        let lines = preview.lines.map { "  " + $0 }
        message((["samples at step \(step)\(elapsed)\(place):"] + lines).joined(separator: "\n"), at: .info)
      }
    case .checkpoint(let step, let file): message("step \(step): wrote \(file.relativePath)", at: .debug)
    case .finished(let step):
      self.step = step
      show(always: true)
      end()
    case .stopped(let step, let cause):
      self.step = step
      show(always: true)
      end()
      message("stopped after step \(step): \(cause)", at: .info)
    }
  }

  /// Prints a line of its own; the status line makes room for it and comes back with the next event.
  ///
  /// - Parameters:
  ///   - text: the line.
  ///   - level: what it belongs to; it is left out where less is wanted.
  public func message(_ text: String, at level: LogLevel = .info) {
    guard level <= self.level else { return }
    write(status.clearing() + text + "\n")
    if case .animated = style { lastShown = nil }
  }

  /// Leaves the animated line as it is and goes to the next; call it before anything else is written.
  public func end() {
    let text = status.ending()
    if !text.isEmpty { write(text) }
  }

  private func show(always: Bool = false) {
    guard level >= .info else { return }
    let time = now()
    switch style {
    case .animated(let initial, let hasBlocks):
      guard always || lastShown.map({ time - $0 >= StatusLine.frame }) ?? true else { return }
      let width = width() ?? initial
      write(
        status.drawing(StatusLine.fitted(items(hasBlocks: hasBlocks && width >= Self.wide), width: width)))
    case .plain(let interval):
      guard report != nil, always || lastShown.map({ time - $0 >= interval }) ?? true else { return }
      let line = items(hasBlocks: false).joined(separator: "  ")
      // The last report is often the run's end as well.
      guard line != lastLine else { return }
      write(line + "\n")
      lastLine = line
    }
    lastShown = time
  }

  private func items(hasBlocks: Bool) -> [String] {
    var items = ["\(phase.isEmpty ? "" : phase + " ")\(step)/\(totalSteps)"]
    guard let report else { return items }
    items.append("\(shortened(report.rate))/s")
    if report.waiting >= 0.005 { items.append("waiting \(Int((report.waiting * 100).rounded())) %") }
    if report.rate > 0, report.rate.isFinite, step < totalSteps {
      items.append("ETA " + Self.duration(Double(totalSteps - step) / report.rate))
    }
    return items
      + shown.compactMap { scalar in
        guard let label = scalar.label else { return nil }
        let blocks =
          hasBlocks && scalar.name == ScalarName.heldOutAccuracy ? accounts.text(from: 0.5, to: 0.6) : ""
        return "\(label) \(shortened(scalar.value))" + (blocks.isEmpty ? "" : " " + blocks)
      }
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
