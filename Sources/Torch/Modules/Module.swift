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

/// What a module consists of, in order: written as a dictionary literal of names and members.
///
/// A member is a `Parameter`, a `Buffer`, a `Module`, a `ModuleGroup`, a list of members, or nil, which is left out.
public struct Members: ExpressibleByDictionaryLiteral {
  /// One entry of the list.
  enum Member {
    case parameter(Parameter)
    case buffer(Buffer)
    /// A list inside the list, and the module that it is of, if any.
    case members(Members, of: (any Module)?)
  }

  /// The entries in registration order.
  private(set) var list: [(name: String, member: Member)] = []

  /// Takes names and members in order.
  ///
  /// - Precondition: names are neither empty nor dotted, and no two are the same.
  public init(dictionaryLiteral elements: (String, (any ModuleMember)?)...) {
    for (name, member) in elements {
      if let member { append(name, member.asMember) }
    }
  }

  /// Takes modules in order, under the names `0`, `1` and so on.
  init(numbering modules: [any Module]) {
    for (index, module) in modules.enumerated() { append(String(index), module.asMember) }
  }

  mutating func append(_ name: String, _ member: Member) {
    precondition(
      !name.isEmpty && !name.contains("."), "a member's name is neither empty nor dotted: '\(name)'")
    precondition(!list.contains { $0.name == name }, "two members named '\(name)'")
    list.append((name, member))
  }
}

/// What may stand in a module's list of members.
///
/// Conformed to by `Parameter`, `Buffer`, `ModuleGroup`, `Members` and every `Module`; nothing else needs to.
public protocol ModuleMember {
  /// The entry that this makes.
  var asMember: ModuleMemberEntry { get }
}

/// An entry of a module's list of members, opaque outside the engine.
public struct ModuleMemberEntry {
  let member: Members.Member
}

extension Members {
  fileprivate mutating func append(_ name: String, _ entry: ModuleMemberEntry) { append(name, entry.member) }
}

extension Parameter: ModuleMember {
  /// This parameter as an entry.
  public var asMember: ModuleMemberEntry { ModuleMemberEntry(member: .parameter(self)) }
}

extension Buffer: ModuleMember {
  /// This buffer as an entry.
  public var asMember: ModuleMemberEntry { ModuleMemberEntry(member: .buffer(self)) }
}

extension Module {
  /// This module's members as an entry.
  public var asMember: ModuleMemberEntry { ModuleMemberEntry(member: .members(members, of: self)) }
}

extension Members: ModuleMember {
  /// This list as an entry, for names with dots that no module stands behind.
  public var asMember: ModuleMemberEntry { ModuleMemberEntry(member: .members(self, of: nil)) }
}

/// Modules numbered from 0, as in PyTorch's `ModuleList` and `Sequential`.
public struct ModuleGroup: ModuleMember {
  private let modules: [any Module]

  /// Groups modules in order.
  public init(_ modules: [any Module]) { self.modules = modules }

  /// The modules under their numbers as an entry.
  public var asMember: ModuleMemberEntry { Members(numbering: modules).asMember }
}

extension Members {
  /// Parameters and buffers under dotted names, depth first in registration order.
  var leaves: [(name: String, leaf: Member)] {
    list.flatMap { name, member in
      if case .members(let inner, _) = member {
        inner.leaves.map { ("\(name).\($0.name)", $0.leaf) }
      } else {
        [(name, member)]
      }
    }
  }

  /// The modules in the list and below them, depth first, each before its parts.
  var modules: [any Module] {
    list.flatMap { _, member -> [any Module] in
      guard case .members(let inner, let module) = member else { return [] }
      return (module.map { [$0] } ?? []) + inner.modules
    }
  }
}

extension Members.Member {
  var shape: [Int] {
    switch self {
    case .parameter(let parameter): parameter.value.shape
    case .buffer(let buffer): buffer.value.shape
    case .members: []
    }
  }
}

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
