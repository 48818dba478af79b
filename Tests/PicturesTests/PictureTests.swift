import CPng
import Failures
import Foundation
import Pictures
import Testing

private let red = Colour(red: 255, green: 0, blue: 0)

/// The pixels of a PNG file, read by libpng.
private func decoded(_ data: Data) throws -> (width: Int, height: Int, bytes: [UInt8]) {
  var image = png_image()
  image.version = png_uint_32(PNG_IMAGE_VERSION)
  return try data.withUnsafeBytes { source in
    try #require(png_image_begin_read_from_memory(&image, source.baseAddress, source.count) != 0)
    image.format = png_uint_32(PNG_FORMAT_FLAG_COLOR)
    var bytes = [UInt8](repeating: 0, count: 3 * Int(image.width) * Int(image.height))
    try #require(png_image_finish_read(&image, nil, &bytes, 0, nil) != 0)
    return (Int(image.width), Int(image.height), bytes)
  }
}

/// The names of a PNG file's chunks, in order.
private func chunkNames(_ data: Data) -> [String] {
  let bytes = [UInt8](data)
  var names: [String] = []
  var place = 8
  while place + 12 <= bytes.count {
    let length = bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
    names.append(String(decoding: bytes[place + 4..<place + 8], as: UTF8.self))
    place += 12 + length
  }
  return names
}

/// A picture whose pixels are noise, which PNG cannot shrink.
private func noise(width: Int, height: Int) -> Picture {
  var picture = Picture(width: width, height: height)
  var word: UInt32 = 1
  for y in 0..<height {
    for x in 0..<width {
      word = word &* 1_664_525 &+ 1_013_904_223
      picture[x, y] = Colour(
        red: UInt8(word >> 24), green: UInt8(truncatingIfNeeded: word >> 16),
        blue: UInt8(truncatingIfNeeded: word >> 8))
    }
  }
  return picture
}

@Suite struct PictureTests {
  @Test(arguments: [(1, 1), (3, 2), (640, 1), (1, 480), (200, 150)])
  func filesHoldThePixels(width: Int, height: Int) throws {
    let picture = noise(width: width, height: height)
    let found = try decoded(picture.pngData())
    #expect(found.width == width && found.height == height && found.bytes == picture.bytes)
  }

  /// Few colours are written as a palette.
  @Test(arguments: [1, 256, 257]) func palettesHoldThePixels(colours: Int) throws {
    var picture = Picture(width: 60, height: 10)
    for index in 0..<600 {
      let code = index % colours
      picture[index % 60, index / 60] = Colour(red: UInt8(code % 256), green: UInt8(code / 256), blue: 7)
    }
    let data = try picture.pngData()
    #expect(chunkNames(data).contains("PLTE") == (colours <= 256))
    #expect(try decoded(data).bytes == picture.bytes)
  }

  @Test func filesHoldNoTime() throws {
    let data = try noise(width: 30, height: 20).pngData()
    let names = chunkNames(data)
    #expect(data.prefix(8) == Data([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))
    #expect(names.first == "IHDR" && names.contains("IDAT") && names.last == "IEND")
    #expect(!names.contains("tIME") && !names.contains("tEXt"))
    #expect(try data == noise(width: 30, height: 20).pngData())
  }

  @Test func aFileAppearsWholeOrNotAtAll() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "duel-png-\(UUID().uuidString)")
    let file = folder.appendingPathComponent("noise.png")
    let picture = noise(width: 10, height: 10)
    let error = #expect(throws: UserError.self) { try picture.write(to: file) }
    #expect(error?.category == .cannotCreate)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try picture.write(to: file)
    #expect(try Data(contentsOf: file) == picture.pngData())
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["noise.png"])
  }

  @Test func rectanglesAreCutAtTheEdges() {
    var picture = Picture(width: 4, height: 3, background: .black)
    picture.fill(x: -5..<2, y: 1..<9, with: red)
    picture.fill(x: 7..<9, y: 0..<3, with: red)
    for y in 0..<3 {
      for x in 0..<4 { #expect(picture[x, y] == (x < 2 && y >= 1 ? red : .black)) }
    }
  }

  @Test(
    arguments: [
      ((0, 0), (3, 0), ["####", "....", "...."]),
      ((3, 2), (0, 2), ["....", "....", "####"]),
      ((1, 0), (1, 2), [".#..", ".#..", ".#.."]),
      ((0, 0), (2, 2), ["#...", ".#..", "..#."]),
      ((0, 2), (2, 0), ["..#.", ".#..", "#..."]),
      ((-2, -2), (9, 9), ["#...", ".#..", "..#."]),
      ((2, 1), (2, 1), ["....", "..#.", "...."]),
    ] as [((Int, Int), (Int, Int), [String])])
  func linesPassThroughTheirPixels(start: (Int, Int), end: (Int, Int), rows: [String]) {
    var picture = Picture(width: 4, height: 3)
    picture.line(from: (x: start.0, y: start.1), to: (x: end.0, y: end.1), with: red)
    let found = (0..<3).map { y in (0..<4).map { picture[$0, y] == red ? "#" : "." }.joined() }
    #expect(found == rows)
  }

  @Test func tablesFillTheirRectangle() {
    var picture = Picture(width: 6, height: 4)
    picture.show([0, 0.5, 1, 0.25], columns: 2, x: 1..<5, y: 0..<4)
    let (a, b, c, d) = (
      ColourMap.viridis[0], ColourMap.viridis[0.5], ColourMap.viridis[1], ColourMap.viridis[0.25]
    )
    #expect((0..<6).map { picture[$0, 0] } == [.white, a, a, b, b, .white])
    #expect((0..<6).map { picture[$0, 3] } == [.white, c, c, d, d, .white])
  }
}
