import CTorch

private let copyOperator = Operator("aten::copy_")

/// A tensor that training changes.
///
/// The one place where a value changes under its holders: a layer and an optimiser share a parameter. `value` is a
/// leaf of the autograd graph; operators that write in place (`_fused_adam_`) reach it through the optimisers only.
public final class Parameter {
  /// The current value: a leaf that requires gradients.
  public private(set) var value: Tensor

  /// Makes a parameter that starts with a copy of a tensor's elements: optimisers will write over them in place.
  public init(_ initial: Tensor) throws { value = try initial.detached().cloned().asLeaf() }

  /// The gradient that `backward()` gathered, nil where there is none.
  public var grad: Tensor? { value.grad }

  /// Replaces the elements in place, so that an optimiser that holds this parameter goes on with it.
  ///
  /// - Throws: `TorchError` when the shape differs.
  public func set(_ tensor: Tensor) throws {
    guard tensor.shape == value.shape else {
      throw TorchError("parameter of shape \(value.shape) cannot take \(tensor.shape)")
    }
    try withoutGradients { _ = try copyOperator(.tensor(value), .tensor(tensor)) }
  }

  /// Sets whether operations on the value are recorded.
  func setRequiresGrad(_ required: Bool) throws {
    try check(ct_tensor_set_requires_grad(value.raw, required), during: "requires_grad")
  }

  /// Clears the gathered gradient.
  public func clearGrad() throws { try value.setGrad(nil) }

  /// Moves the elements to a device.
  func move(to device: Device) throws { value = try value.detached().moved(to: device).asLeaf() }

  /// Stores the elements as another type.
  func convert(to dtype: DType) throws { value = try value.detached().converted(to: dtype).asLeaf() }
}

/// A tensor that belongs to a module's state and is not trained, such as spectral norm's singular vectors.
public final class Buffer {
  /// The current value.
  public var value: Tensor

  /// Makes a buffer that starts with a tensor.
  public init(_ initial: Tensor) { value = initial }
}

/// A layer or a network: something with named parameters, buffers and parts.
///
/// A module lists its members in the order and under the names that PyTorch's layer of the same kind has, so that
/// weights can be exchanged. Calling conventions differ (a latent, a sequence, a step) and are left to each type.
public protocol Module: AnyObject, ModuleMember {
  /// Parameters, buffers and parts in registration order.
  var members: Members { get }
}
