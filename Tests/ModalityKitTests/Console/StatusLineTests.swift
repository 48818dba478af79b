import Synchronization
import Testing

@testable import ModalityKit

@Suite struct StatusLineTests {
  @Test func itIsDrawnOverItselfAndMakesRoom() {
    var line = StatusLine()
    #expect(line.clearing() == "" && line.ending() == "")
    #expect(line.drawing("a") == "a")
    #expect(line.drawing("b") == "\r\u{1B}[2Kb")
    #expect(line.clearing() == "\r\u{1B}[2K" && !line.isDrawn)
    #expect(line.drawing("c") == "c")
    #expect(line.ending() == "\n" && !line.isDrawn)
  }

  @Test(
    arguments: [
      (0, ""), (1, ""), (5, "duel"), (9, "duel 1/2"), (12, "duel 1/2"), (13, "duel 1/2"),
      (14, "duel 1/2  5/s"),
      (80, "duel 1/2  5/s  x"),
    ] as [(Int, String)])
  func whatDoesNotFitIsLeftOut(width: Int, line: String) {
    #expect(StatusLine.fitted(["duel 1/2", "5/s", "x"], width: width) == line)
  }

  @Test func blocksShowTheLastNumbers() {
    var line = Sparkline()
    #expect(line.text(from: 0, to: 1) == "")
    line.add(0.5)
    line.add(.nan)
    #expect(line.text(from: 0, to: 1) == "")
    for value in [-1, 0, 0.124, 0.125, 0.99, 1] { line.add(value) }
    #expect(line.text(from: 0, to: 1) == "▅▁▁▁▂██")
    // A higher one is the new top.
    line.add(2)
    #expect(line.text(from: 0, to: 1) == "▃▁▁▁▁▄▅█")
    for _ in 0..<40 { line.add(0) }
    #expect(line.text(from: 0, to: 1) == String(repeating: "▁", count: Sparkline.length))
  }
}

@Suite struct WorkLineTests {
  /// A screen that several closures write on, with a clock.
  private final class Screen: Sendable {
    private let state = Mutex((text: "", time: 0.0))
    var text: String { state.withLock { $0.text } }
    @Sendable func write(_ text: String) { state.withLock { $0.text += text } }
    @Sendable func now() -> Double { state.withLock { $0.time } }
    /// What is written by an action at a time.
    func output(at time: Double, _ action: () -> Void) -> String {
      state.withLock { $0 = ("", time) }
      action()
      return text
    }
  }

  private func line(_ screen: Screen, width: Int?, level: LogLevel = .info) -> WorkLine {
    WorkLine(
      on: Console(result: { _ in }, remark: screen.write, level: level), width: { width }, now: screen.now)
  }

  @Test func aStageSaysHowFarItIs() {
    let screen = Screen()
    let line = line(screen, width: 40)
    #expect(screen.output(at: 0) { line.begin("drawing", total: 100) } == "drawing 0/100")
    #expect(screen.output(at: 0.05) { line.advance(by: 5) } == "")
    #expect(
      screen.output(at: 2) { line.advance(by: 15) } == "\r\u{1B}[2Kdrawing 20/100  10.0/s  ETA 8s")
    #expect(screen.output(at: 2) { line.clear() } == "\r\u{1B}[2K")
    #expect(screen.output(at: 3) { line.begin("measuring", total: nil) } == "measuring")
    #expect(screen.output(at: 4) { line.finish() } == "\r\u{1B}[2K")
  }

  @Test(arguments: 0...20) func narrowTerminalsCutTheLine(width: Int) {
    let screen = Screen()
    let line = line(screen, width: width)
    #expect(screen.output(at: 0) { line.begin("drawing", total: 100) }.count <= max(0, width - 1))
  }

  @Test func withoutATerminalOnlyTheTimesAreSaid() {
    let screen = Screen()
    let line = line(screen, width: nil, level: .debug)
    #expect(screen.output(at: 0) { line.begin("drawing", total: 100) } == "")
    #expect(screen.output(at: 9) { line.advance(by: 99) } == "")
    #expect(screen.output(at: 61) { line.finish() } == "drawing: 1m01s\n")
  }

  @Test func whatIsWrittenTakesTheLineAway() throws {
    let (screen, results) = (Screen(), Screen())
    let console = Console(result: results.write, remark: screen.write)
    try Console.$current.withValue(console) {
      try WorkLine.watching(style: .animated(width: 80)) {
        WorkLine.begin("drawing", total: 2)
        Console.current.note("a remark")
        WorkLine.begin("measuring")
        try Console.current.print("a result")
      }
    }
    #expect(screen.text == "drawing 0/2\r\u{1B}[2Ka remark\nmeasuring\r\u{1B}[2K")
    #expect(results.text == "a result\n")
  }

  @Test(arguments: [LogLevel.error, .warning, .info]) func elsewhereNothingIsShown(level: LogLevel) {
    let screen = Screen()
    let console = Console(result: { _ in }, remark: screen.write, level: level)
    let style: ProgressStyle = level == .info ? .plain(interval: 10) : .animated(width: 80)
    Console.$current.withValue(console) {
      WorkLine.watching(style: style) {
        WorkLine.begin("drawing", total: 2)
        WorkLine.advance()
      }
    }
    #expect(screen.text == "")
  }
}

@Suite struct LogLevelTests {
  @Test func levelsSayMoreAndMore() {
    #expect(LogLevel.allCases.sorted() == [.error, .warning, .info, .debug])
    for level in LogLevel.allCases {
      let said = Mutex<[String]>([])
      let console = Console(
        result: { _ in }, remark: { text in said.withLock { $0.append(text) } }, level: level)
      for other in LogLevel.allCases { console.note(other.rawValue, at: other) }
      let expected = LogLevel.allCases.filter { $0 <= level }.map { $0.rawValue + "\n" }
      #expect(said.withLock { $0 } == expected)
    }
  }

  @Test func quietIsTheLevelOfErrors() throws {
    #expect(try LogOptions.parse([]).level() == .info)
    #expect(try LogOptions.parse([]).level(unless: .error) == .error)
    #expect(try LogOptions.parse(["-q"]).level() == .error)
    #expect(try LogOptions.parse(["--log-level", "debug"]).level(unless: .error) == .debug)
    #expect(try LogOptions.parse(["--quiet", "--log-level", "error"]).level() == .error)
    for words in [["--quiet", "--log-level", "debug"], ["--log-level", "loud"]] {
      #expect(throws: (any Error).self) { try LogOptions.parse(words) }
    }
  }
}
