import Adversarial
import AudioModality
import Files
import Foundation
import ModalityKit
import PlaneModality
import PointsModality
import TestSupport
import Testing
import TextModality
import Torch

/// Runs that a program begins and the command goes on with, and the other way round.
@Suite(.serialized) struct ProgramRunTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let media: [any Modality.Type] = [Plane.self, Text.self, Audio.self, Points.self]

  /// Flags of a short training on built-in data, and the same as changes of a recipe.
  private func flags<M: Modality>(_: M.Type, _ run: String) -> [String] {
    [
      M.name, "train", "--preset", "tiny", "--steps", "6", "--checkpoint-every", "3", "--report-every", "2",
      "--batch", "4", "--seed", "3", "--threads", String(Engine.threads), "--quiet", "--out", run,
    ] + (M.self == Points.self ? ["--network", "mlp", "--points", "16"] : [])
  }

  private func request<M: Modality>(_: M.Type, _ run: String) throws -> RunRequest<M> {
    var request = RunRequest<M>(
      folder: folder[run], preset: .tiny, length: .steps(6), seed: 3
    ) { $0.training.batchSize = 4 }
    if M.self == Points.self {
      request.settings = try PointTrainOptions.parse(["--network", "mlp", "--points", "16"]).settings
    }
    (request.checkpointInterval, request.reportInterval) = (3, 2)
    return request
  }

  private func command(_ words: [String]) throws {
    let ending = try Command("duel", words, in: folder.url).ending()
    try #require(ending.code == 0, "\(ending.remarks)")
  }

  /// The last checkpoint's bytes and the reports, but for the numbers that depend on the machine.
  private func content(of run: String) throws -> ([UInt8], [String]) {
    let reports = try InputFile.text(of: folder["\(run)/metrics.jsonl"]).split(separator: "\n").map { line in
      String(line.prefix(upTo: line.range(of: ",\"seconds\"")?.lowerBound ?? line.endIndex))
    }
    return (try InputFile.bytes(of: folder["\(run)/checkpoints/step-00000006.safetensors"]), reports)
  }

  private func check<M: Modality>(_ medium: M.Type) throws {
    try command(flags(medium, "whole"))
    let whole = try content(of: "whole")

    var seen = 0
    let outcome = try Run<M>.create(request(medium, "begun")).train {
      seen += 1
      return seen == 3 ? "enough" : nil
    }
    #expect(outcome == .stopped(cause: "enough"))
    try command(flags(medium, "begun") + ["--resume"])
    #expect(try content(of: "begun") == whole)

    // As if the command had been killed after step 3.
    try command(flags(medium, "taken"))
    let checkpoints = folder["taken/checkpoints"]
    try FileManager.default.removeItem(at: checkpoints.appendingPathComponent("step-00000006.safetensors"))
    try AtomicFile.write("step-00000003.safetensors\n", to: checkpoints.appendingPathComponent("latest"))
    let run = try Run<M>.open(folder["taken"])
    #expect(try run.train() == .finished)
    #expect(run.step == 6)
    #expect(try content(of: "taken") == whole)
  }

  @Test(arguments: media.indices) func aProgramAndTheCommandGoOnWithEachOthersRuns(medium: Int) throws {
    try check(Self.media[medium])
  }
}
