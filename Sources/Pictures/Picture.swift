import CPng
import Failures
import Files
import Foundation

/// A picture to draw on, in memory: rows of pixels from the top, each from the left.
///
/// Shapes may reach beyond the edges; what lies outside is left out.
public struct Picture: Sendable, Equatable {
  /// Pixels in a row, at least 1.
  public let width: Int
  /// Rows, at least 1.
  public let height: Int
  /// Red, green and blue of each pixel, `[height, width, 3]` row-major.
  public private(set) var bytes: [UInt8]

  /// The longest side that a picture may have.
  public static let longestSide = 16_384

  /// Makes a picture of one colour.
  ///
  /// - Precondition: both sides are within 1 to `longestSide`.
  public init(width: Int, height: Int, background: Colour = .white) {
    let sides = 1...Self.longestSide
    precondition(sides.contains(width) && sides.contains(height), "a picture's sides are 1 to 16,384 pixels")
    self.width = width
    self.height = height
    bytes = [UInt8](repeating: 0, count: 3 * width * height)
    fill(x: 0..<width, y: 0..<height, with: background)
  }

  /// The pixel in column `x` of row `y`.
  ///
  /// - Precondition: the place is within the picture.
  public subscript(x: Int, y: Int) -> Colour {
    get {
      let place = place(x, y)
      return Colour(red: bytes[place], green: bytes[place + 1], blue: bytes[place + 2])
    }
    set {
      let place = place(x, y)
      bytes[place] = newValue.red
      bytes[place + 1] = newValue.green
      bytes[place + 2] = newValue.blue
    }
  }

  private func place(_ x: Int, _ y: Int) -> Int {
    precondition(x >= 0 && x < width && y >= 0 && y < height, "found a place outside the picture")
    return 3 * (y * width + x)
  }

  /// Fills a rectangle.
  public mutating func fill(x: Range<Int>, y: Range<Int>, with colour: Colour) {
    let (columns, rows) = (x.clamped(to: 0..<width), y.clamped(to: 0..<height))
    guard !columns.isEmpty else { return }
    let line = [[UInt8]](repeating: [colour.red, colour.green, colour.blue], count: columns.count).flatMap {
      $0
    }
    let width = width
    bytes.withUnsafeMutableBytes { target in
      for row in rows {
        let start = 3 * (row * width + columns.lowerBound)
        UnsafeMutableRawBufferPointer(rebasing: target[start..<start + line.count]).copyBytes(from: line)
      }
    }
  }

  /// Draws a line one pixel wide, both ends included (Bresenham's algorithm). The time it takes grows with its length.
  public mutating func line(from start: (x: Int, y: Int), to end: (x: Int, y: Int), with colour: Colour) {
    let (dx, dy) = (abs(end.x - start.x), -abs(end.y - start.y))
    let (right, down) = (start.x < end.x ? 1 : -1, start.y < end.y ? 1 : -1)
    var (x, y, error) = (start.x, start.y, dx + dy)
    while true {
      if x >= 0 && x < width && y >= 0 && y < height { self[x, y] = colour }
      if x == end.x && y == end.y { return }
      let doubled = 2 * error
      if doubled >= dy {
        error += dy
        x += right
      }
      if doubled <= dx {
        error += dx
        y += down
      }
    }
  }

  /// Shows a table of numbers in a rectangle, such as a spectrogram: each number is a patch of its colour.
  ///
  /// - Parameters:
  ///   - values: numbers from 0 to 1, `[rows, columns]` row-major, the first row at the top.
  ///   - columns: how many numbers a row has.
  ///   - x: columns of the picture that the table covers.
  ///   - y: rows of the picture that the table covers.
  /// - Precondition: `columns` is positive and `values.count` a multiple of it.
  public mutating func show(
    _ values: [Float], columns: Int, x: Range<Int>, y: Range<Int>, map: ColourMap = .viridis
  ) {
    precondition(columns > 0 && values.count % columns == 0, "a table has whole rows")
    let rows = values.count / columns
    guard rows > 0 else { return }
    // Neighbours are often equal, as in silence.
    var (last, colour) = (Float.zero, map[0])
    for pictureRow in y.clamped(to: 0..<height) {
      let row = (pictureRow - y.lowerBound) * rows / y.count
      for pictureColumn in x.clamped(to: 0..<width) {
        let column = (pictureColumn - x.lowerBound) * columns / x.count
        let value = values[row * columns + column]
        if value != last { (last, colour) = (value, map[value]) }
        self[pictureColumn, pictureRow] = colour
      }
    }
  }
}

extension Picture {
  /// The picture as a PNG file, with a palette where it has at most 256 colours, which takes about half the bytes. Equal pictures give equal bytes under one version of libpng and zlib: no time is stored.
  ///
  /// - Throws: `UserError(.inputOutput)` when libpng fails, as for want of memory.
  public func pngData() throws -> Data {
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    image.width = png_uint_32(width)
    image.height = png_uint_32(height)
    let palette = Palette(of: bytes)
    image.format = png_uint_32(PNG_FORMAT_FLAG_COLOR)
    if let palette {
      image.format |= png_uint_32(PNG_FORMAT_FLAG_COLORMAP)
      image.colormap_entries = png_uint_32(palette.colours.count / 3)
    }
    defer { png_image_free(&image) }
    // What does not compress grows by less than a 64th, and everything beside the pixels takes less than 4,096 bytes.
    var size = png_alloc_size_t(bytes.count + height + bytes.count / 64 + 4096)
    var data = Data(count: Int(size))
    let status = data.withUnsafeMutableBytes { target in
      (palette?.indices ?? bytes).withUnsafeBytes { pixels in
        png_image_write_to_memory(
          &image, target.baseAddress, &size, 0, pixels.baseAddress, 0, palette?.colours)
      }
    }
    guard status != 0 else {
      let message = withUnsafeBytes(of: image.message) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      throw UserError(.inputOutput, "cannot make a PNG of \(width) by \(height) pixels: \(message)")
    }
    return data.prefix(Int(size))
  }

  /// Writes the picture to a PNG file, which appears whole or not at all.
  ///
  /// - Throws: `UserError(.cannotCreate)` when the folder takes no new file, `.inputOutput` when writing fails half-way
  ///   or libpng fails.
  public func write(to url: URL) throws {
    let data = try pngData()
    try AtomicFile.write(to: url) { file in try data.withUnsafeBytes { try file.write($0) } }
  }
}

/// The few colours of a picture, and which of them each pixel has.
private struct Palette {
  /// Red, green and blue of each, in the order in which they come first.
  private(set) var colours: [UInt8] = []
  /// One for each pixel.
  private(set) var indices: [UInt8] = []

  /// nil where pixels, three bytes each, have more than 256 colours.
  init?(of bytes: [UInt8]) {
    var known: [UInt32: UInt8] = [:]
    indices.reserveCapacity(bytes.count / 3)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let code = UInt32(bytes[start]) << 16 | UInt32(bytes[start + 1]) << 8 | UInt32(bytes[start + 2])
      if let index = known[code] {
        indices.append(index)
      } else {
        guard known.count < 256 else { return nil }
        let index = UInt8(known.count)
        known[code] = index
        colours += bytes[start..<start + 3]
        indices.append(index)
      }
    }
  }
}

/// Facts about libpng, the system library that writes pictures.
public enum PictureLibrary {
  /// The version of the library that was loaded, as in `libpng-1.6.39`.
  public static var version: String { "libpng-" + String(cString: png_get_libpng_ver(nil)) }
}
