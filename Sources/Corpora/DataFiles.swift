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
    /// Whether folders called `train`, `val` (or `validation`) and `test` divide the data, as published splits do.
    public let hasPublishedSplits: Bool
    /// Whether a file is one, by its name and path.
    public let isMember: @Sendable (_ name: String, _ path: String) -> Bool

    /// Describes a kind of files.
    public init(
      noun: String, expected: String, hasPublishedSplits: Bool = false,
      isMember: @escaping @Sendable (_ name: String, _ path: String) -> Bool
    ) {
      (self.noun, self.expected, self.isMember) = (noun, expected, isMember)
      self.hasPublishedSplits = hasPublishedSplits
    }
  }

  /// What the data is called.
  public let source: String
  /// What the validation data is called, where it is apart.
  public let validation: String?
  /// What the held-out data is called, where it is apart.
  public let holdout: String?
  /// Which files count.
  public let kind: Kind
  /// Paths to open: those of the data, then those of the validation data, then those of the held-out data.
  public private(set) var paths: [String] = []
  /// Paths below their folder.
  public private(set) var names: [String] = []
  /// The label of each, nil without labels.
  public private(set) var labels: [String?] = []
  /// The part that each was named for, nil for those of the data.
  public private(set) var named: [CorpusPart?] = []
  /// The part that the folders of a published split give each, nil for files in none of them.
  public private(set) var published: [CorpusPart?] = []
  /// Files that are not of the kind.
  public private(set) var others = 0
  /// How files are held out.
  public private(set) var rule: HoldoutRule

  /// Lists the data and reads the labels from the names.
  ///
  /// - Parameters:
  ///   - path: a file, or a folder with files at any depth.
  ///   - validation: the same for data to choose by while training.
  ///   - holdout: the same for data to hold out.
  ///   - kind: which files count. A file that was named counts whatever its name.
  ///   - options: where labels come from and what is held out. Folders of a published split are no labels.
  /// - Throws: `UserError`: usage for malformed rules, no input for paths that are not there, bad data for folders
  ///   without a file of the kind and files without a label.
  public init(
    _ path: String, validation: String? = nil, holdout: String? = nil, kind: Kind,
    options: some CorpusOptions
  ) throws {
    (source, self.validation, self.holdout, self.kind) = (path, validation, holdout, kind)
    rule = try options.holdoutRule(isSeparate: holdout != nil)
    let labels = try LabelRule(options.labels)
    for case (let path?, let part) in [(path, nil), (validation, .validation), (holdout, CorpusPart.heldOut)]
    {
      try add(path, labels)
      named += Array(repeating: part, count: paths.count - named.count)
    }
    guard case .everyTenth = rule, published.contains(.training), published.contains(.heldOut) else { return }
    rule = .published
  }

  /// Lists the files of a kind below a path, without dividing them.
  ///
  /// - Throws: `UserError`: no input for a path that is not there, bad data for a folder without a file of the kind.
  public static func paths(in path: String, kind: Kind) throws -> [String] {
    let listing = try FolderListing(path)
    let files = zip(listing.names, listing.files).filter { !listing.isFolder || kind.isMember($0, $1) }
    guard !files.isEmpty else { throw missing(kind, in: listing) }
    return files.map(\.1)
  }

  /// What the data of a part is called.
  public func name(of part: CorpusPart) -> String {
    switch part {
    case .training: source
    case .validation: validation ?? source
    case .heldOut: holdout ?? source
    }
  }

  private mutating func add(_ path: String, _ rule: LabelRule) throws {
    let listing = try FolderListing(path)
    let count = paths.count
    for (name, file) in zip(listing.names, listing.files) {
      guard !listing.isFolder || kind.isMember(name, file) else {
        others += 1
        continue
      }
      paths.append(file)
      names.append(name)
      published.append(kind.hasPublishedSplits ? PublishedSplit.part(of: name) : nil)
      let labelled = kind.hasPublishedSplits ? PublishedSplit.removed(from: name) : name
      labels.append(try rule.label(of: labelled, path: file))
    }
    guard paths.count > count else { throw Self.missing(kind, in: listing) }
  }

  private static func missing(_ kind: Kind, in listing: FolderListing) -> UserError {
    UserError(
      .badData,
      "\(listing.path): found no \(kind.noun) among \(listing.names.count) files, expected \(kind.expected)")
  }
}

/// The folders `train`, `val` (or `validation`) and `test` of a published split, in the paths of its files.
private enum PublishedSplit {
  private static let parts: [Substring: CorpusPart] = [
    "train": .training, "val": .validation, "validation": .validation, "test": .heldOut,
  ]

  /// The part that a path below the folder belongs to: that of its first folder of such a name.
  static func part(of name: String) -> CorpusPart? {
    name.split(separator: "/").dropLast().lazy.compactMap { parts[$0] }.first
  }

  /// A path without the folder that names the part: what labels are read from.
  static func removed(from name: String) -> String {
    var folders = name.split(separator: "/")
    guard let index = folders.dropLast().firstIndex(where: { parts[$0] != nil }) else { return name }
    folders.remove(at: index)
    return folders.joined(separator: "/")
  }
}
