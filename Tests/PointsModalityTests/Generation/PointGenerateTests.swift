import Adversarial
import ArgumentParser
import Failures
import Foundation
import ModalityKit
import PointDatasets
import TestSupport
import Testing
import Torch

@testable import PointsModality

@Suite struct PointGenerateTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A model that was never trained.
  private func model(_ network: PointNetwork = .mlp, labels: [String] = ["a", "b c"]) throws -> TrainedModel<
    Points
  > {
    var recipe = try SmallPoints.recipe(network)
    recipe.spec = SmallPoints.spec(labels: labels)
    let generator = try recipe.makeGenerator(seed: 4, device: .cpu)
    if let generator = generator.overCodes { try SmallPoints.fill(generator) }
    return TrainedModel(generator, recipe: recipe, step: 7, seed: 0, file: folder["model.safetensors"])
  }

  @discardableResult
  private func generate(
    _ model: TrainedModel<Points>, count: Int, seed: UInt64 = 3, into name: String, _ words: [String] = [],
    label: String? = nil, truncation: Double = 1
  ) throws -> [URL] {
    let options = try PointGenerateOptions.parse(words)
    let request = try GenerationRequest(
      model, options: options.sampling, count: count, seed: seed,
      labels: LabelChoice(label, labels: model.recipe.completeSpec().labels), truncation: truncation,
      output: folder[name]
    ) { _ in Issue.record("wrote to standard output") }
    return try Points.generate(request, options: options)
  }

  private func bytes(_ files: [URL]) throws -> [Data] { try files.map { try Data(contentsOf: $0) } }

  @Test(arguments: SmallPoints.networks) func sameSeedSameBytesWhateverTheCount(network: PointNetwork) throws
  {
    let model = try model(network)
    let many = try generate(model, count: 70, into: "many", ["--points", "10"])
    let few = try generate(model, count: 35, into: "few", ["--points", "10"])
    #expect(many.count == 70 && few.count == 35)
    #expect(try bytes(few) == Array(bytes(many).prefix(35)))
    #expect(few.map(\.lastPathComponent) == many.prefix(35).map(\.lastPathComponent))
    #expect(try bytes(generate(model, count: 35, into: "again", ["--points", "10"])) == bytes(few))
    let other = try bytes(generate(model, count: 35, seed: 4, into: "other", ["--points", "10"]))
    #expect(Set(other).isDisjoint(with: try bytes(few)))
    // No chunk repeats another.
    #expect(try Set(bytes(many)).count == 70)
  }

  @Test func filesAreNamedAfterNumberAndLabel() throws {
    let each = try generate(model(), count: 3, into: "each", label: "each")
    #expect(each.map(\.lastPathComponent) == ["0000-a.ply", "0001-b-c.ply", "0002-a.ply"])
    let plain = try generate(model(labels: []), count: 2, into: "plain", ["--format", "xyz"])
    #expect(plain.map(\.lastPathComponent) == ["0000.xyz", "0001.xyz"])
  }

  @Test func labelsReachTheGenerator() throws {
    let sampler = try model().sampler(PointSampling())
    let (each, a, b) = try (
      sampler.samples(count: 4, seed: 1, labels: .each), sampler.samples(count: 4, seed: 1, labels: .one(0)),
      sampler.samples(count: 4, seed: 1, labels: .one(1))
    )
    #expect(each == [a[0], b[1], a[2], b[3]])
    #expect(zip(a, b).allSatisfy { $0 != $1 })
    let chunk = try sampler.tensor(count: 40, seed: 1, labels: .each)
    #expect(chunk.tensor.shape == [40, SmallPoints.points, 3])
    #expect(chunk.labels == (0..<40).map { $0 % 2 })
    #expect(
      try chunk.tensor.array(of: Float.self)
        == sampler.samples(count: 40, seed: 1, labels: .each).flatMap(\.coordinates))
  }

  @Test(
    arguments: [
      ("z", ["a", "b"], "--label z: no such label; known: a, b, or each"),
      ("each", [], "--label each: no such label; known: none: the model has no labels"),
    ] as [(String, [String], String)])
  func unknownLabelsAreRefused(label: String, known: [String], message: String) throws {
    let error = #expect(throws: UserError.self) {
      try generate(model(labels: known), count: 1, into: "out", label: label)
    }
    #expect(error?.category == .usage)
    #expect(error?.message == message)
    #expect(try folder.names == [])
  }

  @Test func morePointsThanTheNetworkMakesAreRefused() throws {
    let error = #expect(throws: UserError.self) {
      try generate(model(), count: 1, into: "out", ["--points", "25"])
    }
    #expect(error?.category == .usage)
    #expect(error?.message.hasPrefix("--points 25: this network (mlp) makes a fixed number") == true)
    #expect(try folder.names == [])
  }

  @Test func withoutLatentsAllShapesAreAlike() throws {
    let points = try model().sampler(PointSampling())
    func clouds(_ seed: UInt64, truncation: Double) throws -> [PointCloud] {
      try points.samples(count: 2, seed: seed, label: "a", truncation: truncation)
    }
    let typical = try clouds(1, truncation: 0)
    #expect(typical[0] == typical[1])
    #expect(try clouds(2, truncation: 0) == typical)
    #expect(try clouds(1, truncation: 0.5)[0] != typical[0])
  }

  @Test(arguments: ShapeFormat.allCases) func everyFormatIsWritten(format: ShapeFormat) throws {
    let model = try model()
    let files = try generate(model, count: 2, into: "out", ["--format", format.rawValue])
    #expect(files.allSatisfy { $0.pathExtension == format.fileExtension })
    for (file, cloud) in zip(files, try model.sampler(PointSampling()).samples(count: 2, seed: 3)) {
      let found = try #require(try ShapeFile.read(file.path, points: 10, seed: 0).first)
      #expect(found.count == SmallPoints.points)
      #expect(zip(found.coordinates, cloud.coordinates).allSatisfy { abs($0 - $1) < 1e-5 })
    }
  }

  @Test func aSheetShowsAll() throws {
    let files = try generate(model(), count: 3, into: "out", ["--sheet"])
    #expect(files.map(\.lastPathComponent).last == "sheet.png" && files.count == 4)
    let picture = try Data(contentsOf: folder["out/sheet.png"])
    #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
  }

  @Test func aFileInTheWayIsAnError() throws {
    try Data().write(to: folder["file"])
    let error = #expect(throws: UserError.self) { try generate(model(), count: 1, into: "file") }
    #expect(error?.category == .cannotCreate)
  }

  @Test(arguments: [
    (["--points", "0"], "--points 0: expected 1 to 1000000"),
    (["--format", "stl"], "The value 'stl' is invalid for '--format"),
  ]) func wrongFlagsAreRefused(arguments: [String], message: String) {
    let error = #expect(throws: (any Error).self) { try PointGenerateOptions.parse(arguments) }
    guard let error else { return }
    #expect(PointGenerateOptions.exitCode(for: error) == .validationFailure)
    #expect(PointGenerateOptions.message(for: error).contains(message))
  }
}
