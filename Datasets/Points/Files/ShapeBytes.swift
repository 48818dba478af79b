import Failures
import Files

/// The bytes of a file, or of a part of one that has been unpacked.
protocol ShapeBytes {
  /// What messages call it.
  var name: String { get }
  /// How many bytes there are.
  var size: Int { get }
  /// Up to `count` bytes from a place; fewer at the end.
  func bytes(at place: Int, count: Int) throws -> [UInt8]
}

extension OpenFile: ShapeBytes {}

extension ShapeBytes {
  /// An error that names the file.
  func damaged(_ message: String) -> UserError { UserError(.badData, "\(name): \(message)") }

  /// Everything, up to the most that is taken at a time.
  func all() throws -> [UInt8] {
    guard size <= ShapeFile.largestSize else {
      throw damaged("found \(size) bytes, expected at most \(ShapeFile.largestSize)")
    }
    return try bytes(at: 0, count: size)
  }
}
