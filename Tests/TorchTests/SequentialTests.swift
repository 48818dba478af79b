import TestSupport
import Testing
import Torch

@Suite struct SequentialTests {
  private func network(_ stream: inout RandomStream) throws -> Sequential {
    try Sequential([
      Linear(inputs: 3, outputs: 4, using: &stream), Lambda.leakyReLU(),
      Sequential([Linear(inputs: 4, outputs: 2, bias: false, using: &stream), Lambda.tanh()]),
      Lambda { try $0 * 2 },
    ])
  }

  @Test func namesAreThoseOfPyTorch() throws {
    var stream = RandomStream(seed: 1, name: "test")
    let network = try network(&stream)
    #expect(network.namedParameters.map(\.name) == ["0.weight", "0.bias", "2.0.weight"])
    #expect(network.parameterCount == 12 + 4 + 8)
    #expect(network.layers.count == 4)
  }

  @Test func layersFollowOneAnother() throws {
    var stream = RandomStream(seed: 1, name: "test")
    let network = try network(&stream)
    let x = try stream.normal([5, 3])
    let weights = network.parameters.map(\.value)
    let hidden = try (x.matmul(weights[0].transposed()) + weights[1]).leakyReLU(slope: 0.2)
    let expected = try hidden.matmul(weights[2].transposed()).tanh() * 2
    #expect(try network(x).distance(to: expected) < 1e-6)
    #expect(try Sequential([])(x).isEqual(to: x))
  }

  @Test func shapesChangeBetweenLayers() throws {
    let x = try Tensor.arange(0, 12, dtype: .float32).reshaped([2, 6])
    #expect(try Lambda.reshape([3, -1])(x).shape == [2, 3, 2])
    #expect(try Lambda.flatten()(Lambda.reshape([3, 2])(x)).isEqual(to: x))
    #expect(throws: TorchError.self) { try Lambda.reshape([4])(x) }
  }

  @Test func layersThatDoNotFitAreAnError() throws {
    var stream = RandomStream(seed: 1, name: "test")
    let network = try Sequential([
      Linear(inputs: 3, outputs: 4, using: &stream), Linear(inputs: 5, outputs: 1, using: &stream),
    ])
    #expect(throws: TorchError.self) { try network(.ones([1, 3])) }
  }

  @Test func activationsAreThoseOfTensors() throws {
    let cases: [(layer: Lambda, expected: [Float])] = [
      (.relu(), [0, 0, 2]), (.leakyReLU(slope: 0.5), [-0.5, 0, 2]),
      (.sigmoid(), [0.26894143, 0.5, 0.8807971]), (.silu(), [-0.26894143, 0, 1.7615942]),
      (.gelu(), [-0.15865526, 0, 1.9544997]),
    ]
    for (layer, expected) in cases {
      let found: [Float] = try layer(Tensor([-1, 0, 2] as [Float])).array()
      for (one, other) in zip(found, expected) { #expect(abs(one - other) < 1e-6) }
    }
  }
}
