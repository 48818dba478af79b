import Failures
import Foundation
import Synchronization

/// The status line of a command that takes time and is no training: what it is doing, how far it is, and the time left.
///
/// ```
/// drawing 320/1000  45.2/s  ETA 15s
/// ```
///
/// It is drawn over and over on a terminal and gone in the end; anywhere else nothing is drawn. At the level `debug` each stage
/// says how long it took.
public final class WorkLine: Sendable {
  /// That of the command that runs in this task; nil where nobody watches.
  @TaskLocal static var current: WorkLine?

  private struct State {
    var what = ""
    var done = 0
    var total: Int?
    var started = 0.0
    var lastDrawn: Double?
    var line = StatusLine()
  }

  private let state = Mutex(State())
  private let console: Console
  private let width: @Sendable () -> Int?
  private let now: @Sendable () -> Double

  /// Watches over work.
  ///
  /// - Parameters:
  ///   - console: what the line is drawn on.
  ///   - width: columns of its terminal at present; nil where nothing is to be drawn.
  ///   - now: seconds from any fixed moment.
  init(
    on console: Console, width: @escaping @Sendable () -> Int?,
    now: @escaping @Sendable () -> Double = { ProcessInfo.processInfo.systemUptime }
  ) {
    (self.console, self.width, self.now) = (console, width, now)
  }

  /// Begins a stage, which ends the one before.
  ///
  /// - Parameters:
  ///   - what: a word or two, such as "drawing".
  ///   - total: how much there is to do; nil where nobody knows.
  public static func begin(_ what: String, total: Int? = nil) { current?.begin(what, total: total) }

  /// Says that more of the stage has been done.
  public static func advance(by count: Int = 1) { current?.advance(by: count) }

  func begin(_ what: String, total: Int?) {
    state.withLock { state in
      report(&state)
      (state.what, state.done, state.total) = (what, 0, total)
      state.started = now()
      draw(&state, at: state.started)
    }
  }

  func advance(by count: Int) {
    state.withLock { state in
      state.done += count
      let time = now()
      guard state.lastDrawn.map({ time - $0 >= StatusLine.frame }) ?? true else { return }
      draw(&state, at: time)
    }
  }

  /// Takes the line away until more is done.
  func clear() {
    let text = state.withLock { $0.line.clearing() }
    if !text.isEmpty { console.remark(text) }
  }

  /// Ends the last stage, and takes the line away.
  func finish() { state.withLock { report(&$0) } }

  /// Ends a stage.
  private func report(_ state: inout State) {
    let text = state.line.clearing()
    if !text.isEmpty { console.remark(text) }
    guard !state.what.isEmpty else { return }
    console.note("\(state.what): \(ProgressLine.duration(now() - state.started))", at: .debug)
  }

  private func draw(_ state: inout State, at time: Double) {
    guard let width = width(), !state.what.isEmpty else { return }
    var items = [state.total.map { "\(state.what) \(min(state.done, $0))/\($0)" } ?? state.what]
    let elapsed = time - state.started
    if let total = state.total, state.done > 0, elapsed > 0 {
      let rate = Double(state.done) / elapsed
      // Of a few long pieces the rate tells nobody anything.
      if rate >= 0.1 { items.append("\(shortened(rate))/s") }
      if state.done < total {
        items.append("ETA " + ProgressLine.duration(Double(total - state.done) / rate))
      }
    }
    console.remark(state.line.drawing(StatusLine.fitted(items, width: width)))
    state.lastDrawn = time
  }
}

extension WorkLine {
  /// Does a command's work with its progress on standard error, where that is a terminal and the console's level asks for it.
  ///
  /// - Parameters:
  ///   - style: what standard error can do.
  ///   - body: the work. What it writes takes the line away first.
  static func watching<Result>(
    style: ProgressStyle = .forStandardError(), _ body: () throws -> Result
  ) rethrows -> Result {
    let console = Console.current
    let isAnimated = if case .animated = style { true } else { false }
    guard console.level >= (isAnimated ? .info : .debug) else { return try body() }
    let line = WorkLine(on: console, width: { isAnimated ? Terminal.width(of: STDERR_FILENO) ?? 80 : nil })
    let watched = Console(
      result: {
        line.clear()
        try console.result($0)
      },
      remark: {
        line.clear()
        console.remark($0)
      }, level: console.level)
    defer { line.finish() }
    return try $current.withValue(line) { try Console.$current.withValue(watched, operation: body) }
  }
}
