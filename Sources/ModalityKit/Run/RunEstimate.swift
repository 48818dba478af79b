import Adversarial
import Files
import Foundation
import Torch

/// About how long a training would take, and how much memory: by a few real steps of each phase on networks that are thrown
/// away. Nothing is written, and no random number of a run depends on it.
struct RunEstimate {
  /// Samples of each part that are prepared, at most, where a game prepares samples: matching and encoding all takes minutes.
  private static let preparedSamples = 192
  /// Seconds that steps of each phase are timed for, at least.
  private static let timing = 0.5

  /// The steps of each phase.
  let plan: Plan
  private let rates: StepSeconds
  /// Seconds that preparing the data takes, and of how many samples that was measured.
  private let preparation: (seconds: Double, samples: Int)
  private let samples: Int
  /// Seconds of the whole training.
  private let seconds: Double
  /// The minutes that were asked for; nil for a length in steps or samples.
  private let minutes: Double?
  private let device: Device
  /// The most memory that this process has had, in bytes; nil where the system does not say.
  private let peak: Int?

  /// Makes some steps.
  ///
  /// - Parameters:
  ///   - request: what a run would be asked for.
  ///   - resolved: its recipe before the data.
  ///   - dataset: the data, opened.
  ///   - opened: the recipe that the data has completed.
  ///   - device: where to compute.
  /// - Throws: `UserError` for values that do not fit the data; `TorchError` when memory ends; `TrainingFailure` for a loss that is
  ///   not finite.
  init<M: Modality>(
    _ request: RunRequest<M>, _ resolved: ResolvedRecipe<M.Recipe>, dataset: M.Dataset,
    recipe opened: M.Recipe, device: Device
  ) throws {
    WorkLine.begin("preparing some samples")
    var (dataset, recipe) = (dataset, opened)
    RunRequest<M>.suit(&recipe, to: device, resolved)
    M.fit(&recipe, to: dataset, isGiven: resolved.isGiven)
    samples = dataset.trainingLabels.count
    if let few = try M.thinned(dataset, to: Self.preparedSamples, recipe: &recipe) { dataset = few }
    let training = recipe.training
    let clock = ContinuousClock()
    let start = clock.now
    let game = try M.makeGame(recipe: recipe, dataset: dataset, seed: request.seed ?? 0, device: device)
    let spent = (clock.now - start) / .seconds(1)
    let prepared = min(game.trainingCount, samples)
    let all = spent * Double(samples) / Double(max(prepared, 1))
    preparation = (all, prepared)
    let (hasWarmUp, hasVerdict) = (game.hasWarmUp, try game.canHaveVerdict(training.verdict))
    let partCount = request.partCount(for: training, on: device)
    WorkLine.begin("timing some steps")
    func timed() throws -> StepSeconds {
      try Calibration.measure(
        game, recipe: training, seed: request.seed ?? 0, seconds: Self.timing, ranks: request.ranks,
        partCount: partCount)
    }
    if case .minutes(let minutes)? = request.length {
      let rates = try timed()
      plan = Budget.minutes(minutes).shortened(bySeconds: all).plan(
        for: training, hasWarmUp: hasWarmUp, hasVerdict: hasVerdict
      ) { rates }
      (self.rates, self.minutes) = (rates, minutes)
    } else {
      plan = try request.plan(for: training, origins: resolved.origins, partCount: partCount) { game }
      (rates, minutes) = (try timed(), nil)
    }
    seconds = all + rates.seconds(of: plan, recipe: training)
    self.device = device
    peak = Self.peakMemory
  }

  /// What the kernel says of the process.
  private static var peakMemory: Int? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
      let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) })
    else { return nil }
    return kilobytes << 10
  }

  /// The phases that the plan has, with their steps and seconds for each.
  private var phases: [(phase: Phase, steps: Int, seconds: Double)] {
    [
      (.warmUp, plan.warmUpSteps, rates.warmUp), (.duel, plan.duelSteps, rates.duel),
      (.verdict, plan.verdictSteps, rates.verdict),
    ].filter { $0.1 > 0 }
  }

  // MARK: For people

  /// Names and values, one a line.
  var rows: [[String]] {
    let steps = "\(plan.totalSteps) steps"
    let length =
      minutes.map { "about \(steps) in \(String(format: "%g", $0)) minutes" }
      ?? "about \(ProgressLine.duration(seconds)) for \(steps)"
    let each = phases.map { String(format: "%.3g s (%@)", $0.seconds, $0.phase.rawValue) }
    var rows = [["time", length], ["a step", each.joined(separator: ", ")]]
    if preparation.samples < samples {
      rows.append([
        "preparation",
        "about \(ProgressLine.duration(preparation.seconds)), from \(preparation.samples) of \(samples) samples;"
          + " with all of them steps may take longer",
      ])
    }
    if let peak {
      rows.append(["memory", "\(Self.text(bytes: peak)) at the peak of this dry run" + memoryRemark])
    }
    rows.append([
      "", "estimated from a few steps of each phase on this machine, \(Engine.threads) threads on \(device)",
    ])
    return rows
  }

  private var memoryRemark: String { device == .cpu ? "" : ", that of the device not counted" }

  private static func text(bytes: Int) -> String {
    let megabytes = Double(bytes) / 1e6
    return megabytes < 1000
      ? String(format: "%.0f MB", megabytes) : String(format: "%.1f GB", megabytes / 1000)
  }

  // MARK: For programs

  /// The members of a JSON object.
  var members: [String: JSONValue] {
    var members: [String: JSONValue] = [
      "steps": .int(plan.totalSteps), "seconds": JSONValue(number: seconds),
      "phases": .array(
        phases.map {
          .object([
            "phase": .string($0.phase.rawValue), "steps": .int($0.steps),
            "secondsPerStep": JSONValue(number: $0.seconds),
          ])
        }),
      "preparationSeconds": JSONValue(number: preparation.seconds),
      "preparedSamples": .int(preparation.samples), "threads": .int(Engine.threads),
      "device": .string(device.description),
    ]
    members["peakBytes"] = peak.map { .int($0) }
    return members
  }
}

extension RunRequest {
  /// Presets in bfloat16 are for processors that gain by it; on others it would only cost time.
  static func suit(_ recipe: inout M.Recipe, to device: Device, _ resolved: ResolvedRecipe<M.Recipe>) {
    if device == .cpu, !Engine.gainsByBFloat16, !resolved.isGiven(RunDescription.precisionKey) {
      recipe.training.precision = .float32
    }
  }
}
