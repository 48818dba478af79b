import Adversarial
import Corpora
import Torch

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
