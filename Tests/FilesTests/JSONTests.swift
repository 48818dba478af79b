import Testing

@testable import Files

@Suite struct JSONTests {
  private func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: text.utf8) }

  static let documents: [(text: String, value: JSONValue)] = [
    ("null", .null), (" true ", .bool(true)), ("false\n", .bool(false)),
    ("0", .int(0)), ("-0", .int(0)), ("-12", .int(-12)), ("9223372036854775807", .int(.max)),
    ("1.0", .double(1)), ("-2.5e-3", .double(-0.0025)), ("1E2", .double(100)), ("0.1", .double(0.1)),
    (#""""#, .string("")), (#""a\"\\\/\b\f\n\r\tz""#, .string("a\"\\/\u{8}\u{c}\n\r\tz")),
    (#""\u00e9\ud83d\ude00é😀""#, .string("é😀é😀")),
    ("[]", .array([])), ("[1, [2],{}]", .array([.int(1), .array([.int(2)]), .object([:])])),
    (#"{"a":1,"b":{"c":null}}"#, .object(["a": .int(1), "b": .object(["c": .null])])),
  ]

  @Test(arguments: documents) func reads(text: String, value: JSONValue) throws {
    #expect(try parse(text) == value)
    #expect(try parse(value.text) == value)
    #expect(try parse(value.prettyText) == value)
  }

  @Test(arguments: [
    "", " ", "nul", "tru", "True", "NaN", "01", "-", "+1", "1.", ".5", "1e", "1e+", "0x1", "1 2",
    "9223372036854775808",
    "1e999", "\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud83d\"", "\"\\ude00\"", "\"\\ud83d\\u0041\"",
    "\"\n\"",
    "[", "[1", "[1,", "[1,]", "[,1]", "]", "{", "{1:2}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
    "{\"a\":1 \"b\":2}",
    "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "//", "[1]x",
  ]) func refuses(text: String) {
    #expect(throws: JSONError.self) { try parse(text) }
  }

  @Test func refusesBytesThatAreNotUnicode() {
    for bytes in [[0x22, 0xff, 0x22], [0x22, 0xc3, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22]] as [[UInt8]] {
      #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
    }
  }

  @Test func refusesDeepNestingInsteadOfOverflowing() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try parse(nested(128))
    #expect(throws: JSONError.self) { try parse(nested(129)) }
    #expect(throws: JSONError.self) { try parse(String(repeating: "[", count: 1_000_000)) }
  }

  @Test func namesThePlace() {
    let error = #expect(throws: JSONError.self) { try parse("{\n  \"a\": x}") }
    #expect(error?.description == "line 2, column 8: found 'x', expected a value")
  }

  @Test func writesSortedAndIndented() throws {
    let value: JSONValue = .object([
      "b": .array([.int(1), .double(0.5)]), "a": .object(["y": .string("q\"\u{1}"), "x": .object([:])]),
      "c": .array([.object(["k": .double(1)])]),
    ])
    #expect(value.text == #"{"a":{"x":{},"y":"q\"\u0001"},"b":[1,0.5],"c":[{"k":1.0}]}"#)
    #expect(
      value.prettyText == """
        {
          "a": {
            "x": {},
            "y": "q\\"\\u0001"
          },
          "b": [1, 0.5],
          "c": [
            {
              "k": 1.0
            }
          ]
        }

        """)
  }

  @Test(
    arguments: [0.0, -0.0, 0.1, 1e-5, 1e16, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1.0 / 3]
      as [Double])
  func doublesSurvive(value: Double) throws {
    let back = try parse(JSONValue.double(value).text)
    #expect(back == .double(value))
    #expect(back.number?.sign == value.sign)
  }

  @Test func nonFiniteNumbersAreTexts() throws {
    let values: [(Double, String)] = [(.nan, "NaN"), (.infinity, "Infinity"), (-.infinity, "-Infinity")]
    for (value, text) in values {
      #expect(JSONValue(number: value) == .string(text))
      #expect(JSONValue.double(value).text == "\"\(text)\"")
      #expect(JSONValue.string(text).number?.description == value.description)
    }
  }

  @Test func dottedKeysReachIn() {
    var value: JSONValue = .object(["a": .object(["b": .int(1)])])
    #expect(value[dotted: "a.b"] == .int(1))
    #expect(value[dotted: "a.c"] == nil)
    #expect(value[dotted: "a.b.c"] == nil)
    value[dotted: "a.c.d"] = .bool(true)
    #expect(value == .object(["a": .object(["b": .int(1), "c": .object(["d": .bool(true)])])]))
    #expect(value.leaves.map(\.key) == ["a.b", "a.c.d"])
    value[dotted: "a.c"] = nil
    #expect(value == .object(["a": .object(["b": .int(1)])]))
  }

  /// Found by damaged files: a value of two bytes takes sixteen, and a list that grows three times as much.
  @Test(arguments: ["0", "{}", "[0]", #"{"":0}"#]) func moreValuesThanATextMayHoldAreRefused(value: String)
    throws
  {
    let few = "[" + String(repeating: value + ",", count: 5000) + "0]"
    #expect(try parse(few) != .null)
    let many = "[" + String(repeating: value + ",", count: 100_000) + "0]"
    let error = #expect(throws: JSONError.self) { try parse(many) }
    #expect(error?.line == 1)
    #expect(error?.message == "found more values than a text of \(many.utf8.count) bytes may hold")
  }

  /// What is written by us, or as a header of tensors, has room.
  @Test func largeDocumentsAreRead() throws {
    let entry = #"{"dtype":"F32","shape":[64,64,3],"data_offsets":[123456,172608]}"#
    let header = "{" + (0..<20_000).map { #""layers.\#($0).weight":"# + entry }.joined(separator: ",") + "}"
    guard case .object(let members) = try parse(header) else { return #expect(Bool(false)) }
    #expect(members.count == 20_000)
    let numbers = JSONValue.array((0..<50_000).map { .double(Double($0) / 7) })
    #expect(try parse(numbers.text) == numbers)
  }
}
