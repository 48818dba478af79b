import Adversarial
import Corpora
import Foundation
import ModalityKit
import PointDatasets
import Torch

/// Shapes as the trainer needs them: clouds `[B, N, 3]`, or what discriminators see of them where networks play over codes; two networks,
/// previews to look at.
///
/// Every update draws new points of each shape, or in the game of codes a new deformation of it, against overfitting. Where deformations are
/// chosen, shapes are as they are, and the discriminator is cross-fitted instead (`FormCritic`).
public final class PointGame: RecipeGame {
  private let recipe: PointRecipe
  private let spec: PointSpec
  private let corpus: PointCorpus
  /// The networks that play.
  public let networks: GameNetworks<PointRecipe>
  /// The shapes as codes, and the generator that makes shapes of these, for networks that generate codes.
  private let codes: (shapes: CodedShapes, generator: any CodeGenerator)?
  /// What is chosen by and what judges it, with all training shapes and some others as rows for it; nil where nothing is chosen.
  private let choice: Choice?
  private let validation: PointValidation?

  /// Shapes to train on.
  public var trainingCount: Int { corpus.training.count }
  /// Time that batches waited for shapes to be read, where they do not fit in memory.
  public var waitingSeconds: Double { corpus.training.waitingSeconds }

  /// Initialises the networks.
  ///
  /// - Throws: `TorchError` when no data has completed the recipe, or memory ends.
  public init(recipe: PointRecipe, dataset: PointDataset, seed: UInt64, device: Device) throws {
    self.recipe = recipe
    spec = try recipe.completeSpec()
    corpus = dataset.corpus
    networks = try GameNetworks(recipe, seed: seed, device: device)
    if let shapes = try dataset.codedShapes(recipe), let generator = networks.generator.overCodes {
      try generator.take(shapes)
      try networks.averagedGenerator.overCodes?.take(shapes)
      codes = (shapes, generator)
      choice = try Choice(shapes, generator, networks.discriminator, device: device)
      validation = try PointValidation(
        corpus, spec: spec, hasFormsOnly: recipe.network == .mixture)
    } else {
      (codes, choice, validation) = (nil, nil, nil)
    }
  }

  /// The game of choice.
  private struct Choice {
    let choice: ShapeChoice
    let critic: FormCritic
    /// Rows `[M, D + 1]` of training shapes, and of shapes that are not trained on.
    let training: Tensor
    let heldOut: Tensor?

    init?(
      _ shapes: CodedShapes, _ generator: any CodeGenerator, _ discriminator: any Discriminator,
      device: Device
    ) throws {
      guard let choice = generator.choice, let critic = discriminator as? FormCritic else { return nil }
      (self.choice, self.critic) = (choice, critic)
      func rows(_ clouds: Tensor, _ labels: Tensor?, folds: Tensor) throws -> Tensor {
        let forms = try choice.form(
          choice.form.places(of: clouds.moved(to: device)), labels: labels?.moved(to: device),
          codec: generator.codec)
        return try Tensor.concatenated([forms, folds.moved(to: device).reshaped([-1, 1])], along: 1)
      }
      training = try rows(
        generator.codec.decode(shapes.codes.moved(to: device)), shapes.labels, folds: shapes.folds)
      heldOut = try shapes.heldOut.map {
        try rows($0.samples, $0.labels, folds: .full([$0.count], value: FormCritic.noFold))
      }
    }
  }

  /// Over codes a generator begins with exemplars, deformed, or with draws from their density.
  public var beginsWithSamples: Bool { codes != nil }

  /// The score of `PointValidation`, for networks that play over codes.
  public func validationScore() throws -> Double? {
    try validation?.score(networks.averagedGenerator, recipe: recipe, device: device)
  }

  /// Clouds `[B, N, 3]` of real shapes or their codes `[B, K]`, and their labels.
  public func batch(at indices: [Int], context: StepContext) throws -> Batch {
    if let codes, let choice {
      let rows = try Tensor(indices)
      return Batch(
        samples: try choice.training.gathered(at: rows.moved(to: device)),
        labels: try codes.shapes.labels?.gathered(at: rows).moved(to: device))
    }
    var stream = context.stream("points")
    if let codes, let generator = codes.generator as? LatentGenerator, let towards = codes.shapes.deformations
    {
      let batch = try codes.shapes.batch(at: indices)
      let neighbours = try towards.gathered(at: Tensor(indices)).moved(to: device)
      let count = recipe.latent.deformationLaw.amountCount(neighbours.shape[1])
      let amounts = try stream.normal([indices.count, count]).moved(to: device)
      return Batch(
        samples: try withoutGradients {
          try generator.codec.encode(
            generator.deformed(
              batch.samples.moved(to: device), towards: neighbours, by: amounts.expandingDimension(at: 1),
              share: recipe.latent.realShare))
        },
        labels: try batch.labels?.moved(to: device))
    }
    return try batch(of: corpus.training, at: indices, draws: stream.words(indices.count))
  }

  /// Shapes that are not trained on; of codes some of them.
  public var heldOutCount: Int {
    guard let codes else { return corpus.untrained.count }
    return codes.shapes.heldOut?.count ?? 0
  }
  /// Whether these are a validation part.
  public var canTrainOnHeldOut: Bool { corpus.validation.count > 0 }
  /// Not over codes, which all training shapes decide.
  public var canReserve: Bool { codes == nil }

  /// Shapes of the validation part; codes are as they are: training's are deformed a little.
  public func heldOutBatch(at indices: [Int], context: StepContext) throws -> Batch {
    if let codes {
      let batch = try codes.shapes.heldOutBatch(at: indices)
      let labels = try batch.labels?.moved(to: device)
      guard let choice, let heldOut = choice.heldOut else {
        return Batch(
          samples: try codes.generator.codec.encode(batch.samples.moved(to: device)), labels: labels)
      }
      return Batch(samples: try heldOut.gathered(at: Tensor(indices).moved(to: device)), labels: labels)
    }
    var stream = context.stream("points")
    return try batch(of: corpus.untrained, at: indices, draws: stream.words(indices.count))
  }

  /// Clouds of shapes, each with the points that a word draws.
  private func batch(of set: PointSet, at indices: [Int], draws: [UInt64]) throws -> Batch {
    var coordinates: [Float] = []
    coordinates.reserveCapacity(indices.count * spec.points * 3)
    for (index, draw) in zip(indices, draws) {
      coordinates += try set.points(at: index, count: spec.points, draw: draw)
    }
    let samples = try Tensor(coordinates, shape: [indices.count, spec.points, 3], device: device)
    return try Batch(samples, of: set, at: indices)
  }

  /// Where deformations are chosen, the loss of the logit that is to be expected of the choice: the critic judges all that is offered,
  /// and what it takes for real is chosen more often. Otherwise the loss of samples, differentiated through them.
  public func generatorObjective(_ update: GeneratorUpdate) throws -> GeneratorObjective {
    guard let codes, let choice else { return try update.pathwiseObjective(of: generator) }
    let labels = update.real.labels
    let (offer, logits, real) = try withoutGradients {
      let offer = try codes.generator.offer(latents: update.latents, labels: labels, by: choice.choice)
      return (
        offer, try choice.critic.unseen(offer.samples, labels: offer.labels),
        update.loss.needsRealForGenerator
          ? try choice.critic.unseen(update.real.samples, labels: labels) : nil
      )
    }
    let scores = try choice.choice.scores(of: offer.forms, labels: offer.labels)
    let shares = try scores.softmax()
    let expected = try (shares * logits.reshaped(shares.shape)).sum(along: 1)
    let chosen = try withoutGradients {
      try offer.samples.gathered(at: choice.choice.chosen(by: scores, offer.chances))
    }
    return GeneratorObjective(
      try update.generatorLoss(real: real, fake: expected), samples: chosen,
      scalars: [Scalar("choice.entropy", try Self.entropy(of: shares))])
  }

  /// The mean entropy of rows of shares, over that of equal ones: 1 where nothing is preferred.
  private static func entropy(of shares: Tensor) throws -> Double {
    try withoutGradients {
      try -(shares * shares.clamped(from: 1e-30).log()).sum(along: 1).mean().item()
        / log(Double(shares.shape[1]))
    }
  }

  /// Reads shapes in the background, where they do not fit in memory.
  public func prefetch(_ indices: [Int], seed: UInt64, step: Int) { corpus.training.prefetch(indices) }

  /// Clouds of fixed latents as PLY files with a picture of all, `sheet.png`; for the terminal, how far their points lie
  /// from their centres.
  public func preview(seed: UInt64) throws -> Preview {
    let sampler = try Sampler<Points>(
      networks.averagedGenerator, recipe: recipe, device: device, options: PointSampling())
    let clouds = try sampler.samples(count: Points.previewCount, seed: seed, labels: .each)
    var items = try Points.previewItems(of: clouds, recipe: recipe)
    items.append(
      try PreviewItem(fileName: PointFiles.sheetName, picture: ContactSheet(clouds: clouds).picture()))
    let radii = clouds.map(\.rootMeanSquareRadius)
    let mean = radii.reduce(0, +) / Double(max(radii.count, 1))
    return Preview(
      items: items,
      lines: [
        "\(clouds.count) clouds of \(spec.points) points, radius \(String(format: "%.3f", mean)): \(PointFiles.sheetName)"
      ])
  }
}

/// Real shapes to train on and to measure on.
public struct PointDataset: CorpusDataset {
  /// The clouds, split.
  public let corpus: PointCorpus
  private let coded = Kept<CodedShapes>()

  /// Opens the user's shapes, or makes the built-in furniture when `source.path` is nil, and completes the recipe with what
  /// the data decides.
  ///
  /// Where the recipe is complete already, as that of a trained model, the data is normalised as the model's was.
  /// - Throws: `UserError` that names the file and where in it data is missing or malformed.
  public init(_ source: DataSource, recipe: inout PointRecipe) throws {
    let known = recipe.spec
    let options = recipe.data
    corpus = try source.corpus(labels: known?.labels) { path in
      try PointCorpus(
        path: path, validation: source.validation, holdout: source.holdout, options: options,
        frame: known?.frame, labels: known?.labels)
    } builtIn: {
      try PointCorpus.furniture(options: options, frame: known?.frame, labels: known?.labels)
    }
    guard known == nil else { return }
    let codes = recipe.network.networks.codeSpec(recipe, shapes: corpus.training.count)
    recipe.spec = PointSpec(
      points: options.points, frame: corpus.frame, labels: corpus.labelNames, codes: codes)
  }

  /// The same with so many shapes of each part at most, and the recipe's codes for as few; nil where networks play over clouds,
  /// which need no preparation.
  func thinned(to limit: Int, recipe: inout PointRecipe) -> PointDataset? {
    guard recipe.spec?.codes != nil else { return nil }
    let few = PointDataset(corpus: corpus.thinned(to: limit))
    let codes = recipe.network.networks.codeSpec(recipe, shapes: few.corpus.training.count)
    recipe.spec?.codes = codes
    return few
  }

  private init(corpus: PointCorpus) { self.corpus = corpus }

  /// The training shapes as codes, for networks that generate codes; nil for others. Worked out once for all games of the
  /// data, which have one recipe.
  func codedShapes(_ recipe: PointRecipe) throws -> CodedShapes? {
    guard recipe.network.networks.playsOverCodes else { return nil }
    let spec = try recipe.completeSpec()
    return try coded.value {
      try CodedShapes(
        corpus.training, heldOut: corpus.untrained, coding: recipe.network.networks.coding(recipe), spec: spec
      )
    }
  }
}
