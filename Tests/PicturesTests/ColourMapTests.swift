import Foundation
import Pictures
import Testing

/// The lightness L* of CIE 1976, 0 to 100.
private func lightness(_ colour: Colour) -> Double {
  func linear(_ part: UInt8) -> Double {
    let value = Double(part) / 255
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
  }
  let y = 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue)
  return y > 0.008856 ? 116 * cbrt(y) - 16 : 903.3 * y
}

@Suite struct ColourMapTests {
  @Test func magmaBeginsAndEndsAsPublished() {
    #expect(ColourMap.magma[0] == Colour(red: 0, green: 0, blue: 4))
    #expect(ColourMap.magma[1] == Colour(red: 252, green: 253, blue: 191))
  }

  @Test func viridisBeginsAndEndsAsPublished() {
    #expect(ColourMap.viridis[0] == Colour(red: 68, green: 1, blue: 84))
    #expect(ColourMap.viridis[0.5] == Colour(red: 33, green: 145, blue: 140))
    #expect(ColourMap.viridis[1] == Colour(red: 253, green: 231, blue: 37))
  }

  @Test func valuesOutsideHaveTheColourOfAnEnd() {
    for value in [-1, -.infinity, .nan] as [Float] {
      #expect(ColourMap.viridis[value] == ColourMap.viridis[0])
    }
    for value in [1.5, .infinity] as [Float] { #expect(ColourMap.viridis[value] == ColourMap.viridis[1]) }
  }

  /// Lightness is what every eye sees, so a map whose lightness rises evenly is readable to all.
  /// Magma's first step, next to black, is half as large as the others.
  @Test(arguments: [(ColourMap.viridis, 0.4), (.magma, 0.6)])
  func mapsGetEvenlyLighter(map: ColourMap, deviation: Double) {
    let values = (0...32).map { lightness(map[Float($0) / 32]) }
    let steps = zip(values.dropFirst(), values).map { $0 - $1 }
    let mean = (values[32] - values[0]) / 32
    #expect(steps.allSatisfy { abs($0 - mean) < deviation * mean })
  }

  @Test func coloursBetweenAreMixed() {
    let map = ColourMap([.black, Colour(grey: 100), .white])
    #expect(map[0.25] == Colour(grey: 50) && map[0.5] == Colour(grey: 100) && map[0.75] == Colour(grey: 178))
  }
}
