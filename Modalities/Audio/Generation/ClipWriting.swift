import AudioDatasets
import Failures
import Foundation
import ModalityKit

/// Writes a model's clips to files.
struct ClipWriting {
  /// Clips that one file may hold: it is put together in memory.
  static let joinedLimit = 10_000

  let model: TrainedModel<Audio>
  let options: AudioGenerateOptions

  /// Writes the clips of a request, and answers the files.
  ///
  /// - Throws: `UserError`: usage for an unknown label or too many clips for one file; cannot create and I/O for
  ///   files.
  func write(_ request: GenerationRequest) throws -> [URL] {
    let audio = try TrainedAudio(model)
    let labels = try LabelChoice(options.label, labels: audio.format.labels)
    guard let output = request.output else { preconditionFailure("audio is written to files") }
    guard options.concat else {
      try makeFolder(output)
      var files: [URL] = []
      let digits = max(4, String(request.count - 1).count)
      try audio.sampler.forEach(
        count: request.count, seed: request.seed, labels: labels, truncation: options.truncation
      ) { clip, label in
        let number = String(files.count)
        let label = label.map { "-" + Self.fileName(of: audio.format.labels[$0]) } ?? ""
        let name = String(repeating: "0", count: digits - number.count) + number + label
        let file = output.appendingPathComponent("\(name).\(options.format.fileExtension)")
        try write(clip, title: name, seed: request.seed, to: file)
        files.append(file)
      }
      return files
    }
    guard request.count <= Self.joinedLimit else {
      throw UserError(
        .usage, "--concat: found \(request.count) sounds, expected at most \(Self.joinedLimit) in one file")
    }
    let clips = try audio.sampler.clips(
      count: request.count, seed: request.seed, labels: labels, truncation: options.truncation)
    let file = try joinedFile(output)
    try write(
      AudioClip(joining: clips, gap: options.gap), title: "\(clips.count) sounds", seed: request.seed,
      to: file)
    return [file]
  }

  /// A file of its own when the path has the format's extension, otherwise a file in that folder.
  private func joinedFile(_ output: URL) throws -> URL {
    if output.pathExtension.lowercased() == options.format.fileExtension { return output }
    try makeFolder(output)
    return output.appendingPathComponent("sounds.\(options.format.fileExtension)")
  }

  private func write(_ clip: AudioClip, title: String, seed: UInt64, to file: URL) throws {
    let tags = AudioTags(
      title: title, software: "duel \(duelVersion)", comment: "seed \(seed), step \(model.step)")
    try SoundFile.write(clip, to: file, format: options.format, tags: tags)
    if options.pictures {
      try ClipPicture.draw(clip).write(to: file.deletingPathExtension().appendingPathExtension("png"))
    }
  }

  private func makeFolder(_ folder: URL) throws {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw UserError(
        .cannotCreate, "\(folder.relativePath): cannot make the folder: \(error.localizedDescription)")
    }
  }

  /// A label as a part of a file's name: what is neither letter, digit nor underscore becomes a dash.
  static func fileName(of label: String) -> String {
    String(label.prefix(40).map { $0.isLetter || $0.isNumber || $0 == "_" ? $0 : "-" })
  }
}
