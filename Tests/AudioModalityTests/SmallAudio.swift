import Adversarial
import AudioDatasets
import Files
import Foundation
import ModalityKit
import TestSupport
import Torch

@testable import AudioModality

/// Networks and sounds that are small enough to train in a moment.
enum SmallAudio {
  static let rate = 8000
  static let length = 1024

  static func spec(length: Int = length, channels: Int = 1, labels: [String] = []) -> AudioSpec {
    AudioSpec(sampleRate: rate, length: length, channels: channels, labels: labels)
  }

  /// A recipe that no data has completed.
  static func recipe(_ network: AudioNetwork = .modern, _ change: (inout AudioRecipe) -> Void = { _ in })
    throws -> AudioRecipe
  {
    var resolver = try RecipeResolver(defaults: AudioRecipe(preset: .tiny))
    for setting in AudioRecipe.settings(for: network) {
      try resolver.set(setting.key, to: setting.value, from: .flag(setting.flag))
    }
    var recipe = try resolver.resolved().recipe
    recipe.data.length = length
    recipe.training.batchSize = 4
    recipe.training.latentDimension = 6
    recipe.generator.window = 64
    recipe.generator.widths = [16, 8]
    recipe.generator.style = 12
    recipe.generator.labelDimension = 4
    recipe.discriminator.window = 64
    recipe.discriminator.width = 12
    recipe.discriminator.waveWidths = [4, 6]
    recipe.discriminator.layers = 2
    recipe.classic.width = 2
    if network == .spectral {
      recipe.training.latentDimension = 24
      (recipe.spectral.widths, recipe.spectral.width, recipe.spectral.style) = ([8, 12], 12, 12)
      (recipe.spectral.layers, recipe.spectral.phaseIterations) = (2, 4)
      // Tests of a few steps see the generator learn.
      recipe.training.referee.followAbove = 0
    }
    change(&recipe)
    return recipe
  }

  static func generator(_ spec: AudioSpec = spec(), seed: UInt64 = 1) throws -> ModernGenerator {
    var stream = RandomStream(seed: seed, name: "generator")
    return try ModernGenerator(
      recipe: recipe().generator, spec: spec, latentDimension: 6, using: &stream)
  }

  static func discriminator(
    _ spec: AudioSpec = spec(), _ change: (inout ModernDiscriminatorRecipe) -> Void = { _ in }
  ) throws -> ModernDiscriminator {
    var recipe = try recipe().discriminator
    change(&recipe)
    var stream = RandomStream(seed: 2, name: "discriminator")
    return try ModernDiscriminator(recipe: recipe, spec: spec, using: &stream)
  }

  static func normal(_ shape: [Int], seed: UInt64 = 3) throws -> Tensor {
    var stream = RandomStream(seed: seed, name: "normal")
    return try stream.normal(shape)
  }

  static let evaluation = StepContext(seed: 5, scope: "test")
  static let training = StepContext(seed: 5, step: 7, scope: "test", isTraining: true)

  /// A folder with sounds of the labels `a` and `b`, each different, `a_0.wav` to `b_11.wav`.
  static func folder(frames: Int = 1500, count: Int = 12) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for label in ["a", "b"] {
      for number in 0..<count {
        var stream = RandomStream(seed: UInt64(number), name: label)
        let noise = try stream.uniform([frames]).array(of: Float.self)
        let pitch = Float(label == "a" ? 0.1 : 0.5)
        let samples = noise.enumerated().map { 0.4 * sin(pitch * Float($0)) + 0.2 * ($1 - 0.5) }
        try SoundFile.write(
          AudioClip(samples: samples, sampleRate: rate), to: folder["\(label)_\(number).wav"])
      }
    }
    return folder
  }
}

extension ModernGenerator {
  /// Replaces the last layer's biases under a window of 64, and its weights by zeros: all sounds have the same bins, whose
  /// oscillators nothing turns, and no hiss.
  func setSpectrum(tones: [Float]) throws {
    for (name, parameter) in namedParameters where name.hasPrefix("spectrum.") {
      let hiss = Array(repeating: Float(-1e6), count: 33)
      let biases = tones + Array(repeating: 0, count: 33) + hiss
      try parameter.set(name.hasSuffix("bias") ? Tensor(biases) : parameter.value.zerosLike())
    }
  }

  /// Leaves nothing random in a sound but the blocks' noise, which begins at zero.
  func silenceHiss() throws {
    for (name, parameter) in namedParameters where name == "spectrum.bias" {
      let kept = try parameter.value.narrowed(along: 0, start: 0, count: 66)
      try parameter.set(Tensor.concatenated([kept, Tensor.full([33], value: -1e6)]))
    }
  }
}
