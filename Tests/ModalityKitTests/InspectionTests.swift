import Files
import ModalityKit
import TestSupport
import Testing

@Suite struct InspectionTests {
  @Test func numbersInWords() {
    func whole(_ number: Double) -> String { "\(Int(number))" }
    #expect(Inspection.range([3, 1, 2], text: whole) == "1 to 3, median 2")
    #expect(Inspection.range([4, 4], text: whole) == "4" && Inspection.range([], text: whole) == "none")
    #expect(Inspection.counts(["a", "b", "c", "b"]) == "b (2), a (1), c (1)")
    #expect(Inspection.counts(["a", "a"]) == "a" && Inspection.counts([]) == "none")
    #expect(Inspection.spread([1, 2, 3], atMost: 3) == [1, 2, 3])
    #expect(Inspection.spread(Array(0..<10), atMost: 4) == [0, 2, 5, 7])
  }

  /// A medium whose data is one table.
  @Test func aDatasetTellsWhatThereIs() throws {
    try withTemporaryFolder { folder in
      let path = try folder.write("p.csv", "x,y,kind\n" + (0..<40).map { "\($0),1,\($0 % 2)\n" }.joined())
      let run = try CommandLineRun("plane", "inspect", path, "--label-column", "kind", "--json")
      #expect(run.code == 0, "\(run.remarks)")
      let json = try run.json
      #expect(json[dotted: "split.training"] == .int(36) && json[dotted: "split.heldOut"] == .int(4))
      #expect(json[dotted: "samples"] == .int(40) && json[dotted: "data"] == .string(path))
      let label: JSONValue = .object([
        "label": .string("1"), "samples": .int(20), "training": .int(18), "validation": .int(0),
        "heldOut": .int(2),
      ])
      guard case .array(let labels)? = json[dotted: "labels"] else {
        Issue.record("no labels")
        return
      }
      #expect(labels.count == 2 && labels[1] == label)
      let text = try CommandLineRun("plane", "inspect", path, "--label-column", "kind").result
      #expect(text.contains("labels      2: 0 20, 1 20"), "\(text)")
      #expect(try CommandLineRun("plane", "inspect", path, "--picture", folder.path + "/a.png").code == 0)
      #expect(try CommandLineRun("plane", "inspect", folder.path + "/none.csv").code == 66)
    }
  }
}
