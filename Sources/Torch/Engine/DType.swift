import CTorch

/// The type of a tensor's elements.
public enum DType: String, Sendable, CaseIterable, Codable {
  /// 8-bit unsigned integers.
  case uint8
  /// 32-bit signed integers.
  case int32
  /// 64-bit signed integers: indices and labels.
  case int64
  /// IEEE half precision.
  case float16
  /// IEEE single precision: the default of the engine and of Duel.
  case float32
  /// IEEE double precision.
  case float64
  /// Pairs of single-precision numbers, as Fourier transforms give.
  case complex64
  /// Truth values, one byte each.
  case bool
  /// Single precision's range with 8 bits of precision.
  case bfloat16

  /// Bytes an element takes.
  public var byteCount: Int {
    switch self {
    case .uint8, .bool: 1
    case .float16, .bfloat16: 2
    case .int32, .float32: 4
    case .int64, .float64, .complex64: 8
    }
  }

  /// Whether the elements are real floating-point numbers.
  public var isFloatingPoint: Bool {
    switch self {
    case .float16, .float32, .float64, .bfloat16: true
    default: false
    }
  }

  /// The engine's number for the type.
  var code: ct_dtype {
    switch self {
    case .uint8: CT_UINT8
    case .int32: CT_INT32
    case .int64: CT_INT64
    case .float16: CT_FLOAT16
    case .float32: CT_FLOAT32
    case .float64: CT_FLOAT64
    case .complex64: CT_COMPLEX64
    case .bool: CT_BOOL
    case .bfloat16: CT_BFLOAT16
    }
  }

  /// The type of the engine's number; nil for types that Duel has no use for.
  init?(code: Int32) {
    guard let match = DType.allCases.first(where: { $0.code.rawValue == UInt32(code) }) else { return nil }
    self = match
  }
}

/// A Swift number that can be an element of a tensor.
public protocol TensorScalar: Sendable, BitwiseCopyable {
  /// The element type that it is stored as.
  static var dtype: DType { get }
}

extension Float: TensorScalar {
  /// Single precision.
  public static var dtype: DType { .float32 }
}
extension Double: TensorScalar {
  /// Double precision.
  public static var dtype: DType { .float64 }
}
extension Int64: TensorScalar {
  /// 64-bit integers.
  public static var dtype: DType { .int64 }
}
extension Int: TensorScalar {
  /// 64-bit integers, as on every platform Duel runs on.
  public static var dtype: DType { .int64 }
}
extension Int32: TensorScalar {
  /// 32-bit integers.
  public static var dtype: DType { .int32 }
}
extension UInt8: TensorScalar {
  /// Bytes.
  public static var dtype: DType { .uint8 }
}
extension Bool: TensorScalar {
  /// Truth values.
  public static var dtype: DType { .bool }
}
