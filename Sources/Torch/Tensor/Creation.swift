private let zerosOperator = Operator("aten::zeros")
private let fullOperator = Operator("aten::full")
private let arangeOperator = Operator("aten::arange", "start_step")
private let eyeOperator = Operator("aten::eye")
private let toOperator = Operator("aten::to", "device")
private let toDTypeOperator = Operator("aten::to", "dtype")
private let cloneOperator = Operator("aten::clone")
private let contiguousOperator = Operator("aten::contiguous")

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

  /// A copy with memory of its own.
  public func cloned() throws -> Tensor { try cloneOperator(.tensor(self)) }

  /// The same elements laid out in C order; itself where they are.
  public func contiguous() throws -> Tensor { try contiguousOperator(.tensor(self)) }

  /// Zeros of this tensor's shape, type and device.
  public func zerosLike() throws -> Tensor { try Tensor.zeros(shape, dtype: dtype, device: device) }

  /// Ones of this tensor's shape, type and device.
  public func onesLike() throws -> Tensor { try Tensor.ones(shape, dtype: dtype, device: device) }
}
