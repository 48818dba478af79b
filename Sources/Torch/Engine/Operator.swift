import CTorch
import Foundation

/// One operator of the engine, found by the name of its schema.
///
/// libtorch publishes about two thousand operators with typed schemas such as
/// `aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor`. Each is reached through the engine's
/// dispatcher, which takes care of autograd, autocast and devices; arguments are checked against the schema, and
/// trailing ones may be left out where it has defaults.
public struct Operator: @unchecked Sendable {
  private let handle: OpaquePointer?
  private let name: String
  private let missing: String

  /// Looks an operator up once, as `Operator("aten::add", "Tensor")`; a call throws if the engine has none.
  public init(_ name: String, _ overload: String = "") {
    self.name = overload.isEmpty ? name : "\(name).\(overload)"
    handle = ct_operator_find(name, overload)
    missing = handle == nil ? String(cString: ct_last_error()) : ""
  }

  /// An argument of an operator.
  public enum Argument: Sendable {
    /// An absent optional value.
    case none
    /// A tensor.
    case tensor(Tensor)
    /// A list of tensors, nil where one is absent.
    case tensors([Tensor?])
    /// An integer, also where the schema wants any number.
    case int(Int)
    /// A list of integers: a shape, strides, dimensions.
    case ints([Int])
    /// A floating-point number.
    case double(Double)
    /// A truth value.
    case bool(Bool)
    /// A word, such as a reduction's or a padding's name.
    case string(String)
    /// An element type.
    case dtype(DType)
    /// A device.
    case device(Device)
    /// A fresh random generator on the CPU with this seed.
    case seed(UInt64)

    /// A tensor, or none.
    public static func optional(_ tensor: Tensor?) -> Argument { tensor.map(Argument.tensor) ?? .none }
  }

  /// Calls the operator and returns its one result.
  ///
  /// - Throws: `TorchError` with the engine's message.
  public func callAsFunction(_ arguments: Argument...) throws -> Tensor {
    guard let result = try call(arguments, capacity: 1).first else {
      throw TorchError("\(name): no result")
    }
    return result
  }

  /// Calls the operator and returns all its results; a list is spread.
  ///
  /// - Throws: `TorchError` with the engine's message, or when there are more than `capacity` results.
  public func call(_ arguments: [Argument], capacity: Int) throws -> [Tensor] {
    guard let handle else { throw TorchError("\(name): \(missing)") }
    return try withExtendedLifetime(arguments) {
      try withUnsafeTemporaryAllocation(of: ct_argument.self, capacity: max(arguments.count, 1)) { packed in
        var lists: [UnsafeMutableRawPointer] = []
        defer { lists.forEach { $0.deallocate() } }
        for (index, argument) in arguments.enumerated() {
          packed.initializeElement(at: index, to: argument.packed(keeping: &lists))
        }
        return try withUnsafeTemporaryAllocation(of: OpaquePointer?.self, capacity: max(capacity, 1)) {
          results in
          var count: Int32 = 0
          try check(
            ct_operator_call(
              handle, packed.baseAddress, Int32(arguments.count), results.baseAddress, Int32(capacity), &count
            ),
            during: name)
          return (0..<Int(count)).compactMap { results[$0].map { Tensor(adopting: $0) } }
        }
      }
    }
  }
}

extension Operator.Argument {
  /// The C form; what it points to is added to `lists`, to be freed after the call.
  fileprivate func packed(keeping lists: inout [UnsafeMutableRawPointer]) -> ct_argument {
    func copy<Element: BitwiseCopyable>(_ elements: [Element]) -> UnsafeRawPointer {
      let bytes = max(elements.count * MemoryLayout<Element>.stride, 1)
      let memory = UnsafeMutableRawPointer.allocate(
        byteCount: bytes, alignment: MemoryLayout<Element>.alignment)
      elements.withUnsafeBytes {
        if let base = $0.baseAddress { memory.copyMemory(from: base, byteCount: $0.count) }
      }
      lists.append(memory)
      return UnsafeRawPointer(memory)
    }
    func make(
      _ kind: ct_argument_kind, integer: Int64 = 0, real: Double = 0, pointer: UnsafeRawPointer? = nil,
      count: Int = 0
    ) -> ct_argument {
      ct_argument(kind: kind, integer: integer, real: real, pointer: pointer, count: Int64(count))
    }
    func text(_ kind: ct_argument_kind, _ string: String) -> ct_argument {
      let bytes = Array(string.utf8)
      return make(kind, pointer: copy(bytes), count: bytes.count)
    }
    switch self {
    case .none: return make(CT_ARG_NONE)
    case .tensor(let tensor): return make(CT_ARG_TENSOR, pointer: UnsafeRawPointer(tensor.raw))
    case .tensors(let tensors):
      return make(CT_ARG_TENSORS, pointer: copy(tensors.map { $0?.raw }), count: tensors.count)
    case .int(let value): return make(CT_ARG_INT, integer: Int64(value))
    case .ints(let values):
      return make(CT_ARG_INTS, pointer: copy(values), count: values.count)
    case .double(let value): return make(CT_ARG_DOUBLE, real: value)
    case .bool(let value): return make(CT_ARG_BOOL, integer: value ? 1 : 0)
    case .string(let value): return text(CT_ARG_STRING, value)
    case .dtype(let dtype): return make(CT_ARG_INT, integer: Int64(dtype.code.rawValue))
    case .device(let device): return text(CT_ARG_DEVICE, device.description)
    case .seed(let seed): return make(CT_ARG_SEED, integer: Int64(bitPattern: seed))
    }
  }
}
