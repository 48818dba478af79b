import Pictures
import Testing

/// A text as rows of dots and hashes.
private func drawn(_ text: String, scale: Int = 1) -> [String] {
  let size = (Lettering.width(of: text, scale: scale), Lettering.height(scale: scale))
  var picture = Picture(width: max(size.0, 1), height: size.1)
  picture.write(text, x: 0, y: 0, scale: scale)
  return (0..<size.1).map { y in (0..<picture.width).map { picture[$0, y] == .black ? "#" : "." }.joined() }
}

@Suite struct LetteringTests {
  @Test func lettersHaveTheirShapes() {
    #expect(
      drawn("kg") == [
        "#..........", "#..........", "#..#...####", "#.#...#...#", "##....#...#", "#.#...#...#",
        "#..#...####", "..........#", ".......###.",
      ])
    #expect(drawn("1").prefix(7) == ["..#..", ".##..", "..#..", "..#..", "..#..", "..#..", ".###."])
  }

  @Test func allPrintableLettersAreThereAndDiffer() {
    let letters = (33...126).map { String(Character(Unicode.Scalar($0)!)) }
    let shapes = letters.map { drawn($0) }
    #expect(Set(shapes).count == letters.count)
    #expect(shapes.allSatisfy { $0.contains { $0.contains("#") } })
    #expect(drawn(" ").allSatisfy { !$0.contains("#") })
  }

  @Test func otherLettersLoseTheirAccentsOrAreBoxes() {
    #expect(drawn("é") == drawn("e") && drawn("Å") == drawn("A"))
    #expect(drawn("日").first == "#####" && drawn("日") == drawn("ß"))
  }

  @Test func sizesAreMultiples() {
    #expect(Lettering.width(of: "") == 0 && Lettering.width(of: "a") == 5)
    #expect(Lettering.width(of: "abc", scale: 2) == 34)
    #expect(Lettering.height(scale: 3) == 27 && Lettering.height(scale: 3, belowLine: false) == 21)
    let (small, large) = (drawn("R2"), drawn("R2", scale: 2))
    for (y, row) in large.enumerated() {
      #expect(row == small[y / 2].map { "\($0)\($0)" }.joined())
    }
  }

  @Test(arguments: [(Picture.TextAnchor.left, 20), (.middle, 18), (.right, 15)])
  func textLiesWhereItsAnchorSays(anchor: Picture.TextAnchor, start: Int) {
    var picture = Picture(width: 40, height: 12)
    picture.write("[", x: 20, y: 2, anchor: anchor)
    let inked = (0..<40).filter { x in (0..<12).contains { picture[x, $0] == .black } }
    // The bracket leaves a column free on its left.
    #expect(inked.first == start + 1)
  }

  @Test func longTextsAreShortened() {
    #expect(Lettering.shortened("hello", toWidth: 29) == "hello")
    #expect(Lettering.shortened("hello", toWidth: 28) == "he..")
    #expect(Lettering.shortened("hello", toWidth: 11) == "he")
    #expect(Lettering.shortened("hello", toWidth: 0) == "")
    // What reaches beyond the edges is left out.
    var picture = Picture(width: 3, height: 3)
    picture.write("W", x: -2, y: -3, scale: 2)
    #expect(picture.width == 3)
  }
}
