import CZlib
import Corpora
import Failures
import TestSupport
import Testing

@testable import TextDatasets

@Suite struct GzipTests {
  private static let lines = (0..<3_000).map { "line number \($0 * $0)" }
  private static let text = lines.joined(separator: "\n") + "\n"

  /// One gzip member.
  private static func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
    var stream = z_stream()
    let begun = deflateInit2_(
      &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, zlibVersion(),
      Int32(MemoryLayout<z_stream>.size))
    try #require(begun == Z_OK)
    defer { deflateEnd(&stream) }
    var (input, output) = (bytes, [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count)))))
    let written = input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        (stream.next_in, stream.avail_in) = (input.baseAddress, UInt32(input.count))
        (stream.next_out, stream.avail_out) = (output.baseAddress, UInt32(output.count))
        return deflate(&stream, Z_FINISH) == Z_STREAM_END ? Int(stream.total_out) : 0
      }
    }
    try #require(written > 0)
    return Array(output[..<written])
  }

  private func expectRefusal(_ bytes: [UInt8], _ message: String) throws {
    try withTemporaryFolder { folder in
      let path = try folder.write("a.txt.gz", bytes)
      let error = #expect(throws: UserError.self) { try TextCorpus(path: path) }
      #expect(error?.category == .badData)
      #expect(
        error?.message.hasPrefix(path) == true && error?.message.contains(message) == true, "\(error as Any)")
    }
  }

  @Test(arguments: ["a.txt.gz", "a.txt"]) func oneOrSeveralMembersAreTheText(name: String) throws {
    try withTemporaryFolder { folder in
      let plain = try TextCorpus(path: folder.write("plain.txt", Self.text))
      let bytes = Array(Self.text.utf8)
      let cuts = [0, 5, 5, 20_000, bytes.count]
      let members = try zip(cuts, cuts.dropFirst()).flatMap { try Self.gzip(Array(bytes[$0..<$1])) }
      for content in [try Self.gzip(bytes), members, members + [0, 0, 0]] {
        let corpus = try TextCorpus(path: folder.write(name, content))
        #expect(corpus.fingerprint == plain.fingerprint)
      }
    }
  }

  @Test func otherEncodingsAreCompressedToo() throws {
    try withTemporaryFolder { folder in
      let path = try folder.write("a.gz", Self.gzip([0xE9, 0x0A, 0xE8, 0x0A]))
      let corpus = try TextCorpus(path: path, options: .init(encoding: .latin1))
      #expect(Array(corpus.heldOut) + Array(corpus.training) == ["è", "é"])
      let error = #expect(throws: UserError.self) { try TextCorpus(path: path) }
      #expect(
        error?.message.hasPrefix("\(path) (decompressed) line 1, byte offset 0: found malformed") == true)
    }
  }

  @Test func labelsDoNotNameTheCompression() throws {
    try withTemporaryFolder { folder in
      let (first, second) = (
        try Self.gzip(Array("anne\nluc\n".utf8)), try Self.gzip(Array("petr\nwanda\n".utf8))
      )
      try folder.write("a/french.txt.gz", first)
      try folder.write("b/czech.gz", second)
      for (rule, names) in [
        ("folder", ["a", "b"]), ("file", ["czech", "french"]), ("^(.).*(?:h|h.txt)$", ["c", "f"]),
      ] {
        #expect(try TextCorpus(path: folder.path, options: .init(labels: rule)).labelNames == names)
      }
    }
  }

  @Test func damagedFilesAreNamed() throws {
    let whole = try Self.gzip(Array(Self.text.utf8))
    for count in [3, 10, 11, whole.count / 2, whole.count - 1] {
      try expectRefusal(
        Array(whole[..<count]), "byte offset \(count): found the end of the file amid compressed data")
    }
    try expectRefusal(whole + whole.prefix(whole.count / 2), "found the end of the file amid compressed data")
    try expectRefusal(
      whole + Array("junk".utf8), "byte offset \(whole.count): found 4 bytes behind the compressed data")
    var damaged = whole
    for index in 100..<140 { damaged[index] ^= 0xFF }
    try expectRefusal(damaged, "found damaged compressed data (zlib error -3")
    var checked = whole
    checked[whole.count - 6] ^= 1
    try expectRefusal(checked, "incorrect data check")
  }

  @Test func damagedFilesAreLeftOutWhereThatIsAskedFor() throws {
    try withTemporaryFolder { folder in
      try folder.write("a.txt", "ab\ncd\n")
      try folder.write("b.gz", Array(try Self.gzip(Array("ef\n".utf8)).dropLast()))
      let corpus = try TextCorpus(path: folder.path, options: .init(skipBad: true))
      #expect(corpus.report.description.contains("2 lines in 1 file (1 unreadable)"))
    }
  }

  /// Found by damaged files: half a kilobyte can hold half a megabyte.
  @Test func contentWithoutEndIsRefused() throws {
    let packed = try Self.gzip([UInt8](repeating: 0x61, count: 100_000))
    let file = TextBytes(packed, name: "a.gz")
    #expect(try GzipData.inflated(file, most: 100_000).count == 100_000)
    let error = #expect(throws: UserError.self) { try GzipData.inflated(file, most: 99_999) }
    #expect(error?.category == .badData)
    #expect(
      error?.message.hasSuffix(
        "found more than 99999 bytes of text in a file of \(packed.count), expected no more; gunzip it first, plain files "
          + "may have any size") == true)
    #expect(GzipData.most(in: 1000) == 64 << 20 && GzipData.most(in: 1 << 30) == 10 << 30)
  }
}
