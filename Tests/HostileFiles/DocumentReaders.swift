import Adversarial
import AudioModality
import Failures
import Files
import Foundation
import ModalityKit
import PlaneModality
import PointsModality
import TestSupport
import TextModality
import Torch

extension HostileReaders {
  /// Checkpoints, descriptions of runs, and other documents.
  static func documents(bulk isBulk: Bool) throws -> [HostileReader] {
    let folder = try TemporaryFolder()
    let (runs, checkpoint) = try runs(in: folder)
    let tensors = try safetensors(in: folder)
    let json = ["{}", "[]", #"{"a": [1, 2.5e3, "b\u00e9\ud83d\ude00", null, true, {"c": -0}], "d": "\\\n"}"#]
    let zeros =
      bulk(isBulk, "[0", ",0", "]") + bulk(isBulk, "[", "{},", "0]") + bulk(isBulk, "[", "[0],", "0]")
    let objects = bulk(isBulk, "[", #"{"":0},"#, "0]")
    return [
      HostileReader(
        "safetensors", fileName: "a.safetensors", samples: [tensors], words: headerWords, finish: sealed
      ) {
        _ = try Tensor.readSafetensors(URL(fileURLWithPath: $0))
        return 0
      },
      HostileReader(
        "checkpoint", fileName: "a.safetensors", samples: [checkpoint], words: headerWords + keys,
        finish: { signed($0, in: folder) }
      ) {
        _ = try TrainedModel<Plane>(contentsOf: URL(fileURLWithPath: $0))
        return 0
      },
      HostileReader(
        "JSON", fileName: "a.json", samples: json.map { Array($0.utf8) } + runs, bulk: zeros + objects
      ) { path in
        let url = URL(fileURLWithPath: path)
        do {
          _ = try JSONValue(parsing: InputFile.bytes(of: url))
        } catch let error as JSONError {
          throw UserError(.badData, "\(url.relativePath): \(error)")
        }
        return 0
      },
      HostileReader("run.json", fileName: "run.json", samples: runs, bulk: objects, words: keys) { path in
        let run = URL(fileURLWithPath: path).deletingLastPathComponent()
        // A run of another medium is refused before its recipe is read.
        let name = (try? RunDescription(contentsOf: URL(fileURLWithPath: path)))?.modality
        switch name {
        case "text": _ = try Run<Text>.open(run)
        case "audio": _ = try Run<Audio>.open(run)
        case "points": _ = try Run<Points>.open(run)
        default: _ = try Run<Plane>.open(run)
        }
        return 0
      },
      HostileReader("file of --config", fileName: "a.json", samples: runs + recipes, bulk: zeros, words: keys)
      {
        path in
        var refusal: (any Error)?
        var isRead = false
        for recipe in [config(Plane.self), config(Text.self), config(Audio.self), config(Points.self)] {
          do {
            try recipe(path)
            isRead = true
          } catch {
            refusal = error
            guard error is UserError else { throw error }
          }
        }
        if let refusal, !isRead { throw refusal }
        return 0
      },
      HostileReader(
        "metrics.jsonl", fileName: "metrics.jsonl", samples: [metrics],
        bulk: bulk(isBulk, "", "{\"step\":0}\n", ""),
        words: ["\"step\":", "\n"]
      ) { path in
        _ = try MetricsHistory(contentsOf: URL(fileURLWithPath: path))
        let log = try MetricsLog(file: URL(fileURLWithPath: path))
        try log.receive(.resumed(step: 20, totalSteps: 30))
        return 0
      },
      HostileReader(
        "pointer of a checkpoint", fileName: "latest",
        samples: ["step-00000020.safetensors\n", "step-00000000.safetensors", "latest"].map {
          Array($0.utf8)
        },
        bulk: bulk(isBulk, "", "step-00000020.safetensors\n", ""),
        words: ["step-", ".safetensors", "../", "/", "\0", "\n"]
      ) { path in
        let checkpoint = URL(fileURLWithPath: path).deletingLastPathComponent().appendingPathComponent(
          "step-00000020.safetensors")
        if !FileManager.default.fileExists(atPath: checkpoint.path) { try Data().write(to: checkpoint) }
        let store = CheckpointStore(
          folder: URL(fileURLWithPath: path).deletingLastPathComponent(), keeping: 1)
        _ = try store.target(of: .latest)
        return 0
      },
    ]
  }

  private static func config<M: Modality>(_ medium: M.Type) -> (String) throws -> Void {
    { path in
      var request = RunRequest<M>()
      request.config = path
      _ = try request.resolvedRecipe()
    }
  }

  private static let headerWords = [
    "\"dtype\":", "\"shape\":", "\"data_offsets\":", "\"__metadata__\":", "[0,0]", "[]", "F32", "BF16", "{",
    "}", ",", "[9223372036854775807,2]",
  ]
  private static let keys = [
    "{", "}", "[", "]", ",", ":", "\"", "null", "true", "NaN", "\"NaN\"", "\"Infinity\"", "\"width\":",
    "\"steps\":", "\"training\":",
    "\"recipe\":", "\"format\":", "\"spec\":", "\"plan\":", "\\u0000", "\\ud800",
  ]

  private static let metrics: [UInt8] = Array(
    #"""
    {"step":10,"phase":"duel","discriminator.loss":0.5,"generator.loss":"NaN","seconds":1.5,"rate":20.0,"waiting":0.0}
    {"step":20,"phase":"duel","discriminator.loss":0.4,"generator.loss":1e-3,"seconds":2.5,"rate":20.0,"waiting":0.0}
    {"step":30,"phase":"duel","discriminator.loss":0.3}

    """#.utf8)

  /// Files of `--config`: a nested record and dotted keys.
  private static let recipes = [
    #"{"training": {"steps": 100, "batch": 16}, "generator": {"width": 32}}"#,
    #"{"training.steps": 100, "training.batch": 8, "discriminator.width": 16}"#,
  ].map { Array($0.utf8) }

  /// Descriptions of runs as they begin, and a checkpoint. Points and sound prepare their data at length; their recipes are
  /// tried by --config.
  private static func runs(in folder: TemporaryFolder) throws -> (
    descriptions: [[UInt8]], checkpoint: [UInt8]
  ) {
    func create<M: Modality>(_ medium: M.Type, _ settings: [(String, JSONValue)]) throws -> (
      run: Run<M>, description: [UInt8]
    ) {
      var request = RunRequest<M>(folder: folder[M.name], preset: .tiny, length: .steps(2), seed: 1)
      request.settings = settings.map { Setting($0.0, to: $0.1, flag: "--\($0.0)") }
      let run = try Run<M>.create(request)
      // The same bytes on every day.
      var description = try RunDescription(contentsOf: run.folder.descriptionFile)
      description.created = "2026-01-01T00:00:00Z"
      return (run, Array(try JSONValue(encoding: description).prettyText.utf8))
    }
    let small: [(String, JSONValue)] = [
      ("network.width", .int(8)), ("network.depth", .int(2)), ("data.count", .int(200)),
      ("training.batchSize", .int(8)),
      ("training.latentDimension", .int(4)), ("training.verdict.share", .double(0)),
    ]
    let plane = try create(Plane.self, small)
    try plane.run.train()
    let text = try create(Text.self, [])
    let checkpoint = try CheckpointStore.resolve(plane.run.folder.url)
    return ([plane.description, text.description], try InputFile.bytes(of: checkpoint))
  }

  private static func safetensors(in folder: TemporaryFolder, metadata: [String: String] = ["a": "b"]) throws
    -> [UInt8]
  {
    let url = folder["a.safetensors"]
    let tensors: [(String, [Float], [Int])] = [
      ("layer.weight", [1, 2, 3, 4, 5, 6], [2, 3]), ("layer.bias", [1, 2], [2]), ("scalar", [1], []),
      ("empty", [], [0, 3]),
    ]
    try Tensor.writeSafetensors(
      tensors.map { (name: $0.0, tensor: try Tensor($0.1, shape: $0.2)) }, metadata: metadata, to: url)
    return try InputFile.bytes(of: url)
  }

  /// A safetensors file whose length of header is that of its header, as far as it has one.
  private static func sealed(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count > 8 else { return bytes }
    // The header ends where brackets are even again, texts left out.
    var (depth, isText, isEscaped) = (0, false, false)
    let end = bytes[8...].firstIndex { byte in
      if isEscaped {
        isEscaped = false
        return false
      }
      switch byte {
      case UInt8(ascii: "\\"): isEscaped = isText
      case UInt8(ascii: "\""): isText.toggle()
      case UInt8(ascii: "{") where !isText: depth += 1
      case UInt8(ascii: "}") where !isText: depth -= 1
      default: return false
      }
      return depth == 0 && !isText && byte == UInt8(ascii: "}")
    }
    guard let end else { return bytes }
    let length = end - 7
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + bytes[8...]
  }

  /// The same with the digest of its content, where it is a safetensors file at all but for that.
  private static func signed(_ bytes: [UInt8], in folder: TemporaryFolder) -> [UInt8] {
    var unsigned = sealed(bytes)
    // Without its name there is no digest to compare.
    let name = Array("content-sha256".utf8)
    if let place = unsigned.firstRange(of: name) { unsigned[place.lowerBound] = UInt8(ascii: "x") }
    let url = folder["signed.safetensors"]
    guard (try? folder.write("signed.safetensors", unsigned)) != nil,
      let (tensors, metadata) = try? Tensor.readSafetensors(url),
      (try? Tensor.writeSafetensors(
        tensors.map { (name: $0.key, tensor: $0.value) }, metadata: metadata, to: url)) != nil
    else { return bytes }
    return (try? InputFile.bytes(of: url)) ?? bytes
  }
}
