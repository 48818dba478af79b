import Failures
import Foundation
import Testing

@testable import Metrics

@Suite("Evaluation tables")
struct EvaluationTableTests {
  /// Rows are added in the wrong order on purpose.
  static func table() -> EvaluationTable {
    var table = EvaluationTable(
      columns: [
        .init(key: "jsd4", name: "JSD-4", unit: "bits", direction: .lower, sampleCount: 640),
        .init(
          key: "unique", name: "unique", unit: "%", direction: .higher, digits: 1,
          errorNote: "No error is known."),
        .init(key: "copies", name: "copies", direction: .neutral, digits: 0),
      ],
      notes: ["The training part has 26,544 lines."])
    table.add(
      .init(
        name: "Markov order 2", source: .baseline, sampleCount: 2950, seed: 7,
        values: [
          "jsd4": .measured(Score(0.1916, standardError: 0.0039)),
          "unique": .measured(Score(81.9)), "copies": .measured(Score(.nan)),
        ]))
    table.add(
      .init(
        name: "GRU", source: .model, sampleCount: 2950, seed: 12,
        values: [
          "jsd4": .missing(reason: "not measured"), "unique": .measured(Score(100)),
          "copies": .measured(Score(.infinity, standardError: .nan)),
        ]))
    table.add(
      .init(
        name: "held-out", source: .real, sampleCount: 640, seed: nil,
        values: [
          "jsd4": .measured(Score(0.1669)), "unique": .measured(Score(100)),
          "copies": .missing(reason: "not measured"),
        ]))
    return table
  }

  @Test("The text table is aligned, with heading, footnotes and notes")
  func text() {
    let expected = """
                      samples  seed        JSD-4 ↓  unique ↑ [2]       copies
                                              bits             %
                                             n=640
      held-out            640     –  0.167 ± ?             100.0  – [1]
      GRU                2950    12  – [1]                 100.0    inf ± nan
      Markov order 2     2950     7  0.192 ± 0.004          81.9    nan ± ?

      [1] not measured
      [2] No error is known.
      The training part has 26,544 lines.
      """
    #expect(Self.table().description == expected)
  }

  @Test("Columns that do not fit begin a new block")
  func blocks() {
    let expected = """
                      samples  seed        JSD-4 ↓
                                              bits
                                             n=640
      held-out            640     –  0.167 ± ?
      GRU                2950    12  – [1]
      Markov order 2     2950     7  0.192 ± 0.004

                      unique ↑ [2]       copies
                                 %
      held-out               100.0  – [1]
      GRU                    100.0    inf ± nan
      Markov order 2          81.9    nan ± ?

      [1] not measured
      [2] No error is known.
      The training part has 26,544 lines.
      """
    #expect(Self.table().text(width: 50) == expected)
  }

  @Test("Parts are shown below, with their titles, and come back from JSON")
  func parts() throws {
    var table = Self.table()
    let columns = [EvaluationTable.Column(key: "ratio", name: "ratio", direction: .neutral, digits: 1)]
    for (title, value) in [("bed", 1.0), ("chair", 0.5)] {
      var part = EvaluationTable(columns: columns)
      part.add(
        .init(
          name: "GRU", source: .model, sampleCount: 20, seed: 12,
          values: ["ratio": .measured(Score(value, standardError: 0.1))]))
      part.add(
        .init(
          name: "held-out", source: .real, sampleCount: 20, seed: nil,
          values: ["ratio": .missing(reason: "not measured")]))
      table.parts.append(.init(title: title, table: part))
    }
    let expected = """
                       samples  seed        ratio
      bed: held-out         20     –  – [1]
      bed: GRU              20    12    1.0 ± 0.1
      chair: held-out       20     –  – [1]
      chair: GRU            20    12    0.5 ± 0.1

      [1] not measured
      """
    #expect(table.description.contains(expected))
    #expect(try EvaluationTable(json: table.json(), origin: "here").parts == table.parts)
    #expect(try !String(decoding: Self.table().json(), as: UTF8.self).contains("parts"))
    table.parts.append(.init(title: "other", table: EvaluationTable(columns: [])))
    let damaged = try table.json()
    #expect(throws: UserError.self) { try EvaluationTable(json: damaged, origin: "here") }
  }

  @Test("However narrow, each block has a column")
  func narrow() {
    let lines = Self.table().text(width: 1).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count { $0.hasPrefix("held-out") } == 5)
  }

  @Test("Real data come first, then models, then baselines, each in the order added")
  func order() {
    var table = EvaluationTable(columns: [])
    for (name, source) in [
      ("b1", EvaluationTable.Source.baseline), ("m1", .model), ("r1", .real), ("m2", .model),
      ("b2", .baseline),
    ] {
      table.add(.init(name: name, source: source, sampleCount: 1, seed: nil, values: [:]))
    }
    #expect(table.rows.map(\.name) == ["r1", "m1", "m2", "b1", "b2"])
  }

  @Test("JSON has stable keys, and null for what is not finite")
  func json() throws {
    var table = EvaluationTable(columns: [
      .init(key: "nll", name: "NLL", unit: "nats/symbol", direction: .lower)
    ])
    table.add(
      .init(
        name: "GRU", source: .model, sampleCount: 3, seed: .max,
        values: ["nll": .measured(Score(.nan, standardError: 0.5))]))
    let expected = """
      {
        "columns" : [
          {
            "digits" : 3,
            "direction" : "lower",
            "key" : "nll",
            "name" : "NLL",
            "unit" : "nats/symbol"
          }
        ],
        "notes" : [

        ],
        "rows" : [
          {
            "name" : "GRU",
            "sampleCount" : 3,
            "seed" : 18446744073709551615,
            "source" : "model",
            "values" : {
              "nll" : {
                "standardError" : 0.5,
                "value" : null
              }
            }
          }
        ],
        "schemaVersion" : 1
      }

      """
    #expect(String(decoding: try table.json(), as: UTF8.self) == expected)
  }

  @Test("What is written is read back")
  func roundTrip() throws {
    let json = try Self.table().json()
    let read = try EvaluationTable(json: json, origin: "scores.json")
    #expect(try read.json() == json)
    #expect(read.columns == Self.table().columns)
    #expect(read.rows[0] == Self.table().rows[0])
  }

  @Test(
    "Damaged JSON is named with its origin",
    arguments: [
      ("", "expected an evaluation table"),
      ("[]", "expected an evaluation table"),
      ("{}", "no key \"schemaVersion\""),
      (#"{"schemaVersion":2,"columns":[],"rows":[],"notes":[]}"#, "found schema version 2"),
      (
        #"{"schemaVersion":1,"columns":[],"notes":[],"rows":[{"name":"GRU","source":"model","sampleCount":1,"values":{"a":{"missing":"b"}}}]}"#,
        "row \"GRU\" does not have the columns' keys"
      ),
      (
        #"{"schemaVersion":1,"columns":[{"key":"a","name":"","unit":"","direction":"lower","digits":-1}],"rows":[],"notes":[]}"#,
        "number of digits that is not 0 to 20"
      ),
      (
        #"{"schemaVersion":1,"columns":[{"key":"a","name":"","unit":"","direction":"lower","digits":900000000}],"rows":[],"notes":[]}"#,
        "number of digits that is not 0 to 20"
      ),
    ])
  func damaged(json: String, message: String) throws {
    let error = try #require(throws: UserError.self) {
      try EvaluationTable(json: Data(json.utf8), origin: "scores.json")
    }
    #expect(error.category == .badData)
    #expect(error.message.hasPrefix("scores.json: "))
    #expect(error.message.contains(message))
  }
}
