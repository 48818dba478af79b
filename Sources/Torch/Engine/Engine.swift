import CTorch
import Failures

/// Facts and settings of the engine, libtorch, as a whole.
public enum Engine {
  /// libtorch's version, as in `2.13.0`.
  public static var version: String { String(cString: ct_version()) }

  /// The vector instructions that the engine's CPU kernels use on this machine, as in `AVX512`.
  public static var cpuCapability: String { String(cString: ct_cpu_capability()) }

  /// Whether the CPU has instructions that multiply in bfloat16; without, products in it are slower than in single precision.
  static var multipliesBFloat16: Bool { ct_cpu_multiplies_bfloat16() }

  /// Whether products in bfloat16 are faster than in single precision on the CPU: with AMX, and on AMD's processors that have
  /// AVX512-BF16. A fact of the processor's kind, not a measurement.
  public static var gainsByBFloat16: Bool { ct_cpu_gains_by_bfloat16() }

  /// Threads that one operator may use.
  public static var threads: Int { Int(ct_threads()) }

  /// Sets how many threads one operator may use, for the whole process. Results are reproducible bit by bit only
  /// at one setting, since sums are split among the threads.
  ///
  /// - Throws: `TorchError` when the count is not positive.
  public static func setThreads(_ count: Int) throws {
    guard count > 0 else { throw TorchError("threads: \(count) given, at least 1 expected") }
    try check(ct_set_threads(Int32(count)), during: "threads")
  }

  /// Makes an operator without a deterministic form fail instead of giving results that differ from run to run.
  public static func requireDeterminism(_ on: Bool) throws {
    try check(ct_set_deterministic(on), during: "determinism")
  }

  /// Tensors that Swift holds at this moment, in the whole process: what a leak test counts.
  public static var liveTensorCount: Int { Int(ct_live_tensors()) }
}

/// Where a tensor's elements lie and its operators run.
public struct Device: Hashable, Sendable, Codable, CustomStringConvertible {
  /// The engine's spelling: `cpu`, `cuda:0`, `mps`.
  public let description: String

  /// The host's processors and memory.
  public static let cpu = Device(spelling: "cpu")

  /// Takes a spelling as the engine gives it.
  init(spelling: String) { description = spelling }

  /// The devices of this machine that the engine can use; the CPU always comes first.
  public static var available: [Device] {
    String(cString: ct_devices()).split(separator: "\n").map { Device(spelling: String($0)) }
  }

  /// Finds a device by name: `cpu`, `cuda` (the first of them), `cuda:N`, `mps`.
  ///
  /// - Throws: `UserError` of category usage that lists the devices present when this one is not.
  public init(named name: String) throws {
    let present = Device.available
    let sought = name == "cuda" ? "cuda:0" : name
    guard let match = present.first(where: { $0.description == sought }) else {
      let list = present.map(\.description).joined(separator: ", ")
      throw UserError(.usage, "--device \(name): no such device here; present: \(list)")
    }
    self = match
  }

  /// The kind without the index: `cpu`, `cuda`, `mps`.
  public var kind: String { String(description.prefix { $0 != ":" }) }

  /// Reads the spelling.
  public init(from decoder: any Decoder) throws {
    description = try decoder.singleValueContainer().decode(String.self)
  }

  /// Writes the spelling.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

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
