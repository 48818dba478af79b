import Adversarial
import Torch

/// A modality's recipe: what the core needs to train, beside what the medium's networks need.
public protocol ModalityRecipe: Codable, Equatable, Sendable {
  /// What only the data decides.
  associatedtype Spec: DataSpec
  /// The medium's generators: a class, or an existential where there are several families of networks.
  associatedtype Generator

  /// Losses, optimisers, schedules, averaging: the core's part.
  var training: TrainingRecipe { get set }
  /// What the data decides; nil until it has been opened.
  var spec: Spec? { get set }
  /// What makes and checks the networks that play.
  var family: any NetworkFamily<Self> { get }
  /// What makes no sense in the medium's own part but for its networks, with keys as in the recipe's document.
  var dataFaults: [RecipeFault] { get }
  /// A generator as the core sees it.
  static func coreGenerator(_ generator: Generator) -> any Adversarial.Generator
}

/// What only the data can tell about the networks, such as a length or a vocabulary, and the labels.
///
/// Part of a recipe from the moment that the data has been opened, so that a checkpoint needs no data to be used.
public protocol DataSpec: Codable, Equatable, Sendable {
  /// The names of the labels by index; empty for an unconditional model.
  var labels: [String] { get }
  /// In words, for messages.
  var summary: String { get }
  /// Whether samples of two models can be measured in one table.
  func isComparable(to other: Self) -> Bool
}

extension DataSpec {
  /// Where all is equal.
  public func isComparable(to other: Self) -> Bool { self == other }
}

/// One family of networks of a medium: all that is asked about it, so that adding a family touches one file, and the
/// list of families.
public protocol NetworkFamily<Recipe>: Sendable {
  /// The recipes that such networks are made from.
  associatedtype Recipe: ModalityRecipe

  /// The family's name where the medium has several, as the flag `--network` takes it; nil where it has one.
  var name: String? { get }
  /// What the flag `--network` changes in a preset beside the network itself.
  func settings(flag: String) -> [Setting]
  /// What makes no sense in a recipe that such networks are made from, with keys as in its document.
  func faults(of recipe: Recipe) -> [RecipeFault]
  /// Initialises a generator.
  ///
  /// - Parameters:
  ///   - recipe: complete, with a spec.
  ///   - spec: the recipe's.
  ///   - stream: where the weights are drawn from.
  func generator(_ recipe: Recipe, spec: Recipe.Spec, using stream: inout RandomStream) throws
    -> Recipe.Generator
  /// Initialises the discriminator that goes with it.
  func discriminator(_ recipe: Recipe, spec: Recipe.Spec, using stream: inout RandomStream) throws
    -> any Discriminator
}

extension NetworkFamily {
  /// None: the medium has one family.
  public var name: String? { nil }
  /// Nothing.
  public func settings(flag: String) -> [Setting] { [] }
}

extension ModalityRecipe where Generator: Adversarial.Generator {
  /// The generator itself.
  public static func coreGenerator(_ generator: Generator) -> any Adversarial.Generator { generator }
}

extension ModalityRecipe {
  /// None.
  public var dataFaults: [RecipeFault] { [] }

  /// What makes no sense in the recipe: the core's part, the medium's, its networks'.
  public var faults: [RecipeFault] { training.faults + dataFaults + family.faults(of: self) }

  /// What the data has decided.
  ///
  /// - Throws: `TorchError` when no data has completed the recipe.
  public func completeSpec() throws -> Spec {
    guard let spec else { throw TorchError("the recipe has no spec: no data has completed it") }
    return spec
  }

  /// A generator whose weights depend on a seed.
  ///
  /// - Throws: `TorchError` when no data has completed the recipe, or memory ends.
  public func makeGenerator(seed: UInt64, device: Device) throws -> Generator {
    var stream = RandomStream(seed: seed, name: "generator")
    let generator = try family.generator(self, spec: completeSpec(), using: &stream)
    try Self.coreGenerator(generator).move(to: device)
    return generator
  }

  /// A discriminator whose weights depend on a seed.
  ///
  /// - Throws: `TorchError` when no data has completed the recipe, or memory ends.
  public func makeDiscriminator(seed: UInt64, device: Device) throws -> any Discriminator {
    var stream = RandomStream(seed: seed, name: "discriminator")
    let discriminator = try family.discriminator(self, spec: completeSpec(), using: &stream)
    try discriminator.move(to: device)
    return discriminator
  }
}

/// The networks of a game as a recipe describes them, initialised from a seed, on a device.
public struct GameNetworks<Recipe: ModalityRecipe> {
  /// The generator that is trained.
  public let generator: Recipe.Generator
  /// One of the same architecture for the moving average.
  public let averagedGenerator: Recipe.Generator
  /// The discriminator.
  public let discriminator: any Discriminator
  /// Where they lie.
  public let device: Device

  /// Initialises all three.
  ///
  /// - Throws: `TorchError` when no data has completed the recipe, or memory ends.
  public init(_ recipe: Recipe, seed: UInt64, device: Device) throws {
    generator = try recipe.makeGenerator(seed: seed, device: device)
    averagedGenerator = try recipe.makeGenerator(seed: seed, device: device)
    discriminator = try recipe.makeDiscriminator(seed: seed, device: device)
    self.device = device
  }
}
