import Adversarial
import TestSupport
import Testing
import Torch

@testable import AudioModality

@Suite struct ClassicTests {
  @Test(arguments: [
    (16384, 64, 19_065_345, 17_427_969), (32768, 64, 73_149_953, 69_875_201),
    (65536, 64, 73_149_953, 69_875_201), (16384, 32, 5_180_673, 4_361_985),
    (65536, 32, 19_115_777, 17_478_401),
  ])
  func parametersAreAsManyAsPublished(length: Int, width: Int, inGenerator: Int, inDiscriminator: Int) throws
  {
    let format = ClassicSpec(length: length)
    let recipe = ClassicFixtures.recipe(width: width)
    #expect(try ClassicFixtures.generator(format, recipe, latent: 100).parameterCount == inGenerator)
    #expect(try ClassicFixtures.discriminator(format, recipe).parameterCount == inDiscriminator)
  }

  @Test func namesAndLayoutsArePyTorchs() throws {
    let format = ClassicSpec(length: 512, channels: 2, labels: 3)
    let recipe = ClassicFixtures.recipe {
      $0.postFilter = 8
      $0.labelDimension = 4
    }
    func listing(_ module: some Module) -> [String] {
      module.namedParameters.map { "\($0.name) \($0.parameter.value.shape)" }
    }
    #expect(
      try listing(ClassicFixtures.generator(format, recipe)) == [
        "dense.weight [128, 9]", "dense.bias [128]", "upconv.0.weight [8, 4, 25]", "upconv.0.bias [4]",
        "upconv.1.weight [4, 2, 25]", "upconv.1.bias [2]", "upconv.2.weight [2, 2, 25]", "upconv.2.bias [2]",
        "filter.weight [2, 1, 8]", "label.weight [3, 4]",
      ])
    #expect(
      try listing(ClassicFixtures.discriminator(format, recipe)) == [
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
    let format = ClassicSpec(length: length, channels: channels)
    let samples = try ClassicFixtures.generator(format).generate(
      latents: ClassicFixtures.normal([3, 5]), labels: nil, context: ClassicFixtures.evaluation)
    #expect(samples.shape == [3, length, channels])
    #expect(try samples.absolute().max().item() < 1)
    let logits = try ClassicFixtures.discriminator(format).discriminate(
      samples, labels: nil, context: ClassicFixtures.training)
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
    let faulty = ClassicFixtures.recipe(width: 0) {
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
    let discriminator = try ClassicFixtures.discriminator(.init(length: 64))
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
        let logit = try discriminator.discriminate(sample, labels: nil, context: ClassicFixtures.evaluation)
          .item()
        let tap = frame - 4 * m + 10
        #expect(logit == ((0..<25).contains(tap) ? Double(tap + 1) : 0))
      }
    }
  }

  @Test func aPostFilterActsOnEachChannelAlone() throws {
    let format = ClassicSpec(length: 64, channels: 2)
    let recipe = ClassicFixtures.recipe { $0.postFilter = 4 }
    let filtered = try ClassicFixtures.generator(format, recipe)
    let plain = try ClassicFixtures.generator(format)
    let filter = try #require(filtered.namedParameters.first { $0.name == "filter.weight" }?.parameter)
    // Of 4 taps one lies before the frame itself; the first channel is delayed, the second advanced.
    try filter.set(Tensor([2, 0, 0, 0, 0, 0, 3, 0] as [Float], shape: [2, 1, 4]))
    for (name, parameter) in plain.namedParameters {
      let twin = try #require(filtered.namedParameters.first { $0.name == name }?.parameter)
      try twin.set(parameter.value)
    }
    let latents = try ClassicFixtures.normal([1, 5])
    let a = try plain.generate(latents: latents, labels: nil, context: ClassicFixtures.evaluation)
    let b = try filtered.generate(latents: latents, labels: nil, context: ClassicFixtures.evaluation)
    func channel(_ x: Tensor, _ index: Int) throws -> Tensor {
      try x.narrowed(along: 2, start: index, count: 1)
    }
    #expect(b.shape == a.shape)
    #expect(try channel(b, 0).distance(to: channel(a, 0).padded(0, 0, 1, -1) * 2) < 1e-6)
    #expect(try channel(b, 1).distance(to: channel(a, 1).padded(0, 0, -1, 1) * 3) < 1e-6)
  }
}
