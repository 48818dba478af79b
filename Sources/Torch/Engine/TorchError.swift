import CTorch

/// A failure inside the engine: shapes that do not fit, an operator without a kernel for a type, memory that ran out.
///
/// No C++ exception crosses into Swift: each C entry catches what its body throws and leaves a message, which
/// becomes the error thrown here.
public struct TorchError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What the engine said, on one line.
  public let message: String
  /// Whether memory, the host's or a device's, was short.
  public let isOutOfMemory: Bool

  /// Makes an error with its message.
  public init(_ message: String, isOutOfMemory: Bool = false) {
    self.message = message
    self.isOutOfMemory = isOutOfMemory
  }

  /// The message alone.
  public var description: String { message }

  /// What the last failing call on this thread left.
  static func last(during operation: String) -> TorchError {
    TorchError(
      "\(operation): \(String(cString: ct_last_error()))", isOutOfMemory: ct_last_status() == CT_OUT_OF_MEMORY
    )
  }
}

/// Throws what a C entry recorded unless it succeeded.
func check(_ status: ct_status, during operation: @autoclosure () -> String) throws {
  guard status == CT_OK else { throw TorchError.last(during: operation()) }
}
