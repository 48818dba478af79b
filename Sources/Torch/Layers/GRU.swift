private let gruOperator = Operator("aten::gru", "input")
private let gruCellOperator = Operator("aten::gru_cell")

/// Gated recurrent units (Cho et al., 2014), one or more layers deep, over sequences or step by step.
///
/// Names and layout are those of `torch.nn.GRU`; the gates are reset, update and new, and the reset gate acts after
/// the recurrent product:
///
///     r = sigmoid(Wir x + bir + Whr h + bhr)
///     z = sigmoid(Wiz x + biz + Whz h + bhz)
///     n = tanh(Win x + bin + r (Whn h + bhn))
///     h = (1 - z) n + z h
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

  /// Draws weights and biases uniformly within `1 / sqrt(hidden)`, as PyTorch does.
  ///
  /// - Parameters:
  ///   - inputs: extent of an input.
  ///   - hidden: extent of a layer's state.
  ///   - layers: number of layers; each above the first reads the one below.
  ///   - stream: where the weights are drawn from.
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
    let results = try gruOperator.call(
      [
        .tensor(x), .tensor(state), .tensors(layers.flatMap(\.tensors)), .bool(true), .int(layers.count),
        .double(0), .bool(false), .bool(false), .bool(true),
      ], capacity: 2)
    return (results[0], results[1])
  }
}
