import Adversarial
import Failures
import Foundation
import Testing

@testable import ModalityKit

@Suite struct ProgressLineTests {
  /// A line with a clock and a screen of its own.
  private final class Fixture {
    var time = 0.0
    var text = ""
    private(set) var line = ProgressLine(style: .plain(interval: 1))

    init(_ style: ProgressStyle, level: LogLevel = .info, width: @escaping () -> Int? = { nil }) {
      line = ProgressLine(
        style: style, level: level, width: width, now: { [unowned self] in time },
        write: { [unowned self] in text += $0 })
    }

    /// What an event writes.
    func output(_ event: TrainingEvent, at time: Double) -> String {
      self.time = time
      text = ""
      line.receive(event)
      return text
    }
  }

  private func report(_ step: Int, rate: Double = 5.25, waiting: Double = 0) -> TrainingEvent {
    .report(
      TrainingReport(
        step: step, phase: "duel",
        scalars: [
          Scalar("discriminator.loss", 0.69314, label: "D"), Scalar("hidden", 1),
          Scalar("generator.loss", 12.345, label: "G"), Scalar("x", 0.00001234, label: "gp"),
        ], rate: rate, seconds: 1, waiting: waiting))
  }

  @Test func plainLinesComeOncePerInterval() {
    let fixture = Fixture(.plain(interval: 10))
    #expect(fixture.output(.started(totalSteps: 4000), at: 0) == "")
    #expect(fixture.output(.phaseChanged(step: 0, phase: "duel"), at: 0) == "")
    #expect(fixture.output(.stepped(step: 1), at: 1) == "")
    #expect(
      fixture.output(report(1200), at: 2) == "duel 1200/4000  5.25/s  ETA 8m53s  D 0.693  G 12.3  gp 1.2e-5\n"
    )
    #expect(fixture.output(report(1250), at: 11.9) == "")
    #expect(fixture.output(report(1300), at: 12).hasPrefix("duel 1300/4000  "))
    #expect(fixture.output(.warning(step: 1300, text: "odd"), at: 12) == "warning: step 1300: odd\n")
    #expect(fixture.output(report(4000), at: 13) == "")
    #expect(
      fixture.output(.finished(step: 4000), at: 14) == "duel 4000/4000  5.25/s  D 0.693  G 12.3  gp 1.2e-5\n")
    #expect(fixture.output(.finished(step: 4000), at: 14) == "")
  }

  @Test func theAnimatedLineIsDrawnAtMostTenTimesASecond() {
    let fixture = Fixture(.animated(width: 40))
    #expect(fixture.output(.resumed(step: 10, totalSteps: 4000), at: 0) == "resuming after step 10 of 4000\n")
    _ = fixture.output(.phaseChanged(step: 10, phase: "warm-up"), at: 0)
    #expect(fixture.output(.stepped(step: 11), at: 0) == "warm-up 11/4000")
    #expect(fixture.output(.stepped(step: 12), at: 0.05) == "")
    #expect(fixture.output(.stepped(step: 13), at: 0.11) == "\r\u{1B}[2Kwarm-up 13/4000")
    // 39 columns: the items that do not fit are left out.
    #expect(fixture.output(report(1200), at: 1) == "\r\u{1B}[2Kduel 1200/4000  5.25/s  ETA 8m53s")
    #expect(
      fixture.output(.warning(step: 1200, text: "odd"), at: 1) == "\r\u{1B}[2Kwarning: step 1200: odd\n")
    #expect(fixture.output(.stepped(step: 1201), at: 1.01) == "duel 1201/4000  5.25/s  ETA 8m53s")
    #expect(
      fixture.output(.stopped(step: 1202, cause: "interrupted"), at: 1.02)
        == "\r\u{1B}[2Kduel 1202/4000  5.25/s  ETA 8m53s\nstopped after step 1202: interrupted\n")
    fixture.text = ""
    fixture.line.end()
    #expect(fixture.text == "")
  }

  @Test(arguments: [0, 1, 2, 10, 15, 16]) func narrowTerminalsCutTheLine(width: Int) {
    let fixture = Fixture(.animated(width: width))
    #expect(fixture.output(report(1200), at: 1).count <= max(0, width - 1))
  }

  /// A report with the discriminator's accuracy on held-out samples.
  private func account(_ step: Int, _ accuracy: Double) -> TrainingEvent {
    .report(
      TrainingReport(
        step: step, phase: "duel",
        scalars: [
          Scalar(ScalarName.heldOutAccuracy, accuracy, label: "held out"),
          Scalar("generator.loss", 1, label: "G"),
        ], rate: 5, seconds: 1))
  }

  @Test(
    arguments: [
      (.animated(width: 100, hasBlocks: true), "held out 0.600 ▁▅█  G 1.00"),
      (.animated(width: 99, hasBlocks: true), "held out 0.600  G 1.00"),
      (.animated(width: 200, hasBlocks: false), "held out 0.600  G 1.00"),
      (.plain(interval: 0), "held out 0.600  G 1.00\n"),
    ] as [(ProgressStyle, String)])
  func accountsAreDrawnOnWideTerminals(style: ProgressStyle, end: String) {
    let fixture = Fixture(style)
    _ = fixture.output(account(1, 0.4), at: 1)
    _ = fixture.output(account(2, 0.55), at: 2)
    let line = fixture.output(account(3, 0.6), at: 3)
    #expect(line.hasSuffix(end), "\(line)")
    // Another phase has accounts of its own.
    _ = fixture.output(.phaseChanged(step: 3, phase: "verdict"), at: 4)
    #expect(!fixture.output(account(4, 0.6), at: 5).contains("█"))
  }

  @Test func theLineFollowsTheWindow() {
    var width = 30
    let fixture = Fixture(.animated(width: 200), width: { width })
    #expect(fixture.output(report(1200), at: 1) == "duel 1200/0  5.25/s  D 0.693")
    width = 12
    #expect(fixture.output(report(1300), at: 2) == "\r\u{1B}[2Kduel 1300/0")
  }

  @Test(
    arguments: [
      (.error, ""), (.warning, "warning: step 3: odd\n"),
      (.info, "step 2: enough\nwarning: step 3: odd\nduel 4/0  5.00/s  held out 0.600  G 1.00\n"),
      (
        .debug,
        "phase duel after step 1\nstep 2: enough\nwarning: step 3: odd\nstep 4: discriminator.heldOutAccuracy 0.600, "
          + "generator.loss 1.00\nduel 4/0  5.00/s  held out 0.600  G 1.00\n"
      ),
    ] as [(LogLevel, String)]) func levelsSayMoreAndMore(level: LogLevel, text: String)
  {
    let fixture = Fixture(.plain(interval: 0), level: level)
    let events: [TrainingEvent] = [
      .phaseChanged(step: 1, phase: "duel"), .decided(step: 2, text: "enough"),
      .warning(step: 3, text: "odd"),
      account(4, 0.6), .finished(step: 4),
    ]
    #expect(events.map { fixture.output($0, at: 1) }.joined() == text)
  }

  /// From the share that rounds to a percent.
  @Test(arguments: [(0, nil), (0.004, nil), (0.005, "1"), (0.126, "13"), (1, "100")] as [(Double, String?)])
  func waitingIsShownWhereThereIsSome(share: Double, percent: String?) {
    let line = Fixture(.plain(interval: 1)).output(report(1, waiting: share), at: 1)
    #expect(line.contains("5.25/s  " + (percent.map { "waiting \($0) %  " } ?? "D ")), "\(line)")
  }

  @Test func ratesThatTellNothingGiveNoTimeLeft() {
    for rate in [0, .nan, .infinity] {
      let fixture = Fixture(.plain(interval: 1))
      #expect(!fixture.output(report(1, rate: rate), at: 1).contains("ETA"))
    }
  }

  static let styles: [([String: String], Bool, Int?, ProgressStyle)] = [
    ([:], true, 120, .animated(width: 120)),
    ([:], true, nil, .animated(width: 80)),
    (["CI": "", "NO_COLOR": ""], true, 100, .animated(width: 100)),
    (["TERM": "xterm"], false, 120, .plain(interval: 10)),
    (["TERM": "dumb"], true, 120, .plain(interval: 10)),
    (["CI": "true"], true, 120, .plain(interval: 10)),
    (["NO_COLOR": "1"], true, 120, .plain(interval: 10)),
    (["LANG": "en_GB.UTF-8"], true, 120, .animated(width: 120, hasBlocks: true)),
    (["LC_CTYPE": "C.utf8", "LANG": "C"], true, 120, .animated(width: 120, hasBlocks: true)),
    (["LC_ALL": "C", "LANG": "en_GB.UTF-8"], true, 120, .animated(width: 120)),
    (["LC_ALL": "", "LANG": "de_DE.ISO-8859-1"], true, 120, .animated(width: 120)),
    (["TERM": "dumb", "LANG": "en_GB.UTF-8"], true, 120, .plain(interval: 10)),
  ]

  @Test(arguments: styles)
  func style(environment: [String: String], isTerminal: Bool, width: Int?, expected: ProgressStyle) {
    let style = ProgressStyle.detect(environment: environment, isTerminal: isTerminal, width: width)
    #expect(style == expected)
  }

  @Test(arguments: [("60", 60), ("x", nil), ("0", nil)] as [(String, Int?)])
  func columnsWinWhereTheyAreANumber(columns: String, expected: Int?) throws {
    // A file is no terminal and has no width of its own.
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/dev/null"))
    #expect(Terminal.width(of: file.fileDescriptor, environment: ["COLUMNS": columns]) == expected)
  }

  @Test(
    arguments: [
      (0.0, "0s"), (59.4, "59s"), (59.6, "1m00s"), (538, "8m58s"), (3599.9, "1h00m"), (11_100, "3h05m"),
      (187_200, "2d04h"), (1e12, "?"), (.infinity, "?"),
    ] as [(Double, String)]) func duration(seconds: Double, text: String)
  {
    #expect(ProgressLine.duration(seconds) == text)
  }

  @Test(
    arguments: [
      (0, "0.000"), (-0.0, "0.000"), (0.69314, "0.693"), (-0.5, "-0.500"), (0.9996, "1.00"), (12.345, "12.3"),
      (9.996, "10.0"), (99.96, "100"), (-1234.4, "-1234"), (123_456, "1.2e5"), (99_999.9, "1.0e5"),
      (0.0004, "4.0e-4"), (-1e-7, "-1.0e-7"), (9.96e-5, "1.0e-4"),
      (.leastNonzeroMagnitude, "0.000"), (1e300, "1.0e300"),
      (.nan, "nan"), (.infinity, "inf"), (-.infinity, "-inf"),
    ] as [(Double, String)]) func shortNumbers(value: Double, text: String)
  {
    #expect(shortened(value) == text)
  }
}
