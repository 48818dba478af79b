import ArgumentParser

/// Which labels the samples of an evaluated generator have: those of the data in its shares, as real samples have them,
/// unless equal shares are asked for.
///
/// With other shares than the data's even a perfect generator is told from it.
struct EvaluationLabels: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Labels of generated samples: each, for all equally often. (default: in the training data's shares)",
      valueName: "rule"))
  var label: String?

  /// Refuses all but `each`: samples of one label cannot be compared with real samples of all.
  func validate() throws {
    guard let label, label != "each" else { return }
    throw ValidationError("--label \(label): expected each, or no --label for the data's shares")
  }

  /// Whether all labels are to be equally frequent.
  var areEqual: Bool { label != nil }
}

/// How latents are changed before samples are made of them, the same wherever samples are.
struct LatentOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Factor of the latents, from 0: below 1 samples are more typical and less varied.", valueName: "factor")
  )
  var truncation = 1.0

  /// Refuses numbers out of range.
  func validate() throws {
    guard (0...10).contains(truncation) else {
      throw ValidationError("--truncation \(truncation): expected 0 to 10")
    }
  }
}
