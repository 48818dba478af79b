import ModalityKit
import Testing
import TextDatasets
import TextModality

/// What rows of parameters belong to, so that another run takes them over by name.
@Suite struct RowNamesTests {
  @Test func rowsOfSymbolsAndLabelsAreNamed() throws {
    let spec = TextSpec(
      vocabulary: try SymbolVocabulary(kind: .scalars, symbols: ["b", "a"], hasUnknown: true),
      sequenceLength: 4,
      labels: ["left", "right"])
    let family = TextRecipe(preset: .tiny).family
    let symbols = RowNames("symbols", ["(end)", "a", "b", "(unknown)"])
    for part in NetworkPart.allCases {
      #expect(family.rowNames(of: "embedding.weight", in: part, spec: spec) == symbols)
      #expect(family.rowNames(of: "hidden.weight", in: part, spec: spec) == nil)
      // Whatever holds them.
      for name in ["label.weight", "head.label.weight", "logit.label.parametrizations.weight.original"] {
        #expect(family.rowNames(of: name, in: part, spec: spec) == RowNames("labels", ["left", "right"]))
      }
    }
    #expect(family.rowNames(of: "output.bias", in: .generator, spec: spec) == symbols)
    #expect(family.rowNames(of: "output.weight", in: .discriminator, spec: spec) == nil)
    var plain = spec
    plain.labels = []
    #expect(family.rowNames(of: "label.weight", in: .generator, spec: plain) == nil)
  }
}
