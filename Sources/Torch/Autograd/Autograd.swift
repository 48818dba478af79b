import CTorch

private let detachOperator = Operator("aten::detach")
private let versionOperator = Operator("aten::_version")

extension Tensor {
  /// Whether operations on this tensor are recorded for differentiation.
  public var requiresGrad: Bool { ct_tensor_requires_grad(raw) }

  /// The same elements, cut from how they were computed.
  public func detached() throws -> Tensor { try detachOperator(.tensor(self)) }

  /// A leaf with the same elements, whose gradient can be asked for.
  public func asLeaf() throws -> Tensor {
    let leaf = try detached()
    try check(ct_tensor_set_requires_grad(leaf.raw, true), during: "requires_grad")
    return leaf
  }

  /// Whether operations are recorded at all: false inside `withoutGradients`.
  static var recordsGradients: Bool { ct_grad_enabled() }

  /// How often the elements have been written over in place, as optimisers do.
  func version() throws -> Int { Int(try versionOperator(.tensor(self)).item()) }

  /// Whether another value is this very tensor, with the same memory and history.
  func isSame(as other: Tensor) -> Bool { raw == other.raw }

  /// Adds the derivative of this single number to the gradient of every leaf that it depends on.
  ///
  /// - Throws: `TorchError` when this is not a single number or depends on no leaf.
  public func backward() throws { try check(ct_backward(raw), during: "backward") }

  /// The gradient gathered by `backward()` in this leaf, nil where there is none.
  public var grad: Tensor? { ct_grad(raw).map { Tensor(adopting: $0) } }

  /// Replaces the gathered gradient; nil clears it.
  public func setGrad(_ gradient: Tensor?) throws {
    try check(ct_set_grad(raw, gradient?.raw), during: "grad")
  }
}

/// Derivatives of the outputs' sum with respect to each input, without touching gathered gradients.
///
/// - Parameters:
///   - outputs: tensors of any shape; with `seeds`, each is first multiplied by its seed (a vector-Jacobian product).
///   - inputs: tensors on the way to the outputs that require gradients.
///   - seeds: one tensor an output, of its shape; nil stands for ones.
///   - createGraph: whether the derivatives can be differentiated in turn, as gradient penalties need.
/// - Returns: one gradient an input, nil where no output depends on it.
/// - Throws: `TorchError` when an input does not require gradients.
public func gradients(
  of outputs: [Tensor], withRespectTo inputs: [Tensor], seeds: [Tensor]? = nil, createGraph: Bool = false
) throws -> [Tensor?] {
  // The engine wants seeds for outputs that are not single numbers; ones give the derivative of the sum.
  let seeds = try seeds ?? outputs.map { try $0.detached().onesLike() }
  let rawOutputs: [OpaquePointer?] = outputs.map(\.raw)
  let rawSeeds: [OpaquePointer?] = seeds.map(\.raw)
  let rawInputs: [OpaquePointer?] = inputs.map(\.raw)
  var results = [OpaquePointer?](repeating: nil, count: inputs.count)
  try withExtendedLifetime((outputs, seeds, inputs)) {
    try check(
      ct_gradients(
        rawOutputs, Int32(outputs.count), rawSeeds, rawInputs, Int32(inputs.count), createGraph, &results),
      during: "gradients")
  }
  return results.map { $0.map { Tensor(adopting: $0) } }
}

/// Runs a body whose operations are not recorded for differentiation.
public func withoutGradients<Result>(_ body: () throws -> Result) rethrows -> Result {
  let before = ct_set_grad_enabled(false)
  defer { _ = ct_set_grad_enabled(before) }
  return try body()
}

/// Runs a body whose operations are recorded even inside `withoutGradients`, as a penalty in a frozen scope needs.
public func withGradients<Result>(_ body: () throws -> Result) rethrows -> Result {
  let before = ct_set_grad_enabled(true)
  defer { _ = ct_set_grad_enabled(before) }
  return try body()
}

/// Runs a body with matrix products and convolutions in a lower precision, results of sensitive operators in
/// single precision: libtorch's autocast. With nil the body runs as it is.
public func withAutocast<Result>(_ dtype: DType?, on device: Device, _ body: () throws -> Result) rethrows
  -> Result
{
  guard let dtype else { return try body() }
  return try withAutocast(code: Int32(dtype.code.rawValue), on: device, body)
}

/// Runs a body in full precision inside `withAutocast`, as transforms and norms need it that a layer computes on the way.
/// Tensors that are in a lower precision already stay so.
public func withoutAutocast<Result>(on device: Device, _ body: () throws -> Result) rethrows -> Result {
  try withAutocast(code: -1, on: device, body)
}

/// The type that products are lowered to inside `withAutocast`; nil outside of it.
func autocastDType(on device: Device) -> DType? {
  let code = ct_set_autocast(device.kind, -1)
  _ = ct_set_autocast(device.kind, code)
  return code < 0 ? nil : DType(code: code)
}

private func withAutocast<Result>(code: Int32, on device: Device, _ body: () throws -> Result) rethrows
  -> Result
{
  let before = ct_set_autocast(device.kind, code)
  defer { _ = ct_set_autocast(device.kind, before) }
  return try body()
}
