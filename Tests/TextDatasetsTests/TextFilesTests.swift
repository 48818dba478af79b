import Corpora
import Failures
import Foundation
import TestSupport
import Testing

@testable import TextDatasets

@Suite struct TextFilesTests {
  private func paths(_ path: String) throws -> [String] {
    try DataFiles(path, kind: TextCorpus.kind, options: TextCorpusOptions()).paths
  }

  @Test func foldersAreReadAtAnyDepthInTheOrderOfTheirPaths() throws {
    try withTemporaryFolder { folder in
      for name in ["b.txt", "a/z", "a.md", "é.txt", "a/y/x.txt", ".hidden", ".git/config", "a/.DS_Store"] {
        try folder.write(name, name + "\n")
      }
      try FileManager.default.createSymbolicLink(
        atPath: folder.path + "/loop", withDestinationPath: folder.path)
      let names = ["a.md", "a/y/x.txt", "a/z", "b.txt", "é.txt"]
      #expect(try paths(folder.path) == names.map { folder.path + "/" + $0 })
      #expect(try paths(folder.path + "/") == names.map { folder.path + "/" + $0 })
      let corpus = try TextCorpus(path: folder.path)
      #expect(corpus.report.files == 5)
      #expect(Array(corpus.heldOut) == ["a.md"])
      #expect(Array(corpus.training) == ["a/y/x.txt", "a/z", "b.txt", "é.txt"])
    }
  }

  @Test func missingPathIsNoInput() throws {
    try withTemporaryFolder { folder in
      let path = folder.path + "/none.txt"
      #expect(throws: UserError(.noInput, "\(path): no such file or folder")) { try paths(path) }
    }
  }

  @Test func deviceIsNoInput() {
    let error = #expect(throws: UserError.self) { try paths("/dev/null") }
    #expect(error?.category == .noInput)
  }

  @Test func emptyFolderIsBadData() throws {
    try withTemporaryFolder { folder in
      try folder.write(".hidden", "a\n")
      let error = #expect(throws: UserError.self) { try paths(folder.path) }
      #expect(error?.category == .badData)
    }
  }

  @Test func filesWithinTheBudgetMayChangeWhileACorpusIsInUse() throws {
    try withTemporaryFolder { folder in
      // Large enough that it would be mapped without a budget.
      let lines = (0..<4_000).map { "line \($0)\n" }
      let path = try folder.write("a.txt", lines.joined())
      let corpus = try TextCorpus(path: path)
      let before = Array(corpus.training)
      #expect(truncate(path, 0) == 0)
      #expect(Array(corpus.training) == before && before.count > 3_000)
    }
  }

  @Test func filesBeyondTheBudgetAreMapped() throws {
    try withTemporaryFolder { folder in
      let path = try folder.write("a.txt", [UInt8](repeating: 0x61, count: TextBytes.smallestMapping))
      #expect(try TextBytes(file: path).memory == 0)
      #expect(try TextBytes(file: path, memoryBudget: TextBytes.smallestMapping).memory == 0)
      #expect(
        try TextBytes(file: path, memoryBudget: TextBytes.smallestMapping + 1).memory
          == TextBytes.smallestMapping)
      // What one file takes is not there for the next.
      try folder.write("b.txt", [UInt8](repeating: 0x62, count: TextBytes.smallestMapping))
      var store = TextStore()
      for name in ["a.txt", "b.txt"] {
        let budget = 3 * TextBytes.smallestMapping / 2 - store.memory
        try store.append(TextBytes(file: folder[name].path, memoryBudget: budget), label: nil)
      }
      #expect(store.memory == TextBytes.smallestMapping && store.count == 2 * TextBytes.smallestMapping)
    }
  }

  @Test func fileThatVanishesIsNoInput() throws {
    try withTemporaryFolder { folder in
      let path = try folder.write("a.txt", "a\nb\n")
      try FileManager.default.removeItem(atPath: path)
      let error = #expect(throws: UserError.self) { try TextBytes(file: path) }
      #expect(error?.category == .noInput)
      #expect(error?.message.hasPrefix(path) == true)
    }
  }

  @Test(
    arguments: [
      (
        "a\nb\n\u{e9}\n".utf8 + [0x63, 0xFF, 0x0A], "line 4, byte offset 8: found malformed UTF-8 (byte 0xFF)"
      ),
      (Array("ok\n\nno\u{0}\n".utf8), "line 3, byte offset 6: found a NUL byte (a binary file, or UTF-16?)"),
      ([0xFF, 0xFE, 0, 0, 0x61, 0, 0, 0], "line 1, byte offset 0: found a UTF-32 byte order mark"),
      (Array("a\rb\r".utf8) + [0xE9], "line 3, byte offset 4: found malformed UTF-8 (byte 0xE9)"),
      ([0x61, 0x0D, 0x0A, 0xC3], "line 2, byte offset 3: found malformed UTF-8 (byte 0xC3)"),
      ([UInt8](repeating: 0x61, count: 40_000) + [0x0A, 0x09, 0x80], "line 2, byte offset 40002"),
    ] as [([UInt8], String)])
  func malformedTextIsNamedByFileAndLine(bytes: [UInt8], message: String) throws {
    try withTemporaryFolder { folder in
      let path = try folder.write("bad.txt", bytes)
      for options in [TextCorpusOptions(), TextCorpusOptions(window: 2, symbols: .graphemes)] {
        let error = #expect(throws: UserError.self) { try TextCorpus(path: path, options: options) }
        #expect(error?.category == .badData)
        #expect(error?.message.hasPrefix("\(path) \(message)") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("expected UTF-8 text; --encoding names others") == true)
        var plain = options
        plain.encoding = .utf8
        let strict = #expect(throws: UserError.self) { try TextCorpus(path: path, options: plain) }
        #expect(strict?.message.hasSuffix("expected UTF-8 text") == true)
      }
    }
  }

  @Test(.enabled(if: geteuid() != 0, "root reads everything"))
  func unreadableFilesAndFoldersAreNoInput() throws {
    try withTemporaryFolder { folder in
      let path = try folder.write("data/a.txt", "a\nb\n")
      chmod(path, 0)
      let file = #expect(throws: UserError.self) { try TextCorpus(path: path) }
      #expect(file?.category == .noInput)
      chmod(folder.path + "/data", 0)
      let data = #expect(throws: UserError.self) { try paths(folder.path + "/data") }
      #expect(data?.category == .noInput)
      chmod(folder.path + "/data", 0o700)
    }
  }

  @Test(arguments: ["", "\n\r\n\n", "\u{FEFF}", "only\n", "same\nsame\n"])
  func filesWithoutTwoSamplesAreBadData(text: String) throws {
    try withTemporaryFolder { folder in
      let path = try folder.write("few.txt", text)
      let error = #expect(throws: UserError.self) { try TextCorpus(path: path) }
      #expect(error?.category == .badData)
      #expect(error?.message.hasPrefix("\(path): found ") == true)
    }
  }
}
