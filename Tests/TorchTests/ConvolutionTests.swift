import TestSupport
import Testing

@testable import Torch

private let conv1d = Operator("aten::conv1d")
private let conv1dSame = Operator("aten::conv1d", "padding")
private let convTranspose1d = Operator("aten::conv_transpose1d")

/// The numbers that a convolution takes, for tables of tests.
struct ConvolutionCase: Sendable, CustomTestStringConvertible {
  var inputs = 4
  var outputs = 6
  var kernel = 3
  var stride = 1
  var padding = 0
  var outputPadding = 0
  var dilation = 1
  var groups = 1

  var testDescription: String {
    "\(inputs) -> \(outputs), kernel \(kernel), stride \(stride), padding \(padding), output padding "
      + "\(outputPadding), dilation \(dilation), groups \(groups)"
  }
}

@Suite struct ConvolutionTests {
  static let cases = [
    ConvolutionCase(), ConvolutionCase(stride: 2, padding: 1),
    ConvolutionCase(kernel: 5, padding: 4, dilation: 2),
    ConvolutionCase(padding: 1, groups: 2), ConvolutionCase(kernel: 1), ConvolutionCase(inputs: 1, kernel: 4),
    ConvolutionCase(outputs: 1), ConvolutionCase(inputs: 6, outputs: 6, groups: 6),
  ]
  static let transposedCases =
    cases + [
      ConvolutionCase(kernel: 4, stride: 2, padding: 1),
      ConvolutionCase(kernel: 25, stride: 4, padding: 11, outputPadding: 1),
    ]

  @Test(arguments: cases, [DType.float32, .float64])
  func convolutionEqualsTheEngines(_ numbers: ConvolutionCase, _ dtype: DType) throws {
    var stream = RandomStream(seed: 3, name: "convolution")
    let layer = try Conv1d(
      inputs: numbers.inputs, outputs: numbers.outputs, kernel: numbers.kernel, stride: numbers.stride,
      padding: .both(numbers.padding), dilation: numbers.dilation, groups: numbers.groups, using: &stream)
    try layer.convert(to: dtype)
    let x = try stream.normal([2, numbers.inputs, 17]).converted(to: dtype)
    let expected = try conv1d(
      .tensor(x), .tensor(layer.weight()), .optional(layer.bias?.value), .ints([numbers.stride]),
      .ints([numbers.padding]), .ints([numbers.dilation]), .int(numbers.groups))
    #expect(try layer(x).distance(to: expected) < 1e-5)
  }

  @Test(arguments: 1...5, 1...3) func samePaddingEqualsTheEngines(kernel: Int, dilation: Int) throws {
    var stream = RandomStream(seed: 3, name: "same")
    let layer = try Conv1d(
      inputs: 2, outputs: 3, kernel: kernel, padding: .same, dilation: dilation, bias: false, using: &stream)
    let x = try stream.normal([2, 2, 16])
    let expected = try conv1dSame(
      .tensor(x), .tensor(layer.weight()), .none, .ints([1]), .string("same"), .ints([dilation]))
    #expect(try layer(x).distance(to: expected) < 1e-5)
    #expect(try layer(x).shape == [2, 3, 16])
  }

  /// Over frames, as with so much silence before them; derivatives by all that there is.
  @Test(arguments: 1...6, [DType.float32, .float64])
  func causalFramesEqualTheEngines(kernel: Int, dtype: DType) throws {
    var stream = RandomStream(seed: 3, name: "causal")
    let layer = try Conv1d(inputs: 3, outputs: 5, kernel: kernel, using: &stream)
    try layer.convert(to: dtype)
    let x = try stream.normal([2, 17, 3]).converted(to: dtype).asLeaf()
    let found = try layer.causally(overFrames: x)
    let expected = try conv1d(
      .tensor(x.transposed(1, 2).padded(kernel - 1, 0)), .tensor(layer.weight()),
      .optional(layer.bias?.value), .ints([1]), .ints([0]), .ints([1]), .int(1)
    ).transposed(1, 2)
    #expect(found.shape == [2, 17, 5])
    #expect(try found.distance(to: expected) < 1e-5)
    let inputs = try [x, layer.weight()] + [layer.bias?.value].compactMap(\.self)
    let slopes = try [found, expected].map {
      try gradients(of: [$0.squared().sum()], withRespectTo: inputs).compactMap(\.self)
    }
    #expect(slopes.map(\.count) == [3, 3])
    for (own, engines) in zip(slopes[0], slopes[1]) { #expect(try own.distance(to: engines) < 1e-3) }
  }

  @Test(arguments: transposedCases, [DType.float32, .float64])
  func transposedConvolutionEqualsTheEngines(_ numbers: ConvolutionCase, _ dtype: DType) throws {
    var stream = RandomStream(seed: 3, name: "transposed")
    let layer = try ConvTranspose1d(
      inputs: numbers.inputs, outputs: numbers.outputs, kernel: numbers.kernel, stride: numbers.stride,
      padding: numbers.padding, outputPadding: numbers.outputPadding, dilation: numbers.dilation,
      groups: numbers.groups, using: &stream)
    try layer.convert(to: dtype)
    let x = try stream.normal([2, numbers.inputs, 17]).converted(to: dtype)
    let expected = try convTranspose1d(
      .tensor(x), .tensor(layer.weight()), .optional(layer.bias?.value), .ints([numbers.stride]),
      .ints([numbers.padding]), .ints([numbers.outputPadding]), .int(numbers.groups),
      .ints([numbers.dilation]))
    #expect(try layer(x).distance(to: expected) < 1e-5)
  }

  /// Whether a tensor is as `channelsLast()` would make it, with the strides that tell the engine.
  private func isChannelsLast(_ x: Tensor) -> Bool {
    let (shape, strides) = (x.shape, x.strides)
    return strides == [shape[1] * shape[2], 1, shape[1]]
  }

  @Test func layersInARowKeepChannelsLast() throws {
    var stream = RandomStream(seed: 3, name: "layout")
    let down = try Conv1d(inputs: 1, outputs: 8, kernel: 5, stride: 2, padding: 2, using: &stream)
    let norm = try InstanceNorm1d(channels: 8, affine: true)
    let same = try Conv1d(
      inputs: 8, outputs: 8, kernel: 4, padding: .same, spectralNorm: true, using: &stream)
    let up = try ConvTranspose1d(inputs: 8, outputs: 4, kernel: 4, stride: 2, padding: 1, using: &stream)
    let last = try Conv1d(inputs: 4, outputs: 1, kernel: 3, padding: 1, using: &stream)
    let first = try down(stream.normal([2, 1, 32]))
    #expect(isChannelsLast(first))
    let normal = try norm(first).leakyReLU()
    #expect(isChannelsLast(normal))
    let second = try same(normal)
    #expect(isChannelsLast(second))
    let third = try up(second)
    #expect(isChannelsLast(third))
    let fourth = try last(third)
    #expect(isChannelsLast(fourth))
    #expect(fourth.shape == [2, 1, 32])
    // What is so already is answered as it is: one more copy would be a tensor with other strides.
    for x in [first, second, third, fourth] { #expect(try x.channelsLast().strides == x.strides) }
    let gradient = try #require(try gradients(of: [fourth], withRespectTo: [first])[0])
    #expect(isChannelsLast(gradient))
  }

  @Test func aTransposedSequenceIsChannelsLast() throws {
    let sequence = try Tensor.zeros([2, 7, 3])
    let x = try sequence.transposed(1, 2)
    #expect(isChannelsLast(x))
    #expect(try x.channelsLast().strides == x.strides)
    #expect(isChannelsLast(try Tensor.zeros([2, 3, 7]).channelsLast()))
    #expect(isChannelsLast(try Tensor.zeros([2, 1, 7]).channelsLast()))
    #expect(throws: TorchError("channelsLast: shape [2, 7], expected [B, C, T]")) {
      try Tensor.zeros([2, 7]).channelsLast()
    }
  }

  @Test func wrongInputsAreNamed() throws {
    var stream = RandomStream(seed: 3, name: "errors")
    #expect(throws: TorchError("Conv1d: 3 groups do not divide 4 inputs and 6 outputs")) {
      _ = try Conv1d(inputs: 4, outputs: 6, kernel: 3, groups: 3, using: &stream)
    }
    #expect(throws: TorchError("Conv1d: padding 'same' and a stride of 2, expected a stride of 1")) {
      _ = try Conv1d(inputs: 4, outputs: 6, kernel: 3, stride: 2, padding: .same, using: &stream)
    }
    let layer = try Conv1d(inputs: 4, outputs: 6, kernel: 3, using: &stream)
    #expect(throws: TorchError("Conv1d: input of shape [2, 5, 9], expected [B, 4, T]")) {
      _ = try layer(Tensor.zeros([2, 5, 9]))
    }
    #expect(throws: TorchError("Conv1d: input of shape [4, 9], expected [B, 4, T]")) {
      _ = try layer(Tensor.zeros([4, 9]))
    }
    #expect {
      _ = try layer(Tensor.zeros([2, 4, 2]))
    } throws: {
      String(describing: $0).contains("aten::conv2d") && String(describing: $0).contains("Kernel size")
    }
    #expect {
      _ = try layer(Tensor.zeros([2, 4, 9], dtype: .float64))
    } throws: {
      String(describing: $0).contains("double") && String(describing: $0).contains("float")
    }
    let transposed = try ConvTranspose1d(inputs: 4, outputs: 6, kernel: 3, using: &stream)
    #expect(throws: TorchError("ConvTranspose1d: input of shape [2, 5, 9], expected [B, 4, T]")) {
      _ = try transposed(Tensor.zeros([2, 5, 9]))
    }
  }
}
