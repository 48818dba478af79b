import CSoxr

/// Facts about libsoxr, the system library that changes sample rates.
public enum ResamplingLibrary {
  /// The library's own words for its version, as in `libsoxr-0.1.3`.
  public static var version: String { String(cString: soxr_version()) }
}
