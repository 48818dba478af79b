import Failures
import Foundation

/// The symbols a model reads and writes, and their ids.
///
/// Id 0 is the end symbol, which also pads. Ids 1 to `symbols.count` are the symbols, ordered by scalar
/// value. The id after those, when `hasUnknown`, stands for every other symbol. A checkpoint's recipe stores
/// the vocabulary as JSON: `{"kind": "scalars", "symbols": ["a", "b"], "unknown": false}`.
///
/// Graphemes that are canonically equivalent (é as one scalar or as two) are one symbol, written in its
/// composed form (Unicode NFC). Scalars are taken as they are.
public struct SymbolVocabulary: Sendable {
  /// The id that ends a sample and pads it.
  public static let end: Int32 = 0

  /// What counts as one symbol.
  public let kind: SymbolKind
  /// The symbols in the order of their ids; the first one has id 1.
  public let symbols: [String]
  /// Whether there is an id for symbols that are not listed.
  public let hasUnknown: Bool

  /// Ids of ASCII symbols by code, 0 where there is none: the fast path.
  private let asciiIDs: [Int32]
  private let scalarIDs: [UInt32: Int32]
  private let graphemeIDs: [Character: Int32]

  /// Makes a vocabulary from its distinct symbols, in any order.
  ///
  /// - Throws: `UserError` (bad data) when a string is not exactly one symbol of the kind, is NUL, or occurs
  ///   twice.
  public init(kind: SymbolKind, symbols: some Sequence<String>, hasUnknown: Bool = false) throws {
    let canonical = symbols.map { kind == .graphemes ? $0.precomposedStringWithCanonicalMapping : $0 }
    let ordered = canonical.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    var ascii = [Int32](repeating: 0, count: 128)
    var scalars: [UInt32: Int32] = [:]
    var graphemes: [Character: Int32] = [:]
    for (index, symbol) in ordered.enumerated() {
      let id = Int32(index + 1)
      let codes = symbol.unicodeScalars
      let isOneSymbol = kind == .scalars ? codes.count == 1 : symbol.count == 1
      guard isOneSymbol, let code = codes.first?.value, code != 0 else {
        throw UserError(.badData, "vocabulary: found \"\(symbol)\", expected one symbol (\(kind.rawValue))")
      }
      let earlier: Int32?
      if codes.count == 1, code < 128 {
        earlier = ascii[Int(code)] == 0 ? nil : ascii[Int(code)]
        ascii[Int(code)] = id
      } else if kind == .scalars {
        earlier = scalars.updateValue(id, forKey: code)
      } else {
        earlier = graphemes.updateValue(id, forKey: Character(symbol))
      }
      guard earlier == nil else {
        throw UserError(.badData, "vocabulary: found \"\(symbol)\" twice, expected distinct symbols")
      }
    }
    self.kind = kind
    self.symbols = ordered
    self.hasUnknown = hasUnknown
    asciiIDs = ascii
    scalarIDs = scalars
    graphemeIDs = graphemes
  }

  /// How many ids there are: the end symbol, the symbols, and the unknown symbol where there is one.
  public var count: Int { symbols.count + (hasUnknown ? 2 : 1) }

  /// A name for each id: the symbols, and words for the end and for what is not listed.
  public var names: [String] { ["(end)"] + symbols + (hasUnknown ? ["(unknown)"] : []) }

  /// The id of symbols that are not listed, nil when every sample's symbols are.
  public var unknown: Int32? { hasUnknown ? Int32(symbols.count + 1) : nil }

  /// The ids of a text's symbols, without an end symbol.
  ///
  /// - Parameters:
  ///   - text: any text.
  ///   - allowingUnknown: whether symbols that are not listed may become the unknown symbol, where there is one.
  /// - Throws: `UserError` (bad data) that names the first symbol that is not listed and cannot become the unknown
  ///   symbol.
  public func encode(_ text: String, allowingUnknown: Bool = true) throws -> [Int32] {
    let substitute = allowingUnknown ? unknown : nil
    var text = text
    return try text.withUTF8 { bytes in
      var ids: [Int32] = []
      var stranger: String?
      forEachID(of: bytes) { id, symbol in
        if let known = id ?? substitute { ids.append(known) } else { stranger = stranger ?? symbol() }
      }
      if let stranger {
        throw UserError(
          .badData,
          "found \(Self.quoted(stranger)), expected one of the vocabulary's \(symbols.count) symbols")
      }
      return ids
    }
  }

  /// The text of a sequence of ids, up to its first end symbol.
  ///
  /// The unknown symbol becomes U+FFFD, as does any id out of range.
  public func decode(_ ids: some Sequence<Int32>) -> String {
    var text = String.UnicodeScalarView()
    for id in ids {
      if id == Self.end { break }
      let index = Int(id) - 1
      text.append(contentsOf: (symbols.indices.contains(index) ? symbols[index] : "\u{FFFD}").unicodeScalars)
    }
    return String(text)
  }

  /// How many symbols of a text are not listed.
  public func unknownCount(in text: String) -> Int {
    var text = text
    return text.withUTF8 { bytes in
      var unknowns = 0
      forEachID(of: bytes) { id, _ in unknowns += id == nil ? 1 : 0 }
      return unknowns
    }
  }

  /// Calls `body` for each symbol of a valid run with its listed id, or nil, and a way to obtain the symbol
  /// itself.
  func forEachID(of bytes: UTF8Bytes, _ body: (_ id: Int32?, _ symbol: () -> String) -> Void) {
    switch kind {
    case .scalars:
      bytes.forEachScalar { code in
        body(id(ofScalar: code)) { String(Unicode.Scalar(code).map(Character.init) ?? "\u{FFFD}") }
      }
    case .graphemes:
      for character in String(decoding: bytes, as: UTF8.self) {
        body(id(of: character)) { String(character) }
      }
    }
  }

  /// The listed id of a scalar.
  func id(ofScalar code: UInt32) -> Int32? {
    guard code < 128 else { return scalarIDs[code] }
    let id = asciiIDs[Int(code)]
    return id == 0 ? nil : id
  }

  /// The listed id of a grapheme cluster.
  func id(of character: Character) -> Int32? {
    // Not `asciiValue`: it takes "\r\n" for a line feed.
    let codes = character.unicodeScalars
    if codes.count == 1, let code = codes.first, code.isASCII { return id(ofScalar: code.value) }
    return graphemeIDs[character]
  }

  /// A symbol for messages: itself and its scalars, so that look-alikes and invisible ones can be told apart.
  static func quoted(_ symbol: String) -> String {
    let codes = symbol.unicodeScalars.map { code in
      let digits = String(code.value, radix: 16, uppercase: true)
      return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
    return "\"\(symbol)\" (\(codes.joined(separator: " ")))"
  }
}

extension SymbolVocabulary: Equatable {
  /// Equal symbols scalar by scalar: `String`'s own equality takes canonically equivalent scalars for one.
  public static func == (left: Self, right: Self) -> Bool {
    left.kind == right.kind && left.hasUnknown == right.hasUnknown
      && left.symbols.elementsEqual(right.symbols) { $0.unicodeScalars.elementsEqual($1.unicodeScalars) }
  }
}

extension SymbolVocabulary: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind
    case symbols
    case unknown
  }

  /// Reads a vocabulary and checks its symbols.
  ///
  /// - Throws: `DecodingError` when a key is missing, or the symbols are not distinct, single and in order.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let symbols = try container.decode([String].self, forKey: .symbols)
    do {
      try self.init(
        kind: container.decode(SymbolKind.self, forKey: .kind), symbols: symbols,
        hasUnknown: container.decode(Bool.self, forKey: .unknown))
    } catch let error as UserError {
      throw DecodingError.dataCorruptedError(
        forKey: CodingKeys.symbols, in: container, debugDescription: error.message)
    }
    // The ids of a trained model follow this order, so a list in another order belongs to no model of ours.
    guard self.symbols.elementsEqual(symbols, by: { $0.unicodeScalars.elementsEqual($1.unicodeScalars) })
    else {
      throw DecodingError.dataCorruptedError(
        forKey: CodingKeys.symbols, in: container, debugDescription: "symbols are not ordered by scalar value"
      )
    }
  }

  /// Writes the kind, the symbols in order and whether there is an unknown symbol.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kind, forKey: .kind)
    try container.encode(symbols, forKey: .symbols)
    try container.encode(hasUnknown, forKey: .unknown)
  }
}
