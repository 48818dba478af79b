import Corpora
import Failures

/// One part of a corpus of shapes.
public typealias PointSet = SampleSet<CorpusShape>

/// A set of shapes in a training, a validation and a held-out part, whose points are drawn anew at each visit.
///
/// The steps, in this order: files are listed in the byte order of their paths; they are read, and points are drawn
/// from meshes and voxel grids; shapes that cannot be used are an error or left out; some are held out; shapes
/// that repeat another of their part and label, or of the held-out part, are left out; the rest is normalised.
///
/// Held out are those in folders called `test` where others are in folders called `train`; else of each label's shapes in
/// order, numbered from 0, those divisible by 10 (but not a label's only one); or those whose files
/// `options.holdoutPattern` matches; or those of the held-out folder.
///
/// Memory holds the shapes, up to 1 GiB. Of a larger set they are read when they are asked for, and the same amount
/// of memory holds what was read last. Files must not change while a corpus is in use.
public struct PointCorpus: Corpus {
  /// How files became samples.
  public let options: PointCorpusOptions
  /// How shapes are normalised: as `options.normalisation` says, with the numbers of a trained model or those of the
  /// training part.
  public let frame: PointFrame
  /// The shapes.
  public let parts: CorpusParts<PointSet>

  /// Reads a shape file, or a folder with shape files at any depth.
  ///
  /// - Parameters:
  ///   - path: the data. In a folder, files that are no shape files by their extension are left out.
  ///   - validation: data to choose by while training, instead of shapes of `path`.
  ///   - holdout: data to hold out, instead of shapes of `path`.
  ///   - options: how files become samples.
  ///   - known: the frame of a trained model, nil to take that of the data.
  ///   - knownLabels: the labels of a trained model, whose indices the corpus then uses; nil takes those of the data.
  ///   - memoryBudget: bytes of coordinates to keep in memory.
  /// - Throws: `UserError`: usage for options out of range, malformed regular expressions and a frame of another rule
  ///   of normalisation; no input for files that cannot be opened; bad data, with the file's name, for shapes that
  ///   cannot be used (unless `options.skipBad`), files without a label or with one that is not known, and parts
  ///   without a shape.
  public init(
    path: String, validation: String? = nil, holdout: String? = nil, options: PointCorpusOptions,
    frame known: PointFrame? = nil, labels knownLabels: [String]? = nil,
    memoryBudget: Int = CorpusMemory.standard
  ) throws {
    try options.validate()
    let files = try DataFiles(
      path, validation: validation, holdout: holdout, kind: ShapeFile.kind, options: options.forNames)
    let shelf = try Shelf(
      files.paths.map { Shapes(source: options.source($0), options: options) }, skipsBad: options.skipBad,
      budget: memoryBudget)
    let split = try Split(
      files, surveys: shelf.surveys, owners: shelf.owners, words: ShapeReader.words, known: knownLabels)
    try self.init(split, on: shelf, options: options, frame: known)
  }

  /// Normalises shapes that have been chosen.
  init(_ split: Split, on shelf: Shelf<Shapes>, options: PointCorpusOptions, frame known: PointFrame?) throws
  {
    if let known, known.normalisation != options.normalisation {
      throw UserError(
        .usage,
        "--normalize: found \(options.normalisation.rawValue), expected \(known.normalisation.rawValue), "
          + "which the model was trained under")
    }
    let training = shelf.surveys(of: split.partition.training)
    self.options = options
    frame = known ?? PointFrame(options.normalisation, training: training.map(\.extent))
    parts = CorpusParts(split, on: shelf, reader: ShapeReader(options: options, frame: frame))
  }

  private init(_ other: PointCorpus, parts: CorpusParts<PointSet>) {
    (options, frame, self.parts) = (other.options, other.frame, parts)
  }

  /// The same with so many shapes of each part at most, evenly spread.
  public func thinned(to limit: Int) -> PointCorpus { PointCorpus(self, parts: parts.thinned(to: limit)) }
}
