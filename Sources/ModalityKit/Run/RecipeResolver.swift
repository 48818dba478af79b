import Failures
import Files

/// No dotted key of a recipe has more bytes; what files hold may have any number.
let longestRecipeKey = 200

/// A recipe with the origin of each value.
public struct ResolvedRecipe<Recipe: Codable> {
  /// The recipe itself.
  public let recipe: Recipe
  /// The recipe as a document, absent optionals as null.
  public let document: JSONValue
  /// Where each leaf's value comes from, by dotted key: "default", "preset small", "file runs/a/run.json",
  /// "flag --batch".
  public let origins: [String: String]

  /// An aligned table with a line `key = value  (origin)` for each leaf, as `--dry-run` prints it.
  public func describe() -> String { document.table { "(\(origins[$0] ?? "default"))" } }

  /// Whether a value was given by the user or the program; presets and defaults are where recipes start.
  public func isGiven(_ key: String) -> Bool {
    guard let origin = origins[key] else { return false }
    return origin != "default" && !origin.hasPrefix("preset ")
  }
}

extension JSONValue {
  /// An aligned table with a line `key = value  remark` for each leaf below this.
  public func table(remark: (String) -> String) -> String {
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.count))
    }
    let rows = leaves.map { (key: $0.key, value: $0.value.text, remark: remark($0.key)) }
    let keyWidth = rows.map(\.key.count).max() ?? 0
    // One long value, such as a list, must not push every remark off the screen.
    let valueWidth = rows.map(\.value.count).filter { $0 <= 24 }.max() ?? 0
    return rows.map { row in
      row.remark.isEmpty
        ? "\(padded(row.key, keyWidth)) = \(row.value)\n"
        : "\(padded(row.key, keyWidth)) = \(padded(row.value, valueWidth))  \(row.remark)\n"
    }.joined()
  }
}

/// Builds a recipe from layers: defaults, then a preset, then a file, then flags; the later one wins.
///
/// A layer sets dotted keys. A key is known when the recipe so far has it. A whole record may be given to
/// replace one of another form, as an enumeration's other case with its values: it counts when the recipe
/// reads it and keeps all of it. Each layer is checked at once, so that a message can name its origin.
public struct RecipeResolver<Recipe: Codable> {
  /// A source of values, from weakest to strongest.
  public enum Layer: Sendable {
    /// A named preset of the modality.
    case preset(String)
    /// A file given by the user, with the name that was given.
    case file(String)
    /// A flag of the command line, dashes included.
    case flag(String)
    /// The program that asks for the run.
    case program

    /// How the layer is named in run.json and messages.
    var origin: String {
      switch self {
      case .preset(let name): "preset \(name)"
      case .file(let name): "file \(name)"
      case .flag(let name): "flag \(name)"
      case .program: "program"
      }
    }

    /// The layer's name in front of a message.
    var place: String {
      switch self {
      case .preset(let name): "preset \(name)"
      case .file(let name), .flag(let name): name
      case .program: "the program"
      }
    }

    var category: UserError.Category {
      if case .file = self { .badData } else { .usage }
    }
  }

  private var document: JSONValue
  private var origins: [String: String]

  /// Starts from a recipe's default values.
  ///
  /// - Throws: what the recipe's `encode(to:)` throws.
  public init(defaults: Recipe) throws {
    document = try JSONValue(encoding: defaults)
    origins = Dictionary(document.leaves.map { ($0.key, "default") }) { $1 }
  }

  /// Goes on from a document that an earlier resolution gave, as run.json holds it.
  public init(document: JSONValue, origins: [String: String]) {
    self.document = document
    self.origins = origins
  }

  /// Sets one dotted key.
  ///
  /// - Throws: `UserError(.usage)`, for a file `.badData`, for an unknown key (with a suggestion), or a value
  ///   of the wrong type or outside what the recipe accepts.
  public mutating func set(_ key: String, to value: JSONValue, from layer: Layer) throws {
    try merge(value, at: key, from: layer)
    _ = try decoded(document, layer)
  }

  /// Sets one dotted key to an encodable value, as flags do; nil changes nothing.
  ///
  /// - Throws: `UserError` as `set(_:to:from:)`.
  public mutating func set(_ key: String, to value: (some Encodable)?, from layer: Layer) throws {
    guard let value else { return }
    try set(key, to: JSONValue(encoding: value), from: layer)
  }

  /// Sets all keys of a record, nested or with dotted keys.
  ///
  /// - Throws: `UserError` as `set(_:to:from:)`.
  public mutating func apply(_ values: JSONValue, from layer: Layer) throws {
    guard case .object(let members) = values else {
      throw failure(layer, "found \(values.kind), expected a record of the recipe's keys")
    }
    for (key, value) in members.sorted(by: { precedes($0.key, $1.key) }) {
      try merge(value, at: key, from: layer)
    }
    _ = try decoded(document, layer)
  }

  /// Sets everything in which another recipe of the same type differs from the values so far, as presets do.
  ///
  /// - Throws: `UserError` as `set(_:to:from:)`.
  public mutating func apply(_ recipe: Recipe, from layer: Layer) throws {
    let other = try JSONValue(encoding: recipe)
    let changed = Set(other.leaves.map(\.key).filter { other[dotted: $0] != document[dotted: $0] })
    let old = origins
    document = other
    origins = Dictionary(
      other.leaves.map { ($0.key, changed.contains($0.key) ? layer.origin : old[$0.key] ?? layer.origin) }
    ) { $1 }
  }

  /// The recipe and its origins.
  ///
  /// - Throws: `UserError(.usage)` when the recipe does not read its own document.
  public func resolved() throws -> ResolvedRecipe<Recipe> {
    let recipe = try decoded(document, nil)
    return ResolvedRecipe(recipe: recipe, document: document, origins: origins)
  }

  // MARK: Merging

  private mutating func merge(_ value: JSONValue, at key: String, from layer: Layer) throws {
    guard key.utf8.count <= longestRecipeKey, let present = document[dotted: key] else {
      throw unknown(key, layer)
    }
    if case .object(let members) = value, case .object(let known) = present {
      if members.keys.allSatisfy({ known[$0] != nil }) {
        for (name, member) in members.sorted(by: { precedes($0.key, $1.key) }) {
          try merge(member, at: key + "." + name, from: layer)
        }
        return
      }
      guard accepts(value, at: key) else {
        let stranger = members.keys.sorted(by: precedes).first { known[$0] == nil } ?? ""
        throw unknown(key + "." + stranger, layer)
      }
    } else if case .object(let members) = value, !accepts(value, at: key) {
      // Where the recipe reads it all the same, it leaves something out.
      var candidate = document
      candidate[dotted: key] = value
      _ = try decoded(candidate, layer)
      throw unknown(key + "." + (members.keys.min(by: precedes) ?? ""), layer)
    }
    var value = value
    // Kept as the recipe would write it: a width of 8 given for 8.0 is no difference.
    if case .double = present, case .int(let whole) = value { value = .double(Double(whole)) }
    document[dotted: key] = value
    origins = origins.filter { $0.key != key && !$0.key.hasPrefix(key + ".") }
    if case .object(let members) = value, !members.isEmpty {
      for leaf in value.leaves { origins[key + "." + leaf.key] = layer.origin }
    } else {
      origins[key] = layer.origin
    }
  }

  /// Whether the recipe reads a replacement and writes all of its keys again.
  private func accepts(_ value: JSONValue, at key: String) -> Bool {
    var candidate = document
    candidate[dotted: key] = value
    guard let recipe = try? candidate.decoded(as: Recipe.self), let written = try? JSONValue(encoding: recipe)
    else { return false }
    return Self.isKept(value, in: written[dotted: key])
  }

  /// Whether every leaf of a record is in another one. Not by dotted keys: a file of deep records with long keys has a few
  /// thousand times its size of these.
  private static func isKept(_ value: JSONValue, in written: JSONValue?) -> Bool {
    guard case .object(let members) = value, !members.isEmpty else { return written != nil }
    guard case .object(let others)? = written else { return false }
    return members.allSatisfy { isKept($0.value, in: others[$0.key]) }
  }

  private func decoded(_ document: JSONValue, _ layer: Layer?) throws -> Recipe {
    do {
      return try document.decoded()
    } catch let error as JSONMismatch {
      throw failure(layer, error.description)
    }
  }

  private func unknown(_ key: String, _ layer: Layer) -> UserError {
    // Comparing takes as long as both names together are long.
    guard key.utf8.count <= longestRecipeKey else {
      return failure(
        layer, "found the unknown key \(key.prefix(longestRecipeKey / 2))..., expected a key of the recipe")
    }
    let known = document.leaves.map(\.key)
    let suggestion = NearestName.find(key, among: known).map { "; did you mean \($0)?" }
    return failure(layer, "found the unknown key \(key)" + (suggestion ?? ", expected a key of the recipe"))
  }

  private func failure(_ layer: Layer?, _ message: String) -> UserError {
    UserError(layer?.category ?? .usage, layer.map { "\($0.place): \(message)" } ?? message)
  }
}

/// Finding the name that a user probably meant.
enum NearestName {
  /// The candidate with the fewest insertions, removals, substitutions and swaps of neighbours, or nil when
  /// none is near enough to be a slip: more than a third of its letters differ.
  ///
  /// A dotted key is also compared by its last part alone, so that `width` finds `generator.width`.
  static func find(_ name: String, among candidates: some Sequence<String>) -> String? {
    let scored = candidates.map { candidate -> (score: Int, name: String) in
      let whole = distance(name, candidate)
      guard let last = candidate.split(separator: ".").last, last.count < candidate.count else {
        return (whole, candidate)
      }
      // One more than the same slip in a whole name, which therefore wins.
      return (min(whole, distance(name, String(last)) + 1), candidate)
    }
    guard let best = scored.min(by: { ($0.score, $0.name) < ($1.score, $1.name) }) else { return nil }
    return best.score <= max(1, name.count / 3) ? best.name : nil
  }

  /// Damerau's distance, in its form where no part is edited twice (optimal string alignment).
  static func distance(_ first: String, _ second: String) -> Int {
    let (a, b) = (Array(first.lowercased()), Array(second.lowercased()))
    var before: [Int] = []
    var above = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var cost = min(above[j] + (a[i] == b[j] ? 0 : 1), above[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
        row.append(cost)
      }
      (before, above) = (above, row)
    }
    return above[b.count]
  }
}
