import Files
import Foundation
import PointDatasets
import TestSupport
import Testing
import Torch

/// A folder with shapes of two labels and with what is no good.
private func workplace() throws -> TemporaryFolder {
  let folder = try TemporaryFolder()
  for name in ["models/a", "models/b", "damaged", "empty", "texts"] {
    try FileManager.default.createDirectory(at: folder[name], withIntermediateDirectories: true)
  }
  for number in 0..<24 {
    var stream = RandomStream(seed: UInt64(number), name: "shape")
    let stretched = try Tensor([1, number < 12 ? 3 : 1, 1] as [Float])
    let cloud = try PointCloud((stream.normal([40, 3]) * stretched).array(of: Float.self))
    let name = "\(number < 12 ? "a" : "b")/\(number % 12).npy"
    try ShapeFile.write(cloud, to: folder["models/\(name)"], format: .npy)
    if number < 4 { try ShapeFile.write(cloud, to: folder["damaged/\(number).npy"], format: .npy) }
  }
  try folder.write("damaged/bad.npy", (0..<200).map { UInt8($0) })
  try folder.write("texts/a.pdf", "hello\n")
  return folder
}

private func points(_ words: [String], in folder: TemporaryFolder) throws -> Command.Ending {
  try Command("duel", ["points"] + words, in: folder.url).ending()
}

/// Words of a training of two steps.
private func pointsTraining(_ run: String, network: String, _ words: [String] = []) -> [String] {
  [
    "train", "--data", "models", "--holdout-pattern", #"/[0-5]\.npy$"#, "--preset", "tiny", "--network",
    network, "--points", "32", "--batch", "4", "--steps", "2", "--threads", "1", "--quiet", "--out", run,
  ] + (network == "latent" ? [] : ["--critic-widths", "8,8"]) + words
}

/// An NPY file of single-precision numbers in the order of C.
private func numpyFile(shape: [Int], _ value: (Int) -> Float) -> [UInt8] {
  let sizes = shape.map { String($0) }.joined(separator: ", ")
  var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(sizes)), }"
  header += String(repeating: " ", count: 64 - (header.utf8.count + 11) % 64) + "\n"
  let size = UInt16(header.utf8.count)
  let numbers = (0..<shape.reduce(1, *)).flatMap { index in
    withUnsafeBytes(of: value(index).bitPattern.littleEndian) { Array($0) }
  }
  return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(size & 0xFF), UInt8(size >> 8)] + Array(header.utf8)
    + numbers
}

/// The medium of shapes, through the executable that users get.
@Suite struct PointsCommandTests {
  @Test func otherDataMayLieOtherwise() throws {
    let folder = try workplace()
    var training = pointsTraining("run", network: "mlp")
    // Names of other data do not match the pattern.
    training.removeSubrange(3...4)
    let trained = try points(training, in: folder)
    try #require(trained.code == 0, "\(trained.remarks)")
    try folder.write("other.npy", numpyFile(shape: [11, 3, 40]) { sin(Float($0 * $0 % 977)) })
    let words = ["evaluate", "run", "--threads", "1", "--json", "--data", "other.npy", "--axes"]
    let measured = try points(words + ["first"], in: folder)
    #expect(measured.code == 0, "\(measured.remarks)")
    #expect(measured.result.contains("2 clouds of each row against 2 held-out ones, 32 points each"))
    #expect(try points(words + ["last"], in: folder).code == 65)
  }

  @Test func fromTrainingToShapes() throws {
    let folder = try workplace()
    for words in [
      pointsTraining("plain", network: "mlp"),
      pointsTraining("run", network: "sphere", ["--labels", "folder"]),
      pointsTraining("coded", network: "latent"),
    ] {
      let trained = try points(words, in: folder)
      try #require(trained.code == 0, "\(trained.remarks)")
    }
    #expect(FileManager.default.fileExists(atPath: folder["run/previews/step-00000002/0011.ply"].path))

    let words = [
      "generate", "run", "--count", "3", "--label", "each", "--points", "50", "--threads", "1", "--format",
      "npy", "--json",
    ]
    let generated = try points(words, in: folder)
    #expect(generated.code == 0, "\(generated.remarks)")
    let names = ["shapes/0000-a.npy", "shapes/0001-b.npy", "shapes/0002-a.npy"]
    #expect(try generated.json[dotted: "files"] == .array(names.map { .string($0) }))
    let first = try names.map { try InputFile.bytes(of: folder[$0]) }
    #expect(try points(words, in: folder).code == 0)
    #expect(try names.map { try InputFile.bytes(of: folder[$0]) } == first)
    #expect(try ShapeFile.read(folder[names[0]].path, points: 1, seed: 0).map(\.count) == [50])

    for (run, format) in [("run", "obj"), ("coded", "ply"), ("plain", "ply")] {
      let surfaces = try points(
        [
          "generate", run, "--count", "2", "--mesh", "--format", format, "--threads", "1", "--out",
          "mesh-\(run)",
        ], in: folder)
      #expect(surfaces.code == 0 && surfaces.remarks.contains("all watertight"), "\(surfaces.remarks)")
    }

    let info = try points(["info", "run", "--json"], in: folder)
    #expect(try info.json[dotted: "modality"] == .string("points"))

    let walk = try points(
      [
        "interpolate", "run", "--seeds", "1,2,3", "--steps", "2", "--label", "b", "--format", "npy", "--out",
        "walk",
      ], in: folder)
    #expect(walk.code == 0, "\(walk.remarks)")
    #expect(walk.remarks.contains("5 shapes of step 2 in walk"))
    #expect(try ShapeFile.read(folder["walk/0004.npy"].path, points: 1, seed: 0).map(\.count) == [32])

    let morph = try points(
      ["interpolate", "coded", "--seeds", "1,2", "--steps", "2", "--format", "npy", "--out", "morph"],
      in: folder)
    #expect(morph.code == 0, "\(morph.remarks)")
    let frames = try (0..<3).map { try InputFile.bytes(of: folder["morph/000\($0).npy"]) }
    #expect(Set(frames).count == 3)

    for (run, seeds) in [("run", ["1", "2"]), ("coded", ["3", "4"])] {
      let edit = try points(
        [
          "edit", run, "--base", seeds[0], "--donor", seeds[1], "--region", "up", "--region", "left",
          "--blend", "0.5", "--format", "npy", "--out", "edited-\(run)",
        ], in: folder)
      #expect(edit.code == 0, "\(edit.remarks)")
      let shapes = try ["base", "donor", "edited"].map {
        try InputFile.bytes(of: folder["edited-\(run)/\($0).npy"])
      }
      #expect(Set(shapes).count == 3)
    }
    let beside = try points(
      ["generate", "coded", "--count", "3", "--sheet", "--beside-nearest", "--out", "beside"], in: folder)
    #expect(beside.code == 0, "\(beside.remarks)")
    let alone = try points(["generate", "coded", "--beside-nearest", "--out", "alone"], in: folder)
    #expect(
      alone.code == 64 && alone.remarks.contains("--beside-nearest: expected --sheet"), "\(alone.remarks)")
    for sheet in [
      "beside/sheet.png", "walk/sheet.png", "edited-run/sheet.png", "run/previews/step-00000002/sheet.png",
    ] {
      #expect(FileManager.default.fileExists(atPath: folder[sheet].path), "\(sheet)")
    }

    let reconstructed = try points(
      ["reconstruct", "coded", "models/a", "--format", "npy", "--threads", "1"], in: folder)
    #expect(reconstructed.code == 0, "\(reconstructed.remarks)")
    #expect(reconstructed.result.contains("11.npy  CD 0."))
    #expect(reconstructed.result.contains("mean of 12  CD 0."))
    #expect(reconstructed.remarks.contains("12 shapes as step 2 tells them in reconstructed"))
    #expect(try ShapeFile.read(folder["reconstructed/0011.npy"].path, points: 1, seed: 0)[0].count == 64)

    for run in ["plain", "coded"] {
      let measured = try points(["evaluate", run, "--threads", "1", "--json"], in: folder)
      #expect(measured.code == 0, "\(measured.remarks)")
      guard case .array(let rows) = try measured.json[dotted: "rows"] else {
        Issue.record("no rows")
        return
      }
      #expect(rows.count == 4)
      #expect(measured.result.contains("before the game"))
    }

    try refusals(in: folder)
  }

  /// Mistakes with runs that are there.
  private func refusals(in folder: TemporaryFolder) throws {
    let before = try folder.names
    let refused: [(words: String, code: Int32, message: String)] = [
      ("generate run --label z", 64, "--label z: no such label; known: a, b, or each"),
      ("generate plain --label each", 64, "--label each: no such label; known: none"),
      ("generate plain --points 33", 64, "--points 33: this network (mlp) makes a fixed number"),
      ("generate run --points 0", 64, "--points 0: expected 1 to 1000000"),
      ("generate run --mesh --format xyz", 64, "--mesh: found --format xyz, expected ply or obj"),
      ("generate run --format stl", 64, "The value 'stl' is invalid for '--format"),
      ("generate run --out /proc/shapes", 73, "/proc/shapes: cannot make the folder"),
      ("interpolate run --seeds 1", 64, "--seeds 1: expected at least two"),
      ("interpolate run --label each", 64, "--label each: expected one label"),
      ("interpolate plain --points 33", 64, "--points 33: this network (mlp)"),
      ("interpolate run --out /proc/walk", 73, "/proc/walk: cannot make the folder"),
      ("edit plain", 64, "plain: found mlp networks, expected latent or sphere"),
      ("edit run --region inside", 64, "The value 'inside' is invalid for '--region"),
      ("edit run --blend 2", 64, "--blend 2.0: expected 0 to 1"),
      ("edit run --edge=-1", 64, "--edge -1.0: expected 0 to 2"),
      ("reconstruct run models", 64, "run: found sphere networks, expected latent"),
      ("reconstruct coded missing", 66, "missing: no such file or folder"),
      ("reconstruct coded texts", 65, "texts: found no shape file among 1 files"),
      ("reconstruct coded damaged", 65, "damaged/bad.npy: "),
      ("reconstruct coded models --out /proc/shapes", 73, "/proc/shapes: cannot make the folder"),
      ("edit missing", 66, "missing: found nothing there"),
      ("evaluate plain --axes first", 64, "--axes: expected --data beside it"),
      ("evaluate plain --normalize sphere", 64, "--normalize sphere: the model was trained under box"),
      ("evaluate plain --points 3", 64, "--points 3: expected 16 to 65536"),
      ("evaluate run --beside plain", 65, "--beside plain: found normalisation box, no labels"),
      ("evaluate plain --data texts", 65, "texts: found no shape file among 1 files"),
      ("evaluate plain --data damaged", 65, "damaged/bad.npy: "),
    ]
    for (words, code, message) in refused {
      let ending = try points(words.split(separator: " ").map(String.init), in: folder)
      #expect(ending.code == code, "\(words): \(ending.remarks)")
      #expect(ending.remarks.hasPrefix("Error: "), "\(words): \(ending.remarks)")
      #expect(ending.remarks.contains(message), "\(words): \(ending.remarks)")
      #expect(ending.result.isEmpty, "\(words)")
      #expect(try folder.names == before, "\(words)")
    }
  }

  @Test(
    arguments: [
      ("--labels (", 64, "--labels: found '(', expected a regular expression"),
      ("--holdout-pattern zzz", 65, "models: found no shape to hold out among 24"),
      ("--data missing", 66, "missing: no such file or folder"),
      ("--data empty", 65, "empty: found no shape file among 0 files"),
      ("--data texts", 65, "texts: found no shape file among 1 files"),
      ("--data damaged", 65, "damaged/bad.npy: "),
      ("--points 0", 64, "--points: data.points: found 0, expected 1 to 65536"),
      ("--mesh-points 0", 64, "--mesh-points: data.meshPoints: found 0"),
      ("--normalize x", 64, "The value 'x' is invalid for '--normalize"),
      ("--network nonsense", 64, "The value 'nonsense' is invalid for '--network"),
      ("--network tree --points 100", 64, "--points: data.points: found 100, expected a multiple of 32"),
      ("--network tree --branch-rank 0", 64, "--branch-rank: tree.branchRank: found 0"),
      ("--network sphere --neighbours 0", 64, "--neighbours: sphere.neighbours: found 0"),
      ("--critic-widths 3,x", 64, "The value '3,x' is invalid for '--critic-widths"),
      ("--mlp-widths 0", 64, "--mlp-widths: mlp.widths: found [0]"),
      ("--network mlp --branch-rank 3", 64, "--branch-rank: changes nothing in mlp networks"),
      ("--network latent --critic-widths 3", 64, "--critic-widths: changes nothing in latent networks"),
      ("--out /proc/run", 73, "/proc/run: cannot make the folder"),
    ] as [(String, Int32, String)])
  func trainRefuses(_ words: String, _ code: Int32, _ message: String) throws {
    let folder = try workplace()
    let before = try folder.names
    let ending = try points(
      ["train", "--data", "models", "--preset", "tiny", "--steps", "2", "--quiet"]
        + (words.contains("--points") ? [] : ["--points", "32"])
        + (words.contains("--network") ? [] : ["--network", "mlp"])
        + (words.contains("--out") ? [] : ["--out", "run"]) + words.split(separator: " ").map(String.init),
      in: folder)
    #expect(ending.code == code, "\(ending.remarks)")
    #expect(ending.remarks.hasPrefix("Error: ") && ending.remarks.contains(message), "\(ending.remarks)")
    #expect(ending.result.isEmpty)
    #expect(try folder.names == before)
  }

  @Test func theBuiltInFurnitureTakesNoHoldout() throws {
    let folder = try workplace()
    let ending = try points(["train", "--preset", "tiny", "--steps", "1", "--holdout", "models"], in: folder)
    #expect(ending.code == 64)
    #expect(ending.remarks.contains("--holdout: expected --data beside it"), "\(ending.remarks)")
  }
}
