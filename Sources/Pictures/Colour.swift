/// A colour in sRGB, eight bits a part.
public struct Colour: Hashable, Sendable {
  /// Red, green and blue, 0 to 255.
  public var red: UInt8, green: UInt8, blue: UInt8

  /// Makes a colour from its parts.
  public init(red: UInt8, green: UInt8, blue: UInt8) {
    (self.red, self.green, self.blue) = (red, green, blue)
  }

  /// A shade of grey, 0 (black) to 255 (white).
  public init(grey: UInt8) {
    self.init(red: grey, green: grey, blue: grey)
  }

  /// White.
  public static let white = Colour(grey: 255)
  /// Black.
  public static let black = Colour(grey: 0)
}
