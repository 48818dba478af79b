import Metrics
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
      DuelEffect([.init(start: row(1), end: row(0.9), pairedErrors: errors)], columns: columns).description
    }
    #expect(effect([:]).hasSuffix("A 1.000 to 0.900 (-0.100 ± 0.707, within noise)"))
    #expect(effect(["a": 0.01]).hasSuffix("A 1.000 to 0.900 (-0.100 ± 0.010, better)"))
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
    let start = row([
      "a": Score(1, standardError: 0), "b": Score(1, standardError: 0), "c": Score(1, standardError: 0),
      "d": Score(1, standardError: 0.5), "e": Score(1), "f": Score(1),
    ])
    let end = row([
      "a": Score(0.5, standardError: 0), "b": Score(0.5, standardError: 0),
      "c": Score(2, standardError: 0), "d": Score(1.5, standardError: 0.5), "e": Score(1), "f": Score(2),
    ])
    let effect = DuelEffect([.init(start: start, end: end)], columns: columns)
    #expect(
      effect.description
        == """
        What the game changed:
          A 1.000 to 0.500 (-0.500 ± 0.000, better)
          B 1.000 to 0.500 (-0.500 ± 0.000, worse)
          C 1.000 to 2.000 (+1.000 ± 0.000, more)
          D 1.000 to 1.500 (+0.500 ± 0.707, within noise)
          E 1.000 unchanged
          F 1.000 to 2.000 (+1.000, of unknown error)
        """)
  }

  /// Copies of names after three trainings: each change is within the noise of its run, their mean is not.
  @Test func seedsArePooled() {
    func row(_ value: Double) -> EvaluationTable.Row {
      .init(
        name: "x", source: .model, sampleCount: 1, seed: 0,
        values: ["copies": .measured(Score(value, standardError: 0.9))])
    }
    let columns: [EvaluationTable.Column] = [
      .init(key: "copies", name: "copies", direction: .neutral, digits: 2)
    ]
    let runs = [(31.7, 32.3), (31.1, 31.9), (30.8, 31.2)].map { start, end in
      DuelEffect.Run(start: row(start), end: row(end), pairedErrors: ["copies": 0.42])
    }
    for run in runs {
      #expect(DuelEffect([run], columns: columns).description.hasSuffix("within noise)"))
    }
    let pooled = DuelEffect(runs, columns: columns).description
    #expect(pooled.hasPrefix("What the game changed, mean of 3 runs:\n"))
    #expect(pooled.hasSuffix("copies 31.20 to 31.80 (+0.60 ± 0.24, more)"))
    // What runs share does not shrink with their number, and runs that scatter more than their samples do decide.
    let shared = DuelEffect(runs, columns: columns, pooledErrors: ["copies": 0.4]).description
    #expect(shared.hasSuffix("(+0.60 ± 0.40, within noise)"))
    let scattered = [(31.0, 33.0), (31.0, 30.0), (31.0, 31.8)].map {
      DuelEffect.Run(start: row($0), end: row($1), pairedErrors: ["copies": 0.1])
    }
    #expect(DuelEffect(scattered, columns: columns).description.hasSuffix("(+0.60 ± 0.87, within noise)"))
  }
}
