import Torch

/// How often a classifier tells generated samples from real ones it was not trained on (Lopez-Paz and Oquab, "Revisiting
/// classifier two-sample tests", 2017).
public struct TwoSampleAccuracy: Hashable, Sendable {
  /// Samples of each kind that a test needs: half of them to learn from.
  public static let minimumCount = 40

  /// The test of a classifier on samples that it was not trained on.
  public struct Test: Sendable {
    /// By index of a real sample, whether it was told.
    public var real: [Int: Bool] = [:]
    /// By index of a generated sample, whether it was told.
    public var generated: [Int: Bool] = [:]

    /// A test without samples.
    public init() {}

    var accuracy: Double { (Self.share(real) + Self.share(generated)) / 2 }

    private static func share(_ told: [Int: Bool]) -> Double {
      100 * Double(told.values.count { $0 }) / Double(told.count)
    }
  }

  /// The share of right decisions in percent, reals and samples counting alike: 50 where the two cannot be told apart.
  ///
  /// The error covers both that other samples would have been tested and that the classifier would have learned from others:
  /// the binomial error of all tested samples, and the spread of the tests.
  public let score: Score
  /// The accuracy of each test.
  private let tests: [Double]
  /// For each real sample the share of tests that told it, in percent; nil where it was never tested.
  private let realHits: [Double?]
  private let generatedHits: [Double?]

  /// Gathers tests.
  ///
  /// - Parameters:
  ///   - tests: at least one, each of at least one sample of each kind.
  ///   - real: how many real samples there are.
  ///   - generated: how many generated ones.
  public init(_ tests: [Test], real: Int, generated: Int) {
    precondition(!tests.isEmpty, "an accuracy needs a test")
    self.tests = tests.map(\.accuracy)
    realHits = Self.hits(tests.map(\.real), count: real)
    generatedHits = Self.hits(tests.map(\.generated), count: generated)
    let mean = Score(meanOf: self.tests)
    let share = min(1, max(0, mean.value / 100))
    let tested = Double((realHits + generatedHits).count { $0 != nil })
    let binomial = 1e4 * share * (1 - share) / tested
    let spread = mean.standardError ?? 0
    score = Score(mean.value, standardError: (binomial + spread * spread).squareRoot())
  }

  private static func hits(_ tests: [[Int: Bool]], count: Int) -> [Double?] {
    (0..<count).map { index in
      let told = tests.compactMap { $0[index] }
      return told.isEmpty ? nil : 100 * Double(told.count { $0 }) / Double(told.count)
    }
  }

  /// The standard error of the mean difference of some pairs that were tested with the same real samples, dealt to the same
  /// halves, and samples of the same latents.
  ///
  /// - Parameter pairs: at least one; all of equally many samples.
  /// - Returns: nil where no sample was tested in both of a pair.
  public static func differenceError(_ pairs: [(start: Self, end: Self)]) -> Double? {
    func variance(_ hits: (Self) -> [Double?]) -> Double? {
      let differences = pairs.map { pair in
        zip(hits(pair.end), hits(pair.start)).map { end, start in
          end.flatMap { end in start.map { end - $0 } }
        }
      }
      let means = differences[0].indices.compactMap { index -> Double? in
        let values = differences.compactMap { $0[index] }
        return values.count < pairs.count ? nil : values.reduce(0, +) / Double(pairs.count)
      }
      guard means.count > 1 else { return nil }
      return Score(meanOf: means).standardError.map { $0 * $0 }
    }
    guard let real = variance(\.realHits), let generated = variance(\.generatedHits) else { return nil }
    let tests = pairs[0].start.tests.indices.map { test in
      pairs.reduce(0) { $0 + $1.end.tests[test] - $1.start.tests[test] } / Double(pairs.count)
    }
    let spread = Score(meanOf: tests).standardError ?? 0
    return ((real + generated) / 4 + spread * spread).squareRoot()
  }
}

/// Halves of as many real as generated samples: one to learn from, the other to be told.
public struct TwoSampleHalves: Sendable {
  /// Indices of real samples.
  public var real: (learning: [Int], testing: [Int])
  /// Indices of generated samples.
  public var generated: (learning: [Int], testing: [Int])

  /// The same halves, their parts exchanged.
  public var exchanged: Self {
    var other = self
    swap(&other.real.learning, &other.real.testing)
    swap(&other.generated.learning, &other.generated.testing)
    return other
  }

  /// Deals samples at random, the same for any generated samples of one number.
  ///
  /// - Parameters:
  ///   - count: how many real samples and how many generated ones; at least two.
  ///   - generator: source of the draws.
  public init(_ count: Int, using generator: inout some RandomNumberGenerator) {
    func halves() -> (learning: [Int], testing: [Int]) {
      let order = generator.indices(count, outOf: count)
      return (Array(order[..<(count / 2)]), Array(order[(count / 2)...]))
    }
    (real, generated) = (halves(), halves())
  }
}

/// Tells generated from real samples by a few plain features: logistic regression, trained on half of both and tested on the
/// other half, and the other way round, for several ways of dealing them.
public struct TwoSampleTest: Sendable {
  /// How often the samples are dealt to halves.
  public var splits = 5
  /// What the squares of the weights of standardised features count beside the sum of the samples' losses.
  public var ridge = 1.0
  /// Whether the squares of the features are features, too.
  public var hasSquares: Bool

  /// Standardised features are cut off there: a single wild sample is not to decide.
  private static let bound = 8.0

  /// A test of 5 deals.
  ///
  /// - Parameter hasSquares: whether the squares of the features are features, too.
  public init(hasSquares: Bool = false) {
    self.hasSquares = hasSquares
  }

  /// Tests two sets; of the larger one as many samples as the smaller one has, at random.
  ///
  /// - Parameters:
  ///   - real: features `[N, D]`, at least two samples.
  ///   - generated: features `[M, D]`, at least two samples.
  ///   - generator: source of the deals: from the same state, the same for all sets of generated samples of one number.
  /// - Throws: `TorchError` where a feature is not finite.
  public func callAsFunction(
    real: Tensor, generated: Tensor, using generator: inout some RandomNumberGenerator
  ) throws -> TwoSampleAccuracy {
    precondition(
      real.rank == 2 && generated.rank == 2 && real.shape[1] == generated.shape[1], "features of two sets")
    let count = min(real.shape[0], generated.shape[0])
    precondition(count > 1, "halves need two samples")
    func chosen(_ features: Tensor) throws -> Tensor {
      let indices = generator.indices(count, outOf: features.shape[0])
      let features = try features.converted(to: .float64).gathered(at: Tensor(indices))
      guard try features.isFinite().all().item() != 0 else {
        throw TorchError("a two-sample test: a feature is not finite")
      }
      return hasSquares ? try Tensor.concatenated([features, features.squared()], along: 1) : features
    }
    let (real, generated) = (try chosen(real), try chosen(generated))
    let tests = try (0..<splits).map { _ in
      let halves = TwoSampleHalves(count, using: &generator)
      var test = try tested(halves, real, generated)
      let other = try tested(halves.exchanged, real, generated)
      test.real.merge(other.real) { first, _ in first }
      test.generated.merge(other.generated) { first, _ in first }
      return test
    }
    return TwoSampleAccuracy(tests, real: count, generated: count)
  }

  /// Trains on the learning halves and tests on the others.
  private func tested(_ halves: TwoSampleHalves, _ real: Tensor, _ generated: Tensor) throws
    -> TwoSampleAccuracy.Test
  {
    let learning = try Tensor.concatenated([
      real.gathered(at: Tensor(halves.real.learning)),
      generated.gathered(at: Tensor(halves.generated.learning)),
    ])
    let mean = try learning.mean(along: 0)
    let deviation = try learning.variance(along: 0, correction: 0).squareRoot()
    // A feature that does not vary, but for rounding, tells nothing.
    let floor = try mean.absolute() * 1e-9 + 1e-12
    let scale = try deviation.greater(than: floor).select(
      1 / deviation.maximum(floor), else: deviation.zerosLike())
    func design(_ features: Tensor) throws -> Tensor {
      let standard = try ((features - mean) * scale).clamped(from: -Self.bound, to: Self.bound)
      return try Tensor.concatenated(
        [standard, .ones([features.shape[0], 1], dtype: .float64)], along: 1)
    }
    let targets = halves.real.learning.map { _ in 1.0 } + halves.generated.learning.map { _ in 0.0 }
    let weights = try fitted(design(learning), Tensor(targets))
    func told(_ features: Tensor, at indices: [Int], areReal: Bool) throws -> [Int: Bool] {
      let logits: [Double] = try design(features.gathered(at: Tensor(indices))).matmul(weights).array()
      // Where nothing tells, all are taken for generated, which is right in half of the cases.
      return Dictionary(uniqueKeysWithValues: zip(indices, logits.map { ($0 > 0) == areReal }))
    }
    var test = TwoSampleAccuracy.Test()
    test.real = try told(real, at: halves.real.testing, areReal: true)
    test.generated = try told(generated, at: halves.generated.testing, areReal: false)
    return test
  }

  /// The weights of ridge-penalised logistic regression by Newton's method, `[D]`.
  ///
  /// - Parameters:
  ///   - design: `[N, D]`, its last column ones, whose weight is not penalised.
  ///   - targets: `[N]` of 0 and 1.
  private func fitted(_ design: Tensor, _ targets: Tensor) throws -> Tensor {
    let width = design.shape[1]
    // A trace of a penalty keeps the last one finite where all targets are equal.
    let penalty = try Tensor([Double](repeating: ridge, count: width - 1) + [1e-6])
    let signs = try targets * 2 - 1
    func loss(_ weights: Tensor) throws -> Double {
      let penalised = try (weights.squared() * penalty).sum().item() / 2
      return try (-(design.matmul(weights) * signs)).softplus().sum().item() + penalised
    }
    var weights = try Tensor.zeros([width], dtype: .float64)
    var current = try loss(weights)
    for _ in 0..<30 {
      let probabilities = try design.matmul(weights).sigmoid()
      let gradient = try design.transposed().matmul(probabilities - targets) + weights * penalty
      let curvature = try probabilities * (1 - probabilities)
      let hessian =
        try (design * curvature.expandingDimension(at: 1)).transposed().matmul(design)
        + Tensor.identity(width, dtype: .float64) * penalty
      let step = try hessian.solving(gradient.expandingDimension(at: 1)).squeezingDimension(at: 1)
      // Halved until it lowers the loss: a whole step may overshoot where nearly all are told.
      var size = 1.0
      var next = try weights - step
      var lowered = try loss(next)
      while lowered > current && size > 1e-3 {
        size /= 2
        next = try weights - step * size
        lowered = try loss(next)
      }
      guard current - lowered > 1e-9 * (1 + current) else { break }
      (weights, current) = (next, lowered)
    }
    return weights
  }
}

extension EvaluationTable.Column {
  /// What the errors of accuracies of two-sample tests mean.
  private static let tellingNote =
    "±: over other draws of both samples and real ones, and over ways of dealing them to halves."

  /// A column of accuracies by a `TwoSampleTest` of plain features.
  ///
  /// - Parameter count: samples of each kind that rows are tested on.
  public static func toldByFeatures(count: Int) -> Self {
    Self(
      key: "toldByFeatures", name: "told by features", unit: "%", direction: .lower, digits: 1,
      sampleCount: count, errorNote: tellingNote)
  }

  /// A column of accuracies of a fresh network.
  ///
  /// - Parameters:
  ///   - key: its stable name.
  ///   - network: which network, where there are several.
  ///   - count: samples of each kind that rows are tested on.
  public static func toldByNetwork(key: String = "toldByNetwork", network: String = "network", count: Int)
    -> Self
  {
    Self(
      key: key, name: "told by \(network)", unit: "%", direction: .lower, digits: 1, sampleCount: count,
      errorNote: tellingNote)
  }
}
