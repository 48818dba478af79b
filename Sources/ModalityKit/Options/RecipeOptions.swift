import Adversarial
import ArgumentParser
import Failures
import Files
import Torch

/// The core's part of a recipe: losses, penalties, optimisers, averaging.
///
/// Every flag is optional, so that a flag that is not given leaves the value of a file or a preset alone even where
/// it equals the default.
struct RecipeOptions: ParsableArguments {
  @Option(
    help:
      "Where the recipe starts: tiny (a minute or two), small (ten minutes), base (a GPU). (default: small)")
  var preset: Preset?

  @Option(
    help: ArgumentHelp(
      "Take values from the run.json of another run, or from a JSON file of recipe keys.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var config: String?

  @Option(name: .customLong("batch"), help: ArgumentHelp("Real samples per update.", valueName: "count"))
  var batchSize: Int?

  @Option(
    name: .customLong("accumulate"),
    help: ArgumentHelp(
      """
      Parts that a batch is split into, to need less memory. The update stays the same but for rounding; \
      relativistic-average needs a pass more over the batch for it.
      """, valueName: "count"))
  var accumulation: Int?

  @Option(help: "The adversarial loss.")
  var loss: AdversarialLoss?

  @Option(
    name: .customLong("penalty"),
    help: ArgumentHelp(
      """
      A penalty on the discriminator's slope: KIND=WEIGHT[/INTERVAL] with KIND gp, gp-one-sided, r1 or r2, as gp=10 \
      or r1=0.5/16 (every 16 steps). Repeat for several; none clears those of the recipe.
      """, valueName: "penalty"),
    completion: .list(["none"] + Penalty.Kind.allCases.map { $0.rawValue + "=" }),
    transform: OrNone<Penalty>.init(parsing:))
  var penalties: [OrNone<Penalty>] = []

  @Option(
    name: .customLong("weight-clip"),
    help: ArgumentHelp("The largest discriminator weight, as 0.01, or none.", valueName: "bound"),
    transform: OrNone<WeightClipping>.init(parsing:))
  var weightClipping: OrNone<WeightClipping>?

  @Option(
    help: ArgumentHelp(
      """
      The distribution of latents: normal, uniform, truncated-normal:BOUND, gaussian-mixture:COMPONENTS:SPREAD, \
      gamma:SHAPE or poisson:RATE.
      """,
      valueName: "prior"),
    transform: Prior.init(parsing:))
  var prior: Prior?

  @Option(name: .customLong("latent"), help: ArgumentHelp("Numbers in a latent.", valueName: "count"))
  var latentDimension: Int?

  @Option(help: ArgumentHelp("Discriminator updates per generator update.", valueName: "count"))
  var discriminatorSteps: Int?

  @Option(
    help: ArgumentHelp(
      "The generator's learning rate: a number, or a schedule as cosine:2e-4:2e-5.", valueName: "rate"),
    transform: Schedule.init(parsing:))
  var generatorRate: Schedule?

  @Option(
    help: ArgumentHelp("The discriminator's learning rate, likewise.", valueName: "rate"),
    transform: Schedule.init(parsing:))
  var discriminatorRate: Schedule?

  @Option(help: "The optimiser of both networks in the duel.")
  var optimiser: OptimiserConfiguration.Kind?

  @Option(
    name: .customLong("ema"),
    help: ArgumentHelp(
      "The moving average of the generator: the share that a step keeps, as 0.999, or half-life:SAMPLES[:RAMP-UP].",
      valueName: "decay"),
    transform: AveragingDecay.init(parsing:))
  var averaging: AveragingDecay?

  @Option(
    help: ArgumentHelp(
      "Generator updates on the modality's own objective before the duel.", valueName: "count"))
  var warmUpSteps: Int?

  @Option(
    help: ArgumentHelp("The learning rate of the warm-up: a number or a schedule.", valueName: "rate"),
    transform: Schedule.init(parsing:))
  var warmUpRate: Schedule?

  @Option(
    help: ArgumentHelp(
      "Weight of the adversarial loss in the generator's: a number or a schedule.", valueName: "weight"),
    transform: Schedule.init(parsing:))
  var adversarialWeight: Schedule?

  @Option(
    help: ArgumentHelp("Weight of the anchor on real data, likewise.", valueName: "weight"),
    transform: Schedule.init(parsing:))
  var anchorWeight: Schedule?

  @Option(
    help: ArgumentHelp("The largest norm of a network's gradient, or none.", valueName: "norm"),
    transform: OrNone<Double>.init(parsing:))
  var clipNorm: OrNone<Double>?

  @Flag(inversion: .prefixedNo, help: "Matrix products and convolutions in bfloat16.")
  var bf16: Bool?

  @Flag(inversion: .prefixedNo, help: "Compute penalties in bfloat16 too. (default: no)")
  var bf16Penalties: Bool?

  @Option(
    name: .customLong("validate-every"),
    help: ArgumentHelp("Steps between two scores on validation data.", valueName: "steps"))
  var validationInterval: Int?

  @Option(
    help: ArgumentHelp(
      """
      Accounts of the discriminator in a row that end a duel in which it finds nothing, half as many validations one that \
      harms; 0 to play on in any case. (default: the recipe's, 8 for most networks)
      """, valueName: "count"))
  var patience: Int?

  @Flag(
    inversion: .prefixedNo,
    help: """
      Train a discriminator of its own after the duel, which tells how far samples are from the data and which of them \
      --select is to keep. (default: yes, where there are enough samples to choose by)
      """)
  var verdict: Bool?

  @Option(help: ArgumentHelp("The share of the length that it takes. (default: 0.1)", valueName: "share"))
  var verdictShare: Double?
}

extension RecipeOptions {
  /// The settings that the flags make, in the order of the help.
  var settings: [Setting] {
    [
      Setting("training.batchSize", batchSize, flag: "--batch"),
      Setting("training.accumulation", accumulation, flag: "--accumulate"),
      Setting("training.loss", loss, flag: "--loss"),
      Setting("training.penalties", penaltyList, flag: "--penalty"),
      Setting("training.weightClipping", weightClipping, flag: "--weight-clip"),
      Setting("training.prior", prior, flag: "--prior"),
      Setting("training.latentDimension", latentDimension, flag: "--latent"),
      Setting("training.discriminatorSteps", discriminatorSteps, flag: "--discriminator-steps"),
      Setting("training.generatorRate", generatorRate, flag: "--generator-rate"),
      Setting("training.discriminatorRate", discriminatorRate, flag: "--discriminator-rate"),
      Setting("training.generatorOptimiser.kind", optimiser, flag: "--optimiser"),
      Setting("training.discriminatorOptimiser.kind", optimiser, flag: "--optimiser"),
      Setting("training.averaging", averaging, flag: "--ema"),
      Setting("training.warmUp.steps", warmUpSteps, flag: "--warm-up-steps"),
      Setting("training.warmUp.rate", warmUpRate, flag: "--warm-up-rate"),
      Setting("training.adversarialWeight", adversarialWeight, flag: "--adversarial-weight"),
      Setting("training.anchorWeight", anchorWeight, flag: "--anchor-weight"),
      Setting("training.clipNorm", clipNorm, flag: "--clip-norm"),
      Setting("training.precision", precision, flag: bf16 == false ? "--no-bf16" : "--bf16"),
      Setting(
        "training.penaltyPrecision", penaltyPrecision,
        flag: bf16Penalties == false ? "--no-bf16-penalties" : "--bf16-penalties"),
      Setting("training.validationInterval", validationInterval, flag: "--validate-every"),
      Setting("training.referee.patience", patience, flag: "--patience"),
      Setting("training.verdict.isOn", verdict, flag: verdict == false ? "--no-verdict" : "--verdict"),
      Setting("training.verdict.share", verdictShare, flag: "--verdict-share"),
    ].compactMap(\.self)
  }

  /// The penalties that were given; an empty list after `none`, nil where no flag was given.
  private var penaltyList: [Penalty]? {
    guard !penalties.isEmpty else { return nil }
    // A `none` clears the flags before it, as a script's flags go before a user's.
    return penalties.split(separator: .none, omittingEmptySubsequences: false).last?.compactMap(\.value)
  }

  private var penaltyPrecision: Precision? { bf16Penalties.map { $0 ? .bfloat16 : .float32 } }
  private var precision: Precision? { bf16.map { $0 ? .bfloat16 : .float32 } }
}

/// A value of a flag that may also be `none`, which clears what the recipe has.
enum OrNone<Value: Hashable & Encodable & Sendable>: Hashable, Sendable, Encodable {
  case none
  case some(Value)

  /// The value, nil for `none`.
  var value: Value? {
    if case .some(let value) = self { value } else { nil }
  }

  /// Writes the value or null.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let value { try container.encode(value) } else { try container.encodeNil() }
  }
}

extension OrNone where Value: TextForm {
  init(parsing text: String) throws {
    self = text == "none" ? .none : .some(try Value(parsing: text))
  }
}

extension OrNone<Double> {
  init(parsing text: String) throws {
    guard text != "none" else {
      self = .none
      return
    }
    guard let number = Double(text), number.isFinite else {
      throw UserError(.usage, "'\(text)': expected a number or none")
    }
    self = .some(number)
  }
}

extension AdversarialLoss: ExpressibleByArgument {}
extension OptimiserConfiguration.Kind: ExpressibleByArgument {}
