import Failures
import TestSupport
import Testing
import Torch

@testable import ModalityKit

@Suite struct SampleChoiceTests {
  @Test func aLabelMayBeCalledEach() throws {
    #expect(try LabelChoice("each", labels: ["a", "each"]) == .one(1))
    #expect(try LabelChoice("each", labels: ["a"]) == .each)
    #expect(try LabelChoice(nil, labels: []) == .any)
  }

  @Test func labelsOfAChunk() throws {
    #expect(LabelChoice.each.labels(ofChunk: 1, size: 4, classes: 3, seed: 0) == [1, 2, 0, 1])
    #expect(LabelChoice.one(2).labels(ofChunk: 1, size: 2, classes: 3, seed: 0) == [2, 2])
    #expect(LabelChoice.any.labels(ofChunk: 0, size: 2, classes: 0, seed: 0) == nil)
    let drawn = try #require(LabelChoice.any.labels(ofChunk: 0, size: 60, classes: 3, seed: 1))
    #expect(Set(drawn) == [0, 1, 2])
    #expect(drawn != LabelChoice.any.labels(ofChunk: 1, size: 60, classes: 3, seed: 1))
  }

  @Test func labelsAreDrawnInTheSharesOfASet() throws {
    let labels: [Int?] = Array(repeating: 0, count: 90) + Array(repeating: 2, count: 10)
    #expect(LabelChoice.shares(of: labels, classes: 3) == .shares([90, 0, 10]))
    let drawn = try #require(
      LabelChoice.shares([90, 0, 10]).labels(ofChunk: 0, size: 4000, classes: 3, seed: 1))
    #expect(!drawn.contains(1))
    // Four standard errors.
    #expect(abs(Double(drawn.count { $0 == 2 }) - 400) < 4 * (4000 * 0.1 * 0.9).squareRoot())
  }

  @Test func evaluatedLabelsFollowTheDataUnlessAskedOtherwise() throws {
    #expect(try !EvaluationLabels.parse([]).areEqual)
    #expect(try EvaluationLabels.parse(["--label", "each"]).areEqual)
    #expect(throws: (any Error).self) { try EvaluationLabels.parse(["--label", "kick"]) }
  }

  @Test(arguments: ["-1", "nan", "11"]) func truncationHasARange(factor: String) {
    #expect(throws: (any Error).self) { try LatentOptions.parse(["--truncation=" + factor]) }
  }

  @Test func aSeriesHasOneLabel() throws {
    #expect(try LabelChoice.single(nil, labels: ["a", "b"]) == 0)
    #expect(try LabelChoice.single("b", labels: ["a", "b"]) == 1)
    #expect(try LabelChoice.single(nil, labels: []) == nil)
    for text in ["each", "z"] {
      let error = #expect(throws: UserError.self) { try LabelChoice.single(text, labels: ["a"]) }
      #expect(error?.category == .usage)
    }
  }

  @Test func filesAreNamedAfterNumberAndLabel() throws {
    let folder = try TemporaryFolder()
    let files = try SampleFiles(
      in: folder["new/deep"], count: 3, fileExtension: "ply", labels: ["../ä/1", "b"])
    #expect(files.file(2).lastPathComponent == "0002.ply")
    #expect(files.file(12, label: 0).lastPathComponent == "0012----ä-1.ply")
    let many = try SampleFiles(in: folder["many"], count: 100_001, fileExtension: "x")
    #expect(many.file(7).lastPathComponent == "000007.x")
    #expect(SampleFiles.name(of: String(repeating: "x", count: 99)).count == 40)
    try folder.write("file", "")
    let error = #expect(throws: UserError.self) { try SampleFiles.makeFolder(folder["file/inside"]) }
    #expect(error?.category == .cannotCreate)
  }

  @Test func aWalkGoesFromSeedToSeed() throws {
    let walk = try LatentWalk.parse(["--seeds", "1, 2,3", "--steps", "2"])
    let latents = try walk.latents { try Tensor([Float($0), 0], shape: [1, 2]) }
    let lengths = try latents.map { try $0.selected(0, along: 1).item() }
    #expect(zip(lengths, [1, 1.5, 2, 2.5, 3]).allSatisfy { abs($0 - $1) < 1e-6 })
    for words in [["--seeds", "1"], ["--seeds", "1,x"], ["--steps", "0"]] {
      #expect(throws: (any Error).self) { try LatentWalk.parse(words) }
    }
  }
}
