import Adversarial
import TestSupport
import Testing
import Torch

@testable import AudioModality

@Suite struct ModernDiscriminatorTests {
  private func logits(
    _ discriminator: ModernDiscriminator, _ samples: Tensor, labels: [Int]? = nil,
    context: StepContext = SmallAudio.evaluation
  ) throws -> Tensor {
    try discriminator.discriminate(samples, labels: labels.map { try Tensor($0) }, context: context)
  }

  private func sounds(_ count: Int = 4, length: Int = SmallAudio.length, channels: Int = 1) throws -> Tensor {
    try SmallAudio.normal([count, length, channels]).tanh() * 0.5
  }

  @Test(arguments: [128, 160, 512, 1024], [1, 2]) func oneLogitASample(length: Int, channels: Int) throws {
    let discriminator = try SmallAudio.discriminator(SmallAudio.spec(length: length, channels: channels))
    let samples = try sounds(length: length, channels: channels)
    for context in [SmallAudio.evaluation, SmallAudio.training] {
      let found = try logits(discriminator, samples, context: context)
      #expect(found.shape == [4])
      #expect(try found.isFinite().all().item() == 1)
    }
  }

  @Test func stridesLeadToTheHop() {
    #expect(ModernDiscriminator.strides(to: 128, layers: 3) == [8, 4, 4])
    #expect(ModernDiscriminator.strides(to: 128, layers: 1) == [128])
    #expect(ModernDiscriminator.strides(to: 8, layers: 0) == [])
    for bits in 3...12 {
      for layers in 1...6 {
        let strides = ModernDiscriminator.strides(to: 1 << bits, layers: layers)
        #expect(strides.count == layers)
        #expect(strides.reduce(1, *) == 1 << bits)
        #expect(strides == strides.sorted(by: >))
      }
    }
  }

  /// More layers than the hop has doublings leave some with a stride of 1.
  @Test(arguments: [0, 1, 2, 6]) func anyNumberOfWaveLayers(count: Int) throws {
    let discriminator = try SmallAudio.discriminator {
      $0.window = 16
      $0.waveWidths = Array(repeating: 3, count: count)
    }
    #expect(try logits(discriminator, sounds()).shape == [4])
    #expect(discriminator.namedParameters.contains { $0.name.hasPrefix("wave.") } == (count > 0))
  }

  @Test func parametersHaveTheirNames() throws {
    let format = SmallAudio.spec(channels: 2, labels: ["x", "y", "z"])
    let discriminator = try SmallAudio.discriminator(format)
    // 32 frames, halved twice, of 12 channels.
    #expect(
      discriminator.namedParameters.map { "\($0.name) \($0.parameter.value.shape)" } == [
        "spectrum.weight [12, 66, 5]", "spectrum.bias [12]", "wave.0.weight [4, 2, 24]", "wave.0.bias [4]",
        "wave.1.weight [6, 4, 12]", "wave.1.bias [6]", "merged.0.weight [12, 18, 6]", "merged.0.bias [12]",
        "merged.1.weight [12, 12, 6]", "merged.1.bias [12]", "output.weight [1, 96]", "output.bias [1]",
        "label.weight [3, 96]",
      ])
    #expect(discriminator.namedBuffers.isEmpty)
    #expect(try !SmallAudio.discriminator(format) { $0.spectralNorm = true }.namedBuffers.isEmpty)
  }

  @Test(arguments: [false, true]) func judgesEachSampleAlone(spectralNorm: Bool) throws {
    let discriminator = try SmallAudio.discriminator { $0.spectralNorm = spectralNorm }
    let samples = try sounds()
    let together = try logits(discriminator, samples).array(of: Float.self)
    for row in 0..<4 {
      let alone = try logits(discriminator, samples.narrowed(along: 0, start: row, count: 1))
      #expect(abs(try alone.item() - Double(together[row])) < 1e-4)
    }
    #expect(Set(together).count == 4)
  }

  @Test func labelsAddTheirProjection() throws {
    let format = SmallAudio.spec(labels: ["x", "y"])
    let discriminator = try SmallAudio.discriminator(format)
    let samples = try sounds(1).expanded(to: [2, SmallAudio.length, 1])
    #expect(throws: TorchError.self) { try logits(discriminator, samples) }
    let found = try logits(discriminator, samples, labels: [0, 1]).array(of: Float.self)
    #expect(abs(found[0] - found[1]) > 1e-4)
    // Without label vectors both are the unconditional logit; twice the vectors add twice as much.
    let vectors = try #require(discriminator.namedParameters.last?.parameter)
    let before = try vectors.value.detached().cloned()
    try vectors.set(before.zerosLike())
    let plain = try logits(discriminator, samples, labels: [0, 1]).array(of: Float.self)
    #expect(abs(plain[0] - plain[1]) < 1e-5)
    try vectors.set(before * 2)
    let twice = try logits(discriminator, samples, labels: [0, 1]).array(of: Float.self)
    for row in 0..<2 { #expect(abs(twice[row] - plain[row] - 2 * (found[row] - plain[row])) < 1e-4) }
    // A label's vector in place of the last layer's weights gives what the label adds.
    try vectors.set(before.zerosLike())
    for (name, parameter) in discriminator.namedParameters where name.hasPrefix("output.") {
      let row = try before.narrowed(along: 0, start: 0, count: 1)
      try parameter.set(name.hasSuffix("weight") ? row : parameter.value.zerosLike())
    }
    let added = try logits(discriminator, samples, labels: [0, 1]).array(of: Float.self)
    #expect(abs(added[0] - (found[0] - plain[0])) < 1e-4)
  }

  /// No place of a sound may be invisible, from its first sample to its last.
  @Test func everySampleCounts() throws {
    let discriminator = try SmallAudio.discriminator()
    let leaf = try sounds(1).asLeaf()
    try logits(discriminator, leaf).sum().backward()
    let gradient = try #require(leaf.grad)
    #expect(try gradient.absolute().min().item() > 0)
  }

  @Test func everyParameterHasAGradient() throws {
    let discriminator = try SmallAudio.discriminator(SmallAudio.spec(labels: ["x", "y"])) {
      $0.spectralNorm = true
    }
    try logits(discriminator, sounds(), labels: [0, 1, 0, 1], context: SmallAudio.training).squared().sum()
      .backward()
    for (name, parameter) in discriminator.namedParameters {
      #expect(try (parameter.grad?.norm().item() ?? 0) > 0, "\(name)")
    }
  }

  @Test(arguments: [nil, DType.bfloat16]) func penaltiesReachEveryWeight(dtype: DType?) throws {
    let discriminator = try SmallAudio.discriminator(SmallAudio.spec(labels: ["x", "y"]))
    let samples = try sounds()
    let labels = try Tensor([0, 1, 0, 1])
    let value = try withAutocast(dtype, on: .cpu) {
      try squaredGradientNorm(at: samples) {
        try discriminator.discriminate($0, labels: labels, context: SmallAudio.training)
      }
    }
    #expect(try value.item() > 0)
    try value.backward()
    for (name, parameter) in discriminator.namedParameters where name.hasSuffix("weight") {
      #expect(try (parameter.grad?.norm().item() ?? 0) > 0, "\(name)")
      #expect(try parameter.grad?.isFinite().all().item() == 1, "\(name)")
    }
  }

  @Test func silenceIsHarmless() throws {
    let discriminator = try SmallAudio.discriminator()
    let silence = try Tensor.zeros([2, SmallAudio.length, 1])
    let leaf = try silence.asLeaf()
    let found = try logits(discriminator, leaf, context: SmallAudio.training)
    let penalty = try squaredGradientNorm(at: silence) {
      try logits(discriminator, $0, context: SmallAudio.training)
    }
    #expect(try found.isFinite().all().item() == 1)
    #expect(try penalty.isFinite().all().item() == 1)
    try (found.sum() + penalty).backward()
    #expect(try leaf.grad?.isFinite().all().item() == 1)
    for (name, parameter) in discriminator.namedParameters {
      #expect(try parameter.grad?.isFinite().all().item() ?? 1 == 1, "\(name)")
    }
  }

  @Test(arguments: AugmentationMode.allCases) func onlyWhatAdaptsIsState(mode: AugmentationMode) throws {
    let discriminator = try SmallAudio.discriminator { $0.augmentation.mode = mode }
    #expect(
      discriminator.namedBuffers.map(\.name)
        == (mode == .adaptive ? ["augmentation.strength", "augmentation.accuracy"] : []))
    let samples = try sounds()
    let plain = try logits(discriminator, samples)
    func isAugmented() throws -> Bool {
      try logits(discriminator, samples, context: SmallAudio.training).distance(to: plain) > 1e-4
    }
    #expect(try isAugmented() == (mode == .constant))
    let scalars = try discriminator.follow(accuracy: 1, samples: 8000)
    #expect(scalars.map(\.name) == (mode == .adaptive ? [ScalarName.augmentation] : []))
    #expect(scalars.allSatisfy { $0.value == 0.5 })
    #expect(try isAugmented() == (mode != .none))
    _ = try discriminator.follow(accuracy: 0, samples: 8000)
    #expect(try isAugmented() == (mode == .constant))
  }

  @Test func augmentsInTrainingOnly() throws {
    let plain = try SmallAudio.discriminator {
      $0.augmentation.shift = 0
      $0.augmentation.gain = 0
      $0.augmentation.polarity = false
    }
    let augmenting = try SmallAudio.discriminator()
    let samples = try sounds()
    let expected = try logits(plain, samples)
    #expect(try logits(augmenting, samples).isEqual(to: expected))
    #expect(try logits(plain, samples, context: SmallAudio.training).isEqual(to: expected))
    let first = try logits(augmenting, samples, context: SmallAudio.training)
    #expect(try first.distance(to: expected) > 1e-4)
    #expect(try logits(augmenting, samples, context: SmallAudio.training).isEqual(to: first))
    let later = StepContext(seed: 5, step: 8, scope: "test", isTraining: true)
    #expect(try logits(augmenting, samples, context: later).distance(to: first) > 1e-4)
  }
}
