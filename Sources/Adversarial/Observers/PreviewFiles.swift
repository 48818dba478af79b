import Failures
import Files
import Foundation

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
    for item in preview.items {
      try AtomicFile.write(to: url.appendingPathComponent(item.fileName)) { try $0.write(item.fileBytes) }
    }
  }
}
