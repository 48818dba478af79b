import Adversarial
import Files
import Foundation
import Metrics
import ModalityKit
import PlaneDatasets
import TestSupport
import Testing

@testable import PlaneModality

/// Whole runs from Swift.
@Suite struct PlaneRunTests {
  private static func run(_ folder: URL, data: String? = nil, change: ((inout PlaneRecipe) -> Void)? = nil)
    throws -> Run<Plane>
  {
    var request = RunRequest<Plane>(
      folder: folder, data: data, preset: .tiny, length: .steps(12), seed: 3,
      change: { recipe in
        recipe.data.count = 400
        recipe.training.batchSize = 16
        recipe.training.warmUp.steps = 3
        recipe.training.validationInterval = 5
        recipe.network.width = 8
        change?(&recipe)
      })
    (request.previewInterval, request.checkpointInterval, request.threads) = (4, 5, 1)
    return try Run.create(request)
  }

  private static func sheet(of run: Run<Plane>) throws -> Data {
    try Course(previews: run.folder.previews).sheet(PlanePicture(run.recipe)).pngData()
  }

  @Test func aStoppedRunEndsLikeOneThatWasNotPicturesIncluded() throws {
    let folder = try TemporaryFolder()
    let whole = try Self.run(folder["whole"])
    #expect(try whole.train() == .finished)
    var steps = 0
    let stopped = try Self.run(folder["stopped"])
    try stopped.train(stop: {
      steps += 1
      return steps == 7 ? "enough" : nil
    })
    #expect(stopped.step == 7)
    let resumed = try Run<Plane>.open(folder["stopped"])
    #expect(try resumed.train() == .finished)
    let names = try FolderListing(folder["whole"].path).names.filter {
      $0.hasPrefix("checkpoints/step-00000012") || $0.hasPrefix("previews/")
    }
    // Steps 0, 3 (the warm-up's end), 4, 8 and 12, of three files each.
    #expect(names.count == 1 + 5 * 3, "\(names)")
    for name in names {
      #expect(
        try InputFile.bytes(of: folder["whole/\(name)"]) == InputFile.bytes(of: folder["stopped/\(name)"]),
        "\(name)")
    }
    #expect(try Self.sheet(of: whole) == Self.sheet(of: resumed))
  }

  @Test func tablesHaveTheRowsOfEveryMediumAndAMixture() throws {
    let folder = try TemporaryFolder()
    let run = try Self.run(folder["run"]) { $0.data.isLabelled = true }
    try run.train()
    let table = try run.evaluate(count: 60)
    #expect(
      table.rows.map { $0.name.replacing(/, generator of \d+/, with: "") } == [
        "training sample", "this model (step 12)", "before the game (step 3)",
        "Gaussian mixture, 8 by EM",
      ])
    #expect(
      table.columns.map(\.key) == [
        "modes", "good", "energyDistance", "kernelDistance", "divergence", "reverseDivergence", "nearnessZ",
        "toldByFeatures", "toldByNetwork",
      ])
    for row in table.rows {
      for key in ["toldByFeatures", "toldByNetwork"] {
        guard case .measured(let score) = row.values[key] else {
          Issue.record("\(row.name): \(key) is missing")
          continue
        }
        #expect((0...100).contains(score.value) && score.standardError != nil)
      }
    }
    #expect(table.notes.contains { $0.contains("by the density p of ring (closed form)") })
  }

  @Test func tablesOfPointsTrainWithLabels() throws {
    let folder = try TemporaryFolder()
    let rows = (0..<200).map { "\($0 % 7),\($0 % 5),\($0 % 2 == 0 ? "even, or not" : "odd")" }
    let path = try folder.write("points.csv", "u,v,kind\n" + rows.map(Self.quoted).joined(separator: "\n"))
    let run = try Self.run(folder["run"], data: path) {
      $0.data.labelColumn = "kind"
      $0.data.columns = ["v", "u"]
    }
    try run.train()
    #expect(run.recipe.spec?.labels == ["even, or not", "odd"] && run.recipe.spec?.target == nil)
    let table = try run.evaluate(count: 20)
    #expect(
      table.columns.map(\.key)
        == ["energyDistance", "kernelDistance", "nearnessZ", "toldByFeatures", "toldByNetwork"])
    #expect(
      table.rows[1].values["toldByFeatures"]
        == .missing(reason: "needs 40 samples, and as many held-out ones"))
    #expect(try run.sampler().samples(count: 3, seed: 1, label: "odd").count == 3)
    #expect(try !Self.sheet(of: run).isEmpty)
  }

  /// The last field in quotes.
  private static func quoted(_ row: String) -> String {
    let fields = row.split(separator: ",", maxSplits: 2)
    return "\(fields[0]),\(fields[1]),\"\(fields[2])\""
  }
}
