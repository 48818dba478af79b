import Adversarial
import ArgumentParser
import Failures
import Files
import Torch

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
    ].compactMap(\.self)
  }

  /// The penalties that were given; an empty list after `none`, nil where nothing was said.
  private var penaltyList: [Penalty]? {
    guard !penalties.isEmpty else { return nil }
    // A `none` clears what was said before it, as a script's flags go before a user's.
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
