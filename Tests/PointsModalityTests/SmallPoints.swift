import Adversarial
import Files
import Foundation
import ModalityKit
import PointDatasets
import TestSupport
import Torch

@testable import PointsModality

/// Networks and clouds that are small enough to train in a moment.
enum SmallPoints {
  static let points = 24

  /// The networks that the tests here go through.
  static let networks = PointNetwork.allCases

  static func spec(points: Int = points, labels: [String] = []) -> PointSpec {
    PointSpec(
      points: points, frame: PointFrame(.box), labels: labels,
      codes: CodeSpec(LatentRecipe(), shapes: 9, points: points))
  }

  /// A recipe that no data has completed.
  static func recipe(_ network: PointNetwork = .mlp, _ change: (inout PointRecipe) -> Void = { _ in }) throws
    -> PointRecipe
  {
    var resolver = try RecipeResolver(defaults: PointRecipe(preset: .tiny))
    for setting in PointRecipe.settings(for: network) {
      try resolver.set(setting.key, to: setting.value, from: .flag(setting.flag))
    }
    var recipe = try resolver.resolved().recipe
    recipe.data.points = points
    recipe.training.batchSize = 4
    recipe.training.latentDimension = 6
    recipe.critic.widths = [8, 12]
    recipe.critic.head = [6]
    recipe.latent.numbers = 7
    recipe.latent.draws = 2
    recipe.latent.exemplars = 9
    recipe.latent.change = [8]
    recipe.latent.critic = [8, 6]
    recipe.mixture?.numbers = 6
    recipe.mixture?.gaussians = 3
    recipe.mixture?.candidates = 4
    recipe.mixture?.rounds = [2, 3]
    recipe.mlp.widths = [7, 9]
    recipe.mlp.labelDimension = 4
    recipe.sphere.neighbours = 4
    recipe.sphere.style = 6
    recipe.sphere.widths = [5, 7]
    recipe.sphere.overall = 6
    recipe.sphere.tail = [8, 6]
    recipe.sphere.labelDimension = 3
    recipe.tree.widths = [6, 5, 4]
    recipe.tree.degrees = [1, 2, 2]
    recipe.tree.support = 2
    recipe.tree.labelDimension = 3
    change(&recipe)
    return recipe
  }

  /// A folder with shapes of the labels `a` and `b`, each different, `a/0.npy` to `b/11.npy`.
  static func folder(count: Int = 12) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for label in ["a", "b"] {
      try FileManager.default.createDirectory(at: folder[label], withIntermediateDirectories: true)
      for number in 0..<count {
        var stream = RandomStream(seed: UInt64(number), name: label)
        let stretched = try Tensor([1, label == "a" ? 3 : 1, 1] as [Float])
        let cloud = try PointCloud((stream.normal([60, 3]) * stretched).array(of: Float.self))
        try ShapeFile.write(cloud, to: folder["\(label)/\(number).npy"], format: .npy)
      }
    }
    return folder
  }

  /// The shapes of such a folder, whose recipe they complete.
  static func dataset(of folder: TemporaryFolder, _ recipe: inout PointRecipe) throws -> PointDataset {
    try PointDataset(DataSource(path: folder.path), recipe: &recipe)
  }

  static func critic(labels: Int = 0, _ change: (inout PointCriticRecipe) -> Void = { _ in }) throws
    -> PointCritic
  {
    var recipe = try recipe().critic
    change(&recipe)
    var stream = RandomStream(seed: 2, name: "discriminator")
    return try PointCritic(recipe: recipe, labels: labels, using: &stream)
  }

  /// Gives a generator of codes what it would take from shapes: any numbers, labels in turn.
  static func fill(_ generator: any CodeGenerator) throws {
    let tensors = try generator.state.enumerated().map { place, entry in
      let (name, tensor) = entry
      if name == "exemplarLabels" { return (name, try Tensor((0..<tensor.count).map { $0 % 2 })) }
      let isTaken =
        ["exemplars", "deformations", "means", "roots"].contains(name) || name.hasPrefix("codec.")
      return (name, isTaken ? try normal(tensor.shape, seed: UInt64(place)) : tensor)
    }
    try generator.load(Dictionary(uniqueKeysWithValues: tensors))
  }

  static func normal(_ shape: [Int], seed: UInt64 = 3) throws -> Tensor {
    var stream = RandomStream(seed: seed, name: "normal")
    return try stream.normal(shape)
  }

  static let evaluation = StepContext(seed: 5, scope: "test")
  static let training = StepContext(seed: 5, step: 7, scope: "test", isTraining: true)
}
