import AudioDatasets
import Failures
import Foundation
import ModalityKit

/// Writes a model's clips to files.
struct ClipWriting {
  /// Clips that one file may hold: it is put together in memory.
  static let joinedLimit = 10_000

  let request: GenerationRequest<Audio>
  let options: AudioGenerateOptions

  /// Writes the clips of the request, and returns the files.
  ///
  /// - Throws: `UserError`: usage for too many clips for one file; cannot create and I/O for files.
  func write() throws -> [URL] {
    guard options.concat else {
      return try request.writeFiles(extension: options.format.fileExtension) { clip, file in
        try write(clip, title: file.deletingPathExtension().lastPathComponent, to: file)
      }
    }
    guard request.count <= Self.joinedLimit else {
      throw UserError(
        .usage, "--concat: found \(request.count) sounds, expected at most \(Self.joinedLimit) in one file")
    }
    var clips: [AudioClip] = []
    try request.forEach { clip, _ in clips.append(clip) }
    let file = try joinedFile(request.requiredOutput)
    try write(AudioClip(joining: clips, gap: options.gap), title: "\(clips.count) sounds", to: file)
    return [file]
  }

  /// A file of its own when the path has the format's extension, otherwise a file in that folder.
  private func joinedFile(_ output: URL) throws -> URL {
    if output.pathExtension.lowercased() == options.format.fileExtension { return output }
    try SampleFiles.makeFolder(output)
    return output.appendingPathComponent("sounds.\(options.format.fileExtension)")
  }

  private func write(_ clip: AudioClip, title: String, to file: URL) throws {
    let tags = AudioTags(
      title: title, software: "duel \(duelVersion)",
      comment: "seed \(request.seed), step \(request.model.step)")
    try SoundFile.write(clip, to: file, format: options.format, tags: tags)
    if options.pictures {
      try ClipPicture.draw(clip).write(to: file.deletingPathExtension().appendingPathExtension("png"))
    }
  }
}
