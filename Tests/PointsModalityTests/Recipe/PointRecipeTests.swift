import Adversarial
import Failures
import Files
import ModalityKit
import PointDatasets
import Testing
import Torch

@testable import PointsModality

@Suite struct PointRecipeTests {
  /// The recipe of `train` with flags of the modality.
  private func recipe(_ words: [String], preset: Preset = .tiny) throws -> PointRecipe {
    var resolver = try RecipeResolver(defaults: PointRecipe(preset: preset))
    for setting in try PointTrainOptions.parse(words).settings {
      try resolver.set(setting.key, to: setting.value, from: .flag(setting.flag))
    }
    return try resolver.resolved().recipe
  }

  @Test(arguments: Preset.allCases, PointNetwork.allCases) func presetsAreSoundAndRoundTrip(
    preset: Preset, network: PointNetwork
  ) throws {
    var recipe = try recipe(["--network", network.rawValue], preset: preset)
    #expect(recipe.network == network)
    #expect(recipe.faults.isEmpty && recipe.training.faults.isEmpty)
    recipe.spec = SmallPoints.spec(labels: ["x", "é"])
    let back: PointRecipe = try JSONValue(parsing: Array(JSONValue(encoding: recipe).text.utf8)).decoded()
    #expect(back == recipe)
  }

  @Test func presetsGrow() {
    let sizes = Preset.allCases.map { PointRecipe(preset: $0) }
    #expect(sizes.map(\.data.points) == [256, 512, 2048, 2048])
    #expect(sizes.map(\.training.steps) == sizes.map(\.training.steps).sorted())
    #expect(sizes.allSatisfy { $0.network == .latent })
  }

  /// The training of Achlioptas et al. (2018).
  @Test func mlpImpliesRGANsTraining() throws {
    let recipe = try recipe(["--network", "mlp"])
    #expect(recipe.critic == .rGAN && recipe.mlp == MLPRecipe())
    #expect(recipe.mlp.latentScale == 0.2)
    let training = recipe.training
    #expect(training.loss == .wasserstein)
    #expect(training.penalties == [Penalty(.gradientPenalty, weight: .constant(10))])
    #expect(training.discriminatorSteps == 5)
    #expect(training.prior == .normal && training.latentDimension == 128)
    for optimiser in [training.generatorOptimiser, training.discriminatorOptimiser] {
      #expect(optimiser == OptimiserConfiguration(.adam, beta1: 0.5, beta2: 0.999))
    }
    #expect(training.generatorRate == .constant(1e-4) && training.discriminatorRate == .constant(1e-4))
    #expect(training.precision == .float32)
  }

  /// The training of Shu, Park and Kwon (2019).
  @Test func treeImpliesTreeGANsTraining() throws {
    let recipe = try recipe(["--network", "tree", "--branch-rank", "8"])
    #expect(recipe.critic == .treeGAN && recipe.tree.branchRank == 8)
    #expect(recipe.training.loss == .wasserstein && recipe.training.discriminatorSteps == 5)
    #expect(recipe.training.latentDimension == 96)
    #expect(recipe.training.generatorOptimiser == OptimiserConfiguration(.adam, beta1: 0, beta2: 0.99))
  }

  @Test func eachNetworkUndoesWhatAnotherOneImplies() throws {
    for one in PointNetwork.allCases {
      for other in PointNetwork.allCases {
        let settings = PointRecipe.settings(for: one) + PointRecipe.settings(for: other)
        var resolver = try RecipeResolver(defaults: PointRecipe(preset: .tiny))
        for setting in settings {
          try resolver.set(setting.key, to: setting.value, from: .flag(setting.flag))
        }
        let training = try resolver.resolved().recipe.training
        #expect(try training == recipe(["--network", other.rawValue]).training, "\(one), \(other)")
      }
    }
  }

  @Test func sphereIsTrainedOneToOne() throws {
    let recipe = try recipe(["--network", "sphere", "--sphere-widths", "32,48", "--neighbours", "6"])
    #expect(recipe.critic == PointCriticRecipe() && recipe.critic.pooling == .both)
    #expect(recipe.sphere.widths == [32, 48] && recipe.sphere.neighbours == 6)
    #expect(recipe.training.discriminatorSteps == 1)
    #expect(recipe.training.penalties.map(\.kind) == [.r1])
  }

  @Test func laterSettingsWinOverWhatANetworkImplies() throws {
    let settings = try PointTrainOptions.parse(["--critic-widths", "3,4", "--network", "mlp"]).settings
    #expect(settings.first?.key == "network" && settings.last?.key == "critic.widths")
    var resolver = try RecipeResolver(defaults: PointRecipe(preset: .tiny))
    for setting in settings { try resolver.set(setting.key, to: setting.value, from: .flag(setting.flag)) }
    let resolved = try resolver.resolved()
    #expect(resolved.recipe.critic.widths == [3, 4])
    #expect(resolved.recipe.critic.pooling == .max)
    #expect(resolved.origins["training.discriminatorSteps"] == "flag --network")
  }

  @Test func flagsSetTheirKeys() throws {
    let recipe = try recipe([
      "--points", "100", "--normalize", "sphere", "--mesh-points", "500", "--labels", "folder",
      "--holdout-pattern", "x$", "--skip-bad", "--critic-widths", "4,5,6", "--critic-pooling", "mean",
      "--mlp-widths", "7",
    ])
    #expect(recipe.data.points == 100 && recipe.data.normalisation == .sphere)
    #expect(recipe.data.meshPoints == 500 && recipe.data.labels == "folder")
    #expect(recipe.data.holdoutPattern == "x$" && recipe.data.skipBad)
    #expect(recipe.critic.widths == [4, 5, 6] && recipe.critic.pooling == .mean)
    #expect(recipe.mlp.widths == [7])
    #expect(try PointTrainOptions.parse([]).settings.isEmpty)
    let deformed = try self.recipe([
      "--deformation", "0.2", "--real-deformation", "0.5", "--code-numbers", "9",
    ])
    #expect(deformed.latent.deformation == 0.2 && deformed.latent.realShare == 0.5)
    #expect(deformed.latent.numbers == 9)
    // An amount that is given is not sought.
    #expect(deformed.latent.reach == 0)
    let reaching = try self.recipe(["--reach", "0.7", "--deformation-spread", "0.1"])
    #expect(reaching.latent.reach == 0.7 && reaching.latent.spread == 0.1)
    #expect(throws: (any Error).self) {
      try PointTrainOptions.parse(["--reach", "1", "--deformation", "1"])
    }
    let off = try PointTrainOptions.parse(["--no-skip-bad"])
    #expect(off.settings.map(\.flag) == ["--no-skip-bad"])
    for text in ["", "4,", "4,x", "4 5"] {
      #expect(throws: (any Error).self) { try PointTrainOptions.parse(["--critic-widths", text]) }
    }
  }

  @Test(arguments: [
    ("data.points", JSONValue.int(0)), ("data.points", .int(1 << 20)), ("data.meshPoints", .int(0)),
    ("mlp.widths", .array([.int(0)])), ("mlp.widths", .array(Array(repeating: .int(8), count: 13))),
    ("mlp.latentScale", .double(0)), ("mlp.labelDimension", .int(0)), ("critic.widths", .array([])),
    ("critic.widths", .array([.int(-1)])), ("critic.head", .array([.int(0)])),
    ("critic.slope", .double(-0.1)), ("critic.headSlope", .double(2)),
  ])
  func faultsOfMLPNetworksAreNamed(key: String, value: JSONValue) throws {
    try expectFault(.mlp, key, value)
  }

  @Test(arguments: [
    ("latent.places", JSONValue.int(0)), ("latent.numbers", .int(0)), ("latent.draws", .int(65)),
    ("latent.exemplars", .int(0)), ("latent.sharpness", .double(0)), ("latent.change", .array([.int(-1)])),
    ("latent.critic", .array([])), ("latent.neighbours", .int(0)), ("latent.deformation", .double(-1)),
    ("latent.reach", .double(-1)), ("latent.spread", .double(1.5)),
    ("latent.realShare", .double(1.5)),
  ])
  func faultsOfLatentNetworksAreNamed(key: String, value: JSONValue) throws {
    try expectFault(.latent, key, value)
  }

  @Test(arguments: [
    ("sphere.neighbours", JSONValue.int(0)), ("sphere.neighbours", .int(65)), ("sphere.style", .int(0)),
    ("sphere.widths", .array([])), ("sphere.overall", .int(-1)), ("sphere.tail", .array([])),
    ("sphere.labelDimension", .int(0)), ("critic.widths", .array([])),
  ])
  func faultsOfSphereNetworksAreNamed(key: String, value: JSONValue) throws {
    try expectFault(.sphere, key, value)
  }

  @Test(arguments: [
    ("tree.widths", JSONValue.array(Array(repeating: .int(0), count: 6))),
    ("tree.degrees", .array([.int(2)])),
    ("tree.degrees", .array(Array(repeating: .int(0), count: 6))),
    ("tree.degrees", .array(Array(repeating: .int(64), count: 6))), ("tree.support", .int(0)),
    ("tree.branchRank", .int(0)), ("tree.labelDimension", .int(0)), ("data.points", .int(100)),
    ("critic.head", .array([.int(0)])),
  ])
  func faultsOfTreeNetworksAreNamed(key: String, value: JSONValue) throws {
    // A tree of so many leaves makes no number of points that there is.
    let isTooLarge = value == .array(Array(repeating: .int(64), count: 6))
    try expectFault(.tree, isTooLarge ? "data.points" : key, value, setting: key)
  }

  private func expectFault(
    _ network: PointNetwork, _ key: String, _ value: JSONValue, setting: String? = nil
  ) throws {
    var recipe = PointRecipe(preset: .tiny)
    recipe.network = network
    var resolver = try RecipeResolver(defaults: recipe)
    try resolver.set(setting ?? key, to: value, from: .file("test"))
    let faults = try resolver.resolved().recipe.faults
    #expect(faults.map(\.key) == [key])
    #expect(faults.allSatisfy { $0.message.hasPrefix("found ") })
  }

  @Test(arguments: ["critic.widht", "data.point", "mlp.scale", "networks"])
  func unknownKeysAreRefused(key: String) throws {
    var resolver = try RecipeResolver(defaults: PointRecipe(preset: .tiny))
    let error = #expect(throws: UserError.self) { try resolver.set(key, to: .int(1), from: .file("a.json")) }
    #expect(error?.category == .badData)
    #expect(error?.message.contains(key) == true)
  }
}
