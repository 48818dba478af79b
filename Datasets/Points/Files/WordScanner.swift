import Failures
import Foundation

/// The words of a text file, line after line.
///
/// Lines end in a line feed, a carriage return, or both. A backslash as a line's last word joins the next line to it.
struct WordScanner {
  private let file: any ShapeBytes
  /// All bytes, with a zero at the end where the C library's reading of numbers stops.
  private let bytes: [UInt8]
  /// Whether each byte stands between words.
  private let isSeparator: [Bool]
  private let comment: UInt8?
  private var position: Int
  /// The number of the line, from 1.
  private(set) var line: Int
  private var words: [Range<Int>] = []

  /// The most words that are taken from one line.
  private static let longestLine = 65_536

  /// Begins before a line.
  ///
  /// - Parameters:
  ///   - bytes: the file's content.
  ///   - start: where the line begins.
  ///   - line: the number of the line before it.
  ///   - separators: what stands between words beside white space.
  ///   - comment: a character that begins the part of a line that nobody reads.
  init(
    _ file: any ShapeBytes, bytes: [UInt8], from start: Int = 0, line: Int = 0, separators: String = "",
    comment: Character? = "#"
  ) {
    self.file = file
    self.bytes = bytes + [0]
    self.line = line
    position = start
    let separating = Set((" \t\u{b}\u{c}" + separators).utf8)
    isSeparator = (0...UInt8.max).map { separating.contains($0) }
    self.comment = comment?.asciiValue
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
      if let last = words.last, last.count == 1, bytes[last.lowerBound] == UInt8(ascii: "\\") {
        words.removeLast()
      } else if !words.isEmpty {
        return true
      }
    }
    return !words.isEmpty
  }

  private mutating func scanLine() throws {
    let end = bytes.count - 1
    var start: Int?
    var isComment = false
    var isOver = false
    while !isOver {
      let byte = position < end ? bytes[position] : 0x0a
      isOver = byte == 0x0a || byte == 0x0d
      if isOver || isSeparator[Int(byte)] || byte == comment {
        if let first = start { words.append(first..<position) }
        guard words.count <= Self.longestLine else {
          throw damaged("found a line of more than \(Self.longestLine) words, the most that is taken")
        }
        start = nil
        if byte == comment { isComment = true }
      } else if start == nil, !isComment {
        start = position
      }
      position = min(end, position + 1)
      if byte == 0x0d, position < end, bytes[position] == 0x0a { position += 1 }
    }
  }

  /// A word, cut where it is too long for a message.
  func text(_ index: Int) -> String {
    String(decoding: bytes[words[index].prefix(40)], as: UTF8.self)
  }

  /// Whether a word is this one, in capitals or not.
  func isWord(_ index: Int, _ text: String) -> Bool {
    words[index].count == text.utf8.count && self.text(index).lowercased() == text
  }

  /// A word as a number in single precision.
  ///
  /// - Throws: `UserError` (bad data) for other words, numbers that are not finite, and words that are not there.
  func number(_ index: Int) throws -> Float {
    let number = try double(index)
    guard Float(number).isFinite else {
      throw damaged("found '\(text(index))', expected a finite number in single precision")
    }
    return Float(number)
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
  func place(from index: Int) throws -> SIMD3<Float> {
    SIMD3(try number(index), try number(index + 1), try number(index + 2))
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
      guard let base = bytes.baseAddress else { return nil }
      let start = UnsafeRawPointer(base + word.lowerBound).assumingMemoryBound(to: CChar.self)
      var end: UnsafeMutablePointer<CChar>?
      let number = strtod(start, &end)
      return end.map { UnsafePointer($0) - start } == word.count ? number : nil
    }
  }
}
