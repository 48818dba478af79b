import Failures
import Files
import Foundation
import Torch

/// How a checkpoint differs from another one of the same step.
///
/// Nothing in a checkpoint depends on the clock, so that equal trainings have equal files. What may differ without any harm
/// are the sums for the next report, which depend on when the last one was: `isHarmless`.
public struct CheckpointDifference: Sendable {
  /// How a tensor differs.
  public struct TensorDifference: Sendable {
    /// Its name in the checkpoint.
    public let name: String
    /// How many of its elements differ, and how many there are; 0 where it cannot be compared.
    public let elements: (different: Int, of: Int)
    /// The largest difference, and the two values.
    public let largest: (difference: Double, stored: Double, other: Double)
    /// The difference in words.
    public let words: String
  }

  /// Which tensors differ, in the order of the file.
  public let tensors: [String]
  /// How many there are.
  public let tensorCount: Int
  /// How the first of them differs; nil where none does.
  public let first: TensorDifference?
  /// The dotted keys of numbers and texts that differ, with both values in words.
  public let numbers: [(key: String, words: String)]

  /// Whether networks, optimisers and all that decides how the training goes on are equal: only the sums for the next report
  /// differ, as where a run was gone on with at another interval of reports.
  public var isHarmless: Bool {
    tensors.isEmpty && numbers.allSatisfy { $0.key.hasPrefix("duel.state.statistics") }
  }

  /// Compares two files byte for byte; nil where they are equal.
  ///
  /// - Parameters:
  ///   - stored: a checkpoint.
  ///   - other: another one.
  /// - Throws: `UserError` where one of them cannot be read.
  public init?(between stored: URL, and other: URL) throws {
    guard try InputFile.bytes(of: stored) != InputFile.bytes(of: other) else { return nil }
    let first = try SafetensorsFile(contentsOf: stored, requiringDigest: true)
    let second = try SafetensorsFile(contentsOf: other, requiringDigest: true)
    var differing: [TensorDifference] = []
    let others = Dictionary(uniqueKeysWithValues: second.header.entries.map { ($0.name, $0) })
    for entry in first.header.entries {
      guard let match = others[entry.name] else {
        differing.append(Self.absent(entry.name, "is not in the other"))
        continue
      }
      if let found = try Self.compare(entry, of: first, with: match, of: second) { differing.append(found) }
    }
    let known = Set(first.header.entries.map(\.name))
    differing += second.header.entries.filter { !known.contains($0.name) }
      .map { Self.absent($0.name, "is in the other alone") }
    tensors = differing.map(\.name)
    tensorCount = known.union(others.keys).count
    self.first = differing.first
    numbers = Self.numbers(first.metadata, second.metadata)
  }

  private static func absent(_ name: String, _ words: String) -> TensorDifference {
    TensorDifference(name: name, elements: (0, 0), largest: (0, 0, 0), words: words)
  }

  /// The difference of two tensors; nil where they are equal bit for bit.
  private static func compare(
    _ entry: SafetensorsEntry, of file: SafetensorsFile, with match: SafetensorsEntry,
    of other: SafetensorsFile
  ) throws -> TensorDifference? {
    guard entry.dtype == match.dtype, entry.shape == match.shape else {
      return absent(
        entry.name,
        "is \(entry.dtype.rawValue) \(entry.shape), and \(match.dtype.rawValue) \(match.shape) in the other")
    }
    let width = entry.dtype.width
    let places = file.withBytes(of: entry) { left in
      other.withBytes(of: match) { right in
        (0..<left.count / width).filter { place in
          (place * width..<(place + 1) * width).contains { left[$0] != right[$0] }
        }
      }
    }
    guard !places.isEmpty else { return nil }
    let (left, right) = (try values(of: entry, in: file), try values(of: match, in: other))
    // What is no number differs by more than any number.
    func distance(_ place: Int) -> Double {
      let distance = abs(left[place] - right[place])
      return distance.isNaN ? .infinity : distance
    }
    let worst = places.max { distance($0) < distance($1) } ?? places[0]
    return TensorDifference(
      name: entry.name, elements: (places.count, left.count),
      largest: (distance(worst), left[worst], right[worst]),
      words: "differs in \(places.count) of \(left.count) elements, by at most \(distance(worst)): element "
        + "\(worst) is \(left[worst]), and \(right[worst]) in the other")
  }

  private static func values(of entry: SafetensorsEntry, in file: SafetensorsFile) throws -> [Double] {
    try file.withBytes(of: entry) {
      try Tensor(bytes: $0, dtype: DType(entry.dtype), shape: entry.shape).converted(to: .float64).array()
    }
  }

  /// The keys whose values differ. Values that are JSON are compared leaf by leaf.
  private static func numbers(_ stored: [String: String], _ other: [String: String]) -> [(String, String)] {
    let (left, right) = (leaves(of: stored), leaves(of: other))
    return Set(left.keys).union(right.keys).sorted(by: precedes).compactMap { key in
      guard left[key] != right[key] else { return nil }
      func text(_ value: String?) -> String {
        guard let value else { return "absent" }
        return value.count > 60 ? "\(value.prefix(60))…" : value
      }
      return (key, "\(text(left[key])), and \(text(right[key])) in the other")
    }
  }

  private static func leaves(of metadata: [String: String]) -> [String: String] {
    var all: [String: String] = [:]
    for (key, text) in metadata {
      guard let value = try? JSONValue(parsing: text.utf8), case .object = value else {
        all[key] = text
        continue
      }
      for leaf in value.leaves { all["\(key).\(leaf.key)"] = leaf.value.text }
    }
    return all
  }
}
