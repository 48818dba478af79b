import Failures

/// What is trained on and what is held out, without repetitions: indices of items in their order.
public struct Partition: Sendable {
  /// An item that can be used.
  public struct Item: Sendable {
    /// Its number.
    public var index: Int
    /// Equal for equal content.
    public var digest: String

    /// Names an item.
    public init(index: Int, digest: String) {
      (self.index, self.digest) = (index, digest)
    }
  }

  /// Items to train on.
  public private(set) var training: [Int] = []
  /// Items held out.
  public private(set) var heldOut: [Int] = []
  /// Items left out because they repeat another of the same part and label.
  public private(set) var duplicates = 0
  /// Items to train on left out because the held-out part has them too.
  public private(set) var overlap = 0

  /// Takes what was chosen already.
  public init(training: [Int], heldOut: [Int]) {
    (self.training, self.heldOut) = (training, heldOut)
  }

  /// Of items equal in content, keeps one of each label and part, and none to train on that is held out.
  ///
  /// - Parameters:
  ///   - items: all that can be used, in order.
  ///   - isHeldOut: whether each of them is held out.
  ///   - labels: the label of every number, those of unusable items included.
  public init(_ items: [Item], isHeldOut: [Bool], labels: [String?]) {
    struct Content: Hashable {
      var digest: String
      var label: String?
      var isHeldOut: Bool
    }
    let heldOutDigests = Set(zip(items, isHeldOut).filter(\.1).map(\.0.digest))
    var seen: Set<Content> = []
    for (item, isHeldOut) in zip(items, isHeldOut) {
      let content = Content(digest: item.digest, label: labels[item.index], isHeldOut: isHeldOut)
      if !seen.insert(content).inserted {
        duplicates += 1
      } else if isHeldOut {
        heldOut.append(item.index)
      } else if heldOutDigests.contains(item.digest) {
        overlap += 1
      } else {
        training.append(item.index)
      }
    }
  }

  /// Gives the labels their numbers.
  ///
  /// - Parameters:
  ///   - labels: the label of every item.
  ///   - known: the labels of a trained model; nil or none takes those of the training part, ordered by byte value.
  ///   - name: what messages call an item.
  /// - Returns: the names by number, empty without labels, and each item's number.
  /// - Throws: `UserError` (bad data) for a label of either part that has no number.
  public func numbered(
    _ labels: [String?], known: [String]?, name: (Int) -> String
  ) throws -> (names: [String], numbers: [Int?]) {
    let found = Set(training.compactMap { labels[$0] })
    let own = found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let isLabelled = labels.contains { $0 != nil }
    let names = isLabelled ? known.flatMap { $0.isEmpty ? nil : $0 } ?? own : []
    let indices = Dictionary(zip(names, names.indices)) { first, _ in first }
    let numbers = labels.map { $0.flatMap { indices[$0] } }
    for index in training + heldOut {
      guard let label = labels[index], numbers[index] == nil else { continue }
      let place = known == nil ? "one of the training part's" : "one of the model's"
      throw UserError(
        .badData,
        "\(name(index)): found the label \"\(label)\", expected \(place): " + names.joined(separator: ", "))
    }
    return (names, numbers)
  }
}
