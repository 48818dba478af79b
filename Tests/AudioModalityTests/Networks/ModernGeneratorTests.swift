import Adversarial
import Foundation
import TestSupport
import Testing
import Torch

@testable import AudioModality

@Suite struct ModernGeneratorTests {
  private func sounds(
    _ generator: ModernGenerator, count: Int = 3, labels: [Int]? = nil,
    context: StepContext = SmallAudio.evaluation
  ) throws -> Tensor {
    try generator.generate(
      latents: SmallAudio.normal([count, 6]), labels: labels.map { try Tensor($0) }, context: context)
  }

  /// Lets noise be heard, which begins at zero.
  private func makeNoisy(_ generator: ModernGenerator) throws {
    for (name, parameter) in generator.namedParameters where name.hasSuffix("noise") {
      try parameter.set(parameter.value.onesLike())
    }
  }

  @Test(arguments: [64, 100, 1000, 1023, 1024], [1, 2]) func anyLengthIsPossible(length: Int, channels: Int)
    throws
  {
    let generator = try SmallAudio.generator(SmallAudio.spec(length: length, channels: channels))
    let found = try sounds(generator)
    #expect(found.shape == [3, length, channels])
    #expect(found.dtype == .float32)
    #expect(try found.isFinite().all().item() == 1)
    let (first, second) = (try found.selected(0), try found.selected(1))
    #expect(try first.distance(to: second) > 1e-4)
    if channels == 2 {
      #expect(try found.selected(0, along: 2).distance(to: found.selected(1, along: 2)) > 1e-4)
    }
  }

  @Test func parametersHaveTheirNames() throws {
    let generator = try SmallAudio.generator(SmallAudio.spec(channels: 2, labels: ["x", "y", "z"]))
    // A window of 64 has 33 bins; 1024 samples have 33 frames, which two blocks make of 17.
    #expect(
      generator.namedParameters.map { "\($0.name) \($0.parameter.value.shape)" } == [
        "label.weight [3, 4]", "mapping.0.weight [12, 10]", "mapping.0.bias [12]",
        "mapping.1.weight [12, 12]", "mapping.1.bias [12]", "start.weight [272, 12]", "start.bias [272]",
        "blocks.0.first.weight [16, 16, 3]", "blocks.0.first.bias [16]",
        "blocks.0.second.weight [16, 16, 3]", "blocks.0.second.bias [16]",
        "blocks.0.before.affine.weight [32, 12]", "blocks.0.before.affine.bias [32]",
        "blocks.0.between.affine.weight [32, 12]", "blocks.0.between.affine.bias [32]", "blocks.0.noise [16]",
        "blocks.1.first.weight [8, 16, 3]", "blocks.1.first.bias [8]", "blocks.1.second.weight [8, 8, 3]",
        "blocks.1.second.bias [8]", "blocks.1.before.affine.weight [32, 12]",
        "blocks.1.before.affine.bias [32]", "blocks.1.between.affine.weight [16, 12]",
        "blocks.1.between.affine.bias [16]", "blocks.1.skip.weight [8, 16]", "blocks.1.skip.bias [8]",
        "blocks.1.noise [8]", "last.affine.weight [16, 12]", "last.affine.bias [16]",
        "spectrum.weight [198, 8]", "spectrum.bias [198]",
      ])
    #expect(generator.namedBuffers.isEmpty)
    #expect(try SmallAudio.generator().namedParameters.first?.name == "mapping.0.weight")
  }

  @Test func soundsDependOnTheContextAlone() throws {
    let generator = try SmallAudio.generator()
    try makeNoisy(generator)
    let first = try sounds(generator, context: SmallAudio.training)
    #expect(try sounds(generator, context: SmallAudio.training).isEqual(to: first))
    let later = StepContext(seed: 5, step: 8, scope: "test", isTraining: true)
    #expect(try sounds(generator, context: later).distance(to: first) > 1e-3)
    #expect(try sounds(generator, context: SmallAudio.training.scoped("other")).distance(to: first) > 1e-3)
    // Noise is part of the sound after the training too.
    let (one, two) = (StepContext(seed: 1, scope: "samples"), StepContext(seed: 2, scope: "samples"))
    #expect(try sounds(generator, context: one).distance(to: sounds(generator, context: two)) > 1e-3)
  }

  @Test func eachSampleHasItsOwnNoise() throws {
    let generator = try SmallAudio.generator()
    let latents = try SmallAudio.normal([1, 6]).expanded(to: [2, 6])
    func pair() throws -> Double {
      let found = try generator.generate(latents: latents, labels: nil, context: SmallAudio.training)
      return try found.selected(0).distance(to: found.selected(1))
    }
    #expect(try pair() > 1e-3)
    try generator.silenceHiss()
    #expect(try pair() < 1e-5)
    try makeNoisy(generator)
    #expect(try pair() > 1e-3)
  }

  @Test func labelsAreNeededAndMatter() throws {
    let generator = try SmallAudio.generator(SmallAudio.spec(labels: ["x", "y"]))
    try generator.silenceHiss()
    #expect(throws: TorchError.self) { try sounds(generator) }
    let (x, y) = (try sounds(generator, labels: [0, 0, 0]), try sounds(generator, labels: [0, 1, 0]))
    #expect(try x.selected(0).distance(to: y.selected(0)) < 1e-5)
    #expect(try x.selected(1).distance(to: y.selected(1)) > 1e-4)
  }

  /// A bin is at most the window, and the shares of all bins sum to 1, so a sample is at most the window too.
  @Test(arguments: [Float(1e6), -1e6]) func tonesAreBounded(magnitude: Float) throws {
    let generator = try SmallAudio.generator()
    try generator.setSpectrum(tones: Array(repeating: magnitude, count: 33))
    let peak = try sounds(generator).absolute().max().item()
    #expect(magnitude > 0 ? (4...64.01).contains(peak) : peak == 0)
  }

  /// An oscillator that nothing turns further is a cosine of its bin's frequency, without a trace of the frames.
  @Test(arguments: [1, 6, 17]) func oneOscillatorIsASteadyTone(bin: Int) throws {
    let generator = try SmallAudio.generator()
    var tones = [Float](repeating: -1e6, count: 33)
    // exp(1.5 x - 2) is the magnitude of a cosine of level 0.5: half of half the window.
    tones[bin] = Float((log(16) + 2) / 1.5)
    try generator.setSpectrum(tones: tones)
    let wave = try sounds(generator, count: 1).array(of: Float.self).map(Double.init)
    let angles = wave.indices.map { 2 * Double.pi * Double(bin * $0 % 64) / 64 }
    // The clip holds whole periods.
    let real = zip(wave, angles).reduce(0) { $0 + $1.0 * cos($1.1) } * 2 / Double(wave.count)
    let imaginary = zip(wave, angles).reduce(0) { $0 + $1.0 * sin($1.1) } * 2 / Double(wave.count)
    #expect(abs(hypot(real, imaginary) - 0.5) < 1e-4)
    let rest = zip(wave, angles).map { abs($0 - real * cos($1) - imaginary * sin($1)) }.max() ?? 1
    #expect(rest < 1e-3)
  }

  @Test func everyParameterHasAGradient() throws {
    let generator = try SmallAudio.generator(SmallAudio.spec(labels: ["x", "y"]))
    try makeNoisy(generator)
    try sounds(generator, labels: [0, 1, 0], context: SmallAudio.training).squared().sum().backward()
    for (name, parameter) in generator.namedParameters {
      #expect(try (parameter.grad?.norm().item() ?? 0) > 0, "\(name)")
      #expect(try parameter.grad?.isFinite().all().item() == 1, "\(name)")
    }
  }

  @Test func bfloat16FollowsSinglePrecision() throws {
    let generator = try SmallAudio.generator(SmallAudio.spec(length: 256))
    let exact = try sounds(generator)
    let rounded = try withAutocast(.bfloat16, on: .cpu) { try sounds(generator) }
    #expect(rounded.dtype == .float32)
    #expect(try rounded.distance(to: exact) < 0.2 * exact.absolute().max().item())
    #expect(try rounded.distance(to: exact) > 0)
  }
}
