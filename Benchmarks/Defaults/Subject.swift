import Adversarial
import ArgumentParser
import AudioModality
import ModalityKit
import PointsModality

/// Networks whose training and sampling are timed.
enum Subject: String, CaseIterable, ExpressibleByArgument {
  /// The default of audio.
  case spectral
  /// Audio's, from noise alone.
  case modern
  /// The default of points.
  case latent

  static let list = allCases.map(\.rawValue).joined(separator: ", ")

  /// Steps that are timed at once: as many as from one penalty to the next.
  var steps: Int { self == .latent ? 4 : 8 }
  /// What the samples are called.
  var noun: String { self == .latent ? "clouds" : "sounds" }

  /// The networks with the built-in data, once in single precision and once in bfloat16; what the peer is to make.
  func prepared() throws -> (contestants: [any Contestant], batch: Int, sizes: [Int]) {
    switch self {
    case .spectral, .modern:
      var recipe = try Self.recipe(
        AudioRecipe(preset: .small), AudioTrainOptions.parse(["--network", rawValue]).settings)
      let dataset = try Audio.openDataset(DataSource(), recipe: &recipe)
      let spec = try recipe.completeSpec()
      let latents = recipe.training.latentDimension
      var sizes = [spec.labels.count, spec.length, latents]
      if let codes = spec.codes {
        let codec = try ClipCodec(sampleRate: spec.sampleRate, length: spec.length, channels: spec.channels)
        sizes =
          [codes.exemplars, codes.neighbours, spec.labels.count, codec.frames, codec.bands]
          + sizes.dropFirst()
      }
      return (
        try Self.contestants(Audio.self, recipe, dataset, AudioSampling()), recipe.training.batchSize, sizes
      )
    case .latent:
      // The peer plays the game of codes: choosing is not written there.
      var recipe = try Self.recipe(
        PointRecipe(preset: .small),
        PointTrainOptions.parse(["--network", rawValue, "--candidates", "1"]).settings)
      let dataset = try Points.openDataset(DataSource(), recipe: &recipe)
      let spec = try recipe.completeSpec()
      guard let codes = spec.codes else { throw ValidationError("latent networks play over codes") }
      let sizes = [
        codes.points, codes.numbers, codes.exemplars, codes.neighbours, spec.labels.count, spec.points,
        recipe.training.latentDimension,
      ]
      return (
        try Self.contestants(Points.self, recipe, dataset, PointSampling()), recipe.training.batchSize, sizes
      )
    }
  }

  private static func recipe<Recipe: ModalityRecipe>(_ defaults: Recipe, _ settings: [Setting]) throws
    -> Recipe
  {
    var resolver = try RecipeResolver(defaults: defaults)
    for setting in settings {
      try resolver.set(setting.key, to: setting.value, from: .flag(setting.flag))
    }
    return try resolver.resolved().recipe
  }

  private static func contestants<M: Modality>(
    _ medium: M.Type, _ recipe: M.Recipe, _ dataset: M.Dataset, _ sampling: M.Sampling
  ) throws -> [any Contestant] {
    try [Precision.float32, .bfloat16].map {
      try MediumContestant<M>(recipe, dataset: dataset, sampling: sampling, precision: $0)
    }
  }
}
