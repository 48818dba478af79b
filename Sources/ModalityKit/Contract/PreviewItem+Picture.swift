import Adversarial
import Pictures

extension PreviewItem {
  /// A picture as a PNG file.
  ///
  /// - Throws: `UserError(.inputOutput)` when libpng fails.
  public init(fileName: String, picture: Picture) throws {
    self.init(
      fileName: fileName,
      content: .picture(width: picture.width, height: picture.height, pixels: picture.bytes),
      fileBytes: Array(try picture.pngData()))
  }
}
