import CPng
import Failures
import Files
import Foundation

extension Picture {
  /// The picture as a PNG file. Equal pictures give equal bytes under one version of libpng and zlib: no time is stored.
  ///
  /// - Throws: `UserError(.inputOutput)` when libpng fails, as for want of memory.
  public func pngData() throws -> Data {
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    image.width = png_uint_32(width)
    image.height = png_uint_32(height)
    image.format = png_uint_32(PNG_FORMAT_FLAG_COLOR)
    defer { png_image_free(&image) }
    // What does not compress grows by less than a 64th, and everything beside the pixels takes less than 4,096 bytes.
    var size = png_alloc_size_t(bytes.count + height + bytes.count / 64 + 4096)
    var data = Data(count: Int(size))
    let status = data.withUnsafeMutableBytes { target in
      bytes.withUnsafeBytes { pixels in
        png_image_write_to_memory(&image, target.baseAddress, &size, 0, pixels.baseAddress, 0, nil)
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
