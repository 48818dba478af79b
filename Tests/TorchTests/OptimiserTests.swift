import Foundation
import Testing

@testable import Torch

/// A parameter of double precision with a gradient put by hand.
private func parameter(_ values: [Double], gradient: [Double]? = nil) throws -> Parameter {
  let made = try Parameter(Tensor(values))
  if let gradient { try made.value.setGrad(Tensor(gradient)) }
  return made
}

private func values(_ parameter: Parameter) throws -> [Double] { try parameter.value.array(of: Double.self) }

private func isClose(_ left: [Double], _ right: [Double], within tolerance: Double = 1e-12) -> Bool {
  left.count == right.count && zip(left, right).allSatisfy { abs($0 - $1) <= tolerance }
}

@Suite struct OptimiserTests {
  static let kinds: [OptimiserConfiguration] = [
    .init(.adam, beta1: 0.5, beta2: 0.9), .init(.adam, beta1: 0, beta2: 0.99, weightDecay: 0.1), .init(.sgd),
    .init(.sgd, momentum: 0.9, weightDecay: 0.01), .init(.sgd, momentum: 0.5, nesterov: true),
    .init(.rmsprop, decay: 0.9), .init(.rmsprop, weightDecay: 0.1),
  ]

  /// The formulas of the documentation in plain Swift, element by element.
  private static func reference(
    _ kind: OptimiserConfiguration, start: Double, gradients: [Double], rate: Double
  ) -> Double {
    var p = start
    var first = 0.0
    var second = 0.0
    for (index, g) in gradients.enumerated() {
      p -= rate * kind.weightDecay * p
      switch kind.kind {
      case .adam:
        first = kind.beta1 * first + (1 - kind.beta1) * g
        second = kind.beta2 * second + (1 - kind.beta2) * g * g
        let t = Double(index + 1)
        p -=
          rate * first / (1 - pow(kind.beta1, t)) / (sqrt(second / (1 - pow(kind.beta2, t))) + kind.epsilon)
      case .sgd:
        first = kind.momentum * first + g
        p -= rate * (kind.nesterov ? g + kind.momentum * first : first)
      case .rmsprop:
        second = kind.decay * second + (1 - kind.decay) * g * g
        p -= rate * g / (sqrt(second) + kind.epsilon)
      }
    }
    return p
  }

  @Test(arguments: kinds) func stepsFollowTheFormulas(kind: OptimiserConfiguration) throws {
    let trained = try parameter([1, -2, 0.5])
    let optimiser = try kind.make([("weight", trained)])
    let gradients: [[Double]] = [[0.1, -0.2, 3], [0.4, 0.1, -1], [-0.3, 0, 2], [0.2, 0.6, 0.1]]
    for gradient in gradients {
      try trained.value.setGrad(Tensor(gradient))
      try optimiser.step(learningRate: 0.05)
    }
    let expected = [1, -2, 0.5].enumerated().map { index, start in
      OptimiserTests.reference(kind, start: start, gradients: gradients.map { $0[index] }, rate: 0.05)
    }
    #expect(isClose(try values(trained), expected))
  }

  /// The first step of Adam is the rate times the gradient's sign, whatever its size.
  @Test func adamStartsWithSigns() throws {
    let trained = try parameter([0, 0, 0], gradient: [1e-3, -4, 1e5])
    try Adam([("weight", trained)], epsilon: 0).step(learningRate: 0.1)
    #expect(isClose(try values(trained), [-0.1, 0.1, -0.1]))
  }

  /// Descent on x²/2 with rate r multiplies x by 1 - r at each step.
  @Test func plainDescentOfASquareIsGeometric() throws {
    let trained = try parameter([3])
    let optimiser = try SGD([("x", trained)])
    for _ in 0..<10 {
      try optimiser.clearGrads()
      try (trained.value.squared().sum() / 2).backward()
      try optimiser.step(learningRate: 0.25)
    }
    #expect(isClose(try values(trained), [3 * pow(0.75, 10)]))
  }

  /// With constant gradients momentum's speed tends to g / (1 - momentum): a geometric sum.
  @Test func momentumSumsGeometrically() throws {
    let trained = try parameter([0], gradient: [1])
    let optimiser = try SGD([("x", trained)], momentum: 0.5)
    for _ in 0..<4 { try optimiser.step(learningRate: 1) }
    #expect(isClose(try values(trained), [-(1 + 1.5 + 1.75 + 1.875)]))
  }

  @Test(arguments: kinds) func aParameterWithoutGradientIsLeftAlone(kind: OptimiserConfiguration) throws {
    let idle = try parameter([1, 2])
    let busy = try parameter([1, 2], gradient: [1, 1])
    let optimiser = try kind.make([("idle", idle), ("busy", busy)])
    for _ in 0..<3 { try optimiser.step(learningRate: 0.1) }
    #expect(try values(idle) == [1, 2])
    for (name, tensor) in try optimiser.state where name.hasPrefix("idle") {
      #expect(try tensor.isEqual(to: tensor.zerosLike()), "\(name)")
    }
    // When its gradient comes at last, its first step is what the other one's first step was.
    try idle.value.setGrad(Tensor([1.0, 1.0]))
    try busy.clearGrad()
    try optimiser.step(learningRate: 0.1)
    let fresh = try parameter([1, 2], gradient: [1, 1])
    try kind.make([("fresh", fresh)]).step(learningRate: 0.1)
    #expect(try values(idle) == values(fresh))
  }

  @Test(arguments: kinds) func savingAndGoingOnChangesNoBit(kind: OptimiserConfiguration) throws {
    func train(_ trained: Parameter, _ optimiser: any Optimiser, steps: Range<Int>) throws {
      for step in steps {
        var stream = RandomStream(seed: 1, step: step, name: "gradient")
        try trained.value.setGrad(stream.normal([37, 5]))
        try optimiser.step(learningRate: 0.01)
      }
    }
    var stream = RandomStream(seed: 2, name: "start")
    let start = try stream.normal([37, 5])
    let whole = try Parameter(start.cloned())
    try train(whole, try kind.make([("w", whole)]), steps: 0..<8)

    let first = try Parameter(start.cloned())
    let before = try kind.make([("w", first)])
    try train(first, before, steps: 0..<5)
    let saved = Dictionary(uniqueKeysWithValues: try before.state.map { ($0.name, try $0.tensor.cloned()) })
    let second = try Parameter(first.value.detached().cloned())
    let after = try kind.make([("w", second)])
    try after.load(saved)
    try train(second, after, steps: 5..<8)
    #expect(try second.value.isEqual(to: whole.value))
  }

  @Test func stateIsNamedAsInPyTorch() throws {
    let parameters = [("net.weight", try parameter([1])), ("net.bias", try parameter([2]))]
    let names = try Adam(parameters).state.map(\.name)
    #expect(
      names == [
        "net.weight.exp_avg", "net.weight.exp_avg_sq", "net.weight.step", "net.bias.exp_avg",
        "net.bias.exp_avg_sq", "net.bias.step",
      ])
    #expect(try SGD(parameters).state.map(\.name) == ["net.weight.step", "net.bias.step"])
    #expect(try SGD(parameters, momentum: 0.9).state[0].name == "net.weight.momentum_buffer")
    #expect(try RMSProp(parameters).state[0].name == "net.weight.square_avg")
  }

  @Test func aStateThatDoesNotFitIsRefusedWhole() throws {
    let trained = try parameter([1, 2], gradient: [1, 1])
    let optimiser = try Adam([("w", trained)])
    try optimiser.step(learningRate: 0.1)
    let before = try optimiser.state.map { try $0.tensor.cloned() }
    let wrong: [String: Tensor] = [
      "w.exp_avg": try Tensor([9.0, 9.0]), "w.exp_avg_sq": try Tensor([9.0]), "v.step": try Tensor(3),
    ]
    #expect {
      try optimiser.load(wrong)
    } throws: {
      let text = String(describing: $0)
      return text.contains("w.exp_avg_sq is float64[1], expected float64[2]")
        && text.contains("w.step is missing") && text.contains("v.step is not part of the optimiser")
    }
    for (old, new) in zip(before, try optimiser.state) {
      #expect(try old.isEqual(to: new.tensor), "\(new.name)")
    }
    #expect(throws: TorchError.self) {
      try optimiser.load([
        "w.exp_avg": try Tensor([9.0, 9.0]), "w.exp_avg_sq": try Tensor([9.0, 9.0]), "w.step": try Tensor(-1),
      ])
    }
  }

  /// Fused kernels look at no strides: gradients and parameters in other layouts must be matched first.
  @Test(arguments: kinds) func layoutsInMemoryDoNotMatter(kind: OptimiserConfiguration) throws {
    let matrix = try Tensor([1.0, 2, 3, 4, 5, 6], shape: [2, 3])
    let gradient = try Tensor([0.1, -0.2, 0.3, -0.4, 0.5, -0.6], shape: [2, 3])
    let plain = try Parameter(matrix.cloned())
    try plain.value.setGrad(gradient)
    try kind.make([("w", plain)]).step(learningRate: 0.1)

    let turned = try Parameter(matrix.transposed().contiguous().transposed())
    #expect(turned.value.strides == [1, 2])
    try turned.value.setGrad(gradient)
    try kind.make([("w", turned)]).step(learningRate: 0.1)
    #expect(isClose(try values(turned), try values(plain)))

    let stretched = try Parameter(matrix.cloned())
    try stretched.value.setGrad(Tensor(1.0).expanded(to: [2, 3]))
    let level = try Parameter(matrix.cloned())
    try level.value.setGrad(Tensor.ones([2, 3], dtype: .float64))
    try kind.make([("w", stretched)]).step(learningRate: 0.1)
    try kind.make([("w", level)]).step(learningRate: 0.1)
    #expect(isClose(try values(stretched), try values(level)))
  }

  @Test(arguments: kinds) func aParameterMadeFromAViewIsACopy(kind: OptimiserConfiguration) throws {
    let source = try Tensor.zeros([4, 4], dtype: .float64)
    let parameter = try Parameter(source.strided(by: 2, along: 1))
    try parameter.value.setGrad(Tensor.ones([4, 2], dtype: .float64))
    try kind.make([("w", parameter)]).step(learningRate: 0.1)
    #expect(try values(parameter).allSatisfy { $0 < 0 })
    #expect(try source.isEqual(to: Tensor.zeros([4, 4], dtype: .float64)))
  }

  @Test(arguments: kinds) func configurationsSurviveJSON(kind: OptimiserConfiguration) throws {
    let read = try JSONDecoder().decode(OptimiserConfiguration.self, from: JSONEncoder().encode(kind))
    #expect(read == kind)
  }

  @Test func configurationsCheckTheirNumbers() throws {
    func read(_ text: String) throws -> OptimiserConfiguration {
      try JSONDecoder().decode(OptimiserConfiguration.self, from: Data(text.utf8))
    }
    #expect(try read(#"{"kind": "adam", "beta1": 0}"#) == OptimiserConfiguration(.adam, beta1: 0))
    #expect(throws: DecodingError.self) { try read(#"{"kind": "adam", "beta2": 1}"#) }
    #expect(throws: DecodingError.self) { try read(#"{"kind": "lion"}"#) }
    #expect(throws: DecodingError.self) { try read(#"{"kind": "sgd", "weightDecay": -1}"#) }
  }
}
