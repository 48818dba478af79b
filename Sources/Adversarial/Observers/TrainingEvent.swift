import Foundation

/// A named number of a report.
public struct Scalar: Hashable, Sendable {
  /// Dotted name, as in metrics.jsonl: `discriminator.loss`.
  public let name: String
  /// The value; not finite when the run is in trouble.
  public let value: Double
  /// A few letters for the status line, nil when it is not shown there.
  public let label: String?

  /// Names a value.
  public init(_ name: String, _ value: Double, label: String? = nil) {
    self.name = name
    self.value = value
    self.label = label
  }
}

/// Names of the scalars that observers understand, of the many that a report may have.
public enum ScalarName {
  /// Share of real and generated samples that the discriminator classifies correctly, 0 to 1.
  public static let discriminatorAccuracy = "discriminator.accuracy"
  /// Euclidean norm of the generator's gradient, before clipping.
  public static let generatorGradientNorm = "generator.gradientNorm"
  /// Mean distance within generated batches over that within real ones: 1 is as varied as the data, 0
  /// collapsed.
  public static let sampleDiversity = "generator.diversity"
}

/// What happened since the last report.
public struct TrainingReport: Hashable, Sendable {
  /// Steps done, warm-up included.
  public let step: Int
  /// Name of the phase: "warm-up", "duel".
  public let phase: String
  /// The numbers, in the order in which they are shown.
  public let scalars: [Scalar]
  /// Steps per second since the last report.
  public let rate: Double
  /// Seconds of training since this process began or resumed the run.
  public let seconds: Double
  /// Share of the time since the last report that training has waited for data to be read, from 0 to 1.
  public let waiting: Double

  /// Gathers a report.
  public init(
    step: Int, phase: String, scalars: [Scalar], rate: Double, seconds: Double, waiting: Double = 0
  ) {
    self.step = step
    self.phase = phase
    self.scalars = scalars
    self.rate = rate
    self.seconds = seconds
    self.waiting = waiting
  }

  /// The value of a scalar; nil when the report has none of that name.
  public subscript(name: String) -> Double? { scalars.first { $0.name == name }?.value }
}

/// Something that observers of a run hear of.
public enum TrainingEvent: Hashable, Sendable {
  /// A run begins before its first step.
  case started(totalSteps: Int)
  /// A run goes on from its checkpoint after `step` steps. What an earlier process did beyond that checkpoint will be
  /// done again, to the same end.
  case resumed(step: Int, totalSteps: Int)
  /// A phase begins after `step` steps.
  case phaseChanged(step: Int, phase: String)
  /// A step is done. No numbers: fetching them would wait for the device.
  case stepped(step: Int)
  /// Numbers since the last report.
  case report(TrainingReport)
  /// Samples of the fixed latents.
  case preview(step: Int, Preview)
  /// A checkpoint is safe on the disk.
  case checkpoint(step: Int, file: URL)
  /// A rule of the training was applied, such as that a duel which harms ends; the sentence says which and why.
  case decided(step: Int, text: String)
  /// Something looks wrong; the run goes on.
  case warning(step: Int, text: String)
  /// The planned steps are done.
  case finished(step: Int)
  /// The run ends early, with the cause in words.
  case stopped(step: Int, cause: String)
}

/// Hears what happens in a run and can never change it.
public protocol TrainingObserver: AnyObject {
  /// Takes note of an event. An error, such as a full disk, stops the run.
  func receive(_ event: TrainingEvent) throws
}

/// Passes events on to several observers in order, and adds the warnings of a health monitor.
public final class ObserverList: TrainingObserver {
  private var observers: [any TrainingObserver]
  private var health: HealthMonitor?

  /// Joins observers; `health` is nil to warn of nothing.
  public init(_ observers: [any TrainingObserver], health: HealthMonitor? = HealthMonitor()) {
    self.observers = observers
    self.health = health
  }

  /// Whether nobody hears of anything.
  var isEmpty: Bool { observers.isEmpty }

  /// Adds an observer, who hears of what comes.
  public func add(_ observer: any TrainingObserver) { observers.append(observer) }

  /// Passes an event on; after a report, also what the monitor finds in it.
  ///
  /// - Throws: what the first failing observer throws.
  public func receive(_ event: TrainingEvent) throws {
    for observer in observers { try observer.receive(event) }
    guard case .report(let report) = event else { return }
    for text in health?.warnings(for: report) ?? [] {
      for observer in observers { try observer.receive(.warning(step: report.step, text: text)) }
    }
  }
}
