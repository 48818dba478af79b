import TestSupport
import Testing

@testable import Torch

@Suite struct RecurrentTests {
  @Test(arguments: 1...3) func gruSequenceEqualsSteps(layers: Int) throws {
    var stream = RandomStream(seed: 5, name: "gru")
    let gru = try GRU(inputs: 3, hidden: 4, layers: layers, using: &stream)
    let x = try stream.normal([2, 6, 3])
    let start = try stream.normal([layers, 2, 4])
    let (outputs, end) = try gru(x, state: start)
    var state = start
    for (time, expected) in try outputs.unbound(along: 1).enumerated() {
      let (output, next) = try gru.step(x.selected(time, along: 1), state: state)
      #expect(try output.distance(to: expected) < 1e-6)
      state = next
    }
    #expect(try state.distance(to: end) < 1e-6)
    #expect(try gru(x).outputs.isEqual(to: gru(x, state: gru.zeroState(for: x)).outputs))
  }

  @Test(arguments: 1...3) func lstmSequenceEqualsSteps(layers: Int) throws {
    var stream = RandomStream(seed: 5, name: "lstm")
    let lstm = try LSTM(inputs: 3, hidden: 4, layers: layers, using: &stream)
    let x = try stream.normal([2, 6, 3])
    let start = LSTM.State(
      hidden: try stream.normal([layers, 2, 4]), cell: try stream.normal([layers, 2, 4]))
    let (outputs, end) = try lstm(x, state: start)
    var state = start
    for (time, expected) in try outputs.unbound(along: 1).enumerated() {
      let (output, next) = try lstm.step(x.selected(time, along: 1), state: state)
      #expect(try output.distance(to: expected) < 1e-6)
      state = next
    }
    #expect(try state.hidden.distance(to: end.hidden) < 1e-6)
    #expect(try state.cell.distance(to: end.cell) < 1e-6)
    #expect(try lstm(x).outputs.isEqual(to: lstm(x, state: lstm.zeroState(for: x)).outputs))
  }

  @Test func gruEqualsItsGates() throws {
    var stream = RandomStream(seed: 5, name: "gates")
    let gru = try GRU(inputs: 3, hidden: 4, using: &stream)
    let weights = gru.parameters.map(\.value)
    let (x, h) = (try stream.normal([2, 3]), try stream.normal([1, 2, 4]))
    let h0 = try h.selected(0)
    let input = try x.linear(weight: weights[0], bias: weights[2]).split(size: 4, along: 1)
    let recurrent = try h0.linear(weight: weights[1], bias: weights[3]).split(size: 4, along: 1)
    let reset = try (input[0] + recurrent[0]).sigmoid()
    let update = try (input[1] + recurrent[1]).sigmoid()
    let new = try (input[2] + reset * recurrent[2]).tanh()
    let expected = try (1 - update) * new + update * h0
    #expect(try gru.step(x, state: h).output.distance(to: expected) < 1e-6)
  }

  @Test func lstmEqualsItsGates() throws {
    var stream = RandomStream(seed: 5, name: "gates")
    let lstm = try LSTM(inputs: 3, hidden: 4, using: &stream)
    let weights = lstm.parameters.map(\.value)
    let x = try stream.normal([2, 3])
    let state = LSTM.State(hidden: try stream.normal([1, 2, 4]), cell: try stream.normal([1, 2, 4]))
    let gates = try
      (x.linear(weight: weights[0], bias: weights[2])
      + state.hidden.selected(0).linear(weight: weights[1], bias: weights[3])).split(size: 4, along: 1)
    let cell = try gates[1].sigmoid() * state.cell.selected(0) + gates[0].sigmoid() * gates[2].tanh()
    let expected = try gates[3].sigmoid() * cell.tanh()
    let (output, next) = try lstm.step(x, state: state)
    #expect(try output.distance(to: expected) < 1e-6)
    #expect(try next.cell.selected(0).distance(to: cell) < 1e-6)
  }

  @Test func namesArePyTorchs() throws {
    var stream = RandomStream(seed: 5, name: "names")
    let gru = try GRU(inputs: 3, hidden: 4, layers: 2, using: &stream)
    #expect(
      gru.namedParameters.map { "\($0.name) \($0.parameter.value.shape)" } == [
        "weight_ih_l0 [12, 3]", "weight_hh_l0 [12, 4]", "bias_ih_l0 [12]", "bias_hh_l0 [12]",
        "weight_ih_l1 [12, 4]", "weight_hh_l1 [12, 4]", "bias_ih_l1 [12]", "bias_hh_l1 [12]",
      ])
    let lstm = try LSTM(inputs: 3, hidden: 4, using: &stream)
    #expect(
      lstm.namedParameters.map { "\($0.name) \($0.parameter.value.shape)" } == [
        "weight_ih_l0 [16, 3]", "weight_hh_l0 [16, 4]", "bias_ih_l0 [16]", "bias_hh_l0 [16]",
      ])
  }

  @Test func dropoutDependsOnTheStreamAlone() throws {
    var stream = RandomStream(seed: 5, name: "weights")
    let gru = try GRU(inputs: 3, hidden: 4, layers: 2, using: &stream)
    let lstm = try LSTM(inputs: 3, hidden: 4, layers: 2, using: &stream)
    let x = try stream.normal([2, 6, 3])
    func dropped(step: Int) throws -> [Tensor] {
      var stream: RandomStream? = RandomStream(seed: 5, step: step, name: "dropout")
      let first = try gru(x, dropout: 0.5, using: &stream)
      let second = try lstm(x, dropout: 0.5, using: &stream)
      return [first.outputs, first.state, second.outputs, second.state.hidden, second.state.cell]
    }
    for (one, other) in zip(try dropped(step: 0), try dropped(step: 0)) {
      #expect(try one.isEqual(to: other))
    }
    for (one, other) in zip(try dropped(step: 0), try dropped(step: 1)) {
      #expect(one.shape == other.shape)
      #expect(try !one.isEqual(to: other))
    }
    var evaluation: RandomStream?
    #expect(try gru(x, dropout: 0.5, using: &evaluation).outputs.isEqual(to: gru(x).outputs))
    #expect(try lstm(x, dropout: 0.5, using: &evaluation).outputs.isEqual(to: lstm(x).outputs))
  }

  /// Penalties on a recurrent discriminator differentiate twice, in single precision too, for which the engine has
  /// kernels of their own.
  @Test func singlePrecisionDifferentiatesTwice() throws {
    func penaltyGradients(in dtype: DType) throws -> [Tensor] {
      var stream = RandomStream(seed: 5, name: "penalty")
      let gru = try GRU(inputs: 3, hidden: 4, using: &stream)
      let lstm = try LSTM(inputs: 3, hidden: 4, using: &stream)
      try gru.convert(to: dtype)
      try lstm.convert(to: dtype)
      let x = try stream.normal([2, 6, 3]).converted(to: dtype).asLeaf()
      for outputs in [try gru(x).outputs, try lstm(x).outputs] {
        let slope = try #require(try gradients(of: [outputs], withRespectTo: [x], createGraph: true)[0])
        try slope.squared().sum().backward()
      }
      return try (gru.parameters + lstm.parameters).map { try #require($0.grad) }
    }
    for (single, double) in zip(try penaltyGradients(in: .float32), try penaltyGradients(in: .float64)) {
      #expect(try single.distance(to: double) < 1e-4)
      #expect(try double.absolute().max().item() > 1e-3)
    }
  }

  /// The operator of our own, in single precision, beside the engine's layer in double precision; more rows than a thread takes,
  /// and a width that fills no vector.
  @Test(arguments: [1, 2]) func gruEqualsTheEngines(layers: Int) throws {
    func results(in dtype: DType) throws -> [Tensor] {
      var stream = RandomStream(seed: 5, name: "operator")
      let gru = try GRU(inputs: 5, hidden: 19, layers: layers, using: &stream)
      try gru.convert(to: dtype)
      let x = try stream.normal([37, 7, 5]).converted(to: dtype).asLeaf()
      let start = try stream.normal([layers, 37, 19]).converted(to: dtype).asLeaf()
      let weights = try stream.normal([37, 7, 19]).converted(to: dtype)
      let (outputs, end) = try gru(x, state: start)
      try ((outputs * weights).sum() + end.sum()).backward()
      return try [outputs, end] + ([x, start] + gru.parameters.map(\.value)).map { try #require($0.grad) }
    }
    for (single, double) in zip(try results(in: .float32), try results(in: .float64)) {
      #expect(try single.distance(to: double) < 1e-4)
    }
  }

  @Test func gruUnderAutocastIsClose() throws {
    var stream = RandomStream(seed: 5, name: "lowered")
    let gru = try GRU(inputs: 5, hidden: 19, using: &stream)
    let x = try stream.normal([20, 7, 5])
    func gradients(_ precision: DType?) throws -> [Tensor] {
      try gru.parameters.forEach { try $0.clearGrad() }
      let outputs = try withAutocast(precision, on: .cpu) { try gru(x).outputs }
      try outputs.widened().squared().sum().backward()
      return try [outputs] + gru.parameters.map { try #require($0.grad) }
    }
    for (lowered, full) in zip(try gradients(.bfloat16), try gradients(nil)) {
      let scale = try full.absolute().max().item()
      #expect(try lowered.distance(to: full) < 0.02 * scale)
    }
  }

  @Test(arguments: [1, 2], [nil, DType.bfloat16]) func preparedStepsEqualSteps(layers: Int, precision: DType?)
    throws
  {
    var stream = RandomStream(seed: 5, name: "prepared")
    let gru = try GRU(inputs: 3, hidden: 20, layers: layers, using: &stream)
    let inputs = try stream.normal([6, 3])
    var state = try stream.normal([layers, 5, 20])
    let tolerance = precision == nil ? 1e-6 : 0.03
    try withAutocast(precision, on: .cpu) {
      var steps = try gru.steps(reading: inputs, from: state)
      try withoutAutocast(on: .cpu) {
        for ids in [[0, 5, 2, 2, 1], [3, 3, 4, 0, 5]] {
          let ids = try Tensor(ids)
          let next = try gru.step(inputs.gathered(at: ids), state: state)
          #expect(try steps.step(ids).widened().distance(to: next.output) < tolerance)
          state = next.state
        }
        let kept = try Tensor([3, 0])
        try steps.keep(kept)
        let ids = try Tensor([1, 4])
        let next = try gru.step(inputs.gathered(at: ids), state: state.gathered(at: kept, along: 1))
        #expect(try steps.step(ids).widened().distance(to: next.output) < tolerance)
        #expect(throws: TorchError.self) { _ = try steps.step(Tensor([1, 6])) }
      }
    }
    #expect(throws: TorchError.self) { _ = try gru.steps(reading: inputs, from: stream.normal([3, 5, 20])) }
  }

  @Test func wrongInputsAreNamed() throws {
    var stream = RandomStream(seed: 5, name: "errors")
    let gru = try GRU(inputs: 3, hidden: 4, using: &stream)
    let lstm = try LSTM(inputs: 3, hidden: 4, using: &stream)
    #expect(throws: TorchError("GRU: input of shape [2, 6, 5], expected [B, T, 3] with T > 0")) {
      _ = try gru(Tensor.zeros([2, 6, 5]))
    }
    #expect(throws: TorchError("LSTM: input of shape [2, 0, 3], expected [B, T, 3] with T > 0")) {
      _ = try lstm(Tensor.zeros([2, 0, 3]))
    }
    #expect(throws: TorchError("GRU: state of shape [1, 2, 5], expected [1, 2, 4]")) {
      _ = try gru(Tensor.zeros([2, 6, 3]), state: Tensor.zeros([1, 2, 5]))
    }
    #expect(throws: TorchError("GRU: input of shape [2, 1, 3], expected [B, 3] for one step")) {
      _ = try gru.step(Tensor.zeros([2, 1, 3]), state: Tensor.zeros([1, 2, 4]))
    }
    #expect {
      _ = try gru(Tensor.zeros([2, 6, 3], dtype: .float64))
    } throws: {
      String(describing: $0).contains("aten::gru") && String(describing: $0).contains("dtype")
    }
  }
}
