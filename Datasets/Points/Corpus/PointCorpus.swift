import Corpora
import Failures
import Files

/// A set of shapes in a training, a validation and a held-out part, whose points are drawn anew at each visit.
///
/// The steps, in this order: files are listed in the byte order of their paths; they are read, and points are drawn
/// from meshes and voxel grids; shapes that cannot be used are an error or left out; some are held out; shapes
/// that repeat another of their part and label, or of the held-out part, are left out; the rest is normalised.
///
/// Memory holds the shapes, up to 1 GiB. Of a larger set they are read when they are asked for, and the same amount
/// of memory holds what was read last. Files must not change while a corpus is in use.
public final class PointCorpus: Sendable {
  /// How files became samples.
  public let options: PointCorpusOptions
  /// The names of the labels by index: those that were given, or those of the training part ordered by byte value;
  /// empty without labels.
  public let labelNames: [String]
  /// The shapes to train on.
  public let training: PointSet
  /// The shapes to evaluate on: those in folders called `test` where others are in folders called `train`; else of
  /// each label's shapes in order, numbered from 0, those divisible by 10 (but not a label's only one); or those
  /// whose files `options.holdoutPattern` matches; or those of the held-out folder.
  public let heldOut: PointSet
  /// The shapes to choose by while training, none of which is trained on: those that were named, or by `ValidationRule`
  /// of the shapes that are not held out. Empty where there are too few.
  public let validation: PointSet
  /// What was read and left out.
  public let report: PointCorpusReport
  /// How shapes are normalised: as `options.normalisation` says, with the numbers of a trained model or those of the
  /// training part.
  public let frame: PointFrame
  /// Identifies the content of all parts: 16 hexadecimal digits each of the training, the validation and the held-out
  /// part, with dashes between. Computed from the coordinates in the files, the rule of normalisation and the labels in their order, not
  /// from paths. It notices other data; it is no protection against forgery.
  public let fingerprint: String

  /// Reads a shape file, or a folder with shape files at any depth.
  ///
  /// - Parameters:
  ///   - path: the data. In a folder, files that are no shape files by their extension are left out.
  ///   - validation: data to choose by while training, instead of shapes of `path`.
  ///   - holdout: data to hold out, instead of shapes of `path`.
  ///   - options: how files become samples.
  ///   - known: the frame of a trained model, nil to take that of the data.
  ///   - knownLabels: the labels of a trained model, whose indices the corpus then uses; nil takes those of the data.
  /// - Throws: `UserError`: usage for options out of range, malformed regular expressions and a frame of another rule
  ///   of normalisation; no input for files that cannot be opened; bad data, with the file's name, for shapes that
  ///   cannot be used (unless `options.skipBad`), files without a label or with one that is not known, and parts
  ///   without a shape.
  public convenience init(
    path: String, validation: String? = nil, holdout: String? = nil, options: PointCorpusOptions,
    frame known: PointFrame? = nil, labels knownLabels: [String]? = nil
  ) throws {
    try self.init(
      path: path, validation: validation, holdout: holdout, options: options, frame: known,
      labels: knownLabels, memoryBudget: ShapeShelf.defaultBudget)
  }

  /// As the other, with another limit to the memory for coordinates, in bytes.
  convenience init(
    path: String, validation: String? = nil, holdout: String? = nil, options: PointCorpusOptions,
    frame known: PointFrame? = nil, labels knownLabels: [String]? = nil, memoryBudget: Int
  ) throws {
    try options.validate()
    if holdout != nil, options.holdoutPattern != nil {
      throw UserError(.usage, "--holdout-pattern: found beside --holdout, expected one of the two")
    }
    let files = try DataFiles(
      path, validation: validation, holdout: holdout, kind: ShapeFile.kind,
      labels: try LabelRule(options.labels),
      labelled: OfficialPart.removed)
    let sources = files.paths.map { FileShapeSource(name: $0, meshPoints: options.meshPoints) }
    let shelf = try ShapeShelf(sources, options: options, budget: memoryBudget)
    let split = try ShapeSplit(files, shelf: shelf, options: options, known: knownLabels)
    try self.init(split, shelf: shelf, options: options, frame: known)
  }

  /// Makes the parts of shapes that have been chosen.
  init(_ split: ShapeSplit, shelf: ShapeShelf, options: PointCorpusOptions, frame known: PointFrame?) throws {
    func surveys(_ part: [Int]) -> [SurveyedShape] {
      part.compactMap { if case .success(let shape) = shelf.surveys[$0] { shape } else { nil } }
    }
    let partition = split.partition
    let (training, validation, heldOut) = (partition.training, partition.validation, partition.heldOut)
    if let known, known.normalisation != options.normalisation {
      throw UserError(
        .usage,
        "--normalize: found \(options.normalisation.rawValue), expected \(known.normalisation.rawValue), "
          + "which the model was trained under")
    }
    let frame =
      known ?? PointFrame(options.normalisation, training: surveys(training).map(\.extent))
    self.options = options
    self.frame = frame
    labelNames = split.labelNames
    self.training = PointSet(training, on: shelf, labels: split.labels, frame: frame)
    self.validation = PointSet(validation, on: shelf, labels: split.labels, frame: frame)
    self.heldOut = PointSet(heldOut, on: shelf, labels: split.labels, frame: frame)
    fingerprint = [training, validation, heldOut].map { part in
      var hash = SHA256()
      hash.update("\(options.normalisation.rawValue)\n")
      for (index, shape) in zip(part, surveys(part)) {
        let label = split.labels[index].map { split.labelNames[$0] } ?? ""
        hash.update("\(shape.digest) \(label)\n")
      }
      return String(hash.hexDigest().prefix(16))
    }.joined(separator: "-")
    let counts = surveys(training + validation + heldOut).map(\.extent.count)
    var report = split.report
    report.trainingCount = training.count
    report.validationCount = validation.count
    report.heldOutCount = heldOut.count
    report.labelCount = labelNames.count
    report.isStreamed = shelf.cache != nil
    report.fewestPoints = counts.min() ?? 0
    report.mostPoints = counts.max() ?? 0
    report.sparse = counts.count { $0 < options.points }
    self.report = report
  }
}
