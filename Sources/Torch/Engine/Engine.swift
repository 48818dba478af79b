import CTorch

/// Facts and settings of the engine, libtorch, as a whole.
public enum Engine {
  /// libtorch's version, as in `2.13.0`.
  public static var version: String { String(cString: ct_version()) }

  /// The vector instructions that the engine's CPU kernels use on this machine, as in `AVX512`.
  public static var cpuCapability: String { String(cString: ct_cpu_capability()) }

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
