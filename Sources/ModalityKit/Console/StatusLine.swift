import Foundation

/// The control characters of a line of a terminal that is drawn over and over: what is to be written for each change.
struct StatusLine {
  /// Seconds between two drawings.
  static let frame = 0.1
  private static let clear = "\r\u{1B}[2K"

  /// Whether the line stands there, without a line break behind it.
  private(set) var isDrawn = false

  /// Draws the line anew.
  mutating func drawing(_ line: String) -> String {
    defer { isDrawn = true }
    return (isDrawn ? Self.clear : "") + line
  }

  /// Takes the line away, so that something else can be written in its place.
  mutating func clearing() -> String {
    defer { isDrawn = false }
    return isDrawn ? Self.clear : ""
  }

  /// Leaves the line as it is and goes to the next.
  mutating func ending() -> String {
    defer { isDrawn = false }
    return isDrawn ? "\n" : ""
  }

  /// Items beside each other, without those at the end that do not fit into so many columns.
  ///
  /// - Parameters:
  ///   - items: at least one, of which the first is cut where it does not fit.
  ///   - width: columns of the terminal. One stays free: some terminals break the line when the last one is used.
  static func fitted(_ items: [String], width: Int) -> String {
    var line = items[0]
    for item in items.dropFirst() {
      guard line.count + 2 + item.count <= width - 1 else { break }
      line += "  " + item
    }
    return String(line.prefix(max(0, width - 1)))
  }
}

/// Numbers as a row of blocks of eight heights.
struct Sparkline {
  private static let blocks = Array("▁▂▃▄▅▆▇█")
  /// Numbers that are shown, the newest ones.
  static let length = 16

  private var values: [Double] = []

  /// Takes another number; one that is not finite is left out.
  mutating func add(_ value: Double) {
    guard value.isFinite else { return }
    values = (values + [value]).suffix(Self.length)
  }

  /// The blocks; nothing where there are not yet two numbers.
  ///
  /// - Parameters:
  ///   - low: what is at the bottom, with all below it.
  ///   - high: what is at the top unless a number is higher; more than `low`.
  func text(from low: Double, to high: Double) -> String {
    guard values.count > 1 else { return "" }
    let top = max(high, values.max() ?? high)
    return String(
      values.map { value in
        let share = max(0, value - low) / (top - low)
        return Self.blocks[min(Int(share * Double(Self.blocks.count)), Self.blocks.count - 1)]
      })
  }
}
