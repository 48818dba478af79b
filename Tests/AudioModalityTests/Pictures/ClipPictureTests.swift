import AudioDatasets
import Foundation
import Pictures
import Testing

@testable import AudioModality

@Suite struct ClipPictureTests {
  private func tone(_ frequency: Double, level: Double = 0.5, seconds: Double = 1, rate: Int = 8000)
    -> AudioClip
  {
    let samples = (0..<Int(seconds * Double(rate))).map {
      Float(level * sin(2 * .pi * frequency * Double($0) / Double(rate)))
    }
    return AudioClip(samples: samples, sampleRate: rate)
  }

  private func grid(_ count: Int = 1, seconds: Double = 1, rate: Int = 8000) -> PanelGrid {
    PanelGrid(count: count, seconds: seconds, sampleRate: rate, hasNames: false, hasFooter: false)
  }

  private func lightness(_ colour: Colour) -> Int { Int(colour.red) + Int(colour.green) + Int(colour.blue) }

  @Test(arguments: [500.0, 1000, 2000, 3500]) func aTonesLineLiesAtItsFrequency(frequency: Double) throws {
    let picture = try ClipPicture.draw(tone(frequency))
    let grid = grid()
    let column = grid.columns(of: 0).lowerBound + grid.plotWidth / 2
    let rows = grid.spectrum(of: 0)
    let lightest = try #require(rows.max { lightness(picture[column, $0]) < lightness(picture[column, $1]) })
    let hertz = grid.hertz(ofRow: lightest - rows.lowerBound)
    // A bin is 31 Hz wide.
    #expect(hertz.lowerBound - 32 <= frequency && frequency <= hertz.upperBound + 32)
  }

  /// Colours mean the same in every picture whose loudest sound is as loud: -6 dB is 6 of 70 below the lightest.
  @Test func coloursAreDecibels() throws {
    let picture = try ClipPicture.draw(tone(1000))
    let grid = grid()
    let column = grid.columns(of: 0).lowerBound + grid.plotWidth / 2
    let colours = grid.spectrum(of: 0).map { picture[column, $0] }
    let lightest = try #require(colours.max { lightness($0) < lightness($1) })
    #expect(lightest == ColourMap.magma[Float(1 - 6.0 / 70)])
  }

  @Test func clipsLieInRowsWithTheirNames() throws {
    let clips = (0..<7).map { tone(200 * Double($0 + 1), seconds: $0 == 6 ? 0.5 : 1) }
    let names = (0..<7).map { "sound \($0)" }
    let picture = try ClipPicture.draw(clips, names: names)
    #expect(try picture == ClipPicture.draw(clips, names: names))
    let grid = PanelGrid(count: 7, seconds: 1, sampleRate: 8000, hasNames: true, hasFooter: false)
    #expect(picture.width == grid.width && picture.height == grid.height)
    #expect(grid.columns(of: 5) == grid.columns(of: 0) && grid.spectrum(of: 5) != grid.spectrum(of: 0))
    // Behind the end of the short one there is nothing.
    let (x, y) = (grid.columns(of: 6), grid.spectrum(of: 6))
    let middle = y.lowerBound + y.count / 2
    #expect(picture[x.upperBound - 20, middle] == .white && picture[x.lowerBound + 20, middle] != .white)
    // The name is there.
    let above = (grid.columns(of: 2).lowerBound..<grid.columns(of: 2).upperBound).contains { x in
      (0..<30).contains { picture[x, $0] == .black }
    }
    #expect(above)
  }

  @Test(arguments: [(0, 1.0), (1, 0.02), (3, 0.001), (100, 9.0)])
  func anySoundsFit(extra: Int, seconds: Double) throws {
    let clips =
      [tone(440, seconds: seconds)] + (0..<extra).map { _ in tone(440, level: 0, seconds: seconds / 2) }
    let picture = try ClipPicture.draw(clips, names: clips.map { _ in "" })
    #expect(picture.width <= 2300 && picture.height < Picture.longestSide)
  }

  @Test func ticksHaveRoom() {
    for (seconds, rate) in [
      (1.024, 8000), (0.128, 8000), (2.0, 44_100), (11.3, 16_000), (0.004, 192_000), (3600, 1000),
    ] {
      for count in [1, 2, 5] {
        let grid = grid(count, seconds: seconds, rate: rate)
        let times = grid.timeTicks
        #expect(times.first == PanelGrid.Tick(place: 0, text: "0 s"))
        for (tick, next) in zip(times, times.dropFirst()) {
          #expect(next.place - tick.place >= Lettering.width(of: next.text, scale: 2) + 8)
        }
        let frequencies = grid.frequencyTicks
        #expect(frequencies.first?.text.hasSuffix(" kHz") == true)
        #expect(zip(frequencies, frequencies.dropFirst()).allSatisfy { $1.place - $0.place >= 14 })
      }
    }
    #expect(grid(5, seconds: 1.024).timeTicks.map(\.text) == ["0 s", "0.5", "1.0"])
    #expect(grid().frequencyTicks.map(\.text) == ["4 kHz", "2", "1", "0.5", "0.25"])
  }
}
