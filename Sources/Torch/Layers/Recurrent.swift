private let lstmOperator = Operator("aten::lstm", "input")
private let lstmCellOperator = Operator("aten::lstm_cell")

/// The weights of a stack of recurrent layers, named and laid out as in PyTorch.
///
/// Layer n has `weight_ih_ln [G H, I]`, `weight_hh_ln [G H, H]`, `bias_ih_ln [G H]` and `bias_hh_ln [G H]`, where G counts the
/// gates, whose rows lie one gate below the other.
struct RecurrentStack {
  /// One layer of the stack.
  struct Layer {
    let weightIH: Parameter
    let weightHH: Parameter
    let biasIH: Parameter
    let biasHH: Parameter

    /// The layer's tensors in the order that the engine's operators take them.
    var tensors: [Tensor] { [weightIH.value, weightHH.value, biasIH.value, biasHH.value] }

    /// The same as arguments.
    var arguments: [Operator.Argument] { tensors.map { .tensor($0) } }
  }

  /// The kind of layer, for messages.
  let kind: String
  let inputs: Int
  let hidden: Int
  let layers: [Layer]

  /// Initialises weights and biases uniformly within `1 / sqrt(hidden)`, as PyTorch does.
  init(
    kind: String, gates: Int, inputs: Int, hidden: Int, layers: Int, using stream: inout RandomStream
  ) throws {
    self.kind = kind
    self.inputs = inputs
    self.hidden = hidden
    let bound = 1 / Double(hidden).squareRoot()
    var drawn: [Layer] = []
    for index in 0..<layers {
      func parameter(_ shape: [Int]) throws -> Parameter {
        try Parameter(stream.symmetric(shape, within: bound))
      }
      drawn.append(
        Layer(
          weightIH: try parameter([gates * hidden, index == 0 ? inputs : hidden]),
          weightHH: try parameter([gates * hidden, hidden]),
          biasIH: try parameter([gates * hidden]),
          biasHH: try parameter([gates * hidden])))
    }
    self.layers = drawn
  }

  /// All weights under PyTorch's names.
  var members: Members {
    var members: Members = [:]
    for (index, layer) in layers.enumerated() {
      members.append("weight_ih_l\(index)", .parameter(layer.weightIH))
      members.append("weight_hh_l\(index)", .parameter(layer.weightHH))
      members.append("bias_ih_l\(index)", .parameter(layer.biasIH))
      members.append("bias_hh_l\(index)", .parameter(layer.biasHH))
    }
    return members
  }

  /// A state of zeros, `[layers, B, H]`, of the type and on the device of the input.
  func zeroState(for x: Tensor) throws -> Tensor {
    try Tensor.zeros([layers.count, x.shape[0], hidden], dtype: x.dtype, device: x.device)
  }

  /// Throws unless `x` is `[B, T, I]` with at least one frame.
  func checkSequence(_ x: Tensor) throws {
    guard x.rank == 3, x.shape[2] == inputs, x.shape[1] > 0 else {
      throw TorchError("\(kind): input of shape \(x.shape), expected [B, T, \(inputs)] with T > 0")
    }
  }

  /// Throws unless `x` is `[B, I]`.
  func checkStep(_ x: Tensor) throws {
    guard x.rank == 2, x.shape[1] == inputs else {
      throw TorchError("\(kind): input of shape \(x.shape), expected [B, \(inputs)] for one step")
    }
  }

  /// Throws unless a state is `[layers, B, H]` for the input's batch.
  func checkState(_ state: Tensor, for x: Tensor) throws {
    let expected = [layers.count, x.shape[0], hidden]
    guard state.shape == expected else {
      throw TorchError("\(kind): state of shape \(state.shape), expected \(expected)")
    }
  }
}

/// Long short-term memory (Hochreiter and Schmidhuber, 1997), one or more layers deep, over sequences or step by
/// step.
///
/// Names and layout are those of `torch.nn.LSTM`; the gates are input, forget, cell and output:
///
///     i, f, o = sigmoid(W x + b + U h + c), each with weights of its own
///     g = tanh(Wig x + big + Whg h + bhg)
///     cell = f cell + i g
///     h = o tanh(cell)
public final class LSTM: Module {
  /// What goes from step to step.
  public struct State: Sendable {
    /// The outputs of all layers, `[layers, B, H]`.
    public var hidden: Tensor
    /// The memories of all layers, `[layers, B, H]`.
    public var cell: Tensor

    /// Takes both, each `[layers, B, H]`.
    public init(hidden: Tensor, cell: Tensor) {
      self.hidden = hidden
      self.cell = cell
    }
  }

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
      kind: "LSTM", gates: 4, inputs: inputs, hidden: hidden, layers: layers, using: &stream)
  }

  /// A state of zeros for a batch.
  public func zeroState(for x: Tensor) throws -> State {
    let zeros = try stack.zeroState(for: x)
    return State(hidden: zeros, cell: zeros)
  }

  /// Runs over whole sequences.
  ///
  /// - Parameters:
  ///   - x: `[B, T, I]`.
  ///   - state: where to start; zeros where nil.
  /// - Returns: the last layer's outputs `[B, T, H]`, and all layers' states at the end.
  /// - Throws: `TorchError` when shapes do not fit or there is no frame.
  public func callAsFunction(_ x: Tensor, state: State? = nil) throws -> (outputs: Tensor, state: State) {
    try run(stack.layers, x, from: start(x, state))
  }

  /// The same with dropout between the layers: on the outputs of each but the last.
  ///
  /// - Parameters:
  ///   - x: `[B, T, I]`.
  ///   - state: where to start; zeros where nil.
  ///   - dropout: the probability of an element to be zeroed, in `[0, 1)`.
  ///   - stream: where the choices are drawn from; nil in evaluation, without dropout.
  public func callAsFunction(
    _ x: Tensor, state: State? = nil, dropout: Double, using stream: inout RandomStream?
  ) throws -> (outputs: Tensor, state: State) {
    let start = try start(x, state)
    guard stream != nil, dropout != 0, layers > 1 else { return try run(stack.layers, x, from: start) }
    // Layer by layer: the engine's operator would draw the masks from a generator of its own.
    var outputs = x
    var ends: [State] = []
    for (index, layer) in stack.layers.enumerated() {
      if index > 0 { outputs = try outputs.sequenceDropout(dropout, using: &stream) }
      let before = State(
        hidden: try start.hidden.narrowed(along: 0, start: index, count: 1),
        cell: try start.cell.narrowed(along: 0, start: index, count: 1))
      let result = try run([layer], outputs, from: before)
      outputs = result.outputs
      ends.append(result.state)
    }
    let end = State(
      hidden: try Tensor.concatenated(ends.map(\.hidden)), cell: try Tensor.concatenated(ends.map(\.cell)))
    return (outputs, end)
  }

  /// Goes one step.
  ///
  /// - Parameters:
  ///   - x: `[B, I]`.
  ///   - state: all layers' states.
  /// - Returns: the last layer's output `[B, H]`, and all layers' new states.
  /// - Throws: `TorchError` when shapes do not fit.
  public func step(_ x: Tensor, state: State) throws -> (output: Tensor, state: State) {
    try stack.checkStep(x)
    try stack.checkState(state.hidden, for: x)
    try stack.checkState(state.cell, for: x)
    var output = x
    var (hidden, cell): ([Tensor], [Tensor]) = ([], [])
    let before = zip(try state.hidden.unbound(), try state.cell.unbound())
    for (layer, (hiddenBefore, cellBefore)) in zip(stack.layers, before) {
      let results = try lstmCellOperator.call(
        [.tensor(output), .tensors([hiddenBefore, cellBefore])] + layer.arguments, capacity: 2)
      output = results[0]
      hidden.append(results[0])
      cell.append(results[1])
    }
    return (output, State(hidden: try Tensor.stacked(hidden), cell: try Tensor.stacked(cell)))
  }

  private func start(_ x: Tensor, _ state: State?) throws -> State {
    try stack.checkSequence(x)
    let state = try state ?? zeroState(for: x)
    try stack.checkState(state.hidden, for: x)
    try stack.checkState(state.cell, for: x)
    return state
  }

  /// oneDNN runs sequences in bfloat16 with AVX-512 only, and libtorch 2.13 asks it on any CPU; without, they are run in the
  /// precision of the weights.
  private static let lowersOnCPU = Engine.cpuCapability.hasPrefix("AVX512")

  private func run(_ layers: [RecurrentStack.Layer], _ x: Tensor, from state: State) throws -> (
    outputs: Tensor, state: State
  ) {
    let weights = layers.flatMap(\.tensors)
    guard x.device == .cpu, !Self.lowersOnCPU, let precision = weights.first?.dtype else {
      return try run(layers.count, weights, x, from: state)
    }
    return try withoutAutocast(on: x.device) {
      let state = State(
        hidden: try state.hidden.converted(to: precision), cell: try state.cell.converted(to: precision))
      return try run(layers.count, weights, x.converted(to: precision), from: state)
    }
  }

  private func run(_ count: Int, _ weights: [Tensor], _ x: Tensor, from state: State) throws -> (
    outputs: Tensor, state: State
  ) {
    let results = try lstmOperator.call(
      [
        .tensor(x), .tensors([state.hidden, state.cell]), .tensors(weights), .bool(true), .int(count),
        .double(0), .bool(false), .bool(false), .bool(true),
      ], capacity: 3)
    return (results[0], State(hidden: results[1], cell: results[2]))
  }
}
