import Files

/// Why something is left out or counted, in the words of a report.
public struct Omission: Hashable, Sendable {
  /// The words after a count of one.
  public let one: String
  /// The words after another count.
  public let many: String

  /// Names a reason; `many` is `one` unless given.
  public init(_ one: String, many: String? = nil) {
    self.one = one
    self.many = many ?? one
  }

  /// It repeats another of the same part and label.
  public static let duplicate = Omission("duplicate", many: "duplicates")
  /// A part that is not trained on has it too.
  public static let overlap = Omission("also in another part")
  /// It lies in none of the folders of a published split.
  public static let outside = Omission("in neither train, val nor test")
  /// It lies in a folder of a published split in whose place other data was named.
  public static let replaced = Omission("in a folder that named data replaces")
  /// It tells of the data, and is none of it.
  public static let aboutData = Omission("about the data, not of it")

  /// Why a listing of a folder passes something over.
  init(_ reason: FolderListing.Reason) {
    switch reason {
    case .hidden: self.init("hidden")
    case .system: self.init("of the operating system's")
    case .undecodable: self.init("with a name that is not UTF-8")
    case .loop: self.init("link to a folder around it", many: "links to folders around them")
    case .dangling: self.init("link that leads nowhere", many: "links that lead nowhere")
    case .special: self.init("device, pipe or socket", many: "devices, pipes or sockets")
    }
  }
}

/// Counts by reason, with names of the first few: what was left out, or what is worth a remark.
public struct Tally: Equatable, Sendable {
  /// What was counted for one reason.
  public struct Entry: Hashable, Sendable {
    /// Why it was counted.
    public let reason: Omission
    /// How much.
    public fileprivate(set) var count = 0
    /// Names of the first few, as paths below the data's folder; none where what was counted has no names, as lines of text.
    public fileprivate(set) var names: [String] = []
    /// How much of the count is of others than these.
    fileprivate var unnamed = 0

    /// Begins at nothing.
    fileprivate init(_ reason: Omission) { self.reason = reason }

    /// The reason without the count.
    public var reasonWords: String { count == 1 ? reason.one : reason.many }

    /// The count with the reason: `3 silent`.
    public var words: String { "\(count) \(reasonWords)" }

    /// The names, and how many more there are; nil without names.
    public var list: String? {
      guard !names.isEmpty else { return nil }
      return names.joined(separator: ", ") + (unnamed > 0 ? " and \(unnamed) more" : "")
    }
  }

  /// How many names are kept for a reason.
  public static let mostNames = 3

  private var all: [Entry]

  /// Begins at nothing.
  ///
  /// - Parameter reasons: in their order; others come behind them as they occur.
  public init(_ reasons: [Omission] = []) { all = reasons.map { Entry($0) } }

  /// The reasons for which something was counted, in order.
  public var entries: [Entry] { all.filter { $0.count > 0 } }

  /// How much was counted for a reason.
  public subscript(_ reason: Omission) -> Int {
    get { all.first { $0.reason == reason }?.count ?? 0 }
    set { all[index(of: reason)].count = newValue }
  }

  /// Counts something that has a name, and keeps the name if it is among the first.
  ///
  /// - Parameter count: how much of it is counted, as parts of a sound.
  public mutating func add(_ reason: Omission, named name: String, count: Int = 1) {
    guard count > 0 else { return }
    let index = index(of: reason)
    all[index].count += count
    if all[index].names.contains(name) { return }
    if all[index].names.count < Self.mostNames {
      all[index].names.append(name)
    } else {
      all[index].unnamed += count
    }
  }

  /// Adds what was counted elsewhere.
  mutating func add(_ others: Tally) {
    for other in others.all {
      let index = index(of: other.reason)
      let kept = other.names.prefix(Self.mostNames - all[index].names.count)
      all[index].count += other.count
      all[index].names += kept
      all[index].unnamed += other.unnamed + other.names.count - kept.count
    }
  }

  private mutating func index(of reason: Omission) -> Int {
    if let index = all.firstIndex(where: { $0.reason == reason }) { return index }
    all.append(Entry(reason))
    return all.count - 1
  }
}
