import Adversarial
import TestSupport
import Testing
import Torch

@testable import AudioModality

@Suite struct ClassicTrainingTests {
  private static func parts(labels: Int = 0) throws -> (ClassicGenerator, ClassicDiscriminator) {
    let format = ClassicSpec(length: 128, labels: labels)
    return (try ClassicFixtures.generator(format), try ClassicFixtures.discriminator(format))
  }

  @Test func labelsMatterAndMustBeThere() throws {
    let (generator, discriminator) = try Self.parts(labels: 2)
    let latents = try ClassicFixtures.normal([1, 5]).expanded(to: [2, 5])
    let labels = try Tensor([0, 1])
    let samples = try generator.generate(
      latents: latents, labels: labels, context: ClassicFixtures.evaluation)
    let (first, second) = (try samples.selected(0), try samples.selected(1))
    #expect(try first.distance(to: second) > 1e-3)
    let twice = try Tensor.stacked([first, first])
    let logits = try discriminator.discriminate(twice, labels: labels, context: ClassicFixtures.evaluation)
      .array(of: Float.self)
    #expect(logits[0] != logits[1])
    #expect(throws: TorchError("ClassicGenerator: no labels, expected [B] of them")) {
      _ = try generator.generate(latents: latents, labels: nil, context: ClassicFixtures.evaluation)
    }
    #expect(throws: TorchError("ProjectionHead: no labels, expected [B] of them")) {
      _ = try discriminator.discriminate(samples, labels: nil, context: ClassicFixtures.evaluation)
    }
  }

  @Test func aWrongLengthIsNamed() throws {
    let (_, discriminator) = try Self.parts()
    #expect(
      throws: TorchError("ClassicDiscriminator: samples of shape [2, 64, 1], expected [B, 128, 1]")
    ) {
      _ = try discriminator.discriminate(
        Tensor.zeros([2, 64, 1]), labels: nil, context: ClassicFixtures.evaluation)
    }
  }

  @Test(arguments: AdversarialLoss.allCases, [0, 2]) func everyLossReachesEveryParameter(
    _ loss: AdversarialLoss, _ labelCount: Int
  ) throws {
    let (generator, discriminator) = try Self.parts(labels: labelCount)
    let labels = labelCount > 0 ? try Tensor([0, 1, 1]) : nil
    let real = try ClassicFixtures.normal([3, 128, 1])
    let fake = try generator.generate(
      latents: ClassicFixtures.normal([3, 5]), labels: labels, context: ClassicFixtures.training)
    func logits(_ samples: Tensor) throws -> Tensor {
      try discriminator.discriminate(samples, labels: labels, context: ClassicFixtures.training)
    }
    try loss.discriminatorLoss(real: logits(real), fake: logits(fake.detached())).backward()
    // A number added to every logit changes nothing where only differences count, as in the hinge loss near 0.
    let constant = loss == .wasserstein || loss == .hinge || loss.needsRealForGenerator
    for (name, parameter) in discriminator.namedParameters {
      if constant && name == "output.bias" { continue }
      #expect(try (parameter.grad?.norm().item() ?? 0) > 0, "\(name)")
    }
    try loss.generatorLoss(real: logits(real), fake: logits(fake)).backward()
    for (name, parameter) in generator.namedParameters {
      #expect(try (parameter.grad?.norm().item() ?? 0) > 0, "\(name)")
    }
  }

  /// The penalty's derivative by each weight against finite differences.
  @Test func penaltiesDifferentiateTwice() throws {
    let discriminator = try ClassicFixtures.discriminator(
      ClassicSpec(length: 64, labels: 2), ClassicFixtures.recipe { $0.kernel = 5 })
    let labels = try Tensor([0, 1])
    let samples = try ClassicFixtures.normal([2, 64, 1]).converted(to: .float64)
    func penalty() throws -> Tensor {
      try gradientPenalty(at: samples) {
        try discriminator.discriminate($0, labels: labels, context: ClassicFixtures.training)
      }
    }
    try discriminator.convert(to: .float64)
    let parameters = discriminator.namedParameters.filter { $0.name.hasSuffix("weight") }
    let derivatives = try gradients(of: [penalty()], withRespectTo: parameters.map(\.parameter.value))
    for (found, (name, parameter)) in zip(derivatives, parameters) {
      let derivative = try #require(found, "\(name)").array(of: Double.self)
      let start = try parameter.value.array(of: Double.self)
      for element in Swift.stride(from: 0, to: start.count, by: 7) {
        func value(movedBy distance: Double) throws -> Double {
          var moved = start
          moved[element] += distance
          try parameter.set(Tensor(moved, shape: parameter.value.shape))
          return try penalty().item()
        }
        let difference = try (value(movedBy: 1e-6) - value(movedBy: -1e-6)) / 2e-6
        #expect(abs(difference - derivative[element]) < 1e-6 * max(1, abs(difference)), "\(name) \(element)")
      }
      try parameter.set(Tensor(start, shape: parameter.value.shape))
    }
  }

  @Test func bfloat16FollowsSinglePrecision() throws {
    let (generator, discriminator) = try Self.parts()
    func run(_ dtype: DType?) throws -> (Tensor, Tensor) {
      try withAutocast(dtype, on: .cpu) {
        let fake = try generator.generate(
          latents: ClassicFixtures.normal([8, 5]), labels: nil, context: ClassicFixtures.evaluation)
        let logits = try discriminator.discriminate(fake, labels: nil, context: ClassicFixtures.evaluation)
        return (fake, try logits.converted(to: .float32))
      }
    }
    let (exact, rounded) = (try run(nil), try run(.bfloat16))
    #expect(rounded.0.dtype == .float32)
    #expect(try rounded.0.distance(to: exact.0) < 0.03)
    #expect(try rounded.1.distance(to: exact.1) < 0.03)
  }

  /// The penalty in bfloat16 has the value and, over all weights, the direction of that in single precision: the slope's
  /// parts are rounded, its norm is not.
  @Test(arguments: [1.0, 3.0]) func penaltiesHoldInBfloat16(steepness: Double) throws {
    let format = ClassicSpec(length: 2048)
    let discriminator = try ClassicFixtures.discriminator(format, ClassicFixtures.recipe(width: 8))
    for parameter in discriminator.parameters where parameter.value.rank > 1 {
      try parameter.set(parameter.value * steepness)
    }
    let samples = try ClassicFixtures.normal([16, 2048, 1]).tanh()
    func penalty(_ dtype: DType?) throws -> (value: Double, slope: Tensor) {
      let value = try withAutocast(dtype, on: .cpu) {
        try gradientPenalty(at: samples) {
          try discriminator.discriminate($0, labels: nil, context: ClassicFixtures.training)
        }
      }
      let weights = discriminator.namedParameters.filter { $0.name.hasSuffix("weight") }
      let slopes = try gradients(of: [value], withRespectTo: weights.map(\.parameter.value))
      return (try value.item(), try Tensor.concatenated(slopes.compactMap { try $0?.reshaped([-1]) }))
    }
    let (exact, rounded) = (try penalty(nil), try penalty(.bfloat16))
    #expect(exact.slope.count == rounded.slope.count)
    #expect(abs(rounded.value / exact.value - 1) < 0.01)
    let cosine =
      try (exact.slope * rounded.slope).sum().item()
      / (exact.slope.norm().item() * rounded.slope.norm().item())
    #expect(cosine > 0.999)
  }
}
