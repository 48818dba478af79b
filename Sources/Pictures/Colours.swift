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

/// Colours for numbers from 0 to 1.
public struct ColourMap: Sendable {
  /// The colours of equally spaced numbers; those between are mixed.
  private let colours: [Colour]

  /// Makes a map from the colours of equally spaced numbers, that of 0 first and that of 1 last.
  ///
  /// - Precondition: there are at least two.
  public init(_ colours: [Colour]) {
    precondition(colours.count >= 2, "a colour map needs two colours")
    self.colours = colours
  }

  /// The colour of a number. Below 0 and above 1 it is that of the nearer end; NaN has that of 0.
  public subscript(_ value: Float) -> Colour {
    let place = (value > 0 ? min(value, 1) : 0) * Float(colours.count - 1)
    let index = min(Int(place), colours.count - 2)
    let (low, high, share) = (colours[index], colours[index + 1], place - Float(index))
    func mix(_ low: UInt8, _ high: UInt8) -> UInt8 {
      UInt8((Float(low) + (Float(high) - Float(low)) * share).rounded())
    }
    return Colour(
      red: mix(low.red, high.red), green: mix(low.green, high.green), blue: mix(low.blue, high.blue))
  }

  /// Makes a map from the colours of equally spaced numbers as hexadecimal codes.
  private init(codes: [UInt32]) {
    self.init(
      codes.map { code in
        Colour(
          red: UInt8(code >> 16), green: UInt8(truncatingIfNeeded: code >> 8),
          blue: UInt8(truncatingIfNeeded: code))
      })
  }

  /// Viridis, from dark violet over green to yellow, by Stefan van der Walt and Nathaniel Smith (matplotlib, CC0):
  /// equal steps look equally large, lightness alone distinguishes values, also without colour vision.
  public static let viridis = ColourMap(codes: [
    0x440154, 0x48186a, 0x472d7b, 0x424086, 0x3b528b, 0x33638d, 0x2c728e, 0x26828e, 0x21918c, 0x1fa088,
    0x28ae80,
    0x3fbc73, 0x5ec962, 0x84d44b, 0xaddc30, 0xd8e219, 0xfde725,
  ])

  /// Magma, from black over violet and orange to pale yellow, by the same authors and as even: for levels, whose least is
  /// silence.
  public static let magma = ColourMap(codes: [
    0x000004, 0x0b0924, 0x20114b, 0x3b0f70, 0x57157e, 0x721f81, 0x8c2981, 0xa8327d, 0xc43c75, 0xde4968,
    0xf1605d, 0xfa7f5e, 0xfe9f6d, 0xfebf84, 0xfddea0, 0xfcfdbf,
  ])
}
