import Adversarial
import ArgumentParser
import Failures
import Foundation
import ModalityKit
import Synchronization
import TestSupport
import Testing
import TextDatasets
import Torch

@testable import TextModality

@Suite struct TextGenerateTests {
  private func generate(
    _ run: TextRun, count: Int, seed: UInt64 = 1, _ arguments: [String] = [], output: URL? = nil,
    labels: LabelChoice = .any
  ) throws -> String {
    let written = Mutex("")
    let options = try TextGenerateOptions.parse(arguments)
    let request = try GenerationRequest(
      run.model(), options: options.sampling, count: count, seed: seed, labels: labels, output: output
    ) { text in written.withLock { $0 += text } }
    #expect(try Text.generate(request, options: options) == [output].compactMap(\.self))
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
      try Run<Text>.open(run.folder.url).sampler().samples(count: 300, seed: 1).joined(separator: "\n") + "\n"
        == text)
  }

  @Test func writesAFileWhole() throws {
    let run = try TextRun()
    let file = run.temporary["out.txt"]
    #expect(try generate(run, count: 20, output: file).isEmpty)
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

  @Test func textWithSymbolsBeyondTheVocabularyIsLearnedButNotWritten() throws {
    // Of the Chinese symbols of every line only some are listed.
    let lines = (0..<200).compactMap { index in
      Unicode.Scalar(0x4E00 + index * 7 % 150).map { "ab\(Character($0))a\(Character($0))b" }
    }
    let run = try TextRun(text: (lines + TextRun.words).joined(separator: "\n")) {
      $0.data.vocabularyLimit = 6
    }
    let corpus = run.dataset.corpus
    #expect(corpus.training.unknownCount > 100 && corpus.heldOut.unknownCount > 0)
    for arguments in [
      [], ["--temperature", "30"], ["--top-k", "5"], ["--markov", "1"], ["--markov", "3"],
    ] {
      let text = try generate(run, count: 300, arguments)
      #expect(!text.contains("\u{FFFD}") && text.contains("a"), "\(arguments)")
    }
    let table = try Text.evaluate(
      EvaluationRequest(run.model(), dataset: run.dataset, count: 30, seed: 1), options: .parse([]))
    #expect(
      table.notes.contains {
        $0.contains("vocabulary: \(corpus.heldOut.unknownCount) of \(corpus.heldOut.symbolCount)")
      })
    // Real lines have it, and are measured with it.
    for row in table.rows.dropFirst() {
      guard case .measured(let nats) = row.values["nll"] else {
        Issue.record("\(row.name) has a likelihood")
        continue
      }
      #expect(nats.value.isFinite && nats.value > 0)
    }
    let game = try TextGame(recipe: run.recipe, corpus: corpus, seed: 1, device: .cpu)
    let batch = try game.batch(at: Array(corpus.training.indices), context: Fixtures.context)
    let unknown = try #require(corpus.vocabulary.unknown)
    #expect(try batch.samples.symbolIDs().array(of: Int.self).contains(Int(unknown)))
  }

  @Test func markovKnowsNoLabels() throws {
    let run = try TextRun()
    let error = #expect(throws: UserError.self) {
      try generate(run, count: 1, ["--markov", "2"], labels: .one(0))
    }
    #expect(error?.category == .usage)
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
    let spec = try Fixtures.spec(hasEnd: false, symbols: ["a", "\n", "\\", "\r"])
    let ids = try spec.vocabulary.encode("a\n\\\ra")
    #expect(spec.line(of: ids) == #"a\n\\\ra"#)
    let lines = try Fixtures.spec(symbols: ["a", "\\"])
    #expect(try lines.line(of: lines.vocabulary.encode("a\\")) == "a\\")
  }
}
