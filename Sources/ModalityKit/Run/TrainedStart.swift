import Adversarial
import Failures
import Files
import Foundation
import Torch

/// The run whose networks another one has begun with, as run.json notes it.
public struct RunOrigin: Codable, Hashable, Sendable {
  /// The run's folder.
  public let run: String
  /// The checkpoint's file in it.
  public let checkpoint: String
  /// The SHA-256 digest of that file.
  public let digest: String
  /// What was taken of it and what not, in sentences.
  public let taken: [String]
}

/// The networks of a run, for another one to begin with: what fits is taken by the parameters' names, and rows that belong to
/// symbols or labels by the names of these.
///
/// Parameters alone are taken. Buffers hold what a data set has decided, which is the new one's to do, or what follows from
/// parameters.
struct TrainedStart<M: Modality> {
  /// The run.
  let folder: RunFolder
  /// What its run.json says beside the recipe.
  let settings: RunSettings
  /// The file that holds the networks.
  private let file: URL
  private let checkpoint: Checkpoint
  private let recipe: M.Recipe

  /// Reads the generator that a run is used by, the best or else the latest, and its discriminator.
  ///
  /// - Parameters:
  ///   - place: the run's folder.
  ///   - name: of the checkpoint's file, where it is to be that one.
  /// - Throws: `UserError`: no input where there is no such run or it has saved nothing; bad data where it is damaged or of another
  ///   modality.
  init(_ place: String, checkpoint name: String? = nil) throws {
    folder = try RunFolder.open(URL(fileURLWithPath: place, isDirectory: true))
    let description = try RunDescription(contentsOf: folder.descriptionFile)
    settings = try RunSettings.read(from: description, file: folder.descriptionFile)
    let checkpoints = folder.checkpoints
    let source = name.map { checkpoints.appendingPathComponent($0) } ?? folder.url
    (file, checkpoint) = try CheckpointStore.load(source, pointer: nil) {
      ($0, try Checkpoint(contentsOf: $0, modality: M.name))
    }
    recipe = try M.recipe(in: checkpoint, file: file)
  }

  /// The same networks as a run has noted that it began with.
  ///
  /// - Throws: `UserError` as `init(_:)`, and bad data where the file is no longer the same.
  init(_ origin: RunOrigin) throws {
    try self.init(origin.run, checkpoint: origin.checkpoint)
    let digest = try Self.digest(of: file)
    guard digest == origin.digest else {
      throw UserError(
        .badData,
        "\(file.relativePath): found other content than the run has noted to begin with")
    }
  }

  /// Puts the networks in the place of a game's.
  ///
  /// - Parameters:
  ///   - game: fresh.
  ///   - own: the recipe that it was made of.
  ///   - fingerprint: of the data that it was made with.
  /// - Returns: what was taken.
  /// - Throws: `UserError` (usage) where nothing could be.
  func take(into game: any Game, of own: M.Recipe, fingerprint: String) throws -> RunOrigin {
    let isSameData = fingerprint == settings.fingerprint
    if let reason = own.family.boundToItsData, !isSameData {
      throw UserError(
        .usage, "--from \(folder.url.relativePath): nothing can be taken over to other data, since \(reason)")
    }
    var found = TakenParameters()
    try take(checkpoint.tensors(of: "averaged"), into: game.generator, as: .generator, of: own, &found)
    try game.averagedGenerator.load(
      Dictionary(uniqueKeysWithValues: try game.generator.state.map { ($0.name, $0.tensor) }))
    try take(
      checkpoint.tensors(of: "discriminator"), into: game.discriminator, as: .discriminator, of: own, &found)
    guard found.count > 0 else {
      throw UserError(
        .usage,
        "--from \(folder.url.relativePath): none of its parameters fits the networks of this recipe; leave out the "
          + "flags that change networks")
    }
    var words =
      ["networks of \(folder.url.relativePath), step \(checkpoint.keptStep ?? checkpoint.step)"] + found.words
    if !isSameData {
      words.append(
        "they have seen other data: held-out samples of this data that were part of it are not unseen")
    }
    return RunOrigin(
      run: folder.url.standardizedFileURL.path, checkpoint: file.lastPathComponent,
      digest: try Self.digest(of: file),
      taken: words)
  }

  private func take(
    _ known: [String: Tensor], into network: any Module, as part: NetworkPart, of own: M.Recipe,
    _ found: inout TakenParameters
  ) throws {
    let (old, new) = (try recipe.completeSpec(), try own.completeSpec())
    let oldFamily = recipe.family
    var state = Dictionary(uniqueKeysWithValues: try network.state.map { ($0.name, $0.tensor) })
    for (name, parameter) in network.namedParameters {
      let fresh = parameter.value
      guard let tensor = known[name] else {
        found.leave(name, of: part, "is new")
        continue
      }
      let names = (
        oldFamily.rowNames(of: name, in: part, spec: old), own.family.rowNames(of: name, in: part, spec: new)
      )
      if let from = names.0, let to = names.1 {
        let named = NamedRows(from: from, to: to)
        guard let rows = try named.rows(of: tensor, else: fresh) else {
          found.leave(name, of: part, "is \(tensor.shape), expected \(fresh.shape)")
          continue
        }
        state[name] = rows
        found.take(name, of: part, rows: named)
      } else if tensor.shape == fresh.shape {
        state[name] = tensor
        found.take(name, of: part)
      } else {
        found.leave(name, of: part, "is \(tensor.shape), expected \(fresh.shape)")
      }
    }
    try network.load(state)
    // Largest singular values follow from the weights; a few rounds find them again.
    try network.updateSpectralNorms(iterations: 20)
  }

  private static func digest(of file: URL) throws -> String {
    var digest = SHA256()
    try InputFile.bytes(of: file).withUnsafeBytes { digest.update($0) }
    return digest.hexDigest()
  }
}

/// Rows of a parameter that belong to names, such as those of symbols: where each name of a new set is found in an old one.
struct NamedRows: Equatable {
  /// What the names are of, in the plural.
  let kind: String
  /// For each row its place among the old ones; nil for names that are new.
  let places: [Int?]
  /// Names that no old row has.
  let added: [String]
  /// Old names that no row has.
  let dropped: [String]

  /// Looks names up.
  init(from old: RowNames, to new: RowNames) {
    kind = new.kind
    let known = Dictionary(old.names.enumerated().map { ($0.element, $0.offset) }) { first, _ in first }
    places = new.names.map { known[$0] }
    added = zip(new.names, places).filter { $0.1 == nil }.map(\.0)
    let used = Set(new.names)
    dropped = old.names.filter { !used.contains($0) }
  }

  /// The old rows in the order of the new names, with fresh ones for names that are new; nil where a row has another shape.
  func rows(of old: Tensor, else fresh: Tensor) throws -> Tensor? {
    guard old.shape.dropFirst() == fresh.shape.dropFirst(), fresh.shape.first == places.count,
      places.allSatisfy({ $0 ?? 0 < old.shape[0] })
    else { return nil }
    let all = try Tensor.concatenated([old.moved(to: fresh.device), fresh.detached()], along: 0)
    let indices = places.enumerated().map { Int64($0.element ?? old.shape[0] + $0.offset) }
    return try all.gathered(at: Tensor(indices, shape: [indices.count], device: fresh.device))
  }
}

/// What was taken over of the parameters of two networks, for people.
struct TakenParameters {
  /// Parameters that were taken, whole or by rows.
  private(set) var count = 0
  private var taken: [NetworkPart: Int] = [:]
  private var left: [NetworkPart: [String]] = [:]
  private var rows: [NamedRows] = []

  /// Names that a sentence lists at most.
  private static let listed = 12

  /// Takes note of a parameter that was taken.
  mutating func take(_ name: String, of part: NetworkPart, rows named: NamedRows? = nil) {
    count += 1
    taken[part, default: 0] += 1
    if let named, !rows.contains(named) { rows.append(named) }
  }

  /// Takes note of one that stays as it was initialised.
  mutating func leave(_ name: String, of part: NetworkPart, _ reason: String) {
    left[part, default: []].append("\(name), which \(reason)")
  }

  /// In sentences.
  var words: [String] {
    let networks = NetworkPart.allCases.map { part in
      let (known, others) = (taken[part] ?? 0, left[part] ?? [])
      return others.isEmpty
        ? "\(part.rawValue): all \(known) parameters"
        : "\(part.rawValue): \(known) of \(known + others.count) parameters; fresh: \(Self.list(others, "; "))"
    }
    return networks
      + rows.map { rows in
        let known = rows.places.count - rows.added.count
        return "\(rows.kind): \(known) of \(rows.places.count) by name"
          + (rows.added.isEmpty ? "" : "; fresh: \(Self.list(rows.added))")
          + (rows.dropped.isEmpty ? "" : "; not needed: \(Self.list(rows.dropped))")
      }
  }

  private static func list(_ names: [String], _ separator: String = " ") -> String {
    let more = names.count - listed
    return names.prefix(listed).joined(separator: separator) + (more > 0 ? " and \(more) more" : "")
  }
}
