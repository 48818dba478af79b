import Corpora
import Failures
import TestSupport
import Testing

@testable import TextDatasets

@Suite struct TextEncodingTests {
  private static let lines = ["naïve café", "“Straße” – 5 €", "Übung", "résumé"]
  private static let text = lines.joined(separator: "\r\n") + "\r\n"
  private static let greetings = "你好\n世界 😀\nhéllo\n"

  private static func utf16(_ text: String, bigEndian: Bool, mark: Bool) -> [UInt8] {
    ((mark ? [0xFEFF] : []) + text.utf16).flatMap { unit in
      let bytes = [UInt8(unit >> 8), UInt8(unit & 0xFF)]
      return bigEndian ? bytes : bytes.reversed()
    }
  }

  private static func windows1252(_ text: String) -> [UInt8] {
    let others: [Unicode.Scalar: UInt8] = ["€": 0x80, "“": 0x93, "”": 0x94, "–": 0x96]
    return text.unicodeScalars.map { others[$0] ?? UInt8($0.value) }
  }

  private func samples(_ bytes: [UInt8], _ options: TextCorpusOptions) throws -> Set<String> {
    try withTemporaryFolder { folder in
      let corpus = try TextCorpus(path: folder.write("a.txt", bytes), options: options)
      return Set(Array(corpus.training) + Array(corpus.heldOut))
    }
  }

  private func fault(_ bytes: [UInt8], _ encoding: TextEncoding) throws -> String {
    try withTemporaryFolder { folder in
      let path = try folder.write("a.txt", bytes)
      let error = #expect(throws: UserError.self) {
        try TextCorpus(path: path, options: .init(encoding: encoding))
      }
      #expect(error?.category == .badData && error?.message.hasPrefix(path) == true)
      return error.map { String($0.message.dropFirst(path.count + 1)) } ?? ""
    }
  }

  @Test(arguments: [true, false], [text, greetings]) func aByteOrderMarkTellsUTF16(
    bigEndian: Bool, text: String
  ) throws {
    let expected = Set(text.split(whereSeparator: \.isNewline).map(String.init))
    let bytes = Self.utf16(text, bigEndian: bigEndian, mark: true)
    let exact: TextEncoding = bigEndian ? .utf16BigEndian : .utf16LittleEndian
    for encoding in [.automatic, .utf16, exact] {
      #expect(try samples(bytes, .init(encoding: encoding)) == expected)
    }
    #expect(try fault(bytes, .utf8).contains("found a UTF-16 byte order mark, expected UTF-8 text"))
  }

  @Test(arguments: [true, false], [text, greetings]) func utf16NeedsNoMark(bigEndian: Bool, text: String)
    throws
  {
    let expected = Set(text.split(whereSeparator: \.isNewline).map(String.init))
    let bytes = Self.utf16(text, bigEndian: bigEndian, mark: false)
    for encoding in [.utf16, bigEndian ? .utf16BigEndian : TextEncoding.utf16LittleEndian] {
      #expect(try samples(bytes, .init(encoding: encoding)) == expected)
    }
    // It is not guessed.
    #expect(try fault(bytes, .automatic).contains("--encoding"))
  }

  @Test func singleBytesAreReadAsNamed() throws {
    let expected = Set(Self.lines)
    #expect(try samples(Self.windows1252(Self.text), .init(encoding: .windows1252)) == expected)
    let latin = Self.lines.filter { $0.unicodeScalars.allSatisfy { $0.value < 0x100 } }
    let bytes = latin.joined(separator: "\n").unicodeScalars.map { UInt8($0.value) }
    for encoding in [TextEncoding.latin1, .windows1252] {
      #expect(try samples(bytes, .init(encoding: encoding)) == Set(latin))
    }
    #expect(
      try fault(Self.windows1252(Self.text), .automatic)
        == "line 1, byte offset 2: found malformed UTF-8 (byte 0xEF), expected UTF-8 text; --encoding names "
        + "others, as latin-1, windows-1252 and utf-16")
  }

  @Test func asciiIsTheSameInAllOfThem() throws {
    try withTemporaryFolder { folder in
      let path = try folder.write("a.txt", "plain\ntext\n")
      for encoding in [TextEncoding.automatic, .utf8, .latin1, .windows1252] {
        let file = try TextBytes(file: path)
        #expect(try encoding.decoded(file) === file)
      }
    }
  }

  @Test(
    arguments: [
      (
        [0x61, 0x0A, 0x62, 0x81], .windows1252,
        "line 2, byte offset 3: found the byte 0x81, which has no meaning there"
      ),
      (
        [0xE9, 0x0D, 0x00], .latin1,
        "line 2, byte offset 2: found a NUL (a binary file?), expected Latin-1 text"
      ),
      (
        [0x61, 0, 0x0A, 0, 0x00, 0xD8], .utf16LittleEndian,
        "line 2, byte offset 4: found half of a surrogate pair (0xD800)"
      ),
      (
        [0x61, 0, 0x0A, 0, 0x00, 0xDC], .utf16,
        "line 2, byte offset 4: found half of a surrogate pair (0xDC00)"
      ),
      (
        [0xFE, 0xFF, 0, 0x61, 0], .automatic,
        "line 1, byte offset 4: found half of a unit at the end of the file"
      ),
      (
        [0xFE, 0xFF, 0, 0x61, 0, 0], .utf16,
        "line 1, byte offset 4: found a NUL (a binary file?), expected UTF-16"
      ),
      (
        [0x4E, 0x4E, 0x4F, 0x4F], .utf16, "found neither a byte order mark nor line ends that tell the order"
      ),
    ] as [([UInt8], TextEncoding, String)])
  func whatIsNoTextIsNamed(bytes: [UInt8], encoding: TextEncoding, message: String) throws {
    #expect(try fault(bytes, encoding).contains(message))
  }

  @Test func windowsAreCutFromConvertedText() throws {
    let bytes = Self.utf16("añb\r\ncd\u{1F600}", bigEndian: false, mark: true)
    #expect(try samples(bytes, .init(window: 2)) == ["añ", "b\n", "cd"])
  }

  /// Marks of two classes have to be put in order.
  @Test func symbolsOfMarksWithoutEndAreRefused() throws {
    let marks = String(repeating: "\u{301}\u{323}", count: 2000)
    try withTemporaryFolder { folder in
      let path = try folder.write("a.txt", "b\nc\nde" + marks + "\nf\n")
      for window in [nil, 4] {
        let error = #expect(throws: UserError.self) {
          try TextCorpus(path: path, options: .init(window: window, symbols: .graphemes))
        }
        #expect(
          error?.message
            == "\(path) line 3, byte offset 5: found a symbol of more than 1024 bytes, expected a letter with its "
            + "marks; --symbols scalars reads them one by one")
      }
      #expect(try TextCorpus(path: path).training.count > 0)
      let few = try folder.write(
        "b.txt", "b\nc\nde" + String(repeating: "\u{301}\u{323}", count: 200) + "\nf\n")
      #expect(try TextCorpus(path: few, options: .init(symbols: .graphemes)).longest == 2)
    }
  }
}
