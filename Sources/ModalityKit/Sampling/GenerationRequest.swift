import Adversarial
import Files
import Foundation

/// How many samples to write, of which labels, and where.
public struct GenerationRequest<M: Modality> {
  /// The model, with all that is known of it.
  public let model: TrainedModel<M>
  /// Draws its samples.
  public let sampler: Sampler<M>
  /// Number of samples.
  public let count: Int
  /// Seed of all draws.
  public let seed: UInt64
  /// Which labels a conditional generator is asked for.
  public let labels: LabelChoice
  /// What latents are multiplied by.
  public let truncation: Double
  /// The file or folder to write; nil for standard output, which only media that are text are asked for.
  public let output: URL?
  /// Writes text to standard output, no line break added.
  public let write: @Sendable (String) throws -> Void

  /// Asks for samples; text goes to the process's standard output unless `write` says otherwise.
  ///
  /// - Parameters:
  ///   - model: draws them.
  ///   - options: how.
  ///   - count: how many are written.
  ///   - seed: of all draws.
  ///   - labels: which a conditional generator is asked for.
  ///   - truncation: what latents are multiplied by.
  ///   - kept: of how many samples one is kept, by the model's verdict.
  ///   - dataset: of whose training samples copies are left out; nil where they stay.
  ///   - output: the file or folder to write.
  ///   - write: writes text to standard output.
  /// - Throws: `UserError` (usage) for options that the model cannot follow.
  public init(
    _ model: TrainedModel<M>, options: M.Sampling, count: Int, seed: UInt64, labels: LabelChoice = .any,
    truncation: Double = 1, oneOf kept: Int = 1, withoutCopiesOf dataset: M.Dataset? = nil,
    output: URL? = nil,
    write: @escaping @Sendable (String) throws -> Void = Console.standard.result
  ) throws {
    self.model = model
    let copies = dataset.map { dataset in
      CopyFilter { try M.trainingDistances(in: dataset, recipe: model.recipe, options: options) }
    }
    sampler = try model.sampler(options, oneOf: kept, withoutCopies: copies)
    (self.count, self.seed, self.labels, self.truncation) = (count, seed, labels, truncation)
    (self.output, self.write) = (output, write)
  }

  /// Draws the samples one after the other, each with the index of its label.
  public func forEach(_ body: (M.Sample, Int?) throws -> Void) throws {
    if let copies = sampler.copies {
      WorkLine.begin("measuring the data")
      _ = try copies.rule()
    }
    WorkLine.begin("drawing", total: count)
    try sampler.forEach(count: count, seed: seed, labels: labels, truncation: truncation) {
      try body($0, $1)
      WorkLine.advance()
    }
  }

  /// Writes one file for each sample into the folder of the request.
  ///
  /// - Parameters:
  ///   - fileExtension: what the files' names end with.
  ///   - body: writes a sample into a file.
  /// - Returns: the files.
  /// - Throws: `UserError(.cannotCreate)` when the folder cannot be made; what `body` throws.
  public func writeFiles(extension fileExtension: String, _ body: (M.Sample, URL) throws -> Void) throws
    -> [URL]
  {
    let places = try SampleFiles(
      in: requiredOutput, count: count, fileExtension: fileExtension, labels: sampler.spec.labels)
    var files: [URL] = []
    try forEach { sample, label in
      let file = places.file(files.count, label: label)
      try body(sample, file)
      files.append(file)
    }
    return files
  }

  /// The folder or file of a medium that is not text.
  public var requiredOutput: URL {
    guard let output else { preconditionFailure("\(M.name) is written to files") }
    return output
  }

  /// Writes lines as they come, to the file that was asked for or to standard output.
  ///
  /// A file appears whole or not at all.
  /// - Parameter lines: calls its argument with each line, without a line break.
  /// - Returns: the file; nothing for standard output.
  public func writeLines(_ lines: (_ body: (String) throws -> Void) throws -> Void) throws -> [URL] {
    if let output {
      // What a process that was killed while it wrote there has left.
      AtomicFile.sweepStale(in: output.deletingLastPathComponent())
      try AtomicFile.write(to: output) { file in
        try lines { try file.write($0 + "\n") }
      }
      return [output]
    }
    // Gathered, since each write is a call of the system; whole lines, since a reader may stop at any.
    var gathered = ""
    try lines { line in
      gathered += line + "\n"
      if gathered.utf8.count >= 1 << 14 {
        try write(gathered)
        gathered = ""
      }
    }
    if !gathered.isEmpty { try write(gathered) }
    return []
  }
}
