import Adversarial
import ArgumentParser
import Failures
import Foundation
import ModalityKit
import Synchronization
import TestSupport
import Testing
import Torch

@testable import TextModality

@Suite struct TextGenerateTests {
  private func generate(_ run: TextRun, count: Int, seed: UInt64 = 1, _ arguments: [String] = []) throws
    -> String
  {
    let written = Mutex("")
    let request = GenerationRequest(count: count, seed: seed) { text in written.withLock { $0 += text } }
    let files = try Text.generate(from: run.model(), request: request, options: .parse(arguments))
    #expect(files.isEmpty)
    return written.withLock { $0 }
  }

  @Test func oneSamplePerLineRepeatably() throws {
    let run = try TextRun()
    let text = try generate(run, count: 300)
    #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count == 301)
    #expect(try generate(run, count: 300) == text)
    #expect(text.hasPrefix(try generate(run, count: 10)))
    #expect(try generate(run, count: 300, seed: 2) != text)
    #expect(
      try TrainedText(contentsOf: run.folder.url).lines(count: 300, seed: 1).joined(separator: "\n") + "\n"
        == text)
  }

  @Test func writesAFileWhole() throws {
    let run = try TextRun()
    let file = run.temporary["out.txt"]
    let request = GenerationRequest(count: 20, seed: 1, output: file) { _ in
      Issue.record("wrote to standard output")
    }
    #expect(try Text.generate(from: run.model(), request: request, options: .parse([])) == [file])
    #expect(try String(contentsOf: file, encoding: .utf8) == generate(run, count: 20))
  }

  @Test func optionsReachTheSampler() throws {
    let run = try TextRun()
    let lines = try generate(run, count: 20, ["--prefix", "ab", "--top-k", "1"]).split(separator: "\n")
    #expect(lines.allSatisfy { $0.hasPrefix("ab") })
  }

  @Test func markovChainsKnowTheTrainingWordsOnly() throws {
    let run = try TextRun(text: "abc\nbca\ncab\nabcab\n")
    let lines = try generate(run, count: 50, ["--markov", "2"]).split(separator: "\n")
    #expect(lines.count == 50)
    // Every letter has one successor in these words.
    #expect(lines.allSatisfy { "abcabcabcabc".contains($0) })
  }

  @Test func markovNeedsTheRunsData() throws {
    let run = try TextRun()
    try "other\nwords\nhere\n".write(to: run.temporary["words.txt"], atomically: true, encoding: .utf8)
    let error = #expect(throws: UserError.self) { try generate(run, count: 1, ["--markov", "2"]) }
    #expect(error?.category == .badData)
  }

  @Test(arguments: [
    (["--temperature=-1"], "--temperature -1.0: expected a number of at least 0"),
    (["--top-k", "0"], "--top-k 0: expected at least 1"),
    (["--top-p", "0"], "--top-p 0.0: expected a share above 0 and at most 1"),
    (["--markov", "9"], "--markov 9: expected 1 to 8"),
    (["--markov", "2", "--top-k", "3"], "--markov: takes neither"),
  ]) func wrongFlagsAreRefused(arguments: [String], message: String) {
    refuses(TextGenerateOptions.self, arguments, message)
  }

  @Test(arguments: [
    (["--temperature=-1"], "--temperature -1.0: expected a number of at least 0"),
    (["--top-p", "2"], "--top-p 2.0: expected a share above 0 and at most 1"),
    (["--likelihood-draws", "0"], "--likelihood-draws 0: expected 1 to 10000"),
  ]) func wrongFlagsOfEvaluateAreRefused(arguments: [String], message: String) {
    refuses(TextEvaluateOptions.self, arguments, message)
  }

  private func refuses<Options: ParsableArguments>(
    _: Options.Type, _ arguments: [String], _ message: String
  ) {
    let error = #expect(throws: (any Error).self) { try Options.parse(arguments) }
    guard let error else { return }
    #expect(Options.exitCode(for: error) == .validationFailure)
    #expect(Options.message(for: error).contains(message))
  }

  @Test func windowsEscapeLineFeedsAndBackslashes() throws {
    let format = try Fixtures.format(hasEnd: false, symbols: ["a", "\n", "\\", "\r"])
    let ids = try format.vocabulary.encode("a\n\\\ra")
    #expect(format.line(of: ids) == #"a\n\\\ra"#)
    let lines = try Fixtures.format(symbols: ["a", "\\"])
    #expect(try lines.line(of: lines.vocabulary.encode("a\\")) == "a\\")
  }
}
