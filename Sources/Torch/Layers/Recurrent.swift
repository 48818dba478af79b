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

  /// Draws weights and biases uniformly within `1 / sqrt(hidden)`, as PyTorch does.
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
