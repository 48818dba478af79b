import Adversarial
import Files
import Foundation
import Reports

/// The previews in a run's folder as frames of a page.
struct StoredPreviews {
  let folder: RunFolder
  /// The steps that have previews, ascending.
  let steps: [Int]

  /// Looks into a run's folder.
  init(in folder: RunFolder) {
    self.folder = folder
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.previews.path)) ?? []
    steps = names.compactMap { name in
      name.hasPrefix("step-") ? Int(name.dropFirst(5)) : nil
    }.sorted()
  }

  /// The frame of a step: the one kind of items in it that shows most. A sound or a cloud has its picture drawn by the
  /// page, and a picture of a table says more than the table.
  ///
  /// - Throws: `UserError` for a file that cannot be read.
  func frame(step: Int) throws -> PreviewFrame {
    let place = folder.preview(step: step)
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []).sorted()
      .filter { !AtomicFile.isTemporary($0) }
    func having(_ endings: String...) -> [String] {
      names.filter { endings.contains(($0 as NSString).pathExtension) }
    }
    func bytes(_ name: String) throws -> [UInt8] {
      try InputFile.bytes(of: place.appendingPathComponent(name))
    }
    let (sounds, clouds, pictures) = (having("wav"), having("ply"), having("png"))
    var items = try having("txt").map {
      PreviewFrame.Item(name: $0, kind: .text, text: String(decoding: try bytes($0), as: UTF8.self))
    }
    if !sounds.isEmpty {
      items += try sounds.map {
        PreviewFrame.Item(name: $0, kind: .sound, type: "audio/wav", bytes: try bytes($0))
      }
    } else if !clouds.isEmpty {
      items += try clouds.map {
        PreviewFrame.Item(name: $0, kind: .cloud, type: "application/octet-stream", bytes: try bytes($0))
      }
    } else {
      items += try pictures.map {
        PreviewFrame.Item(
          name: $0, kind: .picture, type: "image/png", bytes: try bytes($0),
          alternative: "\($0): samples of step \(step), beside what the discriminator says of them")
      }
    }
    return PreviewFrame(step: step, items: items)
  }

  /// The frames of a run, of no more than some bytes together: of more, evenly many are left out, never the first and the
  /// last.
  ///
  /// - Throws: `UserError` for a file that cannot be read.
  func frames(within budget: Int) throws -> [PreviewFrame] {
    guard let last = steps.last else { return [] }
    let newest = try frame(step: last)
    let size = max(newest.items.reduce(0) { $0 + ($1.base64 ?? $1.text ?? "").utf8.count }, 1)
    let count = min(steps.count, max(budget / size, 2))
    guard count > 1 else { return [newest] }
    return try (0..<count).map { index in
      index == count - 1 ? newest : try frame(step: steps[index * (steps.count - 1) / (count - 1)])
    }
  }
}
