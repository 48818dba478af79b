import TestSupport
import Testing

@testable import Torch

@Suite struct SpectralNormTests {
  /// Largest singular value of a weight seen as a matrix with the outputs in a dimension.
  private func largestSingularValue(_ weight: Tensor, outputDimension: Int = 0) throws -> Double {
    let outputs = weight.shape[outputDimension]
    return try weight.transposed(0, outputDimension).reshaped([outputs, -1]).singularValues().max().item()
  }

  @Test func theLargestSingularValueBecomesOne() throws {
    var stream = RandomStream(seed: 4, name: "spectral norm")
    let linear = try Linear(inputs: 12, outputs: 7, spectralNorm: true, using: &stream)
    let conv = try Conv1d(inputs: 4, outputs: 6, kernel: 5, spectralNorm: true, using: &stream)
    let transposed = try ConvTranspose1d(inputs: 4, outputs: 6, kernel: 5, spectralNorm: true, using: &stream)
    let embedding = try Embedding(symbols: 9, dimensions: 5, spectralNorm: true, using: &stream)
    // Close from the start, and exact once the iteration has converged.
    #expect(try abs(largestSingularValue(linear.weight()) - 1) < 0.05)
    for module in [linear, conv, transposed, embedding] as [any Module] {
      try module.updateSpectralNorms(iterations: 500)
    }
    #expect(try abs(largestSingularValue(linear.weight()) - 1) < 1e-5)
    #expect(try abs(largestSingularValue(conv.weight()) - 1) < 1e-5)
    #expect(try abs(largestSingularValue(transposed.weight(), outputDimension: 1) - 1) < 1e-5)
    #expect(try abs(largestSingularValue(embedding.weight()) - 1) < 1e-5)
  }

  @Test func namesAndShapesArePyTorchs() throws {
    var stream = RandomStream(seed: 4, name: "names")
    let conv = try Conv1d(inputs: 4, outputs: 6, kernel: 5, spectralNorm: true, using: &stream)
    #expect(
      try conv.state.map { "\($0.name) \($0.tensor.shape)" } == [
        "bias [6]", "parametrizations.weight.original [6, 4, 5]", "parametrizations.weight.0._u [6]",
        "parametrizations.weight.0._v [20]",
      ])
    #expect(conv.modules.count == 2)
    #expect(conv.modules.last is SpectralNorm)
  }

  @Test func usingTheWeightChangesNothing() throws {
    var stream = RandomStream(seed: 4, name: "pure")
    let layer = try Linear(inputs: 5, outputs: 3, spectralNorm: true, using: &stream)
    let x = try stream.normal([2, 5])
    let before = try layer.namedBuffers.map { try $0.buffer.value.cloned() }
    #expect(try layer(x).isEqual(to: layer(x)))
    for (buffer, value) in zip(layer.namedBuffers, before) {
      #expect(try buffer.buffer.value.isEqual(to: value))
    }
    try layer.updateSpectralNorms()
    for (buffer, value) in zip(layer.namedBuffers, before) {
      #expect(try !buffer.buffer.value.isEqual(to: value))
      #expect(try abs(buffer.buffer.value.norm().item() - 1) < 1e-6)
    }
  }

  /// D(real) - D(fake) with an update in between, which PyTorch's first implementation could not differentiate.
  @Test func anUpdateBetweenForwardAndBackwardDoesNoHarm() throws {
    var stream = RandomStream(seed: 4, name: "double forward")
    let layer = try Linear(inputs: 5, outputs: 1, spectralNorm: true, using: &stream)
    let weight = try #require(layer.parameters.last).value
    let (real, fake) = (try stream.normal([4, 5]), try stream.normal([4, 5]))
    let loss = try layer(real).mean() - layer(fake).mean()
    let again = try layer(real).mean() - layer(fake).mean()
    let expected = try #require(try gradients(of: [again], withRespectTo: [weight])[0])
    try layer.updateSpectralNorms(iterations: 3)
    let found = try #require(try gradients(of: [loss], withRespectTo: [weight])[0])
    #expect(try found.isEqual(to: expected))
  }

  @Test func aWeightOfZerosIsNoNaNAndRecovers() throws {
    var stream = RandomStream(seed: 4, name: "zeros")
    let layer = try Linear(
      inputs: 5, outputs: 3, bias: false, spectralNorm: true, initialisation: .zeros, using: &stream)
    let x = try Tensor.ones([2, 5])
    #expect(try layer(x).isEqual(to: Tensor.zeros([2, 3])))
    let original = try #require(layer.parameters.first)
    let gradient = try #require(try gradients(of: [layer(x)], withRespectTo: [original.value])[0])
    #expect(try gradient.isFinite().all().item() == 1)
    try original.set(stream.normal([3, 5]))
    try layer.updateSpectralNorms(iterations: 200)
    #expect(try abs(largestSingularValue(layer.weight()) - 1) < 1e-5)
  }
}
