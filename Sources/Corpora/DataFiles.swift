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
    /// Why a file that is none is left out, where more is known than that it is none.
    public let reason: @Sendable (_ name: String) -> Omission?

    /// Describes a kind of files.
    public init(
      noun: String, expected: String,
      reason: @escaping @Sendable (_ name: String) -> Omission? = { _ in nil },
      isMember: @escaping @Sendable (_ name: String, _ path: String) -> Bool
    ) {
      (self.noun, self.expected, self.isMember, self.reason) = (noun, expected, isMember, reason)
    }

    /// Why other files are left out: `not sound files`.
    public var others: Omission { Omission("not \(noun)s") }
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
  /// The part that each was named for, by the caller or by the folders of a published split; nil for those that are to be
  /// divided, or trained on where the split has a part to hold out.
  public private(set) var named: [CorpusPart?] = []
  /// What lies in the folders and was left out, by reason.
  public private(set) var omissions = Tally()
  /// How files are held out.
  public private(set) var rule: HoldoutRule

  /// Lists the data and reads the labels from the names.
  ///
  /// Folders called `train`, `val` and `test` divide the data (`SplitFolders`), unless a pattern does, and are no labels. What
  /// the caller names takes the place of theirs.
  /// - Parameters:
  ///   - path: a file, or a folder with files at any depth.
  ///   - validation: the same for data to choose by while training.
  ///   - holdout: the same for data to hold out.
  ///   - kind: which files count. A file that was named counts whatever its name.
  ///   - options: where labels come from and what is held out.
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
      try add(Listing(path, kind), named: part, labels)
    }
  }

  /// Lists the files of a kind below a path, without dividing them.
  ///
  /// - Throws: `UserError`: no input for a path that is not there, bad data for a folder without a file of the kind.
  public static func paths(in path: String, kind: Kind) throws -> [String] {
    try Listing(path, kind).files.map(\.path)
  }

  /// What the data of a part is called.
  public func name(of part: CorpusPart) -> String {
    switch part {
    case .training: source
    case .validation: validation ?? source
    case .heldOut: holdout ?? source
    }
  }

  /// Takes the files of a path.
  ///
  /// - Parameter part: the part that the caller named it for; nil for the data itself.
  private mutating func add(_ listing: Listing, named part: CorpusPart?, _ labelRule: LabelRule) throws {
    let folders = SplitFolders(listing.files.map(\.name))
    var divides = part == nil && folders.divides
    if case .matching = rule { divides = false }
    omissions.add(listing.omissions)
    for (name, path) in listing.files {
      var named = part
      if divides {
        switch folders.part(of: name) {
        case .training: break
        case .validation? where validation == nil: named = .validation
        case .heldOut? where holdout == nil: (named, rule) = (.heldOut, .published)
        case let other:
          omissions.add(other == nil ? .outside : .replaced, named: name)
          continue
        }
      }
      paths.append(path)
      names.append(name)
      labels.append(try labelRule.label(of: folders.removed(from: name), path: path))
      self.named.append(named)
    }
  }
}

/// The files of a kind below a path.
private struct Listing {
  let files: [(name: String, path: String)]
  let omissions: Tally

  /// Lists them.
  ///
  /// - Throws: `UserError`: no input for a path that is not there, bad data where there is none of the kind.
  init(_ path: String, _ kind: DataFiles.Kind) throws {
    let listing = try FolderListing(path)
    let all = Array(zip(listing.names, listing.files)) as [(name: String, path: String)]
    var files = all.filter { !listing.isFolder || kind.isMember($0.name, $0.path) }
    var others = Tally()
    func reason(_ name: String) -> Omission { kind.reason(name) ?? kind.others }
    if files.isEmpty {
      // Where there is nothing else, what seems to tell of the data is the data.
      files = all.filter { kind.reason($0.name) == .aboutData }
    }
    let members = Set(files.map(\.name))
    for (name, _) in all where !members.contains(name) { others.add(reason(name), named: name) }
    for entry in listing.leftOut { others.add(Omission(entry.reason), named: entry.name) }
    guard !files.isEmpty else {
      let reasons = others.entries.filter { $0.reason != kind.others }.map { entry in
        "\(entry.words): \(entry.list ?? "")"
      }
      let details = reasons.isEmpty ? "" : " (\(reasons.joined(separator: "; ")))"
      throw UserError(
        .badData,
        "\(path): found no \(kind.noun) among \(all.count) files\(details), expected \(kind.expected)")
    }
    (self.files, omissions) = (files, others)
  }
}
