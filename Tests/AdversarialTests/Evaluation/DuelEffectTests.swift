import Adversarial
import Testing

@Suite struct DuelEffectTests {
  @Test func pairedErrorsDecideWhereTheyAreKnown() {
    func row(_ value: Double) -> EvaluationTable.Row {
      .init(
        name: "x", source: .model, sampleCount: 1, seed: 0,
        values: ["a": .measured(Score(value, standardError: 0.5))])
    }
    let columns: [EvaluationTable.Column] = [.init(key: "a", name: "A", direction: .lower)]
    func effect(_ errors: [String: Double]) -> String {
      DuelEffect(from: row(1), to: row(0.9), columns: columns, pairedErrors: errors).description
    }
    #expect(effect([:]).hasSuffix("A 1.000 to 0.900 (-0.100, within noise)"))
    #expect(effect(["a": 0.01]).hasSuffix("A 1.000 to 0.900 (-0.100, better)"))
  }

  @Test func effectSaysBetterWorseOrNoise() {
    func row(_ values: [String: Score]) -> EvaluationTable.Row {
      .init(name: "x", source: .model, sampleCount: 1, seed: 0, values: values.mapValues { .measured($0) })
    }
    let columns: [EvaluationTable.Column] = [
      .init(key: "a", name: "A", direction: .lower), .init(key: "b", name: "B", direction: .higher),
      .init(key: "c", name: "C", direction: .neutral), .init(key: "d", name: "D", direction: .lower),
      .init(key: "e", name: "E", direction: .lower), .init(key: "f", name: "F", direction: .lower),
    ]
    let effect = DuelEffect(
      from: row([
        "a": Score(1, standardError: 0), "b": Score(1, standardError: 0), "c": Score(1, standardError: 0),
        "d": Score(1, standardError: 0.5), "e": Score(1), "f": Score(1),
      ]),
      to: row([
        "a": Score(0.5, standardError: 0), "b": Score(0.5, standardError: 0),
        "c": Score(2, standardError: 0), "d": Score(1.5, standardError: 0.5), "e": Score(1), "f": Score(2),
      ]),
      columns: columns)
    #expect(
      effect.description
        == """
        What the duel changed against the warm start:
          A 1.000 to 0.500 (-0.500, better)
          B 1.000 to 0.500 (-0.500, worse)
          C 1.000 to 2.000 (+1.000, more)
          D 1.000 to 1.500 (+0.500, within noise)
          E 1.000 unchanged
          F 1.000 to 2.000 (+1.000, of unknown error)
        """)
  }
}
