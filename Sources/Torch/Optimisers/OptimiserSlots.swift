private let zerosLikeOperator = Operator("aten::zeros_like")
private let copyOperator = Operator("aten::copy_")

/// The part that all optimisers share: per parameter a count of steps and some tensors of its shape ("slots").
struct OptimiserSlots {
  let parameters: [(name: String, parameter: Parameter)]
  private let slots: [String]
  /// One list of moments per slot, one tensor per parameter.
  private let moments: [[Tensor]]
  private var steps: [Int]

  /// Starts with moments of zero.
  ///
  /// - Parameter slots: PyTorch's names of the moments, such as `exp_avg`.
  init(_ parameters: [(name: String, parameter: Parameter)], slots: [String]) throws {
    self.parameters = parameters
    self.slots = slots
    steps = parameters.map { _ in 0 }
    moments = try slots.map { _ in
      try parameters.map { _, parameter in try zerosLikeOperator(.tensor(parameter.value.detached())) }
    }
  }

  /// What one step works on: entries of equal places belong to one parameter.
  struct Live {
    /// The parameters' values, to be written in place.
    var values: [Tensor?] = []
    /// Their gradients, in the layout of the values.
    var gradients: [Tensor?] = []
    /// One list per slot.
    var moments: [[Tensor?]]
    /// Steps taken, this one included.
    var steps: [Int] = []
  }

  /// Picks the parameters that have gradients and counts the step for them.
  mutating func takeStep() throws -> Live {
    var live = Live(moments: slots.map { _ in [] })
    for (index, (name, parameter)) in parameters.enumerated() {
      guard let gradient = parameter.grad else { continue }
      let value = parameter.value
      guard gradient.shape == value.shape, gradient.dtype == value.dtype else {
        throw TorchError("\(name): gradient \(gradient) does not fit \(value.dtype)\(value.shape)")
      }
      live.values.append(value)
      live.gradients.append(try OptimiserSlots.matched(gradient, to: value))
      for slot in slots.indices { live.moments[slot].append(moments[slot][index]) }
      steps[index] += 1
      live.steps.append(steps[index])
    }
    return live
  }

  /// The gradient laid out in memory as its value is: fused kernels walk both in one pass and look at no strides.
  private static func matched(_ gradient: Tensor, to value: Tensor) throws -> Tensor {
    if gradient.strides == value.strides { return gradient }
    return try withoutGradients {
      try copyOperator(.tensor(zerosLikeOperator(.tensor(value))), .tensor(gradient))
    }
  }

  /// Moments and counts by name, parameter by parameter.
  var state: [(name: String, tensor: Tensor)] {
    get throws {
      var entries: [(name: String, tensor: Tensor)] = []
      for (index, (name, _)) in parameters.enumerated() {
        for (slot, slotName) in slots.enumerated() {
          entries.append(("\(name).\(slotName)", moments[slot][index]))
        }
        entries.append(("\(name).step", try Tensor(steps[index])))
      }
      return entries
    }
  }

  /// Takes moments and counts after checking all of them.
  mutating func load(_ tensors: [String: Tensor]) throws {
    var faults: [String] = []
    let expected = try state
    for (name, current) in expected {
      guard let tensor = tensors[name] else {
        faults.append("\(name) is missing")
        continue
      }
      if tensor.shape != current.shape || tensor.dtype != current.dtype {
        faults.append(
          "\(name) is \(tensor.dtype)\(tensor.shape), expected \(current.dtype)\(current.shape)")
      } else if name.hasSuffix(".step"), current.dtype == .int64, try tensor.item() < 0 {
        faults.append("\(name) is \(Int(try tensor.item())), expected a count of steps")
      }
    }
    let known = Set(expected.map(\.name))
    faults += tensors.keys.filter { !known.contains($0) }.sorted().map {
      "\($0) is not part of the optimiser"
    }
    guard faults.isEmpty else { throw TorchError(faults.joined(separator: "; ")) }
    for (index, (name, _)) in parameters.enumerated() {
      for (slot, slotName) in slots.enumerated() {
        guard let tensor = tensors["\(name).\(slotName)"] else { continue }
        _ = try copyOperator(.tensor(moments[slot][index]), .tensor(tensor))
      }
      if let count = tensors["\(name).step"] { steps[index] = Int(try count.item()) }
    }
  }
}
