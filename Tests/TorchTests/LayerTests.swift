import Foundation
import TestSupport
import Testing

@testable import Torch

private let instanceNorm = Operator("aten::instance_norm")

@Suite struct LayerTests {
  @Test func activationsEqualTheirFormulas() throws {
    let values: [Double] = [-30, -1.5, -0.25, 0, 0.5, 3, 30]
    let x = try Tensor(values)
    func expect(_ found: Tensor, _ formula: (Double) -> Double) throws {
      for (found, x) in zip(try found.array(of: Double.self), values) {
        #expect(abs(found - formula(x)) < 1e-12, "at \(x)")
      }
    }
    try expect(x.relu()) { max($0, 0) }
    try expect(x.leakyReLU(slope: 0.1)) { $0 > 0 ? $0 : 0.1 * $0 }
    try expect(x.elu()) { $0 > 0 ? $0 : expm1($0) }
    try expect(x.sigmoid()) { 1 / (1 + exp(-$0)) }
    try expect(x.logSigmoid()) { -log1p(exp(-$0)) }
    try expect(x.tanh()) { tanh($0) }
    try expect(x.gelu()) { $0 * (1 + erf($0 / 2.0.squareRoot())) / 2 }
    try expect(x.silu()) { $0 / (1 + exp(-$0)) }
    try expect(x.softplus()) { log1p(exp($0)) }
    let total = values.reduce(0) { $0 + exp($1) }
    try expect(x.softmax()) { exp($0) / total }
    try expect(x.logSoftmax(along: 0)) { $0 - log(total) }
  }

  @Test func crossEntropyCountsWhatItShould() throws {
    let logits = try Tensor([0, log(3), 0, 0, log(2), 0] as [Double], shape: [3, 2])
    // Probabilities of the right classes: 3/4, 1/2, 2/3.
    let targets = try Tensor([1, 0, 0])
    let losses = [log(4 / 3.0), log(2), log(1.5)]
    func expect(_ found: Tensor, _ expected: Double) throws {
      #expect(abs(try found.item() - expected) < 1e-12)
    }
    try expect(logits.crossEntropy(targets: targets), (losses[0] + losses[1] + losses[2]) / 3)
    try expect(logits.crossEntropy(targets: targets, reduction: .sum), losses[0] + losses[1] + losses[2])
    try expect(logits.crossEntropy(targets: targets, ignoring: 1), (losses[1] + losses[2]) / 2)
    let weights = try Tensor([1, 3] as [Double])
    try expect(
      logits.crossEntropy(targets: targets, labelWeights: weights),
      (3 * losses[0] + losses[1] + losses[2]) / 5)
    let each = try logits.crossEntropy(targets: targets, reduction: .none)
    #expect(try each.distance(to: Tensor(losses)) < 1e-12)
    #expect(throws: TorchError("crossEntropy: logits [3, 2] and targets [2], expected [N, C] and [N]")) {
      try logits.crossEntropy(targets: Tensor([1, 0]))
    }
    #expect {
      try logits.crossEntropy(targets: Tensor([1, 0, 5]))
    } throws: {
      String(describing: $0).contains("Target 5 is out of bounds")
    }
  }

  @Test func linearEqualsItsFormula() throws {
    var stream = RandomStream(seed: 6, name: "linear")
    let layer = try Linear(inputs: 2, outputs: 3, using: &stream)
    try layer.load([
      "weight": Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [3, 2]),
      "bias": Tensor([10, 20, 30] as [Float]),
    ])
    #expect(try layer(Tensor([1, -1] as [Float], shape: [1, 2])).array(of: Float.self) == [9, 19, 29])
    #expect(try layer(Tensor.zeros([4, 5, 2])).shape == [4, 5, 3])
    #expect(
      try Linear(inputs: 2, outputs: 3, bias: false, using: &stream).namedParameters.map(\.name) == ["weight"]
    )
    #expect(throws: TorchError("Linear: input of shape [4, 3], expected [..., 2]")) {
      _ = try layer(Tensor.zeros([4, 3]))
    }
    #expect {
      _ = try layer(Tensor.zeros([4, 2], dtype: .float64))
    } throws: {
      String(describing: $0).contains("aten::linear") && String(describing: $0).contains("dtype")
    }
  }

  @Test func embeddingPicksAndMixesRows() throws {
    var stream = RandomStream(seed: 6, name: "embedding")
    let layer = try Embedding(symbols: 5, dimensions: 3, using: &stream)
    let ids = try Tensor([4, 0, 2, 4], shape: [2, 2])
    let picked = try layer(ids)
    #expect(picked.shape == [2, 2, 3])
    #expect(try picked.selected(1, along: 1).selected(0).isEqual(to: layer.weight().selected(0)))
    #expect(try layer(soft: ids.oneHot(count: 5).converted(to: .float32)).distance(to: picked) < 1e-6)
    #expect(throws: TorchError.self) { _ = try layer(Tensor([5])) }
    #expect {
      _ = try layer(Tensor([1.5] as [Float]))
    } throws: {
      String(describing: $0).contains("aten::embedding") && String(describing: $0).contains("Long")
    }
    #expect(throws: TorchError("Embedding: weights of shape [2, 4], expected [..., 5]")) {
      _ = try layer(soft: Tensor.zeros([2, 4]))
    }
  }

  @Test func normsEqualTheirFormulas() throws {
    var stream = RandomStream(seed: 6, name: "norms")
    let x = try stream.normal([2, 3, 8])
    let layerNorm = try LayerNorm(features: 8)
    let mean = try x.mean(along: -1, keepingDimensions: true)
    let deviation = try (x.variance(along: -1, correction: 0, keepingDimensions: true) + 1e-5).squareRoot()
    #expect(try layerNorm(x).distance(to: (x - mean) / deviation) < 1e-5)

    let instance = try InstanceNorm1d(channels: 3, affine: true)
    try instance.load(["weight": stream.normal([3]), "bias": stream.normal([3])])
    let scales = instance.parameters.map(\.value)
    let expected = try instanceNorm(
      .tensor(x), .tensor(scales[0]), .tensor(scales[1]), .none, .none, .bool(true), .double(0),
      .double(1e-5),
      .bool(false))
    #expect(try instance(x).distance(to: expected) < 1e-5)
    #expect(try InstanceNorm1d(channels: 3).members.leaves.isEmpty)
    #expect(throws: TorchError("InstanceNorm1d: input of shape [2, 3, 1], expected more than one frame")) {
      _ = try instance(Tensor.zeros([2, 3, 1]))
    }
    #expect(throws: TorchError("LayerNorm: input of shape [2, 7], expected [..., 8]")) {
      _ = try layerNorm(Tensor.zeros([2, 7]))
    }
  }

  @Test func dropoutKeepsTheExpectation() throws {
    let x = try Tensor.ones([100, 100])
    var stream = RandomStream(seed: 6, name: "dropout")
    let dropped = try x.dropout(0.2, using: &stream)
    #expect(try abs(dropped.mean().item() - 1) < 0.02)
    #expect(try Set(dropped.array(of: Float.self)) == [0, 1.25])
    #expect(try !x.dropout(0.2, using: &stream).isEqual(to: dropped))
    var same = RandomStream(seed: 6, name: "dropout")
    #expect(try x.dropout(0.2, using: &same).isEqual(to: dropped))
    var evaluation: RandomStream?
    #expect(try x.dropout(0.2, using: &evaluation).isEqual(to: x))
    #expect(throws: TorchError("dropout: probability 1.0, expected 0 <= p < 1")) {
      try x.dropout(1, using: &stream)
    }
  }

  @Test func initialisationsHaveTheirMoments() throws {
    var stream = RandomStream(seed: 6, name: "initialisation")
    let shape = [64, 32, 3]  // Fans 96 and 192.
    func deviation(_ initialisation: Initialisation) throws -> Double {
      let weight = try initialisation.weight(shape, using: &stream)
      #expect(weight.shape == shape)
      return try weight.reshaped([-1]).variance(along: 0).squareRoot().item()
    }
    func expect(_ found: Double, _ expected: Double) { #expect(abs(found / expected - 1) < 0.03) }
    expect(try deviation(.pytorchDefault), (1 / 96.0 / 3).squareRoot())
    expect(try deviation(.normal(standardDeviation: 0.02)), 0.02)
    expect(try deviation(.xavierUniform), (6 / (96 + 192.0) / 3).squareRoot())
    expect(try deviation(.heNormal), (2 / 96.0).squareRoot())
    #expect(try deviation(.zeros) == 0)
    #expect(
      try Initialisation.pytorchDefault.weight(shape, using: &stream).absolute().max().item()
        <= (1 / 96.0).squareRoot())
    for shape in [[4, 3, 2], [8, 2, 2]] {
      let matrix = try Initialisation.orthogonal.weight(shape, using: &stream).reshaped([shape[0], -1])
      let smaller = min(matrix.shape[0], matrix.shape[1])
      let ones = try Tensor.ones([smaller])
      #expect(try matrix.singularValues().distance(to: ones) < 1e-5)
    }
    let layer = try Linear(inputs: 3, outputs: 2, initialisation: .heNormal, using: &stream)
    #expect(try #require(layer.bias).value.isEqual(to: Tensor.zeros([2])))
  }

  @Test func networksAreAFunctionOfTheSeed() throws {
    func state(seed: UInt64) throws -> [Tensor] {
      var stream = RandomStream(seed: seed, name: "network")
      let layer = try Conv1d(inputs: 2, outputs: 3, kernel: 3, spectralNorm: true, using: &stream)
      let gru = try GRU(inputs: 3, hidden: 4, using: &stream)
      return try (layer.state + gru.state).map(\.tensor)
    }
    for (one, other) in zip(try state(seed: 1), try state(seed: 1)) { #expect(try one.isEqual(to: other)) }
    for (one, other) in zip(try state(seed: 1), try state(seed: 2)) { #expect(try !one.isEqual(to: other)) }
  }

  @Test func aProjectionHeadAddsTheProductOfLabelAndFeatures() throws {
    var stream = RandomStream(seed: 4, name: "head")
    let head = try ProjectionHead(features: 5, labels: 3, spectralNorm: true, using: &stream)
    let names = head.namedParameters.map(\.name)
    #expect(names.filter { $0.hasPrefix("output.") }.count == 2)
    #expect(names.filter { $0.hasPrefix("label.") }.count == 1)
    let x = try stream.normal([4, 5])
    let labels = try Tensor([2, 0, 1, 2])
    let vectors = try #require(head.label).weight().gathered(at: labels)
    let weight = try head.output.weight() + vectors
    let expected = try (x * weight).sum(along: 1) + #require(head.output.bias).value
    #expect(try head(x, labels: labels).distance(to: expected) < 1e-6)
    #expect(throws: TorchError("ProjectionHead: no labels, expected [B] of them")) {
      _ = try head(x, labels: nil)
    }
    let plain = try ProjectionHead(features: 5, labels: 0, using: &stream)
    #expect(try plain(x, labels: nil).isEqual(to: plain.output(x).squeezingDimension(at: 1)))
    // Features of half precision are widened first.
    let half = try withAutocast(.bfloat16, on: .cpu) { try head(x.converted(to: .bfloat16), labels: labels) }
    #expect(half.dtype == .float32)
  }
}
