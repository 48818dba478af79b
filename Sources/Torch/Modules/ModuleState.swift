extension Module {
  /// All parameters below this module, depth first in registration order, under dotted names as in PyTorch.
  public var namedParameters: [(name: String, parameter: Parameter)] {
    members.leaves.compactMap { name, leaf in
      if case .parameter(let parameter) = leaf { (name, parameter) } else { nil }
    }
  }

  /// All buffers below this module, depth first in registration order, under dotted names as in PyTorch.
  public var namedBuffers: [(name: String, buffer: Buffer)] {
    members.leaves.compactMap { name, leaf in
      if case .buffer(let buffer) = leaf { (name, buffer) } else { nil }
    }
  }

  /// This module and all modules below it, depth first in registration order.
  public var modules: [any Module] { [self] + members.modules }

  /// All parameters below this module in registration order.
  public var parameters: [Parameter] { namedParameters.map(\.parameter) }

  /// Number of trained numbers.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.value.count } }

  /// Clears the gradients of all parameters.
  public func clearGrads() throws { for parameter in parameters { try parameter.clearGrad() } }

  /// Sets whether operations on the parameters are recorded: a frozen network passes gradients through to its input
  /// and gathers none.
  public func setRequiresGrad(_ required: Bool) throws {
    for parameter in parameters { try parameter.setRequiresGrad(required) }
  }

  /// Moves parameters and buffers to a device; to be done before an optimiser takes them.
  public func move(to device: Device) throws {
    for parameter in parameters { try parameter.move(to: device) }
    for (_, buffer) in namedBuffers { buffer.value = try buffer.value.moved(to: device) }
  }

  /// Stores parameters, and buffers of real numbers, as another floating-point type; to be done before an optimiser
  /// takes them.
  public func convert(to dtype: DType) throws {
    for parameter in parameters { try parameter.convert(to: dtype) }
    for (_, buffer) in namedBuffers where buffer.value.dtype.isFloatingPoint {
      buffer.value = try buffer.value.converted(to: dtype)
    }
  }

  /// Parameters and buffers by dotted name, as PyTorch's `state_dict`. The tensors share memory with the module.
  public var state: [(name: String, tensor: Tensor)] {
    get throws {
      try members.leaves.map { name, leaf in
        switch leaf {
        case .parameter(let parameter): (name, try parameter.value.detached())
        case .buffer(let buffer): (name, buffer.value)
        case .members: preconditionFailure("leaves hold no lists")
        }
      }
    }
  }

  /// Takes parameters and buffers by dotted name.
  ///
  /// Everything is checked before anything is changed.
  /// - Throws: `TorchError` that names each tensor missing, left over or of another shape.
  public func load(_ tensors: [String: Tensor]) throws {
    let leaves = members.leaves
    var faults: [String] = []
    for (name, leaf) in leaves {
      guard let tensor = tensors[name] else {
        faults.append("\(name) is missing")
        continue
      }
      let expected = leaf.shape
      if tensor.shape != expected { faults.append("\(name) is \(tensor.shape), expected \(expected)") }
    }
    let known = Set(leaves.map(\.name))
    faults += tensors.keys.filter { !known.contains($0) }.sorted().map { "\($0) is not part of the network" }
    guard faults.isEmpty else { throw TorchError(faults.joined(separator: "; ")) }
    for (name, leaf) in leaves {
      guard let tensor = tensors[name] else { continue }
      switch leaf {
      case .parameter(let parameter): try parameter.set(tensor)
      case .buffer(let buffer): buffer.value = try tensor.moved(to: buffer.value.device).cloned()
      case .members: preconditionFailure("leaves hold no lists")
      }
    }
  }
}
