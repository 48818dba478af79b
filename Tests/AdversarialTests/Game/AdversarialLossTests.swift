import Testing
import Torch

@testable import Adversarial

/// What a loss is to give at certain logits.
struct LossValue: Sendable {
  let loss: AdversarialLoss
  let discriminator: Double
  let generator: Double

  init(_ loss: AdversarialLoss, _ discriminator: Double, _ generator: Double) {
    self.loss = loss
    self.discriminator = discriminator
    self.generator = generator
  }
}

/// One matrix of values, run for every loss.
@Suite struct AdversarialLossTests {
  private static let log2 = 0.6931471805599453
  private static let s3 = 0.04858735157374206  // log(1 + e^-3)
  private static let s6 = 0.0024756851377304495  // log(1 + e^-6)

  private static let allRight = [
    LossValue(.minimax, 2 * s3, -s3), LossValue(.nonSaturating, 2 * s3, 3 + s3),
    LossValue(.leastSquares, 6.5, 8),
    LossValue(.wasserstein, -6, 3), LossValue(.hinge, 0, 3), LossValue(.relativisticPaired, s6, 6 + s6),
    LossValue(.relativisticAverage, 2 * s6, 12 + 2 * s6),
  ]

  private static let undecided = [
    LossValue(.minimax, 2 * log2, -log2), LossValue(.nonSaturating, 2 * log2, log2),
    LossValue(.leastSquares, 0.5, 0.5), LossValue(.wasserstein, 0, 0), LossValue(.hinge, 2, 0),
    LossValue(.relativisticPaired, log2, log2), LossValue(.relativisticAverage, 2 * log2, 2 * log2),
  ]

  /// At real logits 1, -2 and generated ones 0.5, 3.
  private static let mixed = [
    LossValue(.minimax, 3.231427017157522, -2.0113321678769243),
    LossValue(.nonSaturating, 3.231427017157522, 0.26133216787692437),
    LossValue(.leastSquares, 4.5625, 1.0625),
    LossValue(.wasserstein, 2.25, -1.75), LossValue(.hinge, 4.25, -1.75),
    LossValue(.relativisticPaired, 2.7403961663346124, 0.49039616633461236),
    LossValue(.relativisticAverage, 4.876564288139084, 0.37656428813908416),
  ]

  private func expect(_ value: LossValue, real: [Double], fake: [Double], shape: [Int]? = nil) throws {
    let r = try Tensor(real, shape: shape ?? [real.count])
    let f = try Tensor(fake, shape: shape ?? [fake.count])
    let d = try value.loss.discriminatorLoss(real: r, fake: f)
    let g = try value.loss.generatorLoss(real: value.loss.needsRealForGenerator ? r : nil, fake: f)
    #expect(d.shape.isEmpty && g.shape.isEmpty)
    #expect(abs(try d.item() - value.discriminator) < 1e-12, "discriminator of \(value.loss)")
    #expect(abs(try g.item() - value.generator) < 1e-12, "generator of \(value.loss)")
  }

  @Test func theTablesHoldEveryLoss() {
    for table in [Self.allRight, Self.undecided, Self.mixed] {
      #expect(table.map(\.loss) == AdversarialLoss.allCases)
    }
  }

  @Test(arguments: allRight) func allDecisionsRight(value: LossValue) throws {
    try expect(value, real: [3, 3, 3], fake: [-3, -3, -3])
  }

  @Test(arguments: undecided) func logitsOfZero(value: LossValue) throws {
    try expect(value, real: [0, 0], fake: [0, 0])
  }

  @Test(arguments: mixed) func mixedDecisions(value: LossValue) throws {
    try expect(value, real: [1, -2], fake: [0.5, 3])
  }

  /// Two places per sample are as four samples: the reduction is the mean over all.
  @Test(arguments: mixed) func oneLogitPerPlace(value: LossValue) throws {
    try expect(value, real: [1, -2, 1, -2], fake: [0.5, 3, 0.5, 3], shape: [2, 2])
  }

  @Test(arguments: AdversarialLoss.allCases) func hugeLogitsStayFinite(loss: AdversarialLoss) throws {
    for size in [-1e4, 1e4] {
      let r = try Tensor([Float(size)]).asLeaf()
      let f = try Tensor([Float(-size)]).asLeaf()
      let sum = try loss.discriminatorLoss(real: r, fake: f) + loss.generatorLoss(real: r, fake: f)
      #expect(try sum.item().isFinite)
      for case let gradient? in try gradients(of: [sum], withRespectTo: [r, f]) {
        #expect(try gradient.item().isFinite)
      }
    }
  }

  @Test(arguments: AdversarialLoss.allCases) func halfPrecisionIsWidened(loss: AdversarialLoss) throws {
    let r = try Tensor([1, -2] as [Float]).converted(to: .bfloat16)
    let f = try Tensor([0.5, 3] as [Float]).converted(to: .bfloat16)
    #expect(try loss.discriminatorLoss(real: r, fake: f).dtype == .float32)
    #expect(try loss.generatorLoss(real: r, fake: f).dtype == .float32)
  }

  @Test(arguments: AdversarialLoss.allCases) func gradientsFollowFiniteDifferences(loss: AdversarialLoss)
    throws
  {
    let real = try Tensor([0.3, -1.2, 0.7, 2.1, -0.4, 1.3], shape: [3, 2])
    let fake = try Tensor([-0.6, 0.9, -1.7, 0.2, 1.1, -2.3], shape: [3, 2])
    try checkGradients(at: [real, fake]) { try loss.discriminatorLoss(real: $0[0], fake: $0[1]) }
    try checkGradients(at: [real, fake]) { try loss.generatorLoss(real: $0[0], fake: $0[1]) }
  }

  /// The direction of the game: each player's loss falls as its own aim comes nearer.
  @Test(arguments: AdversarialLoss.allCases) func thePlayersPullApart(loss: AdversarialLoss) throws {
    let r = try Tensor([0.1, -0.2]).asLeaf()
    let f = try Tensor([0.2, 0.1]).asLeaf()
    let d = try gradients(of: [loss.discriminatorLoss(real: r, fake: f)], withRespectTo: [r, f])
    #expect(try d[0]?.max().item() ?? 0 < 0 && d[1]?.min().item() ?? 0 > 0)
    let g = try gradients(of: [loss.generatorLoss(real: r, fake: f)], withRespectTo: [f])
    #expect(try g[0]?.max().item() ?? 0 < 0)
  }

  @Test(arguments: [AdversarialLoss.relativisticPaired, .relativisticAverage])
  func relativisticGeneratorsNeedRealSamples(loss: AdversarialLoss) throws {
    #expect(throws: TorchError.self) { try loss.generatorLoss(real: nil, fake: Tensor([1.0])) }
  }

  @Test func pairsAreNotBroadcast() throws {
    let one = try Tensor([1.0])
    let two = try Tensor([1.0, 2.0])
    #expect(throws: TorchError.self) {
      try AdversarialLoss.relativisticPaired.discriminatorLoss(real: one, fake: two)
    }
    #expect(throws: TorchError.self) { try AdversarialLoss.wasserstein.accuracy(real: one, fake: two) }
  }

  @Test(arguments: AdversarialLoss.allCases) func accuracyCountsDecisions(loss: AdversarialLoss) throws {
    func accuracy(_ real: [Double], _ fake: [Double]) throws -> Double {
      try loss.accuracy(real: Tensor(real), fake: Tensor(fake)).item()
    }
    #expect(try accuracy([2, 3], [-2, -1]) == 1)
    #expect(try accuracy([-2, -3], [2, 1]) == 0)
    let boundary = loss == .leastSquares ? 0.5 : 0
    #expect(try accuracy([boundary, boundary], [boundary, boundary]) == 0.5)
    // Real 2 and 1 against 3 and -1: by boundary three decisions of four are right, by pairs one of two.
    let byPairs = loss.usesCritic || loss.needsRealForGenerator
    #expect(try accuracy([2, 1], [3, -1]) == (byPairs ? 0.5 : 0.75))
  }

  @Test func namesAreThoseOfTheFlag() {
    #expect(
      AdversarialLoss.allCases.map(\.rawValue) == [
        "minimax", "non-saturating", "least-squares", "wasserstein", "hinge", "relativistic-paired",
        "relativistic-average",
      ])
    #expect(AdversarialLoss.allCases.filter(\.usesCritic) == [.wasserstein])
  }
}
