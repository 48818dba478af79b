import Failures
import Files

/// The files of a data set and their labels, before any has been read.
public struct DataFiles: Sendable {
  /// Which files of a folder belong to the data set, and what messages call them.
  public struct Kind: Sendable {
    /// One of them, as in `sound file`.
    public let noun: String
    /// What a folder without any is expected to hold.
    public let expected: String
    /// Whether a file is one, by its name and path.
    public let isMember: @Sendable (_ name: String, _ path: String) -> Bool

    /// Describes a kind of files.
    public init(
      noun: String, expected: String, isMember: @escaping @Sendable (_ name: String, _ path: String) -> Bool
    ) {
      (self.noun, self.expected, self.isMember) = (noun, expected, isMember)
    }
  }

  /// What the data is called.
  public let source: String
  /// What the validation data is called, where it is apart.
  public let validation: String?
  /// What the held-out data is called, where it is apart.
  public let holdout: String?
  /// Paths to open: those of the data, then those of the validation data, then those of the held-out data.
  public private(set) var paths: [String] = []
  /// Paths below their folder.
  public private(set) var names: [String] = []
  /// The label of each, nil without labels.
  public private(set) var labels: [String?] = []
  /// The part that each was named for, nil for those of the data.
  public private(set) var named: [CorpusPart?] = []
  /// Files that are not of the kind.
  public private(set) var others = 0

  /// Lists the data and reads the labels from the names.
  ///
  /// - Parameters:
  ///   - path: a file, or a folder with files at any depth.
  ///   - validation: the same for data to choose by while training.
  ///   - holdout: the same for data to hold out.
  ///   - kind: which files count. A file that was named counts whatever its name.
  ///   - rule: where labels come from.
  ///   - labelled: what labels are read from, made of a path below the folder; that path unless given.
  /// - Throws: `UserError`: no input for paths that are not there, bad data for folders without a file of the kind and
  ///   files without a label.
  public init(
    _ path: String, validation: String? = nil, holdout: String?, kind: Kind, labels rule: LabelRule,
    labelled: (String) -> String = { $0 }
  ) throws {
    source = path
    self.validation = validation
    self.holdout = holdout
    for case (let path?, let part) in [(path, nil), (validation, .validation), (holdout, CorpusPart.heldOut)]
    {
      try add(path, kind, rule, labelled)
      named += Array(repeating: part, count: paths.count - named.count)
    }
  }

  /// What the data of a part is called.
  public func name(of part: CorpusPart) -> String {
    switch part {
    case .training: source
    case .validation: validation ?? source
    case .heldOut: holdout ?? source
    }
  }

  private mutating func add(_ path: String, _ kind: Kind, _ rule: LabelRule, _ labelled: (String) -> String)
    throws
  {
    let listing = try FolderListing(path)
    var found = 0
    for (name, file) in zip(listing.names, listing.files) {
      guard !listing.isFolder || kind.isMember(name, file) else {
        others += 1
        continue
      }
      found += 1
      paths.append(file)
      names.append(name)
      labels.append(try rule.label(of: labelled(name), path: file))
    }
    guard found > 0 else {
      throw UserError(
        .badData,
        "\(path): found no \(kind.noun) among \(listing.names.count) files, expected \(kind.expected)")
    }
  }
}
