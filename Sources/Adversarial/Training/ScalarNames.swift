/// Names of what the trainer measures, and their short forms in the status line.
extension ScalarName {
  /// The warm-up's own loss.
  public static let warmUpLoss = "warmUp.loss"
  /// The discriminator's adversarial loss, penalties left out.
  public static let discriminatorLoss = "discriminator.loss"
  /// Share of real samples that are not trained on which the discriminator judges right, from 0 to 1.
  public static let heldOutAccuracy = "discriminator.heldOutAccuracy"
  /// The generator's adversarial loss, before its weight.
  public static let generatorLoss = "generator.loss"
  /// The loss on real data that holds the generator in place, before its weight.
  public static let anchor = "generator.anchor"
  /// Strength of an adaptive augmentation, from 0 to 1.
  public static let augmentation = "discriminator.augmentation"
  /// The averaged generator's score on validation data: the lower, the better.
  public static let validation = "validation"

  /// A penalty's value, its weight included, in steps where it applies.
  public static func penalty(_ kind: Penalty.Kind) -> String { "penalty.\(kind.rawValue)" }

  /// The label in the status line, nil for what is not shown there.
  static func label(of name: String) -> String? {
    switch name {
    case warmUpLoss: "loss"
    case discriminatorLoss: "D"
    case generatorLoss: "G"
    case discriminatorAccuracy: "acc"
    case augmentation: "aug"
    case anchor: "anchor"
    case validation: "val"
    default: name.hasPrefix("penalty.") ? String(name.dropFirst("penalty.".count)) : nil
    }
  }
}
