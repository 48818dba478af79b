import Adversarial
import Testing
import Torch

@testable import TextModality

@Suite("The recurrent reader")
struct RecurrentReaderTests {
  @Test("A logit for each sample, whatever stands beside it, and gradients for all weights")
  func shapes() throws {
    var stream = RandomStream(seed: 1, name: "weights")
    let reader = try RecurrentReader(symbols: 4, dimensions: 5, hidden: 6, using: &stream)
    let samples = try Fixtures.ids([[1, 2, 3, 0], [3, 3, 0, 0], [2, 1, 1, 0]]).symbolVectors(count: 4)
    let context = StepContext(seed: 1, scope: "test")
    let logits = try reader.discriminate(samples, labels: nil, context: context)
    #expect(logits.shape == [3])
    let alone = try reader.discriminate(
      samples.narrowed(along: 0, start: 1, count: 1), labels: nil, context: context)
    #expect(try (alone - logits.narrowed(along: 0, start: 1, count: 1)).absolute().max().item() < 1e-6)
    // Reading backwards, the first symbol is the last.
    let other = try Fixtures.ids([[2, 2, 3, 0], [3, 3, 0, 0], [2, 1, 1, 0]]).symbolVectors(count: 4)
    let changed = try reader.discriminate(other, labels: nil, context: context)
    #expect(try (changed - logits).absolute().narrowed(along: 0, start: 0, count: 1).item() > 1e-5)
    try logits.sum().backward()
    #expect(reader.parameters.allSatisfy { $0.grad != nil })
  }
}
