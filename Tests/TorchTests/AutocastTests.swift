import Testing
import Torch

/// Scopes of lower precision inside one another.
@Suite struct AutocastTests {
  /// The type that a matrix product has here.
  private func present() throws -> DType { try Tensor.ones([2, 2]).matmul(Tensor.ones([2, 2])).dtype }

  private struct Interruption: Error {}

  @Test func anInnerScopeLeavesTheOuterOneAsItWas() throws {
    var found: [DType] = [try present()]
    try withAutocast(.bfloat16, on: .cpu) {
      found.append(try present())
      try withoutAutocast(on: .cpu) {
        found.append(try present())
        try withAutocast(.bfloat16, on: .cpu) { found.append(try present()) }
        try withAutocast(nil, on: .cpu) { found.append(try present()) }
        found.append(try present())
      }
      found.append(try present())
      try withAutocast(.float16, on: .cpu) { found.append(try present()) }
      found.append(try present())
    }
    found.append(try present())
    #expect(
      found == [
        .float32, .bfloat16, .float32, .bfloat16, .float32, .float32, .bfloat16, .float16, .bfloat16,
        .float32,
      ])
  }

  @Test func anErrorLeavesTheScopeToo() throws {
    func interrupt() throws { throw Interruption() }
    try withAutocast(.bfloat16, on: .cpu) {
      #expect(throws: Interruption.self) { try withoutAutocast(on: .cpu, interrupt) }
      let after = try present()
      #expect(after == .bfloat16)
    }
    #expect(throws: Interruption.self) { try withAutocast(.bfloat16, on: .cpu, interrupt) }
    #expect(try present() == .float32)
  }

  @Test func withoutAutocastAloneChangesNothing() throws {
    let inside = try withoutAutocast(on: .cpu) { try present() }
    #expect(inside == .float32)
    #expect(try present() == .float32)
  }

  /// What a pass without gradients has cast is not what a later pass differentiates.
  @Test func castsWithoutGradientsAreNotKept() throws {
    let weight = try Parameter(Tensor.ones([2, 2]))
    try withAutocast(.bfloat16, on: .cpu) {
      _ = try withoutGradients { try Tensor.ones([1, 2]).matmul(weight.value) }
      let product = try Tensor.ones([1, 2]).matmul(weight.value).converted(to: .float32)
      let found = try gradients(of: [product.sum()], withRespectTo: [weight.value])[0]
      #expect(try found?.array(of: Float.self) == [1, 1, 1, 1])
    }
  }

  /// No cast of a weight is found again when it has changed.
  @Test func changedWeightsAreCastAgain() throws {
    let weight = try Parameter(Tensor.ones([2, 2]))
    func product() throws -> Double {
      try withAutocast(.bfloat16, on: .cpu) {
        try withoutAutocast(on: .cpu) { _ = try weight.value.matmul(weight.value) }
        return try Tensor.ones([1, 2]).matmul(weight.value).sum().item()
      }
    }
    #expect(try product() == 4)
    try weight.set(Tensor.full([2, 2], value: 3))
    #expect(try product() == 12)
  }
}
