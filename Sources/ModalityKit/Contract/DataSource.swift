import Adversarial
import Corpora
import Failures
import Foundation
import Synchronization
import Torch

/// Where real samples come from.
public struct DataSource: Sendable, Equatable, Codable {
  /// A file or a folder; nil for the built-in procedural set.
  public var path: String?
  /// A file or folder of validation data, by which checkpoints are chosen in training, instead of a share of the data.
  public var validation: String?
  /// A file or folder held out of training instead of a share of the data.
  public var holdout: String?

  /// Names a source.
  public init(path: String? = nil, validation: String? = nil, holdout: String? = nil) {
    self.path = path
    self.validation = validation
    self.holdout = holdout
  }
}

extension DataSource {
  /// Refuses separate parts where there is no data to train on: a built-in set is split by itself.
  ///
  /// - Throws: `UserError` (usage).
  public func requireNoParts() throws {
    for (flag, path) in [("--validation", validation), ("--holdout", holdout)] where path != nil {
      throw UserError(.usage, "\(flag): expected --data beside it; the built-in set is split by itself")
    }
  }

  /// Refuses data whose labels are not those that a model was trained with.
  ///
  /// - Parameters:
  ///   - found: the data's, by index.
  ///   - expected: the model's.
  ///   - name: what the data is called.
  /// - Throws: `UserError` (bad data) that lists both.
  public static func requireLabels(_ found: [String], toBe expected: [String], in name: String) throws {
    guard found != expected else { return }
    func list(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: ", ") }
    throw UserError(
      .badData, "\(name): found the labels \(list(found)), expected the model's \(list(expected))")
  }
}

extension DataSource {
  /// The same with absolute paths, so that a run finds its data from any folder.
  var absolute: DataSource {
    func full(_ path: String?) -> String? { path.map { URL(fileURLWithPath: $0).standardizedFileURL.path } }
    return DataSource(path: full(path), validation: full(validation), holdout: full(holdout))
  }

  /// The same with what it does not name taken from the source of a run.
  func completed(by run: DataSource) -> DataSource {
    DataSource(
      path: path ?? run.path, validation: validation ?? run.validation, holdout: holdout ?? run.holdout)
  }
}

/// Real samples of a medium whose data is a corpus.
public protocol CorpusDataset: ModalityDataset, Sendable {
  /// The medium's corpus.
  associatedtype Data: Corpus
  /// The samples, split.
  var corpus: Data { get }
}

extension CorpusDataset {
  /// What was read, left out and split.
  public var descriptionLines: [String] { [corpus.report.description] }
  /// Identifies all parts of the data.
  public var fingerprint: String { corpus.fingerprint }
  /// Samples to choose by.
  public var validationCount: Int { corpus.validation.count }
  /// The label of each training sample.
  public var trainingLabels: [Int?] { (0..<corpus.training.count).map { corpus.training.label(at: $0) } }
}

extension DataSource {
  /// Opens the user's files, or makes the built-in set when there is no path.
  ///
  /// - Parameters:
  ///   - known: the labels of a trained model, which the data must have; nil where the data decides.
  ///   - files: opens a path.
  ///   - builtIn: makes the built-in set.
  /// - Throws: whatever these throw; `UserError`: usage for separate parts without data to train on, bad data for other
  ///   labels than the model's.
  public func corpus<Data: Corpus>(
    labels known: [String]?, files: (_ path: String) throws -> Data, builtIn: () throws -> Data
  ) throws -> Data {
    let corpus: Data
    if let path {
      corpus = try files(path)
    } else {
      try requireNoParts()
      corpus = try builtIn()
    }
    if let known { try Self.requireLabels(corpus.labelNames, toBe: known, in: corpus.report.source) }
    return corpus
  }
}

extension Batch {
  /// A batch of samples of a corpus, with their labels where they have some.
  ///
  /// - Parameters:
  ///   - samples: `[B, ...]`, on the device of the game.
  ///   - part: the part that they are of.
  ///   - indices: their indices in the part, B of them.
  /// - Throws: `TorchError` where memory ends.
  public init(_ samples: Tensor, of part: some LabelledSamples, at indices: [Int]) throws {
    let labels = try part.labels(at: indices).map {
      try Tensor($0, shape: [$0.count], device: samples.device)
    }
    self.init(samples: samples, labels: labels)
  }
}

/// A value that takes time to work out, and is worked out when it is first asked for.
public final class Kept<Value: Sendable>: Sendable {
  private let stored = Mutex<Value?>(nil)

  /// Nothing yet.
  public init() {}

  /// The value, worked out by `make` where nothing has asked for it before.
  public func value(_ make: () throws -> Value) throws -> Value {
    try stored.withLock { stored in
      if let stored { return stored }
      let made = try make()
      stored = made
      return made
    }
  }
}
