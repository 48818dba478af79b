import ArgumentParser

/// Which labels the samples of an evaluated generator have: those of the data in its shares, as real samples have them,
/// unless equal shares are asked for.
///
/// With other shares than the data's even a perfect generator is told from it.
public struct EvaluationLabels: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Labels of generated samples: each, for all equally often. (default: in the training data's shares)",
      valueName: "rule"))
  var label: String?

  /// No flag given.
  public init() {}

  /// Refuses all but `each`: samples of one label cannot be compared with real samples of all.
  public func validate() throws {
    guard let label, label != "each" else { return }
    throw ValidationError("--label \(label): expected each, or no --label for the data's shares")
  }

  /// Whether all labels are to be equally frequent.
  public var areEqual: Bool { label != nil }

  /// The choice for a generator.
  ///
  /// - Parameters:
  ///   - labels: those of the training samples, nil without.
  ///   - classes: how many labels the generator has; 0 for none.
  public func choice(of labels: some Sequence<Int?>, classes: Int) -> LabelChoice {
    guard classes > 0 else { return .any }
    return areEqual ? .each : .shares(of: labels, classes: classes)
  }

  /// What a table says of it; nil where there are no labels.
  ///
  /// - Parameter classes: how many labels the generator has.
  public func note(classes: Int) -> String? {
    guard classes > 0 else { return nil }
    return areEqual
      ? "Labels: generated samples have each equally often, real ones in the data's shares."
      : "Labels: generated samples have them in the training data's shares."
  }
}
