import CTorch

private let zerosOperator = Operator("aten::zeros")
private let fullOperator = Operator("aten::full")
private let arangeOperator = Operator("aten::arange", "start_step")
private let eyeOperator = Operator("aten::eye")
private let toOperator = Operator("aten::to", "device")
private let toDTypeOperator = Operator("aten::to", "dtype")
private let copyOperator = Operator("aten::copy_")
private let cloneOperator = Operator("aten::clone")
private let contiguousOperator = Operator("aten::contiguous")

/// An array of numbers of any rank, on the CPU or another device, that remembers how it was computed.
///
/// A tensor is a value: no operation changes one in place, and copies share memory. Operations throw `TorchError`
/// where the engine refuses, so one `try` stands before each expression. Shapes are in C order, the batch first.
public struct Tensor: @unchecked Sendable, CustomStringConvertible {
  /// Frees the engine's handle with the last copy. The engine's own reference counts make this safe on any thread.
  private final class Handle {
    let raw: OpaquePointer
    init(_ raw: OpaquePointer) { self.raw = raw }
    deinit { ct_tensor_free(raw) }
  }

  private let handle: Handle

  /// The engine's handle, valid while this tensor lives.
  var raw: OpaquePointer { handle.raw }

  /// Takes ownership of a handle that the engine gave.
  init(adopting raw: OpaquePointer) { handle = Handle(raw) }

  /// Extents of the dimensions; empty for a single number.
  public var shape: [Int] {
    let rank = self.rank
    return [Int](unsafeUninitializedCapacity: rank) { buffer, count in
      buffer.withMemoryRebound(to: Int64.self) { ct_tensor_shape(raw, $0.baseAddress) }
      count = rank
    }
  }

  /// Steps, in elements, between neighbours along each dimension.
  public var strides: [Int] {
    let rank = self.rank
    return [Int](unsafeUninitializedCapacity: rank) { buffer, count in
      buffer.withMemoryRebound(to: Int64.self) { _ = ct_tensor_strides(raw, $0.baseAddress) }
      count = rank
    }
  }

  /// Number of dimensions.
  public var rank: Int { Int(ct_tensor_rank(raw)) }

  /// Number of elements.
  public var count: Int { shape.reduce(1, *) }

  /// Type of the elements.
  public var dtype: DType {
    guard let dtype = DType(code: ct_tensor_dtype(raw)) else {
      preconditionFailure("an element type that Duel does not use: c10::ScalarType \(ct_tensor_dtype(raw))")
    }
    return dtype
  }

  /// Where the elements lie.
  public var device: Device {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16) { spelling in
      guard ct_tensor_device(raw, spelling.baseAddress) == CT_OK else { return .cpu }
      return Device(spelling: spelling.baseAddress.map { String(cString: $0) } ?? "cpu")
    }
  }

  /// Element type, shape and device, with the values where they are few: `float32[2] [1.0, 2.0]`.
  public var description: String {
    let head = "\(dtype)\(shape)" + (device == .cpu ? "" : " on \(device)")
    guard count <= 8, let values = try? converted(to: .float64).array(of: Double.self) else { return head }
    return "\(head) \(values)"
  }
}

// MARK: Values in and out

extension Tensor {
  /// Copies numbers in C order into a tensor on a device.
  ///
  /// - Throws: `TorchError` when the shape does not hold as many elements.
  public init<Scalar: TensorScalar>(_ values: [Scalar], shape: [Int], device: Device = .cpu) throws {
    let made: Tensor = try values.withUnsafeBytes { bytes in
      try Tensor(bytes: bytes, dtype: Scalar.dtype, shape: shape)
    }
    self = try made.moved(to: device)
  }

  /// Copies numbers into a tensor of rank 1.
  public init<Scalar: TensorScalar>(_ values: [Scalar]) throws {
    try self.init(values, shape: [values.count])
  }

  /// A tensor of rank 0.
  public init<Scalar: TensorScalar>(_ value: Scalar) throws {
    try self.init([value], shape: [])
  }

  /// Copies raw elements in C order and the machine's byte order into a tensor on the CPU.
  ///
  /// - Throws: `TorchError` when the number of bytes does not fit the shape.
  public init(bytes: UnsafeRawBufferPointer, dtype: DType, shape: [Int]) throws {
    let raw = shape.map(Int64.init).withUnsafeBufferPointer {
      ct_tensor_from_bytes(bytes.baseAddress, bytes.count, dtype.code, $0.baseAddress, Int32(shape.count))
    }
    guard let raw else { throw TorchError.last(during: "tensor") }
    self.init(adopting: raw)
  }

  /// The elements in C order.
  ///
  /// - Throws: `TorchError` when the elements are of another type, or cannot be copied from their device.
  public func array<Scalar: TensorScalar>(of type: Scalar.Type = Scalar.self) throws -> [Scalar] {
    guard dtype == Scalar.dtype else {
      throw TorchError("array: the elements are \(dtype), \(Scalar.dtype) was asked for")
    }
    let count = self.count
    return try [Scalar](unsafeUninitializedCapacity: count) { buffer, filled in
      try copyBytes(to: UnsafeMutableRawBufferPointer(buffer))
      filled = count
    }
  }

  /// The elements in C order as raw bytes, in the machine's byte order.
  public func bytes() throws -> [UInt8] {
    let byteCount = count * dtype.byteCount
    return try [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, filled in
      try copyBytes(to: UnsafeMutableRawBufferPointer(buffer))
      filled = byteCount
    }
  }

  /// Copies the elements in C order, in the machine's byte order.
  ///
  /// - Precondition: the buffer holds them.
  package func copyBytes(to buffer: UnsafeMutableRawBufferPointer) throws {
    precondition(buffer.count >= count * dtype.byteCount, "a buffer of \(buffer.count) bytes for \(shape)")
    // A buffer made for n elements may be larger than asked.
    try check(
      ct_tensor_to_bytes(raw, buffer.baseAddress, count * dtype.byteCount), during: "copy of \(shape)")
  }

  /// The one element, as a Swift number whatever its type.
  ///
  /// - Throws: `TorchError` when there is not exactly one.
  public func item() throws -> Double {
    let values = try converted(to: .float64).array(of: Double.self)
    guard values.count == 1 else {
      throw TorchError("item: \(shape) holds \(values.count) elements, 1 expected")
    }
    return values[0]
  }
}

extension Tensor {
  /// A tensor filled with zeros.
  public static func zeros(_ shape: [Int], dtype: DType = .float32, device: Device = .cpu) throws -> Tensor {
    try zerosOperator(.ints(shape), .dtype(dtype), .none, .device(device))
  }

  /// A tensor filled with ones.
  public static func ones(_ shape: [Int], dtype: DType = .float32, device: Device = .cpu) throws -> Tensor {
    try full(shape, value: 1, dtype: dtype, device: device)
  }

  /// A tensor filled with one number.
  public static func full(_ shape: [Int], value: Double, dtype: DType = .float32, device: Device = .cpu)
    throws
    -> Tensor
  {
    try fullOperator(.ints(shape), .double(value), .dtype(dtype), .none, .device(device))
  }

  /// The numbers from `start` up to but not including `end`, `step` apart: `[N]`.
  public static func arange(
    _ start: Double = 0, _ end: Double, step: Double = 1, dtype: DType = .int64, device: Device = .cpu
  ) throws -> Tensor {
    try arangeOperator(.double(start), .double(end), .double(step), .dtype(dtype), .none, .device(device))
  }

  /// The identity matrix `[size, size]`.
  public static func identity(_ size: Int, dtype: DType = .float32, device: Device = .cpu) throws -> Tensor {
    try eyeOperator(.int(size), .dtype(dtype), .none, .device(device))
  }

  /// The same tensor on a device; itself where it is there already.
  public func moved(to device: Device) throws -> Tensor {
    if self.device == device { return self }
    return try toOperator(.tensor(self), .device(device), .dtype(dtype))
  }

  /// The elements as another type; itself where they have it already.
  public func converted(to dtype: DType) throws -> Tensor {
    if self.dtype == dtype { return self }
    return try toDTypeOperator(.tensor(self), .dtype(dtype))
  }

  /// The tensor in single precision, or in double where it is: sums and logits lose too much in half.
  public func widened() throws -> Tensor { dtype == .float64 ? self : try converted(to: .float32) }

  /// Writes the elements of a tensor of the same shape over this one's, whatever else holds them: for memory that is shared on
  /// purpose, such as a parameter's gradient.
  package func overwrite(with other: Tensor) throws {
    guard other.shape == shape else {
      throw TorchError("\(shape) cannot take the elements of \(other.shape)")
    }
    _ = try copyOperator(.tensor(self), .tensor(other))
  }

  /// A copy with memory of its own.
  public func cloned() throws -> Tensor { try cloneOperator(.tensor(self)) }

  /// The same elements laid out in C order; itself where they are.
  public func contiguous() throws -> Tensor { try contiguousOperator(.tensor(self)) }

  /// Zeros of this tensor's shape, type and device.
  public func zerosLike() throws -> Tensor { try Tensor.zeros(shape, dtype: dtype, device: device) }

  /// Ones of this tensor's shape, type and device.
  public func onesLike() throws -> Tensor { try Tensor.ones(shape, dtype: dtype, device: device) }
}
