import TestSupport
import Testing

@testable import Torch

/// A function of one tensor under a name, for tables of tests.
struct NamedFunction: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let apply: @Sendable (Tensor) throws -> Tensor

  init(_ name: String, _ apply: @escaping @Sendable (Tensor) throws -> Tensor) {
    testDescription = name
    self.apply = apply
  }
}

/// A layer, made from a stream, with what to feed it.
struct LayerCase: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let input: [Int]
  let make: @Sendable (inout RandomStream) throws -> (any Module, (Tensor) throws -> Tensor)

  init(
    _ name: String, _ input: [Int],
    _ make: @escaping @Sendable (inout RandomStream) throws -> (any Module, (Tensor) throws -> Tensor)
  ) {
    testDescription = name
    self.input = input
    self.make = make
  }

  static let all: [LayerCase] = [
    LayerCase("linear", [3, 4]) { stream in
      let layer = try Linear(inputs: 4, outputs: 2, using: &stream)
      return (layer, { try layer($0) })
    },
    LayerCase("linear, spectral norm", [3, 4]) { stream in
      let layer = try Linear(inputs: 4, outputs: 2, spectralNorm: true, using: &stream)
      return (layer, { try layer($0) })
    },
    LayerCase("convolution", [2, 3, 7]) { stream in
      let layer = try Conv1d(inputs: 3, outputs: 4, kernel: 3, stride: 2, padding: 1, using: &stream)
      return (layer, { try layer($0) })
    },
    LayerCase("convolution, dilated, grouped, same", [2, 4, 6]) { stream in
      let layer = try Conv1d(
        inputs: 4, outputs: 2, kernel: 4, padding: .same, dilation: 2, groups: 2, spectralNorm: true,
        using: &stream)
      return (layer, { try layer($0) })
    },
    LayerCase("transposed convolution", [2, 3, 4]) { stream in
      let layer = try ConvTranspose1d(
        inputs: 3, outputs: 2, kernel: 4, stride: 2, padding: 1, outputPadding: 1, using: &stream)
      return (layer, { try layer($0) })
    },
    LayerCase("transposed convolution, grouped, spectral norm", [2, 4, 3]) { stream in
      let layer = try ConvTranspose1d(
        inputs: 4, outputs: 2, kernel: 3, stride: 2, groups: 2, spectralNorm: true, using: &stream)
      return (layer, { try layer($0) })
    },
    LayerCase("polyphase convolution", [2, 8, 2]) { stream in
      let layer = try PolyphaseConv1d(inputs: 2, outputs: 3, kernel: 7, stride: 4, using: &stream)
      return (layer, { try layer($0) })
    },
    LayerCase("polyphase transposed convolution", [2, 3, 2]) { stream in
      let layer = try PolyphaseConvTranspose1d(inputs: 2, outputs: 2, kernel: 5, stride: 2, using: &stream)
      return (layer, { try layer($0) })
    },
    LayerCase("embedding of ids", [2]) { stream in
      let layer = try Embedding(symbols: 4, dimensions: 2, spectralNorm: true, using: &stream)
      let ids = try Tensor([3, 0, 3, 1], shape: [2, 2])
      return (layer, { try layer(ids) * $0 })
    },
    LayerCase("embedding of mixtures", [2, 2, 4]) { stream in
      let layer = try Embedding(symbols: 4, dimensions: 3, using: &stream)
      return (layer, { try layer(soft: $0) })
    },
    LayerCase("layer norm", [2, 3, 4]) { _ in
      let layer = try LayerNorm(features: 4)
      return (layer, { try layer($0) })
    },
    LayerCase("instance norm", [2, 3, 4]) { _ in
      let layer = try InstanceNorm1d(channels: 3, affine: true)
      return (layer, { try layer($0) })
    },
    LayerCase("GRU", [2, 3, 2]) { stream in
      let layer = try GRU(inputs: 2, hidden: 3, layers: 2, using: &stream)
      return (layer, { try layer($0).outputs })
    },
    LayerCase("GRU, one step", [2, 2]) { stream in
      let layer = try GRU(inputs: 2, hidden: 3, using: &stream)
      return (
        layer, { try layer.step($0, state: Tensor.full([1, 2, 3], value: 0.3, dtype: .float64)).output }
      )
    },
    LayerCase("LSTM", [2, 3, 2]) { stream in
      let layer = try LSTM(inputs: 2, hidden: 3, layers: 2, using: &stream)
      return (layer, { try layer($0).outputs })
    },
    LayerCase("LSTM, one step", [2, 2]) { stream in
      let layer = try LSTM(inputs: 2, hidden: 3, using: &stream)
      let state = try Tensor.full([1, 2, 3], value: 0.3, dtype: .float64)
      return (layer, { try layer.step($0, state: LSTM.State(hidden: state, cell: state)).output })
    },
  ]
}

@Suite struct LayerGradientTests {
  static let activations: [NamedFunction] = [
    NamedFunction("relu") { try $0.relu() },
    NamedFunction("leaky relu") { try $0.leakyReLU() },
    NamedFunction("elu") { try $0.elu() },
    NamedFunction("sigmoid") { try $0.sigmoid() },
    NamedFunction("log sigmoid") { try $0.logSigmoid() },
    NamedFunction("tanh") { try $0.tanh() },
    NamedFunction("gelu") { try $0.gelu() },
    NamedFunction("silu") { try $0.silu() },
    NamedFunction("softplus") { try $0.softplus() },
    NamedFunction("softmax") { try $0.softmax() },
    NamedFunction("log softmax") { try $0.logSoftmax(along: 0) },
    NamedFunction("dropout") {
      var stream = RandomStream(seed: 1, name: "dropout")
      return try $0.squared().dropout(0.5, using: &stream)
    },
    NamedFunction("cross-entropy") {
      try $0.crossEntropy(
        targets: Tensor([2, 0, 3]), ignoring: 3,
        labelWeights: Tensor([1, 2, 0.5, 1] as [Double]), smoothing: 0.1)
    },
  ]

  @Test(arguments: activations) func activationsMatchFiniteDifferences(_ activation: NamedFunction) throws {
    // Clear of the kink at 0.
    let x = try Tensor([-2.1, -0.7, 0.4, 1.3, 0.2, -0.1, 0.9, -1.4, 2.2, 0.6, -0.3, 1.1], shape: [3, 4])
    try checkGradients(at: [x]) { try activation.apply($0[0]) }
  }

  @Test(arguments: LayerCase.all) func layersMatchFiniteDifferences(_ layer: LayerCase) throws {
    var stream = RandomStream(seed: 1, name: "layer")
    let (module, apply) = try layer.make(&stream)
    try checkGradients(of: module, at: [stream.normal(layer.input)]) { try apply($0[0]) }
  }

  /// Outputs and a gradient penalty's derivatives in bfloat16 follow those in single precision.
  @Test(arguments: LayerCase.all.filter { !$0.testDescription.hasSuffix("step") })
  func layersDifferentiateTwiceUnderAutocast(_ layer: LayerCase) throws {
    func penalty(in dtype: DType?) throws -> [Tensor] {
      var stream = RandomStream(seed: 1, name: "layer")
      let (module, apply) = try layer.make(&stream)
      let x = try stream.normal(layer.input).asLeaf()
      return try withAutocast(dtype, on: .cpu) {
        let outputs = try apply(x).converted(to: .float32)
        let slope = try #require(
          try gradients(of: [outputs.squared()], withRespectTo: [x], createGraph: true)[0])
        try slope.squared().mean().backward()
        return [outputs, slope] + module.parameters.compactMap(\.grad)
      }
    }
    let exact = try penalty(in: nil)
    let rounded = try penalty(in: .bfloat16)
    #expect(exact.count == rounded.count)
    for (exact, rounded) in zip(exact, rounded) {
      let scale = try exact.absolute().max().item()
      #expect(try rounded.distance(to: exact) < 0.06 * scale + 1e-6)
    }
  }

  @Test func matrixProductsAreLoweredUnderAutocast() throws {
    var stream = RandomStream(seed: 1, name: "layer")
    let linear = try Linear(inputs: 3, outputs: 2, spectralNorm: true, using: &stream)
    let conv = try Conv1d(inputs: 3, outputs: 2, kernel: 1, using: &stream)
    let dtypes = try withAutocast(.bfloat16, on: .cpu) {
      [
        try linear(Tensor.ones([1, 3])).dtype, try conv(Tensor.ones([1, 3, 4])).dtype,
        try linear.weight().dtype,
      ]
    }
    // The weight divided by its norm is in single precision still.
    #expect(dtypes == [.bfloat16, .bfloat16, .float32])
  }

  @Test func theCheckFindsWrongDerivatives() throws {
    let x = try Tensor([0.5, 1.5])
    #expect(throws: GradientMismatch.self) {
      // A second factor cut from the graph halves the derivative.
      try checkGradients(at: [x]) { try $0[0] * $0[0].detached() }
    }
    #expect {
      // The value is x² and the derivative 2x, which autograd takes for a constant.
      try checkGradients(at: [x]) { values in
        let (x, fixed) = (values[0], try values[0].detached())
        return try x * (fixed * 2) - fixed.squared()
      }
    } throws: {
      String(describing: $0).hasPrefix("second")
    }
  }
}
