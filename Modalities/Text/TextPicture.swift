import Foundation
import Pictures

/// A picture of text: how many samples have how many symbols, and which symbols are the most frequent.
struct TextPicture: Sendable {
  /// Symbols that have a bar, at most, and bars of lengths: of many lengths several share one.
  static let mostSymbols = 24, mostBars = 76
  /// The ink of bars.
  static let ink = Colour(red: 33, green: 113, blue: 181)
  private static let (width, margin, scale) = (640, 16, 2)
  private static let (chartHeight, rowHeight) = (160, 22)
  /// The columns where bars of symbols begin, and where the longest one ends.
  private static let (barStart, barEnd) = (120, 540)

  private let lengths: [Int: Int]
  private let symbols: [(symbol: String, count: Int)]
  private let total: Int

  /// Takes counts.
  ///
  /// - Parameters:
  ///   - lengths: how many samples have how many symbols; at least one.
  ///   - symbols: how often each occurs; equally frequent ones are shown in the order of their bytes.
  init(lengths: [Int: Int], symbols: [String: Int]) {
    self.lengths = lengths
    total = symbols.values.reduce(0, +)
    let sorted = symbols.sorted {
      $0.value == $1.value ? $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) : $0.value > $1.value
    }
    self.symbols = sorted.prefix(Self.mostSymbols).map { ($0.key, $0.value) }
  }

  /// What a symbol is called in letters that there are pictures of: others by the number of their first scalar.
  static func name(of symbol: String) -> String {
    switch symbol {
    case " ": return "space"
    case "\t": return "tab"
    case "\n", "\r\n", "\r": return "line end"
    default:
      if symbol.unicodeScalars.allSatisfy({ (33..<127).contains($0.value) }) { return symbol }
      let first = symbol.unicodeScalars.first.map { String(format: "U+%04X", $0.value) } ?? ""
      return first + (symbol.unicodeScalars.count > 1 ? "+" : "")
    }
  }

  /// Draws it. Equal counts give equal pictures.
  func picture() -> Picture {
    let symbolsTop = 2 * Self.margin + 2 * Self.rowHeight + Self.chartHeight + Self.margin
    let height = symbolsTop + (symbols.count + 1) * Self.rowHeight + Self.margin
    var picture = Picture(width: Self.width, height: height)
    drawLengths(in: &picture, top: Self.margin)
    drawSymbols(in: &picture, top: symbolsTop)
    return picture
  }

  private func drawLengths(in picture: inout Picture, top: Int) {
    guard let shortest = lengths.keys.min(), let longest = lengths.keys.max() else { return }
    let span = longest - shortest + 1
    let step = (span + Self.mostBars - 1) / Self.mostBars
    var bars = [Int](repeating: 0, count: (span + step - 1) / step)
    for (length, samples) in lengths { bars[(length - shortest) / step] += samples }
    let most = bars.max() ?? 1
    picture.write(
      "samples by their number of symbols, most \(most)", x: Self.margin, y: top, scale: Self.scale)
    let base = top + Self.rowHeight + Self.chartHeight
    let width = min(48, (Self.width - 2 * Self.margin) / bars.count)
    for (index, count) in bars.enumerated() where count > 0 {
      let left = Self.margin + index * width
      // What is there is seen, however little.
      let size = max(1, count * Self.chartHeight / most)
      picture.fill(
        x: left..<left + max(1, width - 1), y: base - size..<base, with: Self.ink)
    }
    picture.write("\(shortest)", x: Self.margin, y: base + 4, scale: Self.scale)
    guard longest > shortest else { return }
    picture.write(
      "to \(longest)", x: max(Self.margin + bars.count * width, 160), y: base + 4, scale: Self.scale,
      anchor: .right)
  }

  private func drawSymbols(in picture: inout Picture, top: Int) {
    picture.write("most frequent symbols, in percent", x: Self.margin, y: top, scale: Self.scale)
    guard let most = symbols.first?.count else { return }
    for (index, entry) in symbols.enumerated() {
      let y = top + (index + 1) * Self.rowHeight
      let name = Lettering.shortened(
        Self.name(of: entry.symbol), toWidth: Self.barStart - Self.margin - 8, scale: Self.scale)
      picture.write(name, x: Self.barStart - 8, y: y, scale: Self.scale, anchor: .right)
      let size = max(1, entry.count * (Self.barEnd - Self.barStart) / most)
      picture.fill(
        x: Self.barStart..<Self.barStart + size, y: y..<y + 7 * Self.scale, with: Self.ink)
      picture.write(
        String(format: "%.2f", 100 * Double(entry.count) / Double(total)),
        x: Self.barStart + size + 8, y: y, scale: Self.scale)
    }
  }
}
