import Foundation

/// Words in pictures: letters of five by seven pixels with two more below the line, in whole multiples of that size.
public enum Lettering {
  /// Pixels from one letter to the next at scale 1.
  private static let advance = 6
  /// Pixels of a letter's height at scale 1, and of those that stand on the line.
  private static let letterHeight = 9, capitalHeight = 7
  private static let letterWidth = 5

  /// Letters of ASCII from the space on: 45 bits, row after row from the top, the left pixel of a row first.
  private static let letters: [UInt64] = [
    0x000000000000, 0x042108401000, 0x0a5280000000, 0x0a57d5f52800, 0x047d1c5f1000, 0x18c888898c00,
    0x0c9511593400, 0x042200000000, 0x022210820800, 0x082084222000, 0x00255d520000, 0x00213e420000,
    0x000000061100, 0x00003e000000, 0x000000063000, 0x000888880000, 0x0e8ceb98b800, 0x046108423800,
    0x0e8844447c00, 0x1f110418b800, 0x0232a5f10800, 0x1f878218b800, 0x06443d18b800, 0x1f0888842000,
    0x0e8c5d18b800, 0x0e8c5e113000, 0x006300c60000, 0x000318061100, 0x022220820800, 0x0007c1f00000,
    0x082082222000, 0x0e8844401000, 0x0e885b5ab800, 0x0e8c7f18c400, 0x1e8c7d18f800, 0x0e8c2108b800,
    0x1c9463197000, 0x1f843d087c00, 0x1f843d084000, 0x0e8c2f18bc00, 0x118c7f18c400, 0x0e2108423800,
    0x071084293000, 0x119531494400, 0x108421087c00, 0x11dd6b18c400, 0x118e6b38c400, 0x0e8c6318b800,
    0x1e8c7d084000, 0x0e8c63593400, 0x1e8c7d494400, 0x0f841c10f800, 0x1f2108421000, 0x118c6318b800,
    0x118c63151000, 0x118c6b5aa800, 0x118a88a8c400, 0x118c54421000, 0x1f0888887c00, 0x0e4210843800,
    0x008208208000, 0x0e1084213800, 0x045440000000, 0x0000000003e0, 0x082080000000, 0x000382f8bc00,
    0x1085b318f800, 0x0003a108b800, 0x010b6718bc00, 0x0003a3f83800, 0x064a38842000, 0x0003e318bc2e,
    0x1085b318c400, 0x040308423800, 0x020184210a4c, 0x1084a98a4800, 0x0c2108423800, 0x0006ab58c400,
    0x0005b318c400, 0x0003a318b800, 0x0007a318fa10, 0x0003e318bc21, 0x0005b3084000, 0x0003e0e0f800,
    0x084710849800, 0x00046319b400, 0x000463151000, 0x0004635aa800, 0x000454454400, 0x00046318bc2e,
    0x0007c4447c00, 0x022110420800, 0x042108421000, 0x082104422000, 0x00022a200000,
  ]
  /// What stands for a letter that there is no picture of: a box.
  private static let unknown: UInt64 = 0x1f8c6318fc00

  /// The pixels of a letter.
  private static func letter(_ scalar: Unicode.Scalar) -> UInt64 {
    let index = Int(scalar.value) - 32
    return letters.indices.contains(index) ? letters[index] : unknown
  }

  /// A text as it is drawn: accents are left out where the letter below them is known.
  private static func scalars(_ text: String) -> [Unicode.Scalar] {
    text.map { letter in
      let plain = String(letter).decomposedStringWithCanonicalMapping.unicodeScalars
      return plain.first ?? " "
    }
  }

  /// How wide a text is, in pixels; 0 for an empty one.
  public static func width(of text: String, scale: Int = 1) -> Int {
    text.isEmpty ? 0 : (text.count * advance - 1) * scale
  }

  /// How high a line of text is, in pixels: capitals and digits alone, or with what some letters have below the line.
  public static func height(scale: Int = 1, belowLine: Bool = true) -> Int {
    (belowLine ? letterHeight : capitalHeight) * scale
  }

  /// The beginning of a text that fits into a width, with two dots where something is missing.
  public static func shortened(_ text: String, toWidth width: Int, scale: Int = 1) -> String {
    guard Self.width(of: text, scale: scale) > width else { return text }
    let count = (width / scale + 1) / advance
    return count > 2 ? text.prefix(count - 2) + ".." : String(text.prefix(max(count, 0)))
  }

  /// Which rectangles of a scaled letter are inked, as offsets from its top left corner.
  fileprivate static func ink(_ text: String, scale: Int) -> [(x: Int, y: Int)] {
    let pixels = letterHeight * letterWidth
    var ink: [(x: Int, y: Int)] = []
    for (position, scalar) in scalars(text).enumerated() {
      let bits = letter(scalar)
      for bit in 0..<pixels where bits >> UInt64(pixels - 1 - bit) & 1 == 1 {
        ink.append(((position * advance + bit % letterWidth) * scale, bit / letterWidth * scale))
      }
    }
    return ink
  }
}

extension Picture {
  /// Which point of a text its place names.
  public enum TextAnchor: Sendable {
    /// The left end, the middle or the right end, each at the top.
    case left, middle, right
  }

  /// Writes a line of text. Letters that there is no picture of, beyond ASCII, become boxes.
  ///
  /// - Parameters:
  ///   - text: one line.
  ///   - x: the column of its left end, middle or right end.
  ///   - y: the row of its top.
  ///   - scale: pixels of the picture for each pixel of a letter, at least 1.
  ///   - anchor: what `x` is the column of.
  ///   - colour: the ink.
  public mutating func write(
    _ text: String, x: Int, y: Int, scale: Int = 1, anchor: TextAnchor = .left, with colour: Colour = .black
  ) {
    let width = Lettering.width(of: text, scale: scale)
    let start =
      switch anchor {
      case .left: x
      case .middle: x - width / 2
      case .right: x - width
      }
    for spot in Lettering.ink(text, scale: scale) {
      fill(
        x: start + spot.x..<start + spot.x + scale, y: y + spot.y..<y + spot.y + scale, with: colour)
    }
  }
}
