import Failures
import Foundation
import Testing
import Torch

@testable import Adversarial

@Suite struct PenaltyTests {
  /// The shapes that modalities hand to the core.
  static let shapes: [[Int]] = [[3, 4], [3, 1, 5], [3, 2, 3], [3, 4, 2]]

  private func random(_ shape: [Int], _ name: String) throws -> Tensor {
    var stream = RandomStream(seed: 5, name: name)
    return try stream.normal(shape).converted(to: .float64)
  }

  private func value(
    _ penalty: Penalty, real: Tensor, fake: Tensor, step: Int = 0, of total: Int = 1,
    discriminator: (Tensor) throws -> Tensor
  ) throws -> Tensor {
    var stream = RandomStream(seed: 1, name: "penalty")
    return try penalty.value(
      real: real, fake: fake, step: step, of: total, using: &stream, discriminator: discriminator)
  }

  private func sumPerSample(_ tensor: Tensor) throws -> Tensor {
    try tensor.reshaped([tensor.shape[0], -1]).sum(along: 1)
  }

  /// D(x) = w·x has the gradient w everywhere, so each penalty is a function of |w|.
  @Test(arguments: shapes, Penalty.Kind.allCases)
  func aLinearDiscriminator(shape: [Int], kind: Penalty.Kind) throws {
    for length in [0.25, 3.0] {
      let direction = try random([1] + shape.dropFirst(), "w")
      let w = try direction / direction.norm() * length
      let result = try value(Penalty(kind, weight: 2), real: random(shape, "r"), fake: random(shape, "f")) {
        try sumPerSample($0 * w)
      }
      let norm = (length * length + 1e-10).squareRoot()
      let expected =
        switch kind {
        case .gradientPenalty: 2 * (norm - 1) * (norm - 1)
        case .oneSidedGradientPenalty: 2 * max(0, norm - 1) * max(0, norm - 1)
        case .r1, .r2: length * length
        }
      #expect(result.shape.isEmpty)
      #expect(abs(try result.item() - expected) < 1e-9, "\(kind) at |w| = \(length)")
    }
  }

  /// D(x) = c|x|²/2 has the gradient c x: R1 is γ/2 c² mean |x|² of real samples, R2 of generated ones.
  @Test(arguments: shapes) func aQuadraticDiscriminator(shape: [Int]) throws {
    let real = try random(shape, "r")
    let fake = try random(shape, "f")
    for (kind, samples) in [(Penalty.Kind.r1, real), (.r2, fake)] {
      let result = try value(Penalty(kind, weight: 0.5), real: real, fake: fake) {
        try sumPerSample($0.squared()) * 1.5
      }
      let expected = try 0.25 * 9 * sumPerSample(samples.squared()).mean().item()
      #expect(abs(try result.item() - expected) < 1e-9, "\(kind)")
    }
    // Between equal samples there is one mixture alone.
    let result = try value(Penalty(.gradientPenalty, weight: 1), real: real, fake: real) {
      try sumPerSample($0.squared()) * 1.5
    }
    let norms = try (sumPerSample(real.squared()) * 9 + 1e-10).squareRoot()
    #expect(abs(try result.item() - (norms - 1).squared().mean().item()) < 1e-9)
  }

  /// Logits per place count by their mean, so doubling the places changes nothing.
  @Test func oneLogitPerPlace() throws {
    let x = try random([3, 4], "x")
    let w = try random([1, 4], "w")
    let single = try squaredGradientNorm(at: x) { try sumPerSample($0 * w) }
    let doubled = try squaredGradientNorm(at: x) {
      let score = try sumPerSample($0 * w)
      return try Tensor.stacked([score, score], along: 1)
    }
    #expect(abs(try single.item() - doubled.item()) < 1e-12)
  }

  @Test(arguments: shapes) func mixturesLieBetweenWithOneShareASample(shape: [Int]) throws {
    let zeros = try Tensor.zeros(shape)
    let ones = try Tensor.ones(shape)
    var stream = RandomStream(seed: 1, name: "penalty")
    let rows = try mixture(of: ones, and: zeros, using: &stream).reshaped([shape[0], -1])
    let low = try rows.min(along: 1).array(of: Float.self)
    let high = try rows.max(along: 1).array(of: Float.self)
    #expect(low == high)
    #expect(Set(low).count == shape[0] && low.allSatisfy { $0 >= 0 && $0 <= 1 })
    var again = RandomStream(seed: 1, name: "penalty")
    #expect(throws: TorchError.self) { try mixture(of: ones, and: Tensor.zeros([1]), using: &again) }
  }

  @Test(arguments: Penalty.Kind.allCases) func theDiscriminatorsParametersGetGradients(kind: Penalty.Kind)
    throws
  {
    let real = try random([3, 4], "r")
    let fake = try random([3, 4], "f")
    // Steep, so that the one-sided penalty binds too.
    let start = try random([1, 4], "w") * 3
    try checkGradients(at: [start]) { inputs in
      try value(Penalty(kind, weight: 10), real: real, fake: fake) { samples in
        let score = try sumPerSample(samples * inputs[0])
        return try score + score.squared() * 0.3
      }
    }
    let w = try Parameter(start.cloned())
    try value(Penalty(kind, weight: 10), real: real, fake: fake) { try sumPerSample($0 * w.value) }.backward()
    #expect(try w.grad?.absolute().min().item() ?? 0 > 0)
    #expect(real.grad == nil && fake.grad == nil)
  }

  /// The root of a squared norm of zero has no finite slope: a flat discriminator must not give NaN.
  @Test func aFlatDiscriminatorGivesFiniteGradients() throws {
    let w = try Parameter(Tensor.zeros([1, 4]))
    let x = try random([3, 4], "x").converted(to: .float32)
    let result = try value(Penalty(.gradientPenalty, weight: 10), real: x, fake: x) {
      try sumPerSample($0 * w.value)
    }
    try result.backward()
    #expect(abs(try result.item() - 10) < 1e-3)
    #expect(try w.grad?.isFinite().all().item() == 1)
  }

  @Test func generatedSamplesGetNoGradient() throws {
    let source = try random([3, 4], "f").asLeaf()
    let w = try Parameter(random([1, 4], "w"))
    let fake = try source * 2
    for kind in Penalty.Kind.allCases {
      try value(Penalty(kind, weight: 1), real: random([3, 4], "r"), fake: fake) {
        try sumPerSample($0 * w.value).squared()
      }.backward()
    }
    #expect(source.grad == nil)
  }

  @Test func aPenaltyWithoutDependenceIsAnError() throws {
    let x = try random([3, 4], "x")
    #expect(throws: TorchError.self) { try squaredGradientNorm(at: x) { _ in try Tensor.zeros([3]) } }
    let w = try Parameter(Tensor.ones([3]))
    #expect(throws: TorchError.self) { try squaredGradientNorm(at: x) { _ in try w.value * 2 } }
  }

  @Test func lazyPenaltiesAreRareAndHeavy() throws {
    let lazy = Penalty(.r1, weight: 0.5, interval: 16)
    #expect((0..<40).filter { lazy.appliesAt(step: $0) } == [0, 16, 32])
    #expect((0..<3).allSatisfy { Penalty(.r1, weight: 0.5).appliesAt(step: $0) })
    let x = try random([3, 4], "x")
    let often = try value(Penalty(.r1, weight: 0.5), real: x, fake: x) { try sumPerSample($0.squared()) }
    let rare = try value(lazy, real: x, fake: x) { try sumPerSample($0.squared()) }
    #expect(abs(try rare.item() - 16 * often.item()) < 1e-9)
  }

  @Test func theWeightFollowsItsSchedule() throws {
    let penalty = Penalty(.r1, weight: .linear(from: 2, to: 0))
    let x = try random([2, 3], "x")
    let values = try [0, 50, 100].map { step in
      try value(penalty, real: x, fake: x, step: step, of: 101) { try sumPerSample($0) }.item()
    }
    #expect(values == [3, 1.5, 0])
  }

  @Test(arguments: ["gp=10", "gp-one-sided=0.1", "r1=0.5", "r2=0.5/16", "r1=cosine:1:0.1,hold=0.5/4"])
  func spellingsReadBack(text: String) throws {
    let penalty = try Penalty(parsing: text)
    #expect(penalty.description == text)
    #expect(try JSONDecoder().decode([Penalty].self, from: JSONEncoder().encode([penalty])) == [penalty])
  }

  @Test(arguments: ["", "r1", "r3=1", "r1=", "r1=x", "r1=1/0", "r1=1/x", "r1=nan", "R1=1"])
  func wrongSpellingsAreNamed(text: String) {
    #expect {
      _ = try Penalty(parsing: text)
    } throws: {
      ($0 as? UserError)?.category == .usage && String(describing: $0).contains("'")
    }
  }

  @Test func clippingBoundsEveryParameter() throws {
    let w = try Parameter(Tensor([-2, -0.005, 0.005, 2] as [Float]))
    try WeightClipping(parsing: "0.01").apply(to: [w])
    #expect(try w.value.array(of: Float.self) == [-0.01, -0.005, 0.005, 0.01])
    #expect(w.value.requiresGrad)
    #expect(throws: UserError.self) { try WeightClipping(parsing: "0") }
  }
}
