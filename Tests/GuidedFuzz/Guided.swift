import AudioDatasets
import Failures
import Files
import Foundation
import PlaneDatasets
import PointDatasets
import TextDatasets

/// The readers that `scripts/fuzz-guided` tries, by the name of the file that is written for them.
private let readers: [String: @Sendable (String) throws -> Void] = [
  "a.safetensors": { path in
    _ = try SafetensorsHeader.parse(InputFile.bytes(of: URL(fileURLWithPath: path)), file: path)
  },
  "a.json": { path in
    do { _ = try JSONValue(parsing: InputFile.bytes(of: URL(fileURLWithPath: path))) } catch is JSONError {}
  },
  "a.csv": {
    _ = try PlaneCorpus(path: $0, validation: nil, holdout: nil, options: PlaneDataOptions(), labels: nil)
  },
  "a.txt": { _ = try TextCorpus(path: $0) },
  "sound": { path in
    _ = try SoundFile.information(path)
    _ = try SoundFile.read(path)
  },
]

private let file = ProcessInfo.processInfo.environment["DUEL_FUZZ_FILE"] ?? "a.json"
private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("duel-guided-\(getpid())")
private let path: String = {
  // libFuzzer ends the process itself, so the folder is removed by the script.
  try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  return folder.appendingPathComponent(file).path
}()

/// What libFuzzer calls with each input. A file is read or refused as a user's mistake; anything else ends the process, which
/// libFuzzer takes note of.
@_cdecl("LLVMFuzzerTestOneInput")
public func readOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Data(UnsafeBufferPointer(start: start, count: count))
  guard (try? bytes.write(to: URL(fileURLWithPath: path))) != nil else { fatalError("cannot write \(path)") }
  do {
    if let read = readers[file] { try read(path) } else { _ = try ShapeFile.read(path, points: 16, seed: 0) }
  } catch let error as UserError where error.category != .inputOutput && error.message.contains(file) {
    return 0
  } catch {
    fatalError("\(error)")
  }
  return 0
}
