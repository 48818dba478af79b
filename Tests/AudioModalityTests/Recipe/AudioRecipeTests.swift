import Adversarial
import AudioDatasets
import Failures
import Files
import ModalityKit
import Testing
import Torch

@testable import AudioModality

@Suite struct AudioRecipeTests {
  /// The recipe of `train` with flags of the modality.
  private func recipe(_ words: [String], preset: Preset = .tiny) throws -> AudioRecipe {
    var resolver = try RecipeResolver(defaults: AudioRecipe(preset: preset))
    for setting in try AudioTrainOptions.parse(words).settings {
      try resolver.set(setting.key, to: setting.value, from: .flag(setting.flag))
    }
    return try resolver.resolved().recipe
  }

  @Test(arguments: Preset.allCases, AudioNetwork.allCases) func presetsAreSoundAndRoundTrip(
    preset: Preset, network: AudioNetwork
  ) throws {
    var recipe = try recipe(["--network", network.rawValue], preset: preset)
    #expect(recipe.network == network)
    #expect(recipe.faults.isEmpty && recipe.training.faults.isEmpty)
    recipe.spec = SmallAudio.spec(channels: 2, labels: ["x", "é"])
    let back: AudioRecipe = try JSONValue(parsing: Array(JSONValue(encoding: recipe).text.utf8)).decoded()
    #expect(back == recipe)
  }

  @Test func presetsGrow() {
    let sizes = Preset.allCases.map { AudioRecipe(preset: $0) }
    #expect(sizes.map(\.data.length) == [nil, nil, 16_384, 65_536])
    #expect(sizes.map(\.training.steps) == sizes.map(\.training.steps).sorted())
  }

  /// Algorithm and numbers of Donahue, McAuley and Puckette (2019).
  @Test func classicImpliesWaveGANsTraining() throws {
    let training = try recipe(["--network", "classic"]).training
    #expect(training.loss == .wasserstein)
    #expect(training.penalties == [Penalty(.gradientPenalty, weight: .constant(10))])
    #expect(training.discriminatorSteps == 5)
    #expect(training.prior == .uniform && training.latentDimension == 100)
    for optimiser in [training.generatorOptimiser, training.discriminatorOptimiser] {
      #expect(optimiser == OptimiserConfiguration(.adam, beta1: 0.5, beta2: 0.9))
    }
    #expect(training.generatorRate == .constant(1e-4) && training.discriminatorRate == .constant(1e-4))
    #expect(training.precision == .float32)
    #expect(training.batchSize == AudioRecipe(preset: .tiny).training.batchSize)
    #expect(try recipe(["--network", "spectral"]) == AudioRecipe(preset: .tiny))
    #expect(try recipe(["--network", "modern"]).training.loss == .nonSaturating)
  }

  /// Where it adapts, full strength is for when it is needed.
  @Test func adaptiveAugmentationReachesFarther() throws {
    let before = AudioRecipe(preset: .small).discriminator.augmentation
    let adaptive = try recipe(["--augment-gain", "4", "--augmentation", "adaptive"]).discriminator
      .augmentation
    #expect(adaptive.mode == .adaptive && adaptive.gain == 4)
    #expect(adaptive.shift > before.shift && adaptive.noise > before.noise)
    for mode in [AugmentationMode.none, .constant] {
      var expected = before
      expected.mode = mode
      #expect(try recipe(["--augmentation", mode.rawValue]).discriminator.augmentation == expected)
    }
  }

  @Test func laterSettingsWinOverWhatANetworkImplies() throws {
    let settings = try AudioTrainOptions.parse(["--width", "3", "--network", "classic"]).settings
    // What a network implies comes first, wherever its flag stands.
    #expect(settings.first?.key == "network" && settings.last?.key == "classic.width")
    var resolver = try RecipeResolver(defaults: AudioRecipe(preset: .tiny))
    for setting in settings { try resolver.set(setting.key, to: setting.value, from: .flag(setting.flag)) }
    try resolver.set("training.loss", to: .string("hinge"), from: .flag("--loss"))
    let resolved = try resolver.resolved()
    #expect(resolved.recipe.training.loss == .hinge)
    #expect(resolved.recipe.training.discriminatorSteps == 5)
    #expect(resolved.recipe.classic.width == 3)
    #expect(resolved.origins["training.loss"] == "flag --loss")
    #expect(resolved.origins["training.discriminatorSteps"] == "flag --network")
  }

  @Test func flagsSetTheirKeys() throws {
    let recipe = try recipe([
      "--sample-rate", "16000", "--length", "2048", "--channels", "2", "--normalize", "loudness", "--slice",
      "overlapping", "--overlap", "0.5", "--short", "drop", "--trim-silence", "--labels", "folder",
      "--holdout-pattern", "x$", "--skip-bad", "--width", "9", "--phase-shuffle", "1", "--post-filter", "32",
      "--augment-shift", "0.01", "--augment-gain", "2", "--augmentation-target", "0.7", "--spectral-norm",
    ])
    #expect(
      recipe.data
        == AudioCorpusOptions(
          sampleRate: 16_000, length: 2048, channels: 2, normalisation: .loudness, slicing: .overlapping,
          overlap: 0.5, short: .drop, trimSilence: true, labels: "folder", holdoutPattern: "x$",
          skipBad: true))
    #expect(recipe.classic.width == 9 && recipe.classic.phaseShuffle == 1 && recipe.classic.postFilter == 32)
    #expect(recipe.discriminator.augmentation.shift == 0.01 && recipe.discriminator.augmentation.gain == 2)
    #expect(recipe.discriminator.augmentation.target == 0.7)
    #expect(recipe.discriminator.spectralNorm)
    #expect(try AudioTrainOptions.parse([]).settings.isEmpty)
    let off = try AudioTrainOptions.parse(["--no-trim-silence", "--no-skip-bad", "--no-spectral-norm"])
    #expect(off.settings.map(\.flag) == ["--no-trim-silence", "--no-skip-bad", "--no-spectral-norm"])
    #expect(off.settings.allSatisfy { $0.value == .bool(false) })
  }

  @Test(arguments: [
    ("generator.window", JSONValue.int(48)), ("generator.window", .int(8)),
    ("generator.window", .int(16_384)), ("discriminator.window", .int(100)),
    ("discriminator.window", .int(0)), ("generator.widths", .array([])),
    ("generator.widths", .array([.int(0)])),
    ("generator.widths", .array(Array(repeating: .int(8), count: 11))), ("generator.kernel", .int(4)),
    ("generator.kernel", .int(33)), ("generator.style", .int(0)), ("generator.labelDimension", .int(9000)),
    ("discriminator.floor", .double(0)), ("discriminator.floor", .double(2)),
    ("discriminator.width", .int(0)), ("discriminator.waveWidths", .array([.int(-1)])),
    ("discriminator.waveWidths", .array(Array(repeating: .int(8), count: 7))),
    ("discriminator.layers", .int(0)), ("discriminator.layers", .int(13)), ("data.length", .int(1000)),
    ("data.length", .int(384)), ("data.length", .int(0)), ("data.length", .int(-128)),
    ("data.length", .int(1 << 23)), ("discriminator.augmentation.shift", .double(-0.1)),
    ("discriminator.augmentation.shift", .double(11)), ("discriminator.augmentation.gain", .double(61)),
    ("discriminator.augmentation.noise", .double(1.5)), ("discriminator.augmentation.target", .double(1.1)),
    ("discriminator.augmentation.span", .double(0)), ("data.channels", .int(0)),
    ("data.channels", .int(9)),
    ("data.sampleRate", .int(0)), ("data.sampleRate", .int(999)), ("data.overlap", .double(1)),
    ("data.overlap", .double(-0.5)),
  ])
  func faultsAreNamed(key: String, value: JSONValue) throws {
    try expectFault(key, value, network: .modern)
  }

  @Test(arguments: [
    ("spectral.exemplars", JSONValue.int(0)), ("spectral.neighbours", .int(0)),
    ("spectral.strength", .double(-1)), ("spectral.variation.blend", .double(1.5)),
    ("spectral.variation.speed", .double(-0.1)), ("spectral.widths", .array([])),
    ("spectral.kernel", .int(4)), ("spectral.layers", .int(0)), ("spectral.phaseIterations", .int(-1)),
    ("spectral.augmentation.speed", .double(0.5)), ("training.latentDimension", .int(20)),
    ("data.length", .int(255)),
  ])
  func faultsOfSpectralNetworksAreNamed(key: String, value: JSONValue) throws {
    try expectFault(key, value, network: .spectral)
  }

  private func expectFault(_ key: String, _ value: JSONValue, network: AudioNetwork) throws {
    var resolver = try RecipeResolver(defaults: AudioRecipe(preset: .tiny))
    try resolver.set("network", to: .string(network.rawValue), from: .file("test"))
    try resolver.set(key, to: value, from: .file("test"))
    let faults = try resolver.resolved().recipe.faults
    #expect(faults.map(\.key) == [key])
    #expect(faults.allSatisfy { $0.message.hasPrefix("found ") })
  }

  @Test(arguments: [
    ("data.length", JSONValue.int(1000)), ("classic.width", .int(0)), ("classic.kernel", .int(2)),
    ("classic.postFilter", .int(0)), ("classic.phaseShuffle", .int(16)), ("data.channels", .int(0)),
    ("data.sampleRate", .int(1)),
  ])
  func faultsOfClassicNetworksAreNamed(key: String, value: JSONValue) throws {
    var recipe = AudioRecipe(preset: .tiny)
    recipe.network = .classic
    var resolver = try RecipeResolver(defaults: recipe)
    try resolver.set(key, to: value, from: .file("test"))
    #expect(try resolver.resolved().recipe.faults.map(\.key) == [key])
  }

  /// What the other networks would not take is no fault.
  @Test func onlyTheNetworksThatPlayAreChecked() {
    var recipe = AudioRecipe(preset: .tiny)
    recipe.classic.width = 0
    recipe.data.length = 128 * 9
    #expect(recipe.faults.isEmpty)
    recipe.network = .classic
    #expect(recipe.faults.map(\.key) == ["data.length", "classic.width"])
    recipe = AudioRecipe(preset: .tiny)
    recipe.network = .classic
    recipe.generator.window = 3
    #expect(recipe.faults.isEmpty)
  }

  @Test(arguments: ["generator.widht", "data.lenght", "classic.kernels", "networks"])
  func unknownKeysAreRefused(key: String) throws {
    var resolver = try RecipeResolver(defaults: AudioRecipe(preset: .tiny))
    let error = #expect(throws: UserError.self) { try resolver.set(key, to: .int(1), from: .file("a.json")) }
    #expect(error?.category == .badData)
    #expect(error?.message.contains(key) == true)
    #expect(error?.message.contains("did you mean") == true)
  }
}
