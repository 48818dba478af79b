import Adversarial
import Metrics
import ModalityKit
import TextDatasets
import Torch

/// Two-sample tests of text: by lexical features, by a convolutional network and by a recurrent one.
struct TextTwoSampleTest {
  /// Symbols that a training of the convolutional network reads, at most, and of the recurrent one: together less than half a
  /// minute a row on one core.
  private static let symbolBudgets = (convolutional: 960_000, recurrent: 400_000)

  private let lexical: LexicalFeatures
  private let tests: TwoSampleColumns
  private let spec: TextSpec

  /// Prepares to compare with held-out samples.
  ///
  /// - Parameters:
  ///   - training: samples of the training text.
  ///   - heldOut: samples that were not trained on; at least one.
  ///   - count: samples that rows have.
  ///   - spec: of the text.
  ///   - seed: of all draws.
  ///   - device: where networks are trained.
  init(training: [[Int32]], heldOut: [[Int32]], count: Int, spec: TextSpec, seed: UInt64, device: Device)
    throws
  {
    lexical = LexicalFeatures(training: training, vocabulary: spec.vocabulary, hasEnd: spec.hasEnd)
    self.spec = spec
    var plain = spec
    plain.labels = []
    let prepare: (Tensor) throws -> Tensor = { [plain] in
      try $0.symbolVectors(count: plain.vocabulary.count)
    }
    func classifier(_ budget: Int) -> FreshClassifier {
      FreshClassifier(steps: max(20, min(300, budget / (64 * spec.sequenceLength))))
    }
    tests = try TwoSampleColumns(
      heldOut: Self.samples(heldOut, lexical: lexical, spec: spec), count: count,
      networks: [
        TwoSampleColumns.Network(
          key: "toldByCNN", name: "CNN", classifier: classifier(Self.symbolBudgets.convolutional),
          prepare: prepare,
          make: { [plain] in
            try TextDiscriminator(recipe: .twoSampleTest, spec: plain, using: &$0)
          }),
        TwoSampleColumns.Network(
          key: "toldByGRU", name: "GRU", classifier: classifier(Self.symbolBudgets.recurrent),
          prepare: prepare,
          make: { [plain] in
            try RecurrentReader(symbols: plain.vocabulary.count, using: &$0)
          }),
      ], seed: seed, device: device)
  }

  /// "toldByFeatures", "toldByCNN" and "toldByGRU".
  var columns: [EvaluationTable.Column] { tests.columns }

  /// Tests a row's samples.
  func measure(_ samples: [[Int32]]) throws -> TwoSampleColumns.Measurement {
    // Features of no more than are tested: the others would cost time for nothing.
    try tests.measure(
      Self.samples(Array(samples.prefix(max(1, tests.count))), lexical: lexical, spec: spec))
  }

  /// Tests a half of the held-out samples against the other.
  func measureHeldOut() throws -> TwoSampleColumns.Measurement { try tests.measureHeldOut() }

  /// How to read the columns.
  var notes: [String] {
    tests.notes(
      features:
        "the mean log-likelihood of a symbol under interpolated \(lexical.order)-grams of the training text, share"
        + " and number of words that it does not have, words, line feeds, capitals")
  }

  private static func samples(_ samples: [[Int32]], lexical: LexicalFeatures, spec: TextSpec) throws
    -> TwoSampleColumns.Samples
  {
    TwoSampleColumns.Samples(features: try lexical.tensor(of: samples), inputs: try spec.ids(of: samples))
  }
}

extension TextDiscriminatorRecipe {
  /// The convolutional network of two-sample tests: of one size, whatever a run's recipe.
  public static var twoSampleTest: Self {
    var recipe = Self()
    recipe.dropout = 0.1
    return recipe
  }
}
