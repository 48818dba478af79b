import Failures
import Foundation
import PlaneDatasets
import TestSupport
import Testing

@Suite struct TableTests {
  private static func rows(_ text: String, _ separator: FieldSeparator? = nil) throws -> [[String]] {
    try FieldTable(text, name: "t.csv", separator: separator).rows.map(\.fields)
  }

  @Test func fieldsAreSplitAndUnquoted() throws {
    let expected = [["a", "b"], ["1", "2"]]
    for text in [
      "a,b\n1,2\n", "a;b\r\n1;2", "a\tb\n1\t2\n\n", "a b\n1   2 \n", "\u{FEFF}\"a\",b\n 1 , \"2\" \n",
      "\n\na,b\n\n1,2",
    ] {
      #expect(try Self.rows(text) == expected, "\(text)")
    }
    #expect(try Self.rows("\"x, or\ny\";\"say \"\"so\"\"\"\n") == [["x, or\ny", "say \"so\""]])
    #expect(try Self.rows("a;b,c\n", .comma) == [["a;b", "c"]])
    #expect(try Self.rows("1,,\n,2,3\n") == [["1", "", ""], ["", "2", "3"]])
    #expect(try Self.rows("").isEmpty)
  }

  @Test func linesAreCountedThroughQuotes() throws {
    let rows = try FieldTable("\"a\nb\",1\n\nc,2\n", name: "t").rows
    #expect(rows.map(\.line) == [1, 4])
  }

  @Test(arguments: [
    ("a,\"b\n1,2\n", "t.csv, line 1, column 2: found a quote that is never closed"),
    ("1,2\n\"3\"4,5\n", "t.csv, line 2, column 1: found text after a closing quote"),
  ])
  func malformedQuotesAreErrors(text: String, message: String) throws {
    let error = try #require(throws: UserError.self) { try FieldTable(text, name: "t.csv").rows }
    #expect(error.category == .badData && error.message.hasPrefix(message))
  }

  private static func corpus(
    _ text: String, _ options: PlaneDataOptions = PlaneDataOptions(), labels: [String]? = nil
  ) throws -> PlaneCorpus {
    let folder = try TemporaryFolder()
    let path = try folder.write("points.csv", text)
    return try PlaneCorpus(path: path, validation: nil, holdout: nil, options: options, labels: labels)
  }

  private static func lines(_ count: Int, _ line: (Int) -> String) -> String {
    (0..<count).map(line).joined(separator: "\n") + "\n"
  }

  @Test func rowsAreSplitIntoParts() throws {
    let corpus = try Self.corpus(Self.lines(200) { "\($0),\(-$0)" })
    let expected: [PlanePoint] = (0..<20).map { PlanePoint(Double(10 * $0), Double(-10 * $0)) }
    #expect(corpus.heldOut.points == expected)
    #expect(corpus.validation.count == 18 && corpus.training.count == 162)
    #expect(corpus.labelNames.isEmpty && corpus.density == nil)
    #expect(
      corpus.report.description.contains(
        "162 points to train on, 18 for validation (every tenth of the others), 20"))
  }

  @Test func columnsAreNamedOrNumbered() throws {
    let text =
      "kind;height;note;weight\n" + Self.lines(40) { "\($0 % 2 == 0 ? "b" : "a");\($0);n/a;\(2 * $0)" }
    var options = PlaneDataOptions()
    options.columns = ["weight", "2"]
    options.labelColumn = "kind"
    let corpus = try Self.corpus(text, options)
    #expect(corpus.labelNames == ["a", "b"])
    #expect(corpus.training.points.allSatisfy { $0.x == 2 * $0.y })
    for (index, point) in corpus.training.points.enumerated() {
      #expect(corpus.training.label(at: index) == (Int(point.y) % 2 == 0 ? 1 : 0))
    }
    #expect(corpus.report.description.contains("columns weight and height"))
    #expect(corpus.report.description.contains("2 labels"))
    // A trained model's labels keep their order.
    let known = try Self.corpus(text, options, labels: ["b", "a"])
    #expect(known.labelNames == ["b", "a"])
    let error = try #require(throws: UserError.self) { try Self.corpus(text, options, labels: ["b", "c"]) }
    #expect(error.message.contains("found the label \"a\", expected one of the model's: b, c"))
  }

  @Test(arguments: [
    ("1,2\n3,x\n", "line 2, column 2: found 'x', expected a number"),
    ("x,y\n1,2\n3\n", "line 3: found 1 columns, expected at least 2"),
    ("x,y\n1,\n", "line 2, column 2 (y): found nothing, expected a finite number"),
    ("1,nan\n", "line 1, column 2: found 'nan', expected a finite number"),
    ("1,2\n-inf,2\n", "line 2, column 1: found '-inf', expected a finite number"),
    ("1,2\n1e999,2\n", "line 2, column 1: found '1e999', expected a"),
    ("x;y\n1,5;2\n", "line 2, column 1 (x): found '1,5', expected a number"),
    ("", "found no rows"), ("1,2\n3,4\n", "found 2 points, expected at least 10"),
  ])
  func malformedTablesAreErrors(text: String, message: String) throws {
    let error = try #require(throws: UserError.self) { try Self.corpus(text) }
    #expect(error.category == .badData && error.message.contains("points.csv"))
    #expect(error.message.contains(message), "\(error.message)")
  }

  @Test func unknownColumnsAreUsageErrors() throws {
    var options = PlaneDataOptions()
    options.columns = ["z", "1"]
    let error = try #require(throws: UserError.self) { try Self.corpus("x,y\n1,2\n", options) }
    #expect(
      error.category == .usage && error.message.contains("--columns z") && error.message.hasSuffix("x, y"))
    options.columns = ["3", "1"]
    options.hasHeader = false
    let other = try #require(throws: UserError.self) { try Self.corpus("1,2\n", options) }
    #expect(other.message.hasSuffix("expected a number from 1 to 2"))
  }

  @Test func badRowsAreLeftOutWhenAsked() throws {
    var options = PlaneDataOptions()
    options.skipBad = true
    let corpus = try Self.corpus("x,y\n,1\n2,NA\n3,inf\n" + Self.lines(20) { "\($0),1" }, options)
    #expect(corpus.training.count + corpus.validation.count + corpus.heldOut.count == 20)
    #expect(corpus.report.description.contains("3 rows without two numbers"))
  }

  @Test func repeatedRowsAreKept() throws {
    let corpus = try Self.corpus(Self.lines(100) { _ in "1,2" })
    #expect(corpus.training.count == 90 && corpus.heldOut.count == 10)
    #expect(corpus.moments.mean == PlanePoint(1, 2))
    #expect(corpus.moments.deviations == PlanePoint(1, 1))
  }

  @Test func builtInSetsArePureFunctionsOfTheirOptions() throws {
    var options = PlaneDataOptions()
    options.count = 1_000
    let first = try PlaneCorpus(builtIn: options)
    #expect(try PlaneCorpus(builtIn: options).fingerprint == first.fingerprint)
    let counts = [first.training.count, first.validation.count, first.heldOut.count]
    #expect(counts == [1_000, 100, 500])
    options.count = 500
    #expect(try PlaneCorpus(builtIn: options).training.points == Array(first.training.points.prefix(500)))
    options.isLabelled = true
    let labelled = try PlaneCorpus(builtIn: options)
    #expect(labelled.labelNames.count == 8 && labelled.training.labels(at: 0..<500) != nil)
    options.target = .gamma
    let error = try #require(throws: UserError.self) { try PlaneCorpus(builtIn: options) }
    #expect(error.category == .usage)
  }
}
