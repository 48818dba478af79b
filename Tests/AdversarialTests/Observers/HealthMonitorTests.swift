import Testing

@testable import Adversarial

@Suite struct HealthMonitorTests {
  private func report(
    _ step: Int = 0, accuracy: Double? = nil, norm: Double? = nil, diversity: Double? = nil
  ) -> TrainingReport {
    let values = [
      (ScalarName.discriminatorAccuracy, accuracy), (ScalarName.generatorGradientNorm, norm),
      (ScalarName.sampleDiversity, diversity),
    ]
    let scalars = values.compactMap { name, value in value.map { Scalar(name, $0) } }
    return TrainingReport(step: step, phase: "duel", scalars: scalars, rate: 1, seconds: 1)
  }

  @Test func aSaturatedDiscriminatorIsToldOncePerEpisode() {
    var monitor = HealthMonitor()
    monitor.window = 3
    let bad = report(accuracy: 0.995, norm: 1e-4)
    let good = report(accuracy: 0.7, norm: 0.5)
    let found = [bad, bad, good, bad, bad, bad, bad, bad, good, bad, bad, bad].map {
      monitor.warnings(for: $0).count
    }
    #expect(found == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1])
  }

  @Test(arguments: [(0.5, 1e-9), (0.99, 1e-9), (0.98, 1.0)])
  func anUnsureDiscriminatorIsFine(accuracy: Double, norm: Double) {
    var monitor = HealthMonitor()
    for _ in 0..<20 { #expect(monitor.warnings(for: report(accuracy: accuracy, norm: norm)).isEmpty) }
  }

  @Test func aSureDiscriminatorIsToldEvenWhereItsGradientIsLarge() {
    var monitor = HealthMonitor()
    let warnings = (0..<10).flatMap { _ in monitor.warnings(for: report(accuracy: 1, norm: 3)) }
    #expect(warnings.count == 1)
    #expect(warnings.first?.contains("the generator cannot keep up") == true)
  }

  @Test func aCollapsedGeneratorIsTold() {
    var monitor = HealthMonitor()
    let warnings = (0..<10).flatMap { _ in monitor.warnings(for: report(diversity: 0.01)) }
    #expect(warnings.count == 1)
    #expect(warnings.first?.hasPrefix("the generator has collapsed: its samples vary 0.010 times") == true)
  }

  @Test func reportsWithoutTheScalarsDoNotEndAnEpisode() {
    var monitor = HealthMonitor()
    monitor.window = 2
    #expect(monitor.warnings(for: report(diversity: 0)).isEmpty)
    #expect(monitor.warnings(for: report()).isEmpty)
    #expect(monitor.warnings(for: report(diversity: 0)).count == 1)
  }

  private final class Recorder: TrainingObserver {
    var events: [TrainingEvent] = []
    func receive(_ event: TrainingEvent) { events.append(event) }
  }

  @Test func theListPassesEventsOnAndAddsWarnings() throws {
    var monitor = HealthMonitor()
    monitor.window = 1
    let recorders = [Recorder(), Recorder()]
    let list = ObserverList(recorders, health: monitor)
    try list.receive(.stepped(step: 1))
    try list.receive(.report(report(2, diversity: 0)))
    for recorder in recorders {
      #expect(recorder.events.prefix(2) == [.stepped(step: 1), .report(report(2, diversity: 0))])
      guard case .warning(step: 2, _) = recorder.events.last else {
        Issue.record("expected a warning")
        continue
      }
    }
    let silent = ObserverList(recorders, health: nil)
    try silent.receive(.report(report(3, diversity: 0)))
    #expect(recorders[0].events.count == 4)
  }
}
