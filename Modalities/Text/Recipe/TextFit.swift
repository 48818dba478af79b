import Adversarial
import TextDatasets

/// How a preset's values follow the data. Presets suit lines of up to 64 symbols and a few hundred thousand symbols in all;
/// longer samples and larger sets move these, and nothing else (docs/experiments/text-longer.md):
///
/// - `training.batchSize`: in proportion fewer samples where their mean length exceeds 64, not fewer than 16, so that a step sees
///   about as many symbols;
/// - `training.warmUp.steps`: in proportion more for sets of more than 250,000 symbols, up to four times as many, since the
///   likelihood goes on falling for as many passes over the data.
struct TextFit: Equatable {
  /// The mean length up to which a preset's batch stays as it is.
  static let shortLength = 64.0
  /// The symbols up to which a preset's warm-up stays as it is.
  static let smallSet = 250_000.0

  /// Symbols of all training samples, ends counted.
  let symbols: Int
  /// Training samples.
  let samples: Int

  /// Sets what `isGiven` does not claim.
  func apply(to training: inout TrainingRecipe, isGiven: (String) -> Bool) {
    let length = Double(symbols) / Double(max(samples, 1))
    if length > Self.shortLength, !isGiven("training.batchSize") {
      let fewer = Int((Double(training.batchSize) * Self.shortLength / length).rounded())
      training.batchSize = min(training.batchSize, max(fewer, 16, training.accumulation))
    }
    let excess = min(Double(symbols) / Self.smallSet, 4)
    if excess > 1, !isGiven("training.warmUp.steps") {
      training.warmUp.steps = Int((Double(training.warmUp.steps) * excess).rounded())
    }
  }
}

extension TextFit {
  /// Counts the training samples of a corpus.
  init(_ corpus: TextCorpus, hasEnd: Bool) {
    samples = corpus.training.count
    symbols = corpus.training.symbolCount + (hasEnd ? samples : 0)
  }
}
