import Failures
import Foundation

/// The words of a text file, line after line.
///
/// Lines end in a line feed, a carriage return, or both. A byte order mark in front is left out.
struct WordScanner {
  private let file: any ShapeBytes
  /// All bytes, with a zero at the end where the C library's reading of numbers stops.
  private let bytes: [UInt8]
  /// What stands between words: blanks; and delimiters, between two of which there is an empty word.
  private let kinds: [ByteKind]
  private let comment: UInt8?
  private let joined: Set<String>
  private var position: Int
  /// The number of the line, from 1.
  private(set) var line: Int
  private var words: [Range<Int>] = []

  private enum ByteKind { case word, blank, delimiter }

  /// The most words that are taken from one line.
  private static let longestLine = 65_536

  /// Begins before a line.
  ///
  /// - Parameters:
  ///   - bytes: the file's content.
  ///   - start: where the line begins.
  ///   - line: the number of the line before it.
  ///   - blanks: what stands between words beside white space, however much of it.
  ///   - delimiters: what stands between words once, so that a word may be empty.
  ///   - comment: a character that begins the part of a line that nobody reads.
  ///   - joined: first words of lines that a backslash at their end joins to the next one.
  init(
    _ file: any ShapeBytes, bytes: [UInt8], from start: Int = 0, line: Int = 0, blanks: String = "",
    delimiters: String = "", comment: Character? = "#", joined: Set<String> = []
  ) {
    self.file = file
    self.bytes = bytes + [0]
    self.line = line
    position = bytes.dropFirst(start).starts(with: [0xef, 0xbb, 0xbf]) ? start + 3 : start
    var kinds = [ByteKind](repeating: .word, count: 256)
    for byte in (" \t\u{b}\u{c}" + blanks).utf8 { kinds[Int(byte)] = .blank }
    for byte in delimiters.utf8 { kinds[Int(byte)] = .delimiter }
    self.kinds = kinds
    self.comment = comment?.asciiValue
    self.joined = joined
  }

  /// How many words the line has.
  var count: Int { words.count }

  /// Where the next line begins.
  var nextLine: Int { position }

  /// Goes to the next line that has a word; false at the end of the file.
  ///
  /// - Throws: `UserError` (bad data) for a line of absurdly many words.
  mutating func next() throws -> Bool {
    words.removeAll(keepingCapacity: true)
    while position < bytes.count - 1 {
      line += 1
      try scanLine()
      if !joined.isEmpty, let last = words.last, bytes[last.upperBound - 1] == UInt8(ascii: "\\"),
        joined.contains(text(0).lowercased())
      {
        words.removeLast()
        if last.count > 1 { words.append(last.dropLast()) }
      } else if !words.isEmpty {
        return true
      }
    }
    return !words.isEmpty
  }

  private mutating func scanLine() throws {
    let end = bytes.count - 1
    var start: Int?
    var (isComment, isOver, isEmpty) = (false, false, true)
    while !isOver {
      let byte = position < end ? bytes[position] : 0x0a
      isOver = byte == 0x0a || byte == 0x0d
      let begins = byte == comment && !isInsideNumber
      let kind = isOver || begins ? .blank : kinds[Int(byte)]
      if kind == .word {
        if start == nil, !isComment { start = position }
      } else {
        if let first = start {
          words.append(first..<position)
          isEmpty = false
        }
        if kind == .delimiter, !isComment {
          if isEmpty { words.append(position..<position) }
          isEmpty = true
        }
        guard words.count <= Self.longestLine else {
          throw damaged("found a line of more than \(Self.longestLine) words, the most that is taken")
        }
        start = nil
        if begins { isComment = true }
      }
      position = min(end, position + 1)
      if byte == 0x0d, position < end, bytes[position] == 0x0a { position += 1 }
    }
  }

  /// Whether the sign `#` here belongs to a number that is none, as `1.#QNAN` or `-1.#IND`, in the writing of older C
  /// libraries.
  private var isInsideNumber: Bool {
    guard position >= 2, position + 1 < bytes.count else { return false }
    return bytes[position - 2] == UInt8(ascii: "1") && bytes[position - 1] == UInt8(ascii: ".")
      && (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(bytes[position + 1])
  }

  /// A word, cut where it is too long for a message.
  func text(_ index: Int) -> String {
    String(decoding: bytes[words[index].prefix(40)], as: UTF8.self)
  }

  /// Whether a word is this one, in capitals or not.
  func isWord(_ index: Int, _ text: String) -> Bool {
    words[index].count == text.utf8.count && self.text(index).lowercased() == text
  }

  /// A word as a number in double precision, finite or not.
  func double(_ index: Int) throws -> Double {
    guard let number = try double(in: word(index)) else {
      throw damaged("found '\(text(index))', expected a number")
    }
    return number
  }

  /// Whether a word is a number.
  func isNumber(_ index: Int) -> Bool { double(in: words[index]) != nil }

  /// Three words from one on as a place.
  ///
  /// - Throws: `UserError` (bad data) for other words, and for numbers that are not finite in single precision, unless
  ///   the rules have such rows left out.
  func place(from index: Int, _ rules: VertexRules) throws -> SIMD3<Double> {
    try place(of: SIMD3(index, index + 1, index + 2), rules)
  }

  /// Three words as a place, as `place(from:_:)`.
  func place(of columns: SIMD3<Int>, _ rules: VertexRules) throws -> SIMD3<Double> {
    let place = try SIMD3(double(columns.x), double(columns.y), double(columns.z))
    guard place.isFinite || rules.skipsBad else {
      let axis = (0..<3).first { !Float(place[$0]).isFinite } ?? 0
      throw damaged("found '\(text(columns[axis]))', expected a finite number in single precision")
    }
    return place
  }

  /// A word, up to a slash, as a whole number.
  func integer(_ index: Int) throws -> Int {
    let word = try word(index)
    let digits = bytes[word].prefix { $0 != UInt8(ascii: "/") }
    guard digits.count <= 20, let number = Int(String(decoding: digits, as: UTF8.self)) else {
      throw damaged("found '\(text(index))', expected a whole number")
    }
    return number
  }

  /// An error that names the file and the line.
  func damaged(_ message: String) -> UserError {
    UserError(.badData, "\(file.name) line \(line): \(message)")
  }

  private func word(_ index: Int) throws -> Range<Int> {
    guard index < words.count else {
      throw damaged("found \(words.count) words, expected at least \(index + 1)")
    }
    return words[index]
  }

  private func double(in word: Range<Int>) -> Double? {
    bytes.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress, !word.isEmpty else { return nil }
      return Self.double(UnsafeRawBufferPointer(start: base + word.lowerBound, count: word.count))
    }
  }

  /// The number that bytes write, behind which there is one that no number has.
  private static func double(_ word: UnsafeRawBufferPointer) -> Double? {
    guard let start = word.bindMemory(to: CChar.self).baseAddress else { return nil }
    var end: UnsafeMutablePointer<CChar>?
    let number = strtod(start, &end)
    let length = end.map { UnsafePointer($0) - start } ?? 0
    guard length < word.count else { return length == word.count ? number : nil }
    switch word[length] {
    case UInt8(ascii: "#") where length >= 2 && abs(number) == 1: return .nan
    case UInt8(ascii: ",") where word.count < 64 && !word[..<length].contains(UInt8(ascii: ".")):
      // A decimal comma, where commas do not stand between words.
      var pointed = Array(word) + [0]
      pointed[length] = UInt8(ascii: ".")
      return pointed.withUnsafeBytes { double(UnsafeRawBufferPointer(rebasing: $0.dropLast())) }
    default: return nil
    }
  }
}
