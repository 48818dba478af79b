import Failures
import Files
import Foundation
import ModalityKit
import TestSupport
import Testing

@testable import TextModality

/// `generate --no-copies` of text.
@Suite struct TextTrainingDistancesTests {
  /// The words that a model writes first as the training lines, others held out.
  private func dataset(of run: TextRun, writing known: Set<String>) throws -> TextDataset {
    let (data, heldOut) = (run.temporary["known.txt"], run.temporary["others.txt"])
    try AtomicFile.write(known.sorted().joined(separator: "\n"), to: data)
    let others = TextRun.words.filter { !known.contains($0) }
    try AtomicFile.write(others.joined(separator: "\n"), to: heldOut)
    var recipe = try run.model().recipe
    return try TextDataset(DataSource(path: data.path, holdout: heldOut.path), recipe: &recipe)
  }

  @Test func aGeneratorsOwnLinesAreLeftOut() throws {
    let run = try TextRun()
    let model = try run.model()
    let first = try model.sampler(TextSampling()).samples(count: 40, seed: 1)
    let known = Set(first.filter { !$0.isEmpty })
    let request = try GenerationRequest(
      model, options: TextSampling(), count: 60, seed: 1, withoutCopiesOf: dataset(of: run, writing: known))
    var lines: [String] = []
    try request.forEach { line, _ in lines.append(line) }
    #expect(lines.count == 60)
    #expect(known.isDisjoint(with: lines))
    let counts = try #require(request.sampler.copies?.counts)
    #expect(counts.copies >= known.count && counts.drawn > 60, "\(counts)")
  }

  @Test func aMarkovChainHasNoCopiesToLeaveOut() throws {
    let run = try TextRun()
    let options = try TextGenerateOptions.parse(["--markov", "2"])
    let request = try GenerationRequest(
      run.model(), options: options.sampling, count: 2, seed: 1, withoutCopiesOf: run.dataset)
    let error = #expect(throws: UserError.self) { try Text.generate(request, options: options) }
    #expect(error?.category == .usage && error?.message.contains("no-copies") == true)
  }

  @Test func aLimitShortensTheSearchAndChangesNothingWithinIt() {
    let nearest = NearestLine(training: [[1, 2, 3, 4], [9, 9]])
    for line in [[1, 2, 3, 4], [1, 2, 3, 5], [1, 2, 7, 8], [5, 6, 7, 8, 5]] as [[Int32]] {
      let exact = nearest.distance(to: line)
      for limit in [0.2, 0.5, 0.9] {
        let found = nearest.distance(to: line, below: limit)
        #expect(exact < limit ? found == exact : found >= limit)
      }
    }
  }

  @Test func aLexiconIsHeldByTheDiscriminatorAlone() throws {
    let run = try TextRun()
    let held = try Text.heldData(run.recipe)
    #expect(held.map(\.place) == [.discriminator, .recipe])
    #expect(held.map(\.content.isEmpty) == [false, false])
    var recipe = run.recipe
    recipe.discriminator.lexicalSlots = 0
    #expect(try Text.heldData(recipe).map(\.place) == [.recipe])
  }
}
