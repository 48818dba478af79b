import Adversarial
import Failures
import Foundation
import TestSupport
import Testing

@Suite struct PreviewFilesTests {
  private let preview = Preview(
    items: [
      PreviewItem(fileName: "samples.txt", lines: ["one", "", "three"]),
      PreviewItem(
        fileName: "dot.bin", content: .picture(width: 1, height: 1, pixels: [1, 2, 3]), fileBytes: [7, 0]),
    ], lines: ["two items"])

  @Test func itemsBecomeFilesOfTheStepsFolder() throws {
    let scratch = try TemporaryFolder()
    let run = try RunFolder.create(at: scratch["run"])
    try PreviewFiles(folder: run).receive(.preview(step: 20, preview))
    let folder = scratch["run/previews/step-00000020"]
    #expect(
      try Set(FileManager.default.contentsOfDirectory(atPath: folder.path)) == ["samples.txt", "dot.bin"])
    #expect(try Data(contentsOf: folder.appendingPathComponent("dot.bin")) == Data([7, 0]))
    let text = try String(contentsOf: folder.appendingPathComponent("samples.txt"), encoding: .utf8)
    #expect(text == "one\n\nthree\n")
  }

  @Test func previewsOfNothingLeaveNothing() throws {
    let scratch = try TemporaryFolder()
    let run = try RunFolder.create(at: scratch["run"])
    let sink = PreviewFiles(folder: run)
    try sink.receive(.preview(step: 20, Preview(lines: ["only text"])))
    try sink.receive(.finished(step: 20))
    #expect(try FileManager.default.contentsOfDirectory(atPath: run.previews.path).isEmpty)
  }

  @Test func aFileInTheWayIsNamed() throws {
    let scratch = try TemporaryFolder()
    let run = try RunFolder.create(at: scratch["run"])
    try Data().write(to: run.preview(step: 20))
    #expect {
      try PreviewFiles(folder: run).receive(.preview(step: 20, preview))
    } throws: { error in
      let error = error as? UserError
      return error?.category == .cannotCreate && error?.message.contains("step-00000020") == true
    }
  }
}
