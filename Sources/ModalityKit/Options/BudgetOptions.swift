import Adversarial
import ArgumentParser

/// How long to train.
struct BudgetOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Length: generator updates, the warm-up's included. (default: the preset's)", valueName: "count"))
  var steps: Int?

  @Option(
    help: ArgumentHelp(
      "Length: minutes, turned into steps by timing some before the first one.", valueName: "minutes"))
  var minutes: Double?

  @Option(help: ArgumentHelp("Length: real samples seen.", valueName: "count"))
  var samples: Int?

  /// More than any run will see: what lies beyond is a slip of the keyboard.
  private static let longest = 1_000_000_000_000

  func validate() throws {
    let given = [("--steps", steps != nil), ("--minutes", minutes != nil), ("--samples", samples != nil)]
      .filter(\.1).map(\.0)
    guard given.count <= 1 else {
      throw ValidationError("\(given.joined(separator: " and ")) exclude each other: give one length")
    }
    try Self.requireRange(steps: steps, minutes: minutes, samples: samples)
  }

  /// Refuses lengths that are none, or that no run will see the end of.
  ///
  /// - Throws: `ValidationError` that names the flag.
  static func requireRange(steps: Int?, minutes: Double?, samples: Int? = nil) throws {
    for (flag, count) in [("--steps", steps), ("--samples", samples)] {
      guard let count, !(1...longest).contains(count) else { continue }
      throw ValidationError("\(flag) \(count): expected 1 to \(longest)")
    }
    if let minutes, !(minutes > 0 && minutes <= Double(longest)) {
      throw ValidationError("--minutes \(minutes): expected more than 0, at most \(longest)")
    }
  }

  /// The length that was asked for, nil for the recipe's.
  var budget: Budget? {
    if let steps { return .steps(steps) }
    if let minutes { return .minutes(minutes) }
    return samples.map { .samples($0) }
  }
}
