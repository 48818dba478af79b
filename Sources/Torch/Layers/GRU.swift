private let gruOperator = Operator("aten::gru", "input")
private let gruCellOperator = Operator("aten::gru_cell")
private let layerOperator = Operator("duel::gru")
private let stepOperator = Operator("duel::gru_step")

/// Gated recurrent units (Cho et al., 2014), one or more layers deep, over sequences or step by step.
///
/// Names and layout are those of `torch.nn.GRU`; the gates are reset, update and new, and the reset gate acts after
/// the recurrent product:
///
///     r = sigmoid(Wir x + bir + Whr h + bhr)
///     z = sigmoid(Wiz x + biz + Whz h + bhz)
///     n = tanh(Win x + bin + r (Whn h + bhn))
///     h = (1 - z) n + z h
///
/// On CPUs, in single precision and under autocast, sequences run in an operator of our own, `duel::gru`.
public final class GRU: Module {
  private let stack: RecurrentStack

  /// The weights of all layers.
  public var members: Members { stack.members }
  /// Extent of an input.
  public var inputs: Int { stack.inputs }
  /// Extent of a layer's state and of the output.
  public var hidden: Int { stack.hidden }
  /// Number of layers.
  public var layers: Int { stack.layers.count }

  /// Initialises weights and biases uniformly within `1 / sqrt(hidden)`, as PyTorch does.
  ///
  /// - Parameters:
  ///   - inputs: extent of an input.
  ///   - hidden: extent of a layer's state.
  ///   - layers: number of layers; each above the first reads the one below.
  ///   - stream: source of random numbers for the weights.
  public init(inputs: Int, hidden: Int, layers: Int = 1, using stream: inout RandomStream) throws {
    stack = try RecurrentStack(
      kind: "GRU", gates: 3, inputs: inputs, hidden: hidden, layers: layers, using: &stream)
  }

  /// A state of zeros for a batch, `[layers, B, H]`.
  public func zeroState(for x: Tensor) throws -> Tensor { try stack.zeroState(for: x) }

  /// Runs over whole sequences.
  ///
  /// - Parameters:
  ///   - x: `[B, T, I]`.
  ///   - state: where to start, `[layers, B, H]`; zeros where nil.
  /// - Returns: the last layer's states `[B, T, H]`, and all layers' states at the end `[layers, B, H]`.
  /// - Throws: `TorchError` when shapes do not fit or there is no frame.
  public func callAsFunction(_ x: Tensor, state: Tensor? = nil) throws -> (outputs: Tensor, state: Tensor) {
    try run(stack.layers, x, from: start(x, state))
  }

  /// The same with dropout between the layers: on the outputs of each but the last.
  ///
  /// - Parameters:
  ///   - x: `[B, T, I]`.
  ///   - state: where to start, `[layers, B, H]`; zeros where nil.
  ///   - dropout: the probability of an element to be zeroed, in `[0, 1)`.
  ///   - stream: where the choices are drawn from; nil in evaluation, without dropout.
  public func callAsFunction(
    _ x: Tensor, state: Tensor? = nil, dropout: Double, using stream: inout RandomStream?
  ) throws -> (outputs: Tensor, state: Tensor) {
    let start = try start(x, state)
    guard stream != nil, dropout != 0, layers > 1 else { return try run(stack.layers, x, from: start) }
    // Layer by layer: the engine's operator would draw the masks from a generator of its own.
    var outputs = x
    var ends: [Tensor] = []
    for (index, layer) in stack.layers.enumerated() {
      if index > 0 { outputs = try outputs.sequenceDropout(dropout, using: &stream) }
      let result = try run([layer], outputs, from: start.narrowed(along: 0, start: index, count: 1))
      outputs = result.outputs
      ends.append(result.state)
    }
    return (outputs, try Tensor.concatenated(ends))
  }

  /// Goes one step.
  ///
  /// - Parameters:
  ///   - x: `[B, I]`.
  ///   - state: `[layers, B, H]`.
  /// - Returns: the last layer's new state `[B, H]`, and all layers' new states `[layers, B, H]`.
  /// - Throws: `TorchError` when shapes do not fit.
  public func step(_ x: Tensor, state: Tensor) throws -> (output: Tensor, state: Tensor) {
    try stack.checkStep(x)
    try stack.checkState(state, for: x)
    var output = x
    var ends: [Tensor] = []
    for (layer, before) in zip(stack.layers, try state.unbound()) {
      output = try gruCellOperator.call([.tensor(output), .tensor(before)] + layer.arguments, capacity: 1)[0]
      ends.append(output)
    }
    return (output, try Tensor.stacked(ends))
  }

  private func start(_ x: Tensor, _ state: Tensor?) throws -> Tensor {
    try stack.checkSequence(x)
    let state = try state ?? zeroState(for: x)
    try stack.checkState(state, for: x)
    return state
  }

  private func run(_ layers: [RecurrentStack.Layer], _ x: Tensor, from state: Tensor) throws -> (
    outputs: Tensor, state: Tensor
  ) {
    guard x.device == .cpu, stack.layers.allSatisfy({ $0.weightHH.value.dtype == .float32 }) else {
      let results = try gruOperator.call(
        [
          .tensor(x), .tensor(state), .tensors(layers.flatMap(\.tensors)), .bool(true), .int(layers.count),
          .double(0), .bool(false), .bool(false), .bool(true),
        ], capacity: 2)
      return (results[0], results[1])
    }
    var outputs = x
    var ends: [Tensor] = []
    for (layer, before) in zip(layers, try state.unbound()) {
      outputs = try layerOperator.call([.tensor(outputs), .tensor(before)] + layer.arguments, capacity: 1)[0]
      ends.append(try outputs.selected(x.shape[1] - 1, along: 1))
    }
    return (outputs, try Tensor.stacked(ends))
  }
}

// MARK: Step by step

extension GRU {
  /// Sequences that go on step by step, without gradients, each step reading one of a few inputs that are known beforehand,
  /// such as the vectors of symbols.
  ///
  /// What the first layer makes of each input is computed once, so that a step consists of the recurrent products
  /// alone. Under autocast their operands are lowered, on processors that have instructions for it; states are in single
  /// precision in each case. Weights are copied: later updates do not show.
  public struct Steps {
    private struct Layer {
      let weightIH: Tensor
      let biasIH: Tensor
      let weightHH: Tensor
      let biasHH: Tensor
    }

    private let layers: [Layer]
    /// The first layer's products with each input, `[V, 3H]`.
    private let products: Tensor
    /// Each layer's state `[B, H]`, in single precision and as the products take it.
    private var states: [(state: Tensor, operand: Tensor)]

    /// Takes the weights, the inputs `[V, I]` and the states to start from, `[layers, B, H]`.
    fileprivate init(_ stack: RecurrentStack, inputs: Tensor, state: Tensor, operand: DType) throws {
      layers = try stack.layers.map { layer in
        Layer(
          weightIH: try layer.weightIH.value.converted(to: operand),
          biasIH: try layer.biasIH.value.converted(to: operand),
          weightHH: try layer.weightHH.value.converted(to: operand),
          biasHH: try layer.biasHH.value.converted(to: .float32))
      }
      products = try inputs.converted(to: operand).linear(weight: layers[0].weightIH, bias: layers[0].biasIH)
      states = try state.converted(to: .float32).unbound().map { ($0, try $0.converted(to: operand)) }
    }

    /// Goes one step.
    ///
    /// - Parameter ids: which input each sequence reads, `[B]`.
    /// - Returns: the last layer's new state `[B, H]`, in the precision of the products.
    /// - Throws: `TorchError` when an input is out of range.
    public mutating func step(_ ids: Tensor) throws -> Tensor {
      try withoutGradients {
        try withoutAutocast(on: ids.device) {
          for (index, layer) in layers.enumerated() {
            let inputs =
              index == 0
              ? products : try states[index - 1].operand.linear(weight: layer.weightIH, bias: layer.biasIH)
            let results = try stepOperator.call(
              [
                .tensor(inputs), .optional(index == 0 ? ids : nil), .tensor(states[index].state),
                .tensor(states[index].operand), .tensor(layer.weightHH), .tensor(layer.biasHH),
              ], capacity: 2)
            states[index] = (results[0], results[1])
          }
          return states[layers.count - 1].operand
        }
      }
    }

    /// Goes on with some of the sequences, named by their indices, in their order.
    public mutating func keep(_ rows: Tensor) throws {
      states = try states.map { (try $0.state.gathered(at: rows), try $0.operand.gathered(at: rows)) }
    }
  }

  /// Sequences to go on with step by step, without gradients.
  ///
  /// - Parameters:
  ///   - inputs: what a step can read, `[V, I]`.
  ///   - state: where to start, `[layers, B, H]`.
  /// - Throws: `TorchError` when shapes do not fit.
  public func steps(reading inputs: Tensor, from state: Tensor) throws -> Steps {
    try stack.checkStep(inputs)
    guard state.rank == 3, state.shape[0] == layers, state.shape[2] == hidden else {
      throw TorchError("GRU: state of shape \(state.shape), expected [\(layers), B, \(hidden)]")
    }
    let isLowered =
      autocastDType(on: state.device) == .bfloat16 && (state.device != .cpu || Engine.multipliesBFloat16)
    return try withoutGradients {
      try withoutAutocast(on: state.device) {
        try Steps(stack, inputs: inputs, state: state, operand: isLowered ? .bfloat16 : .float32)
      }
    }
  }
}
