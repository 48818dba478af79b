import Adversarial
import Failures
import ModalityKit
import PointDatasets
import Torch

/// Draws clouds from a generator, in constant memory.
///
/// Clouds are drawn in chunks of a fixed size, each from random streams of its own. So cloud number n depends on the seed,
/// the choice of labels, the number of points and n alone, whatever the count.
public struct PointSampler {
  /// Clouds drawn at a time. Part of what a seed means.
  static let chunkSize = 32

  private let generator: any PointGenerator
  private let recipe: PointRecipe
  private let format: PointFormatRecipe
  private let device: Device

  /// Prepares to sample a generator, which lies on a device and whose recipe data has completed.
  public init(
    _ generator: any PointGenerator, recipe: PointRecipe, format: PointFormatRecipe, device: Device
  ) {
    self.generator = generator
    self.recipe = recipe
    self.format = format
    self.device = device
  }

  /// Draws clouds one after the other.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - points: of each; nil for as many as in training.
  ///   - seed: what determines them.
  ///   - labels: which labels a conditional generator is asked for.
  ///   - truncation: what latents are multiplied by: below 1 shapes are more typical and less varied.
  ///   - body: takes each cloud and the index of its label.
  /// - Throws: `UserError` (usage) for more points than the network makes.
  public func forEach(
    count: Int, points: Int? = nil, seed: UInt64, labels: LabelChoice = .any, truncation: Double = 1,
    _ body: (PointCloud, Int?) throws -> Void
  ) throws {
    for start in stride(from: 0, to: count, by: Self.chunkSize) {
      let chunk = try tensors(
        chunk: start / Self.chunkSize, points: points, seed: seed, labels: labels, truncation: truncation)
      let clouds = try Self.clouds(of: chunk.clouds)
      for row in 0..<min(Self.chunkSize, count - start) { try body(clouds[row], chunk.labels?[row]) }
    }
  }

  /// Draws clouds.
  ///
  /// - Throws: `UserError` (usage) for more points than the network makes.
  public func clouds(
    count: Int, points: Int? = nil, seed: UInt64, labels: LabelChoice = .any, truncation: Double = 1
  ) throws -> [PointCloud] {
    var clouds: [PointCloud] = []
    try forEach(count: count, points: points, seed: seed, labels: labels, truncation: truncation) {
      cloud, _ in
      clouds.append(cloud)
    }
    return clouds
  }

  /// Draws clouds as one tensor `[S, N, 3]` on the CPU, with their labels, for measuring.
  func tensor(
    count: Int, points: Int? = nil, seed: UInt64, labels: LabelChoice, truncation: Double = 1
  ) throws -> (clouds: Tensor, labels: [Int]?) {
    let chunks = try stride(from: 0, to: count, by: Self.chunkSize).map {
      try tensors(
        chunk: $0 / Self.chunkSize, points: points, seed: seed, labels: labels, truncation: truncation)
    }
    let clouds = try Tensor.concatenated(chunks.map(\.clouds)).narrowed(along: 0, start: 0, count: count)
    let names = format.labels.isEmpty ? nil : Array(chunks.flatMap { $0.labels ?? [] }.prefix(count))
    return (clouds, names)
  }

  /// Clouds of given latents `[B, Z]`, all of one label, with the random choices of a seed.
  func clouds(latents: Tensor, points: Int? = nil, label: Int?, seed: UInt64) throws -> [PointCloud] {
    let labels = try label.map { try Tensor(Array(repeating: $0, count: latents.shape[0])) }
    return try Self.clouds(
      of: generate(latents: latents, labels: labels, points: points, seed: seed, step: 0))
  }

  /// Clouds on a walk from seed to seed, all of one label, with the random choices of a seed.
  ///
  /// On the arc between two latents a latent generator goes from one exemplar to another at once; so it is led along the line
  /// between codes, where one shape turns into the other.
  func clouds(on walk: LatentWalk, points: Int?, label: Int?, seed: UInt64) throws -> [PointCloud] {
    guard let generator = generator as? LatentGenerator else {
      return try walk.latents { try latents(count: 1, seed: $0) }.flatMap {
        try clouds(latents: $0, points: points, label: label, seed: seed)
      }
    }
    let labels = try label.map { try Tensor([$0]).moved(to: device) }
    let context = StepContext(seed: seed, scope: "walk")
    return try withoutGradients {
      try walk.codes {
        try generator.generate(latents: latents(count: 1, seed: $0), labels: labels, context: context)
      }.flatMap {
        var stream = context.stream("points")
        let clouds = try generator.clouds(codes: $0, points: points ?? format.points, using: &stream)
        return try Self.clouds(of: clouds.converted(to: .float32).moved(to: .cpu))
      }
    }
  }

  /// Latents `[B, Z]` of a seed.
  func latents(count: Int, seed: UInt64, step: Int = 0) throws -> Tensor {
    var stream = RandomStream(seed: seed, step: step, name: "latents")
    return try recipe.training.prior.draw(
      count: count, dimension: recipe.training.latentDimension, using: &stream, device: device)
  }

  /// A whole chunk, also where fewer clouds are needed: the engine's matrix products may round otherwise in other batch
  /// sizes.
  private func tensors(
    chunk: Int, points: Int?, seed: UInt64, labels choice: LabelChoice, truncation: Double
  ) throws -> (clouds: Tensor, labels: [Int]?) {
    let labels = choice.labels(
      ofChunk: chunk, size: Self.chunkSize, classes: format.labels.count, seed: seed)
    let latents = try latents(count: Self.chunkSize, seed: seed, step: chunk) * truncation
    let clouds = try generate(
      latents: latents, labels: labels.map { try Tensor($0) }, points: points, seed: seed, step: chunk)
    return (clouds, labels)
  }

  /// Clouds `[B, N, 3]` on the CPU.
  private func generate(latents: Tensor, labels: Tensor?, points: Int?, seed: UInt64, step: Int) throws
    -> Tensor
  {
    let points = points ?? format.points
    try requirePoints(points)
    var stream = StepContext(seed: seed, step: step, scope: "samples").stream("points")
    // Clouds of many points come in smaller parts, so that memory does not grow with their number.
    let size = min(max(1, Self.chunkSize * 2048 / points), latents.shape[0])
    let parts = try Swift.stride(from: 0, to: latents.shape[0], by: size).map { start in
      let count = min(size, latents.shape[0] - start)
      return try withoutGradients {
        try generator.clouds(
          latents: latents.narrowed(along: 0, start: start, count: count).moved(to: device),
          labels: labels?.narrowed(along: 0, start: start, count: count).moved(to: device), points: points,
          using: &stream)
      }.converted(to: .float32).moved(to: .cpu)
    }
    return try Tensor.concatenated(parts)
  }

  /// Refuses more points than the network makes, before anything is written.
  ///
  /// - Throws: `UserError` (usage) that says how many it makes.
  func requirePoints(_ points: Int?) throws {
    guard let points, let limit = generator.fixedPointCount, points > limit else { return }
    throw UserError(
      .usage,
      "--points \(points): this network (\(recipe.network.rawValue)) makes a fixed number, expected at most \(limit)"
    )
  }

  /// Clouds `[B, N, 3]` one by one.
  static func clouds(of tensor: Tensor) throws -> [PointCloud] {
    let size = tensor.shape[1] * 3
    let coordinates = try tensor.contiguous().array(of: Float.self)
    return stride(from: 0, to: coordinates.count, by: size).map { start in
      PointCloud(Array(coordinates[start..<start + size]))
    }
  }
}
