import Failures
import Files
import Foundation

/// A medium's folder of a demo: what a demo made there may be replaced by the next one, nothing else.
struct DemoFolder {
  let url: URL
  /// The file that says that a demo made the folder.
  private var marker: URL { url.appendingPathComponent(".duel-demo") }

  /// Looks at a place.
  ///
  /// - Throws: `UserError(.cannotCreate)` when something is there that no demo made.
  init(_ url: URL) throws {
    self.url = url
    let present = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    let isFree = present.isEmpty && !isPlainFile
    guard isFree || FileManager.default.fileExists(atPath: marker.path) else {
      throw UserError(
        .cannotCreate,
        "\(url.relativePath): found something that no demo made, expected a new folder; choose another with --out"
      )
    }
  }

  private var isPlainFile: Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) && !isFolder.boolValue
  }

  /// Makes the folder, without what an earlier demo left in it.
  ///
  /// - Parameter names: the files and folders that a demo makes.
  /// - Throws: `UserError(.cannotCreate)` when it cannot be made.
  func clear(_ names: [String]) throws {
    let files = FileManager.default
    do {
      try files.createDirectory(at: url, withIntermediateDirectories: true)
      for name in names {
        let place = url.appendingPathComponent(name)
        if files.fileExists(atPath: place.path) { try files.removeItem(at: place) }
      }
    } catch {
      throw UserError(
        .cannotCreate, "\(url.relativePath): cannot make the folder: \(error.localizedDescription)")
    }
    try AtomicFile.write("Made by duel demo, which may replace what it made here.\n", to: marker)
  }
}
