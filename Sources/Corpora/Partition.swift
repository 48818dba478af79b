import Failures

/// What is trained on, chosen by and held out, without repetitions: indices of items in their order.
public struct Partition: Sendable {
  /// An item that can be used.
  public struct Item: Sendable {
    /// Its number.
    public var index: Int
    /// Equal for equal content.
    public var digest: String
    /// The part that it belongs to; nil where it is trained on unless chosen for validation.
    public var part: CorpusPart?

    /// Names an item.
    public init(index: Int, digest: String, part: CorpusPart? = nil) {
      (self.index, self.digest, self.part) = (index, digest, part)
    }
  }

  /// Items to train on.
  public private(set) var training: [Int] = []
  /// Items to choose by; none where there are too few for a part of their own.
  public private(set) var validation: [Int] = []
  /// Items held out.
  public private(set) var heldOut: [Int] = []
  /// Items left out because they repeat another of the same part and label.
  public private(set) var duplicates: [Int] = []
  /// Items left out because a part that is not trained on has them too.
  public private(set) var overlap: [Int] = []

  /// Takes what was chosen already.
  public init(training: [Int], validation: [Int] = [], heldOut: [Int]) {
    (self.training, self.validation, self.heldOut) = (training, validation, heldOut)
  }

  /// Of items equal in content, keeps one of each label and part, and none in two parts: what is held out is neither
  /// chosen by nor trained on, and what is chosen by is not trained on.
  ///
  /// Where no item was named for validation, `ValidationRule` chooses among those that are left to train on.
  ///
  /// - Parameters:
  ///   - items: all that can be used, in order.
  ///   - labels: the label of every number, those of unusable items included.
  public init(_ items: [Item], labels: [String?]) {
    struct Content: Hashable {
      var digest: String
      var label: String?
      var part: CorpusPart
    }
    func digests(_ part: CorpusPart) -> Set<String> { Set(items.filter { $0.part == part }.map(\.digest)) }
    let (heldOutDigests, named) = (digests(.heldOut), digests(.validation))
    var seen: Set<Content> = []
    var rest: [Item] = []
    for item in items {
      let part = item.part ?? .training
      if !seen.insert(Content(digest: item.digest, label: labels[item.index], part: part)).inserted {
        duplicates.append(item.index)
      } else if part == .heldOut {
        heldOut.append(item.index)
      } else if heldOutDigests.contains(item.digest) || (part == .training && named.contains(item.digest)) {
        overlap.append(item.index)
      } else if part == .validation {
        validation.append(item.index)
      } else {
        rest.append(item)
      }
    }
    if items.contains(where: { $0.part == .validation }) {
      training = rest.map(\.index)
      return
    }
    // One content under several labels stays together, and no label loses its only item.
    let isChosen = ValidationRule.chooses(labels: rest.map { labels[$0.index] })
    let counts = Dictionary(grouping: rest) { labels[$0.index] }.mapValues(\.count)
    let only = rest.filter { counts[labels[$0.index]] == 1 }.map(\.digest)
    let chosen = Set(zip(rest, isChosen).filter(\.1).map(\.0.digest)).subtracting(only)
    for item in rest {
      if chosen.contains(item.digest) { validation.append(item.index) } else { training.append(item.index) }
    }
  }

  /// The items of a part.
  public func items(in part: CorpusPart) -> [Int] {
    switch part {
    case .training: training
    case .validation: validation
    case .heldOut: heldOut
    }
  }

  /// Gives the labels their numbers.
  ///
  /// - Parameters:
  ///   - labels: the label of every item.
  ///   - known: the labels of a trained model; nil or none takes those of the training part, ordered by byte value.
  ///   - name: what messages call an item.
  /// - Returns: the names by number, empty without labels, and each item's number.
  /// - Throws: `UserError` (bad data) for a label of any part that has no number.
  public func numbered(
    _ labels: [String?], known: [String]?, name: (Int) -> String
  ) throws -> (names: [String], numbers: [Int?]) {
    let found = Set(training.compactMap { labels[$0] })
    let own = found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let isLabelled = labels.contains { $0 != nil }
    let names = isLabelled ? known.flatMap { $0.isEmpty ? nil : $0 } ?? own : []
    let indices = Dictionary(zip(names, names.indices)) { first, _ in first }
    let numbers = labels.map { $0.flatMap { indices[$0] } }
    for index in training + validation + heldOut {
      guard let label = labels[index], numbers[index] == nil else { continue }
      let place = known == nil ? "one of the training part's" : "one of the model's"
      throw UserError(
        .badData,
        "\(name(index)): found the label \"\(label)\", expected \(place): " + names.joined(separator: ", "))
    }
    return (names, numbers)
  }
}
