import TestSupport
import Testing

@testable import Torch

private let conv1d = Operator("aten::conv1d")
private let convTranspose1d = Operator("aten::conv_transpose1d")

@Suite struct PolyphaseTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var inputs = 3
    var outputs = 2
    var kernel = 25
    var stride = 4

    var testDescription: String { "\(inputs) -> \(outputs), kernel \(kernel), stride \(stride)" }

    /// TensorFlow's SAME: zeros in front and behind.
    var padding: (start: Int, end: Int) {
      let total = kernel - stride
      return (total / 2, total - total / 2)
    }
  }

  static let cases = [
    Case(), Case(inputs: 1, outputs: 4), Case(inputs: 4, outputs: 1), Case(stride: 2), Case(stride: 1),
    Case(kernel: 4), Case(kernel: 5), Case(kernel: 6, stride: 3), Case(inputs: 1, outputs: 1, kernel: 9),
    // Weights so many that the engine is asked for matrix products.
    Case(inputs: 256, outputs: 300), Case(inputs: 300, outputs: 300, stride: 2),
  ]

  /// Values and first derivatives of a function of `x` and a layer, all of which must be near a reference's.
  private func expectEqual(
    _ module: any Module, _ x: Tensor, _ apply: (Tensor) throws -> Tensor,
    reference: (Tensor, [Tensor]) throws -> Tensor
  ) throws {
    let weights = module.parameters.map(\.value)
    let x = try x.asLeaf()
    let (y, expected) = (try apply(x), try reference(x, weights))
    #expect(try y.distance(to: expected) < 1e-4)
    let seed = try Tensor.arange(0, Double(y.count), dtype: .float32).scattered().reshaped(y.shape)
    // The slope by the input enters as it does in a penalty.
    func derivatives(_ y: Tensor) throws -> [Tensor] {
      let slope = try #require(
        try gradients(of: [y], withRespectTo: [x], seeds: [seed], createGraph: true)[0])
      let second = try #require(
        try gradients(of: [slope.squared().sum()], withRespectTo: [weights[0]], createGraph: true)[0])
      let first = try gradients(of: [y], withRespectTo: weights, seeds: [seed]).compactMap { $0 }
      return [slope, second] + first
    }
    let (found, wanted) = (try derivatives(y), try derivatives(expected))
    #expect(found.count == 4 && wanted.count == 4)
    for (found, wanted) in zip(found, wanted) {
      let scale = try max(1, wanted.absolute().max().item())
      #expect(try found.distance(to: wanted) < 2e-5 * scale)
    }
  }

  @Test(arguments: cases) func convolutionEqualsTheEngines(_ numbers: Case) throws {
    var stream = RandomStream(seed: 3, name: "polyphase")
    let layer = try PolyphaseConv1d(
      inputs: numbers.inputs, outputs: numbers.outputs, kernel: numbers.kernel, stride: numbers.stride,
      using: &stream)
    let x = try stream.normal([2, 8 * numbers.stride, numbers.inputs])
    try expectEqual(layer, x, { try layer($0) }) { x, weights in
      try conv1d(
        .tensor(x.transposed(1, 2).padded(numbers.padding.start, numbers.padding.end)), .tensor(weights[0]),
        .tensor(weights[1]), .ints([numbers.stride])
      ).transposed(1, 2)
    }
  }

  @Test(arguments: cases) func transposedConvolutionEqualsTheEngines(_ numbers: Case) throws {
    var stream = RandomStream(seed: 3, name: "polyphase")
    let layer = try PolyphaseConvTranspose1d(
      inputs: numbers.inputs, outputs: numbers.outputs, kernel: numbers.kernel, stride: numbers.stride,
      using: &stream)
    let x = try stream.normal([2, 8, numbers.inputs])
    try expectEqual(layer, x, { try layer($0) }) { x, weights in
      try convTranspose1d(
        .tensor(x.transposed(1, 2)), .tensor(weights[0]), .tensor(weights[1]), .ints([numbers.stride])
      ).narrowed(along: 2, start: numbers.padding.start, count: 8 * numbers.stride).transposed(1, 2)
    }
  }

  @Test func namesAndLayoutsArePyTorchs() throws {
    var stream = RandomStream(seed: 3, name: "polyphase")
    let down = try PolyphaseConv1d(inputs: 3, outputs: 5, kernel: 25, stride: 4, using: &stream)
    let up = try PolyphaseConvTranspose1d(inputs: 3, outputs: 5, kernel: 25, stride: 4, using: &stream)
    #expect(down.namedParameters.map(\.name) == ["weight", "bias"])
    #expect(down.parameters.map(\.value.shape) == [[5, 3, 25], [5]])
    #expect(up.namedParameters.map(\.name) == ["weight", "bias"])
    #expect(up.parameters.map(\.value.shape) == [[3, 5, 25], [5]])
  }

  @Test func wrongInputsAreNamed() throws {
    var stream = RandomStream(seed: 3, name: "polyphase")
    let down = try PolyphaseConv1d(inputs: 3, outputs: 5, kernel: 25, stride: 4, using: &stream)
    #expect(throws: TorchError("PolyphaseConv1d: input of shape [2, 8, 2], expected [B, T, 3]")) {
      _ = try down(Tensor.zeros([2, 8, 2]))
    }
    #expect(throws: TorchError("PolyphaseConv1d: 9 frames, expected a multiple of the stride 4")) {
      _ = try down(Tensor.zeros([2, 9, 3]))
    }
    let up = try PolyphaseConvTranspose1d(inputs: 3, outputs: 5, kernel: 25, stride: 4, using: &stream)
    #expect(throws: TorchError("PolyphaseConvTranspose1d: input of shape [8, 3], expected [B, T, 3]")) {
      _ = try up(Tensor.zeros([8, 3]))
    }
    let conv = Operator("duel::conv_same")
    #expect { _ = try conv(.tensor(Tensor.zeros([1, 4, 2])), .tensor(Tensor.zeros([3, 2, 2]))) } throws: {
      String(describing: $0).contains("2 taps, expected an odd number")
    }
    #expect { _ = try conv(.tensor(Tensor.zeros([1, 4, 2])), .tensor(Tensor.zeros([3, 3, 3]))) } throws: {
      String(describing: $0).contains("expected [B, T, I] and [O, J, I], or")
    }
  }

  /// Weights laid out for one call serve the next one, unless they have changed.
  @Test(arguments: [false, true]) func newWeightsAreNoticed(transposed: Bool) throws {
    var stream = RandomStream(seed: 3, name: "polyphase")
    let down = try PolyphaseConv1d(inputs: 2, outputs: 3, kernel: 9, stride: 4, using: &stream)
    let up = try PolyphaseConvTranspose1d(inputs: 2, outputs: 3, kernel: 9, stride: 4, using: &stream)
    let layer: any Module = transposed ? up : down
    func apply(_ x: Tensor) throws -> Tensor { try transposed ? up(x) : down(x) }
    let x = try stream.normal([1, 16, 2])
    let recorded = try apply(x)
    try withoutGradients {
      for _ in 0..<2 { #expect(try apply(x).distance(to: recorded) < 1e-6) }
      for parameter in layer.parameters { try parameter.set(parameter.value * 2) }
      #expect(try apply(x).distance(to: recorded * 2) < 1e-6)
      try layer.convert(to: .float64)
      #expect(try apply(x.converted(to: .float64)).distance(to: recorded * 2) < 1e-6)
    }
    #expect(try apply(x.converted(to: .float64)).requiresGrad)
    // A frozen layer passes gradients on to its input.
    try layer.setRequiresGrad(false)
    let leaf = try x.converted(to: .float64).asLeaf()
    let frozen = try #require(try gradients(of: [apply(leaf)], withRespectTo: [leaf])[0])
    try layer.setRequiresGrad(true)
    let live = try #require(try gradients(of: [apply(leaf)], withRespectTo: [leaf])[0])
    #expect(try frozen.distance(to: live) < 1e-12)
  }

  /// A rectifier is straight on either side, so nothing behind it depends on it twice.
  @Test(arguments: [0, 0.2]) func rectifiersHaveNoSecondDerivative(slope: Double) throws {
    let x = try Tensor([-2, -0.5, 0.5, 3] as [Float]).asLeaf()
    let weight = try Tensor([1, 2, 3, 4] as [Float]).asLeaf()
    let y = try slope == 0 ? x.relu() : x.leakyReLU(slope: slope)
    let first = try #require(try gradients(of: [y * weight], withRespectTo: [x], createGraph: true)[0])
    #expect(try first.array(of: Float.self) == [Float(slope), 2 * Float(slope), 3, 4])
    let second = try gradients(of: [first], withRespectTo: [weight, x])
    #expect(try second[0]?.array(of: Float.self) == [Float(slope), Float(slope), 1, 1])
    #expect(second[1] == nil)
  }
}

extension Tensor {
  /// Numbers of either sign without a pattern: the fractional parts of multiples of the golden ratio, less a half.
  fileprivate func scattered() throws -> Tensor {
    let multiples = try self * 0.618_033_988_75
    return try multiples - multiples.floor() - 0.5
  }
}
