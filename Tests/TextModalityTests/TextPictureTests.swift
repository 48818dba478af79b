import Pictures
import Testing

@testable import TextModality

/// The picture that `duel text inspect --picture` draws.
@Suite struct TextPictureTests {
  @Test(arguments: [
    ("a", "a"), (" ", "space"), ("\n", "line end"), ("\r\n", "line end"), ("\t", "tab"), ("\u{E9}", "U+00E9"),
    ("e\u{301}x", "U+0065+"), ("\u{1F600}", "U+1F600"),
  ])
  func symbolsHaveNamesThatCanBeWritten(symbol: String, name: String) {
    #expect(TextPicture.name(of: symbol) == name)
  }

  /// Pixels of bars in each row of a picture.
  private func ink(_ picture: Picture) -> [Int] {
    (0..<picture.height).map { y in (0..<picture.width).count { picture[$0, y] == TextPicture.ink } }
  }

  @Test func barsAreInProportion() {
    let picture = TextPicture(lengths: [3: 10, 5: 5], symbols: ["a": 40, "b": 20, "c": 10]).picture()
    let rows = ink(picture)
    // Of lengths the higher bar stands alone in its upper half; below both are seen.
    let chart = rows.prefix(while: { $0 == 0 }).count
    #expect(rows[chart] == 47 && rows[chart + 79] == 47 && rows[chart + 81] == 94 && rows[chart + 159] == 94)
    #expect(Set(rows.dropFirst(chart + 160)).subtracting([0]) == [420, 210, 105])
  }

  @Test func manyLengthsAndSymbolsFit() {
    let lengths = Dictionary(uniqueKeysWithValues: (1...5_000).map { ($0, 1) })
    let symbols = Dictionary(
      uniqueKeysWithValues: (0..<500).map { ("\(UnicodeScalar(0x4E00 + $0)!)", $0 + 1) })
    let picture = TextPicture(lengths: lengths, symbols: symbols).picture()
    #expect(picture.width == 640 && picture.height < 1_000)
    #expect(picture == TextPicture(lengths: lengths, symbols: symbols).picture())
    #expect(TextPicture(lengths: [0: 1], symbols: [:]).picture().height > 0)
  }
}
