import Testing

@testable import Files

@Suite struct JSONCodingTests {
  enum Loss: String, Codable, CaseIterable {
    case hinge
    case wasserstein
  }

  enum Prior: Codable, Equatable {
    case normal
    case gamma(shape: Double)
  }

  struct Inner: Codable, Equatable {
    var widths = [16, 32]
    var slope: Float = 0.1
  }

  struct Everything: Codable, Equatable {
    var flag = true
    var count = 3
    var small: UInt8 = 255
    var seed: UInt64 = .max
    var rate = 2.0
    var limit = Double.infinity
    var name = "é"
    var loss = Loss.hinge
    var prior = Prior.gamma(shape: 2)
    var inner = Inner()
    var list = [Inner()]
    var absent: Int?
    var absentLoss: Loss?
    var present: Int? = 4
    var table = ["k": 1.5]
    var raw: JSONValue = .array([.null])
  }

  @Test func everyKindOfMemberSurvives() throws {
    let value = Everything()
    let document = try JSONValue(encoding: value)
    #expect(document[dotted: "absent"] == .null)
    #expect(document[dotted: "absentLoss"] == .null)
    #expect(document[dotted: "rate"] == .double(2))
    #expect(document[dotted: "limit"] == .string("Infinity"))
    #expect(document[dotted: "seed"] == .string("18446744073709551615"))
    #expect(document[dotted: "inner.slope"] == .double(0.1))
    #expect(document[dotted: "raw"] == .array([.null]))
    #expect(try document.decoded(as: Everything.self) == value)
    let parsed = try JSONValue(parsing: document.prettyText.utf8)
    #expect(try parsed.decoded(as: Everything.self) == value)
  }

  static let mismatches: [(key: String, value: JSONValue, message: String)] = [
    ("count", .double(0.5), "count: found a number, 0.5, expected a whole number"),
    ("count", .string("3"), "count: found a text, \"3\", expected a whole number"),
    ("small", .int(256), "small: found a whole number, 256, expected a whole number from 0 to 255"),
    ("rate", .string("fast"), "rate: found a text, \"fast\", expected a number"),
    ("flag", .int(1), "flag: found a whole number, 1, expected true or false"),
    ("name", .null, "name: found nothing, expected a text"),
    ("loss", .string("hing"), "loss: found a text, \"hing\", expected one of hinge, wasserstein"),
    ("absentLoss", .string("x"), "absentLoss: found a text, \"x\", expected one of hinge, wasserstein"),
    ("inner", .array([]), "inner: found a list, expected a record"),
    (
      "inner.widths", .array([.int(1), .bool(true)]),
      "inner.widths.1: found true or false, true, expected a whole number"
    ),
  ]

  @Test(arguments: mismatches) func mismatch(key: String, value: JSONValue, message: String) throws {
    var document = try JSONValue(encoding: Everything())
    document[dotted: key] = value
    let error = #expect(throws: JSONMismatch.self) { try document.decoded(as: Everything.self) }
    #expect(error?.description == message)
  }

  @Test func aWholeNumberDoesForANumber() throws {
    var document = try JSONValue(encoding: Everything())
    document[dotted: "rate"] = .int(3)
    document[dotted: "seed"] = .int(7)
    let value = try document.decoded(as: Everything.self)
    #expect(value.rate == 3)
    #expect(value.seed == 7)
  }

  @Test func aMissingKeyIsNamed() throws {
    var document = try JSONValue(encoding: Everything())
    document[dotted: "inner.widths"] = nil
    let error = #expect(throws: JSONMismatch.self) { try document.decoded(as: Everything.self) }
    #expect(error?.description == "inner.widths: found nothing, expected a value")
  }
}
