import Failures
import Files
import Foundation

/// Samples of fixed latents, for people to look at or listen to while a run trains.
///
/// Previews are data: the game makes them and observers decide where they go. `PreviewFiles` writes them into a run's
/// folder; others may send them elsewhere. Equal weights and seeds give equal previews.
public struct Preview: Hashable, Sendable {
  /// The samples, in the order in which they are shown.
  public var items: [PreviewItem]
  /// A few lines of text that say what the samples are like, for a terminal.
  public var lines: [String]

  /// Gathers a preview; by default one of nothing, for games that have none.
  public init(items: [PreviewItem] = [], lines: [String] = []) {
    self.items = items
    self.lines = lines
  }

  /// The item of a file name; nil when there is none.
  public subscript(fileName: String) -> PreviewItem? { items.first { $0.fileName == fileName } }
}

/// One part of a preview: a sample, or several samples together.
public struct PreviewItem: Hashable, Sendable {
  /// What an item shows, in plain numbers that need no library of any medium.
  public enum Content: Hashable, Sendable {
    /// Samples of text, one string each.
    case text([String])
    /// Sound: interleaved samples `[T, C]`, nominally in [-1, 1]; channels `C`; frames per second.
    case sound(samples: [Float], channels: Int, rate: Int)
    /// A picture: red, green and blue `[height, width, 3]` of its pixels, the top row first.
    case picture(width: Int, height: Int, pixels: [UInt8])
    /// Points in space, `[N, 3]`.
    case cloud([Float])
  }

  /// The name of the item's file, such as `samples.wav`: the same in every preview of a game.
  public let fileName: String
  /// What is shown.
  public let content: Content
  /// The content in the format that the file name's extension says.
  public let fileBytes: [UInt8]

  /// Names an item.
  ///
  /// - Parameters:
  ///   - fileName: a file name without folders, unique in its preview.
  ///   - content: what is shown.
  ///   - fileBytes: the content as a file.
  public init(fileName: String, content: Content, fileBytes: [UInt8]) {
    self.fileName = fileName
    self.content = content
    self.fileBytes = fileBytes
  }

  /// Samples of text as a UTF-8 file, one on a line.
  public init(fileName: String, lines: [String]) {
    self.init(
      fileName: fileName, content: .text(lines), fileBytes: Array((lines.joined(separator: "\n") + "\n").utf8)
    )
  }
}

/// Writes the items of each preview into a run's folder: `previews/step-00002000/samples.txt`.
public final class PreviewFiles: TrainingObserver {
  private let folder: RunFolder

  /// Writes to a run's folder, whose subfolders of previews are made as they are needed.
  public init(folder: RunFolder) { self.folder = folder }

  /// Writes a preview's items; each file appears whole or not at all. Other events are no samples.
  ///
  /// - Throws: `UserError(.cannotCreate)` when a folder or a file cannot be made, `.inputOutput` when the disk is full
  ///   or fails.
  public func receive(_ event: TrainingEvent) throws {
    guard case .preview(let step, let preview) = event, !preview.items.isEmpty else { return }
    let url = folder.preview(step: step)
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw UserError(
        .cannotCreate, "\(url.relativePath): cannot make the folder: \(error.localizedDescription)")
    }
    // A process that was killed here left its step undone, so that its previews are made again.
    AtomicFile.sweepStale(in: url)
    for item in preview.items {
      try AtomicFile.write(to: url.appendingPathComponent(item.fileName)) { try $0.write(item.fileBytes) }
    }
  }
}
