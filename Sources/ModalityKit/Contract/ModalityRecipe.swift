import Adversarial
import Files
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
  /// The family of networks, which initialises and checks them.
  var family: any NetworkFamily<Self> { get }
  /// Invalid values of the medium's own part but for its networks, with keys as in the recipe's document.
  var dataFaults: [RecipeFault] { get }
  /// A generator as the core sees it.
  static func coreGenerator(_ generator: Generator) -> any Adversarial.Generator
}

/// What the data decides about the networks, such as a length or a vocabulary, and the labels.
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

/// One family of networks of a medium, with everything that the shared code needs of it, so that adding a family touches
/// one file, and the list of families.
public protocol NetworkFamily<Recipe>: Sendable {
  /// The recipes that such networks are made from.
  associatedtype Recipe: ModalityRecipe

  /// The family's name where the medium has several, as the flag `--network` takes it; nil where it has one.
  var name: String? { get }
  /// What the flag `--network` changes in a preset beside the network itself.
  func settings(flag: String) -> [Setting]
  /// Parts of the recipe, by the first word of their keys, that such networks do not read: flags that set them are refused.
  var unreadParts: [String] { get }
  /// What the rows of a parameter belong to, where the data names it, such as symbols; nil for other parameters. Where a run begins
  /// with another one's networks, such rows are taken over by their names.
  ///
  /// - Parameters:
  ///   - parameter: its dotted name in the network.
  ///   - part: the network that it is part of.
  ///   - spec: what the data has decided.
  func rowNames(of parameter: String, in part: NetworkPart, spec: Recipe.Spec) -> RowNames?
  /// Why the parameters mean nothing beside other data than they were trained with, in a clause; nil where they do.
  var boundToItsData: String? { get }
  /// Invalid values of a recipe that such networks are made from, with keys as in its document.
  func faults(of recipe: Recipe) -> [RecipeFault]
  /// Initialises a generator.
  ///
  /// - Parameters:
  ///   - recipe: complete, with a spec.
  ///   - spec: the recipe's.
  ///   - stream: source of random numbers for the weights.
  func generator(_ recipe: Recipe, spec: Recipe.Spec, using stream: inout RandomStream) throws
    -> Recipe.Generator
  /// Initialises the discriminator that goes with it.
  func discriminator(_ recipe: Recipe, spec: Recipe.Spec, using stream: inout RandomStream) throws
    -> any Discriminator
}

extension NetworkFamily {
  /// None: the medium has one family.
  public var name: String? { nil }
  /// None: networks read all of the recipe.
  public var unreadParts: [String] { [] }
  /// Nothing.
  public func settings(flag: String) -> [Setting] { [] }
  /// They mean something.
  public var boundToItsData: String? { nil }
  /// The labels, for vectors of labels.
  public func rowNames(of parameter: String, in part: NetworkPart, spec: Recipe.Spec) -> RowNames? {
    labelRows(of: parameter, spec: spec)
  }
  /// The labels, for the parameters of members called `label`, as those of `ProjectionHead` are.
  public func labelRows(of parameter: String, spec: Recipe.Spec) -> RowNames? {
    let isOfLabels = parameter.split(separator: ".").dropLast().contains("label")
    return isOfLabels && !spec.labels.isEmpty ? RowNames("labels", spec.labels) : nil
  }
}

/// One of the two networks of a game.
public enum NetworkPart: String, CaseIterable, Sendable {
  /// Makes samples.
  case generator
  /// Judges them.
  case discriminator
}

/// What the rows of a parameter belong to.
public struct RowNames: Sendable, Equatable {
  /// What the names are of, in the plural: "labels".
  public let kind: String
  /// A name for each row.
  public let names: [String]

  /// Names rows.
  public init(_ kind: String, _ names: [String]) { (self.kind, self.names) = (kind, names) }
}

extension ModalityRecipe where Generator: Adversarial.Generator {
  /// The generator itself.
  public static func coreGenerator(_ generator: Generator) -> any Adversarial.Generator { generator }
}

extension ModalityRecipe {
  /// None.
  public var dataFaults: [RecipeFault] { [] }

  /// Invalid values of the recipe: the core's part, the medium's, its networks'.
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
    return try makeDiscriminator(using: &stream, device: device)
  }

  /// A discriminator whose weights depend on a stream; otherwise as by a seed.
  func makeDiscriminator(using stream: inout RandomStream, device: Device) throws -> any Discriminator {
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
  private let recipe: Recipe

  /// Initialises all three.
  ///
  /// - Throws: `TorchError` when no data has completed the recipe, or memory ends.
  public init(_ recipe: Recipe, seed: UInt64, device: Device) throws {
    generator = try recipe.makeGenerator(seed: seed, device: device)
    averagedGenerator = try recipe.makeGenerator(seed: seed, device: device)
    discriminator = try recipe.makeDiscriminator(seed: seed, device: device)
    self.device = device
    self.recipe = recipe
  }

  /// Another discriminator of the same kind.
  public func makeDiscriminator(using stream: inout RandomStream) throws -> any Discriminator {
    try recipe.makeDiscriminator(using: &stream, device: device)
  }
}

/// A value that a flag gives to one key of a recipe.
public struct Setting: Hashable, Sendable {
  /// The recipe's dotted key, such as `training.batchSize`.
  public let key: String
  /// The value as the recipe writes it.
  public let value: JSONValue
  /// The flag that gave it, dashes included: its origin in run.json and in messages.
  public let flag: String

  /// Sets a key to a document.
  public init(_ key: String, to value: JSONValue, flag: String) {
    self.key = key
    self.value = value
    self.flag = flag
  }

  /// Sets a key to a flag's value; nil when the flag was not given, so that a plugin lists its flags in one
  /// `compactMap`.
  ///
  /// - Parameters:
  ///   - key: the recipe's dotted key.
  ///   - value: an enumeration, a number, a text or any other part of a recipe. Encoding it must not fail.
  ///   - flag: the flag, dashes included.
  public init?(_ key: String, _ value: (some Encodable)?, flag: String) {
    guard let value, let document = try? JSONValue(encoding: value) else { return nil }
    self.init(key, to: document, flag: flag)
  }
}

/// A game whose networks are those of a recipe.
public protocol RecipeGame: Game {
  /// The recipe's type.
  associatedtype Recipe: ModalityRecipe
  /// The networks that play.
  var networks: GameNetworks<Recipe> { get }
}

extension RecipeGame {
  /// The generator being trained.
  public var generator: any Generator { Recipe.coreGenerator(networks.generator) }
  /// Holds the moving average.
  public var averagedGenerator: any Generator { Recipe.coreGenerator(networks.averagedGenerator) }
  /// The discriminator.
  public var discriminator: any Discriminator { networks.discriminator }
  /// Where the networks lie.
  public var device: Device { networks.device }
  /// Another discriminator of the recipe's kind.
  public func makeDiscriminator(using stream: inout RandomStream) throws -> (any Discriminator)? {
    try networks.makeDiscriminator(using: &stream)
  }
}
