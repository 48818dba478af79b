import Adversarial
import TestSupport
import Testing
import Torch

@testable import AudioModality

/// Small networks of the classic kind.
private enum Fixtures {
  static func recipe(width: Int = 2, _ change: (inout ClassicRecipe) -> Void = { _ in }) -> ClassicRecipe {
    var recipe = ClassicRecipe()
    recipe.width = width
    change(&recipe)
    return recipe
  }

  static func generator(
    _ format: ClassicFormat, _ recipe: ClassicRecipe = recipe(), latent: Int = 5
  ) throws -> ClassicGenerator {
    var stream = RandomStream(seed: 1, name: "generator")
    return try ClassicGenerator(recipe: recipe, format: format, latentDimension: latent, using: &stream)
  }

  static func discriminator(_ format: ClassicFormat, _ recipe: ClassicRecipe = recipe()) throws
    -> ClassicDiscriminator
  {
    var stream = RandomStream(seed: 2, name: "discriminator")
    return try ClassicDiscriminator(recipe: recipe, format: format, using: &stream)
  }

  static func normal(_ shape: [Int], seed: UInt64 = 3) throws -> Tensor {
    var stream = RandomStream(seed: seed, name: "normal")
    return try stream.normal(shape)
  }

  static let evaluation = StepContext(seed: 5, scope: "test")
  static let training = StepContext(seed: 5, step: 7, scope: "test", isTraining: true)
}

@Suite struct ClassicTests {
  @Test(arguments: [
    (16384, 64, 19_065_345, 17_427_969), (32768, 64, 73_149_953, 69_875_201),
    (65536, 64, 73_149_953, 69_875_201), (16384, 32, 5_180_673, 4_361_985),
    (65536, 32, 19_115_777, 17_478_401),
  ])
  func parametersAreAsManyAsPublished(length: Int, width: Int, inGenerator: Int, inDiscriminator: Int) throws
  {
    let format = ClassicFormat(length: length)
    let recipe = Fixtures.recipe(width: width)
    #expect(try Fixtures.generator(format, recipe, latent: 100).parameterCount == inGenerator)
    #expect(try Fixtures.discriminator(format, recipe).parameterCount == inDiscriminator)
  }

  @Test func namesAndLayoutsArePyTorchs() throws {
    let format = ClassicFormat(length: 512, channels: 2, labels: 3)
    let recipe = Fixtures.recipe {
      $0.postFilter = 8
      $0.labelDimension = 4
    }
    func listing(_ module: some Module) -> [String] {
      module.namedParameters.map { "\($0.name) \($0.parameter.value.shape)" }
    }
    #expect(
      try listing(Fixtures.generator(format, recipe)) == [
        "dense.weight [128, 9]", "dense.bias [128]", "upconv.0.weight [8, 4, 25]", "upconv.0.bias [4]",
        "upconv.1.weight [4, 2, 25]", "upconv.1.bias [2]", "upconv.2.weight [2, 2, 25]", "upconv.2.bias [2]",
        "filter.weight [2, 1, 8]", "label.weight [3, 4]",
      ])
    #expect(
      try listing(Fixtures.discriminator(format, recipe)) == [
        "downconv.0.weight [2, 2, 25]", "downconv.0.bias [2]", "downconv.1.weight [4, 2, 25]",
        "downconv.1.bias [4]", "downconv.2.weight [8, 4, 25]", "downconv.2.bias [8]",
        "output.weight [1, 128]",
        "output.bias [1]", "label.weight [3, 128]",
      ])
  }

  @Test(arguments: [64, 128, 256, 512, 8192], [1, 2]) func everyLengthOfTheFamilyWorks(
    length: Int, channels: Int
  )
    throws
  {
    let format = ClassicFormat(length: length, channels: channels)
    let samples = try Fixtures.generator(format).generate(
      latents: Fixtures.normal([3, 5]), labels: nil, context: Fixtures.evaluation)
    #expect(samples.shape == [3, length, channels])
    #expect(try samples.absolute().max().item() < 1)
    let logits = try Fixtures.discriminator(format).discriminate(
      samples, labels: nil, context: Fixtures.training)
    #expect(logits.shape == [3])
  }

  @Test func stridesAreAsPublished() {
    #expect(ClassicRecipe.strides(length: 16384) == [4, 4, 4, 4, 4])
    #expect(ClassicRecipe.strides(length: 32768) == [4, 4, 4, 4, 4, 2])
    #expect(ClassicRecipe.strides(length: 8192) == [4, 4, 4, 4, 2])
    for length in [0, 1, 16, 32, 63, 96, 1000, 16383] {
      #expect(ClassicRecipe.strides(length: length) == nil)
      #expect(ClassicRecipe().faults(length: length).map(\.key) == ["data.length"])
    }
  }

  @Test func theDefaultHasNoFaultsAndFaultsNameTheirKey() {
    #expect(ClassicRecipe().faults(length: 16384).isEmpty)
    let faulty = Fixtures.recipe(width: 0) {
      $0.kernel = 3
      $0.postFilter = 0
      $0.phaseShuffle = 16
      $0.labelDimension = 0
    }
    #expect(
      faulty.faults(key: "net", length: 100, lengthKey: "length").map(\.key) == [
        "length", "net.width", "net.kernel", "net.postFilter", "net.phaseShuffle", "net.labelDimension",
      ])
    #expect(faulty.faults(length: 64).first?.message == "found 0, expected 1 to 1024")
  }

  /// The published alignment, frame by frame: output frame m of a discriminator's layer sees input frames from
  /// 4m - 10 to 4m + 14.
  @Test func aFrameReachesWhatTheFormulaSays() throws {
    let discriminator = try Fixtures.discriminator(.init(length: 64))
    let layer = discriminator.namedParameters
    let weight = try #require(layer.first { $0.name == "downconv.0.weight" }?.parameter)
    let head = try #require(layer.first { $0.name == "output.weight" }?.parameter)
    try weight.set(Tensor((0..<50).map { Float($0 + 1) }, shape: [2, 1, 25]))
    for (name, parameter) in layer where name.hasSuffix("bias") {
      try parameter.set(parameter.value.zerosLike())
    }
    for frame in [0, 9, 10, 31, 63] {
      var impulse = [Float](repeating: 0, count: 64)
      impulse[frame] = 1
      let sample = try Tensor(impulse, shape: [1, 64, 1])
      for m in 0..<16 {
        var chosen = [Float](repeating: 0, count: 32)
        chosen[2 * m] = 1
        try head.set(Tensor(chosen, shape: [1, 32]))
        let logit = try discriminator.discriminate(sample, labels: nil, context: Fixtures.evaluation).item()
        let tap = frame - 4 * m + 10
        #expect(logit == ((0..<25).contains(tap) ? Double(tap + 1) : 0))
      }
    }
  }

  @Test func aPostFilterActsOnEachChannelAlone() throws {
    let format = ClassicFormat(length: 64, channels: 2)
    let recipe = Fixtures.recipe { $0.postFilter = 4 }
    let filtered = try Fixtures.generator(format, recipe)
    let plain = try Fixtures.generator(format)
    let filter = try #require(filtered.namedParameters.first { $0.name == "filter.weight" }?.parameter)
    // Of 4 taps one lies before the frame itself; the first channel is delayed, the second advanced.
    try filter.set(Tensor([2, 0, 0, 0, 0, 0, 3, 0] as [Float], shape: [2, 1, 4]))
    for (name, parameter) in plain.namedParameters {
      let twin = try #require(filtered.namedParameters.first { $0.name == name }?.parameter)
      try twin.set(parameter.value)
    }
    let latents = try Fixtures.normal([1, 5])
    let a = try plain.generate(latents: latents, labels: nil, context: Fixtures.evaluation)
    let b = try filtered.generate(latents: latents, labels: nil, context: Fixtures.evaluation)
    func channel(_ x: Tensor, _ index: Int) throws -> Tensor {
      try x.narrowed(along: 2, start: index, count: 1)
    }
    #expect(b.shape == a.shape)
    #expect(try channel(b, 0).distance(to: channel(a, 0).padded(0, 0, 1, -1) * 2) < 1e-6)
    #expect(try channel(b, 1).distance(to: channel(a, 1).padded(0, 0, -1, 1) * 3) < 1e-6)
  }
}

@Suite struct PhaseShuffleTests {
  @Test(
    arguments: [
      (0, [0, 1, 2, 3, 4, 5]), (1, [1, 0, 1, 2, 3, 4]), (2, [2, 1, 0, 1, 2, 3]), (-1, [1, 2, 3, 4, 5, 4]),
      (-2, [2, 3, 4, 5, 4, 3]),
    ] as [(Int, [Float])])
  func gapsAreMirrored(shift: Int, expected: [Float]) throws {
    let x = try Tensor([0, 1, 2, 3, 4, 5] as [Float], shape: [1, 6, 1])
    #expect(try x.phaseShuffled(by: shift).array(of: Float.self) == expected)
    try checkGradients(at: [Fixtures.normal([2, 6, 2])]) { try $0[0].phaseShuffled(by: shift) }
  }

  /// Logits of twice the same sample are equal whatever the draw, and vary from step to step in training only.
  @Test func oneShiftServesTheWholeBatch() throws {
    let discriminator = try Fixtures.discriminator(.init(length: 256))
    let sample = try Fixtures.normal([1, 256, 1])
    let twice = try Tensor.concatenated([sample, sample])
    func logits(step: Int, training: Bool) throws -> [Float] {
      let context = StepContext(seed: 5, step: step, scope: "test", isTraining: training)
      return try discriminator.discriminate(twice, labels: nil, context: context).array(of: Float.self)
    }
    let trained = try (0..<30).map { try logits(step: $0, training: true) }
    // Sums of the two are split in other places, shifts of their own would differ by far more.
    for pair in trained { #expect(abs(pair[0] - pair[1]) < 1e-6) }
    // Five shifts behind each of two layers but one.
    #expect(Set(trained.map { $0[0] }).count == 5)
    #expect(try logits(step: 3, training: true) == trained[3])
    #expect(try Set((0..<5).map { try logits(step: $0, training: false)[0] }).count == 1)
  }

  @Test func aRadiusOfZeroShiftsNothing() throws {
    let format = ClassicFormat(length: 256)
    let discriminator = try Fixtures.discriminator(format, Fixtures.recipe { $0.phaseShuffle = 0 })
    let sample = try Fixtures.normal([2, 256, 1])
    func logits(_ context: StepContext) throws -> Tensor {
      try discriminator.discriminate(sample, labels: nil, context: context)
    }
    #expect(try logits(Fixtures.training).isEqual(to: logits(Fixtures.evaluation)))
  }
}

@Suite struct ClassicTrainingTests {
  private static func parts(labels: Int = 0) throws -> (ClassicGenerator, ClassicDiscriminator) {
    let format = ClassicFormat(length: 128, labels: labels)
    return (try Fixtures.generator(format), try Fixtures.discriminator(format))
  }

  @Test func labelsMatterAndMustBeThere() throws {
    let (generator, discriminator) = try Self.parts(labels: 2)
    let latents = try Fixtures.normal([1, 5]).expanded(to: [2, 5])
    let labels = try Tensor([0, 1])
    let samples = try generator.generate(latents: latents, labels: labels, context: Fixtures.evaluation)
    let (first, second) = (try samples.selected(0), try samples.selected(1))
    #expect(try first.distance(to: second) > 1e-3)
    let twice = try Tensor.stacked([first, first])
    let logits = try discriminator.discriminate(twice, labels: labels, context: Fixtures.evaluation)
      .array(of: Float.self)
    #expect(logits[0] != logits[1])
    #expect(throws: TorchError("ClassicGenerator: no labels, expected [B] of them")) {
      _ = try generator.generate(latents: latents, labels: nil, context: Fixtures.evaluation)
    }
    #expect(throws: TorchError("ClassicDiscriminator: no labels, expected [B] of them")) {
      _ = try discriminator.discriminate(samples, labels: nil, context: Fixtures.evaluation)
    }
  }

  @Test func aWrongLengthIsNamed() throws {
    let (_, discriminator) = try Self.parts()
    #expect(
      throws: TorchError("ClassicDiscriminator: samples of shape [2, 64, 1], expected [B, 128, 1]")
    ) {
      _ = try discriminator.discriminate(
        Tensor.zeros([2, 64, 1]), labels: nil, context: Fixtures.evaluation)
    }
  }

  @Test(arguments: AdversarialLoss.allCases, [0, 2]) func everyLossReachesEveryParameter(
    _ loss: AdversarialLoss, _ labelCount: Int
  ) throws {
    let (generator, discriminator) = try Self.parts(labels: labelCount)
    let labels = labelCount > 0 ? try Tensor([0, 1, 1]) : nil
    let real = try Fixtures.normal([3, 128, 1])
    let fake = try generator.generate(
      latents: Fixtures.normal([3, 5]), labels: labels, context: Fixtures.training)
    func logits(_ samples: Tensor) throws -> Tensor {
      try discriminator.discriminate(samples, labels: labels, context: Fixtures.training)
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
    let discriminator = try Fixtures.discriminator(
      ClassicFormat(length: 64, labels: 2), Fixtures.recipe { $0.kernel = 5 })
    let labels = try Tensor([0, 1])
    let samples = try Fixtures.normal([2, 64, 1]).converted(to: .float64)
    func penalty() throws -> Tensor {
      try gradientPenalty(at: samples) {
        try discriminator.discriminate($0, labels: labels, context: Fixtures.training)
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
          latents: Fixtures.normal([8, 5]), labels: nil, context: Fixtures.evaluation)
        let logits = try discriminator.discriminate(fake, labels: nil, context: Fixtures.evaluation)
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
    let format = ClassicFormat(length: 2048)
    let discriminator = try Fixtures.discriminator(format, Fixtures.recipe(width: 8))
    for parameter in discriminator.parameters where parameter.value.rank > 1 {
      try parameter.set(parameter.value * steepness)
    }
    let samples = try Fixtures.normal([16, 2048, 1]).tanh()
    func penalty(_ dtype: DType?) throws -> (value: Double, slope: Tensor) {
      let value = try withAutocast(dtype, on: .cpu) {
        try gradientPenalty(at: samples) {
          try discriminator.discriminate($0, labels: nil, context: Fixtures.training)
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
