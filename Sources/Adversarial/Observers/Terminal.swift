import Foundation

/// What the screen of a person is like.
public enum Terminal {
  /// Columns of the terminal behind a file descriptor. COLUMNS wins over what the terminal says; nil when nobody knows,
  /// as for a pipe.
  public static func width(
    of descriptor: Int32, environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> Int? {
    if let columns = environment["COLUMNS"].flatMap({ Int($0) }), columns > 0 { return columns }
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}
